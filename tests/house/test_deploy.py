"""The files to be copied for nginx and systemd say what the program needs of them."""

import configparser
import inspect
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from studyhub.web.guard import TWO_MIB
from studyhub.web.headers import UNLISTED
from tests.web.apps import app_over

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text()
LOCATIONS = dict(re.findall(r"location (?:~ )?(\S+) \{(.*?)\n    \}", NGINX, re.DOTALL))
UNITS = sorted(DEPLOY.glob("*.service"))


def location_of(path: str) -> str:
    """What nginx would do with this address: the first expression that fits, else all else."""
    found = [
        told for place, told in LOCATIONS.items() if place != "/" and re.search(place, path)
    ]
    return [*found, LOCATIONS["/"]][0]


def addresses(app, wanted: str) -> list[str]:
    """An address of every page whose function mentions one of these words."""
    return [
        re.sub(r"<[^>]*>", "x7", rule.rule)
        for rule in app.url_map.iter_rules()
        if re.search(wanted, inspect.getsource(app.view_functions[rule.endpoint]))
    ]


def test_no_raw_body_and_no_sound_waits_in_the_proxy(small_study):
    app = app_over(small_study.hub)

    raw = addresses(app, r"\b(raw|patient)_body\(|document = _sent\(\)")
    sound = addresses(app, r"open_sound\(|playback\.peaks\(|consent_check\.play\(")

    assert (len(raw), len(sound)) == (6, 3), "look whether nginx.conf knows the new one"
    for path in raw:
        assert "proxy_request_buffering off;" in location_of(path), path
        assert "client_max_body_size 0;" in location_of(path), path
    for path in (*raw, *sound):
        assert "proxy_buffering off;" in location_of(path), path
        assert "limit_conn " in location_of(path), path


def test_nothing_else_is_written_to_the_disk_by_the_proxy():
    assert "proxy_max_temp_file_size 0;" in NGINX
    assert TWO_MIB == 2 * 1024 * 1024
    assert "client_max_body_size 2m;" in NGINX
    assert "client_body_buffer_size 2m;" in NGINX


def test_addresses_with_a_token_and_cookies_are_logged_nowhere():
    for start in UNLISTED:
        assert "error_log /dev/null" in location_of(f"{start}token")
        assert start.strip("/") in re.search(r"\(\?<studyhub_kind>(.*?)\)", NGINX)[1].split("|")
    logged = re.search(r"log_format studyhub '(.*?)';", NGINX)[1]
    assert set(re.findall(r"\$\w+", logged)) == {
        *("$time_local", "$request_method", "$studyhub_path", "$status", "$body_bytes_sent")
    }


def test_nginx_understands_its_file(tmp_path):
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert NGINX.count("{") == NGINX.count("}")
    if nginx is None:
        return  # the other tests of this module have looked at what it says
    without_tls = (
        re.sub(r"\n    ssl_\w+ [^;]*;", "", NGINX)
        .replace(":443 ssl;", ":443;")
        .replace("443 ssl;", "443;")
    )
    here = without_tls.replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "all.conf").write_text(f"events {{}}\nhttp {{\n{here}\n}}\n")
    told = subprocess.run(  # noqa: S603 - the one that is installed
        [nginx, "-t", "-c", str(tmp_path / "all.conf"), "-g", f"pid {tmp_path}/pid;"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in told.stderr, told.stderr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_each_unit_keeps_memory_off_the_disk_and_others_out(path):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(path)
    said = unit["Service"]

    assert said["User"] == "studyhub"
    assert (said["LimitCORE"], said["MemorySwapMax"], said["UMask"]) == ("0", "0", "0077")
    assert (said["NoNewPrivileges"], said["ProtectSystem"]) == ("yes", "strict")
    assert "/srv/studyhub-ledger" in said["ReadWritePaths"]


def test_the_script_of_the_nightly_backup_can_be_read():
    script = str(DEPLOY / "backup.sh")
    subprocess.run(["/bin/sh", "-n", script], check=True)  # noqa: S603 - our own

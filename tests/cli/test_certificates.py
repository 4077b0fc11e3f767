"""A certificate of erasure, checked from the shell."""

import json

from studyhub.hub import open_hub
from studyhub.vault.certificates import signed_certificate

TOLD = {"v": 1, "erasure": "e", "completed": "2026-11-23T08:20:19.123456Z", "files": []}


def test_a_certificate_is_checked_with_the_key_of_this_or_of_any_installation(
    small_shell, tmp_path
):
    shell, hub = small_shell, open_hub(small_shell.folder)
    file, key = tmp_path / "certificate.json", tmp_path / "pub.txt"
    file.write_bytes(signed_certificate(hub.key_files.log, TOLD))
    key.write_text(hub.key_files.log_public.hex() + "\n")
    hub.sessions.engine.dispose()

    assert verify(shell, file).values == {"ok": True, "certificate": TOLD}
    away = ("--key", key, "--instance", tmp_path / "nowhere")
    assert verify(shell, file, *away).values["ok"]

    changed = json.loads(file.read_text())
    changed["certificate"]["files"] = ["00"]
    file.write_text(json.dumps(changed))
    assert verify(shell, file).code == 1
    key.write_text("no key")
    assert verify(shell, file, "--key", key).code == 1
    assert verify(shell, tmp_path / "none.json").code == 4


def verify(shell, file, *more):
    return shell.json("certificate", "verify", file, *more)

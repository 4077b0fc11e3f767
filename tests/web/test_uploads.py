"""Resumable uploads answer as tus 1.0.0 and recordings.md 4 say, line by line."""

import base64
import hashlib
import io
from email.utils import parsedate_to_datetime

import pytest

from studyhub.app import create_app
from studyhub.vault import blob_lock
from studyhub.web import uploads
from studyhub.workflows import uploads as workflow
from tests.makers import Clock, said_of
from tests.web.pages import at_browser, keep_desk
from tests.workflows.recording import LENGTH, SPEECH, interviewed_on
from tests.workflows.test_uploads import hold

API = "/api/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nothing is on its way here while somebody asks."""
    monkeypatch.setattr(workflow, "SETTLED_AFTER", 0)


@pytest.fixture(scope="module")
def held():
    with interviewed_on("sqlite", Clock()) as made:
        yield made


@pytest.fixture(scope="module")
def study(held):
    return held[0]


@pytest.fixture(scope="module")
def app(study):
    return create_app(study.hub)


@pytest.fixture(scope="module")
def ivan(app, study):
    visit = at_browser(app, study, "ivan")
    keep_desk(study, visit, "ivan")
    return visit


def ask(visit, method, path=API, *, data=None, **headers):
    told = {**TUS, "X-CSRF-Token": visit.token}
    told |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
    kept = {name: value for name, value in told.items() if value != "None"}
    return visit.client.open(path, method=method, headers=kept, data=data)


def begin(visit, held, length=LENGTH, said=None):
    header = said_of(held[1]) if said is None else said
    return ask(visit, "POST", Upload_Length=length, Upload_Metadata=header)


def patch(visit, path, offset, data, **more):
    told = {"Content_Type": CHUNK, "Upload_Offset": offset, **more}
    return ask(visit, "PATCH", path, data=data, **told)


def offset_of(visit, path):
    return int(ask(visit, "HEAD", path).headers["Upload-Offset"])


def sum_of(data, algorithm="sha256"):
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


def test_what_the_server_can_do_is_told_to_whoever_asks(ivan):
    answer = ivan.client.open(API, method="OPTIONS", headers={"Tus-Resumable": "0.2"})

    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,expiration,checksum,termination"
    assert answer.headers["Tus-Max-Size"] == str(uploads.MOST)
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_an_upload_from_its_beginning_to_its_end(ivan, held):
    made = begin(ivan, held)
    path = made.headers["Location"]
    expires = parsedate_to_datetime(made.headers["Upload-Expires"])

    assert made.status_code == 201
    assert (expires - held[0].clock()).total_seconds() == 72 * 3600
    stands = ask(ivan, "HEAD", path)
    assert stands.status_code == 200
    assert stands.headers["Upload-Length"] == str(LENGTH)
    assert stands.headers["Upload-Metadata"] == said_of(held[1])
    assert stands.headers["Cache-Control"] == "no-store"
    first = patch(ivan, path, 0, SPEECH[:5000], Upload_Checksum=sum_of(SPEECH[:5000]))
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "5000")
    assert "Upload-Expires" in first.headers
    rest = SPEECH[5000:]
    last = patch(ivan, path, 5000, rest, Upload_Checksum=sum_of(rest, "sha1"))
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(LENGTH))
    for method in ("HEAD", "DELETE"):
        over = ask(ivan, method, path)
        assert over.status_code == 410
        assert "Upload-Offset" not in over.headers


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"Tus_Resumable": "0.9"}, 412),
        ({"Tus_Resumable": None}, 412),
        ({"Upload_Length": None}, 400),
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": uploads.MOST + 1}, 413),
        ({"Upload_Length": 0}, 415),
        ({"Upload_Metadata": "interview ???"}, 400),
        ({"Upload_Metadata": "a YQ==,a YQ=="}, 400),
        ({"Upload_Metadata": "x " + "YQ==" * 1100}, 400),
        ({"X_CSRF_Token": "wrong"}, 400),
    ],
)
def test_what_cannot_begin_is_refused_before_any_byte(ivan, held, said, status):
    told = {"Upload_Length": LENGTH, "Upload_Metadata": said_of(held[1]), **said}

    answer = ask(ivan, "POST", **told)

    assert answer.status_code == status
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"


def test_a_kind_that_is_no_sound_is_refused_with_advice(ivan, held):
    pdf = said_of(held[1], "application/pdf")

    assert begin(ivan, held, said=pdf).status_code == 415


def test_inv_51_a_name_of_a_file_is_dropped_and_a_value_may_be_empty(ivan, held):
    name = base64.b64encode(b"Grace Adeyemi.mp3").decode()

    made = begin(ivan, held, said=f"filename {name},{said_of(held[1])},recorded_at,note")

    stands = ask(ivan, "HEAD", made.headers["Location"])
    assert stands.headers["Upload-Metadata"] == f"{said_of(held[1])},recorded_at"
    ask(ivan, "DELETE", made.headers["Location"])


def test_a_chunk_that_does_not_fit_changes_nothing(ivan, held):
    path = begin(ivan, held).headers["Location"]
    patch(ivan, path, 0, SPEECH[:100])

    def stays(status, offset, data, **more):
        assert patch(ivan, path, offset, data, **more).status_code == status
        assert offset_of(ivan, path) == 100

    stays(409, 99, b"x")
    stays(409, 101, b"x")
    stays(415, 100, b"x", Content_Type="application/octet-stream")
    stays(400, "", b"x")
    stays(413, 100, SPEECH)
    stays(400, 100, b"x", Upload_Checksum="md5 YQ==")
    stays(460, 100, b"x", Upload_Checksum=sum_of(b"y"))
    stays(412, 100, b"x", Tus_Resumable="2")
    stays(400, 100, b"x", X_CSRF_Token="wrong")
    ask(ivan, "DELETE", path)


def test_a_body_that_was_cut_is_kept_without_a_checksum_and_not_with_one(ivan, held):
    path = begin(ivan, held).headers["Location"]

    def cut(**more):
        headers = {**TUS, "X-CSRF-Token": ivan.token, "Upload-Offset": "0", **more}
        return ivan.client.patch(
            path,
            headers=headers,
            content_type=CHUNK,
            input_stream=io.BytesIO(SPEECH[:3000]),
            environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "9000"},
        )

    assert cut(**{"Upload-Checksum": sum_of(SPEECH[:3000])}).status_code == 460
    assert offset_of(ivan, path) == 0
    assert cut().headers["Upload-Offset"] == "3000"
    assert offset_of(ivan, path) == 3000
    ask(ivan, "DELETE", path)


def test_another_one_running_is_told_to_wait(ivan, held, study):
    path = begin(ivan, held).headers["Location"]
    (part,) = study.hub.settings.tmp.glob("*.part")
    with blob_lock.lock(part, 1):
        assert patch(ivan, path, 0, b"x").status_code == 423
    ask(ivan, "DELETE", path)


def test_taking_back_is_for_good(ivan, held):
    path = begin(ivan, held).headers["Location"]

    assert ask(ivan, "DELETE", path).status_code == 204
    for method in ("HEAD", "DELETE"):
        assert ask(ivan, method, path).status_code == 410
    assert patch(ivan, path, 0, b"x").status_code == 410
    assert ask(ivan, "HEAD", f"{API}/{held[1]}").status_code == 404


@pytest.mark.parametrize("login", ["petra", "rita", "tess", "ravi", "ann", "ada"])
def test_to_everybody_else_an_upload_does_not_exist(app, ivan, held, login):
    path = begin(ivan, held).headers["Location"]
    other = at_browser(app, held[0], login)

    for method in ("HEAD", "DELETE"):
        assert ask(other, method, path).status_code == 404
    assert patch(other, path, 0, b"x").status_code == 404
    ask(ivan, "DELETE", path)


def test_strangers_are_told_so(app, held):
    answer = app.test_client().head(f"{API}/{held[1]}", headers=TUS)

    assert answer.status_code == 401


def test_inv_65_a_hold_stops_an_upload_on_its_way(ivan, held, study):
    path = begin(ivan, held).headers["Location"]
    hold(study, held[1])

    assert ask(ivan, "HEAD", path).status_code == 423
    assert patch(ivan, path, 0, b"x").status_code == 423
    assert begin(ivan, held).status_code == 423

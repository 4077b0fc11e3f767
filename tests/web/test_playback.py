"""Sound is sent by single ranges as RFC 9110 says, to whoever opened it, and never damaged."""

import json

import pytest

from studyhub.app import create_app
from studyhub.media.sound import PEAKS_A_SECOND
from studyhub.store.interviews import Recording
from studyhub.store.keys import SealedObject
from studyhub.web.transfer import Beyond, Part, asked_part
from tests.makers import Clock, recorded
from tests.web.pages import at_browser
from tests.workflows.recording import LENGTH, SPEECH, interviewed_on, row_of
from tests.workflows.test_uploads import hold


@pytest.fixture(scope="module")
def heard():
    """The study, a recording, Ivan's browser, and the address of the sound for it."""
    with interviewed_on("sqlite", Clock()) as (study, by_link, on_paper):
        recording = recorded(study, by_link)
        app = create_app(study.hub)
        visit = at_browser(app, study, "ivan")
        yield study, recording, visit, opened(visit, recording), (by_link, on_paper)


def opened(visit, recording):
    headers = {"X-CSRF-Token": visit.token, "Accept": "application/json"}
    answer = visit.client.post(f"/recordings/{recording}/listen", headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json["audio"]


def test_the_act_is_on_the_record_and_its_ranges_are_not(heard):
    study, recording, visit, _, _ = heard
    address = opened(visit, recording)
    line = json.loads(study.last_event().line)
    before = study.events()

    visit.get(address, headers={"Range": "bytes=0-9"})

    assert (line["act"], line["subject"]) == ("recording.listen", f"recording:{recording}")
    assert study.events() == before


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=20000-", 20000, LENGTH),
        ("bytes=0-99999999", 0, LENGTH),
        ("bytes=-7", LENGTH - 7, LENGTH),
        ("bytes=-99999999", 0, LENGTH),
        (f"bytes={LENGTH - 1}-", LENGTH - 1, LENGTH),
    ],
)
def test_one_range_is_answered_with_itself(heard, asked, start, stop):
    answer = heard[2].get(heard[3], headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{LENGTH}"
    assert answer.headers["Content-Length"] == str(stop - start)
    assert answer.data == SPEECH[start:stop]


@pytest.mark.parametrize(
    "asked",
    ["", "bytes=5-2", "bytes=0-1,5-9", "items=0-5", "bytes=", "bytes=-", "bytes=a-b", "0-5"],
)
def test_several_nonsense_and_other_units_get_the_whole(heard, asked):
    answer = heard[2].get(heard[3], headers={"Range": asked})

    assert answer.status_code == 200
    assert answer.data == SPEECH
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Content-Disposition"] == "inline"


@pytest.mark.parametrize(
    "asked", [f"bytes={LENGTH}-", f"bytes={LENGTH}-{LENGTH + 5}", "bytes=-0"]
)
def test_beyond_the_end_there_is_nothing(heard, asked):
    answer = heard[2].get(heard[3], headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{LENGTH}"


def test_a_range_without_an_end_is_at_most_four_mebibytes():
    length = 10 * 1024 * 1024
    assert asked_part("bytes=5-", length) == Part(5, 5 + 4 * 1024 * 1024)
    assert asked_part(f"bytes=5-{length}", length) == Part(5, length)
    with pytest.raises(Beyond):
        asked_part("bytes=-5", 0)


def test_a_range_of_another_sound_is_answered_with_the_whole(heard):
    _, _, visit, address, _ = heard
    tag = visit.get(address).headers["ETag"]

    def status(condition):
        asked = {"Range": "bytes=0-9", "If-Range": condition}
        return visit.get(address, headers=asked).status_code

    assert tag.startswith('"')
    assert status(tag) == 206
    for other in ('"x"', f"W/{tag}", "Mon, 23 Nov 2026 10:00:00 GMT"):
        assert status(other) == 200


def test_the_head_has_the_length_and_no_sound(heard):
    answer = heard[2].client.head(heard[3], headers={"Range": "bytes=0-9"})

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(LENGTH)


def test_a_playback_is_one_sessions_of_one_recording(heard):
    study, recording, visit, address, _ = heard
    other = at_browser(visit.app, study, "ivan")

    assert other.get(address).status_code == 404
    assert visit.get(address.partition("p=")[0] + "p=7").status_code == 404
    assert visit.get(f"/recordings/{study.id}/audio?p=7").status_code == 404
    assert visit.app.test_client().get(address).status_code == 401
    study.hub.sittings.find(visit.cookie, study.clock())
    assert visit.get(address).status_code == 200
    assert recording


@pytest.mark.parametrize(
    ("login", "status"),
    [("tess", 403), ("ravi", 403), ("petra", 422), ("rita", 404), ("ann", 404), ("ada", 403)],
)
def test_who_was_not_given_it_hears_nothing(heard, login, status):
    study, recording, visit, address, _ = heard
    other = at_browser(visit.app, study, login)
    headers = {"X-CSRF-Token": other.token, "Accept": "application/json"}

    answer = other.client.post(f"/recordings/{recording}/listen", headers=headers)

    assert answer.status_code == status
    assert other.get(address).status_code == (404 if login in ("rita", "ann") else 403) or (
        login == "petra"
    )


def test_the_picture_of_a_sound_is_drawn_once_and_kept_sealed(heard):
    study, recording, visit, address, _ = heard
    before = study.events()
    found = [visit.get(address.replace("/audio?", "/peaks?")) for _ in range(2)]

    assert found[0].data == found[1].data
    assert abs(len(found[0].data) - 2 * PEAKS_A_SECOND * 7.1) < 5
    assert study.events() == before
    with study.hub.sessions.reading.begin() as session:
        (stored,) = session.query(SealedObject).filter_by(kind="peaks")
        sealed = study.hub.settings.objects / stored.store_name[:2]
        assert found[0].data[:64] not in (sealed / f"{stored.store_name}.sho").read_bytes()
    assert row_of(study, Recording, recording).state == "accepted"


def test_damaged_sound_never_leaves_and_is_on_the_record(heard):
    study, recording, visit, address, _ = heard
    row = row_of(study, Recording, recording)
    name = row_of(study, SealedObject, row.object_id).store_name
    path = study.hub.settings.objects / name[:2] / f"{name}.sho"
    whole = path.read_bytes()
    try:
        for damaged in (
            whole[:150] + bytes([whole[150] ^ 1]) + whole[151:],
            whole[:-1],
            whole[:104] + whole[104:][::-1],
        ):
            path.write_bytes(damaged)
            before = study.events()

            answer = visit.get(address)

            assert answer.status_code == 500
            assert SPEECH[:50] not in answer.data
            line = json.loads(study.last_event().line)
            assert (line["act"], line["outcome"]) == ("recording.play", "refused")
            assert study.events() == before + 1
    finally:
        path.write_bytes(whole)


def test_inv_65_a_hold_stops_the_next_range(heard):
    study, _, visit, address, (by_link, _) = heard
    assert visit.get(address, headers={"Range": "bytes=0-9"}).status_code == 206
    hold(study, by_link)

    assert visit.get(address, headers={"Range": "bytes=0-9"}).status_code == 423

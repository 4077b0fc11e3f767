"""Disposing of sound on pages: one person proposes with a reason, another agrees."""

import pytest

from studyhub.store.interviews import Recording
from studyhub.workflows import recordings
from tests import makers
from tests.makers import SLUG
from tests.web.pages import at_browser, words
from tests.workflows.withdrawing import rows

pytestmark = pytest.mark.usefixtures("approved")


def test_the_pi_proposes_cannot_agree_alone_and_may_take_it_back(app, small_study):
    study = small_study
    interview = makers.interviewed(study)
    recording = makers.recorded(study, interview)
    transcript = makers.transcribed(study, makers.assigned(study, interview))
    makers.give_to_read(study, transcript)
    recordings.check(study.ravi, recording)
    study.clock.advance(days=31)
    page = f"/s/{SLUG}/recordings/{recording}"
    petra = at_browser(app, study, "petra")

    assert "You may propose to dispose of it" in words(petra.get(f"/s/{SLUG}/recordings"))
    petra.post("/step-up", password=makers.password_of("petra"), next=page)
    assert petra.post(f"{page}/propose").status_code == 422
    assert petra.post(f"{page}/propose", reason="protocol").location.endswith("done=proposed")
    shown = words(petra.get(page))
    assert "Somebody else with the duty has to agree" in shown
    assert petra.post(f"{page}/dispose").status_code == 403
    assert petra.post(f"{page}/keep", reason="other").location.endswith("done=kept")
    assert rows(study, Recording, Recording.id == recording)[0].state == "checked"

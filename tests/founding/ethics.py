"""The committee approves; each document is written, approved by somebody else, and used."""

import re
from uuid import UUID

from playwright.sync_api import expect

from studyhub.workflows import consent_documents_view
from tests import texts
from tests.founding.stage import HERE, Scene, follow, press, to
from tests.makers import in_use


def the_committee_approves(scene: Scene) -> UUID:
    """In the browser. Returns the approval."""
    page = scene.at("petra", f"{HERE}/ethics")
    to(page, "Record it")
    page.get_by_label("Committee").fill(texts.COMMITTEE)
    page.get_by_label("Reference").fill(texts.REFERENCE)
    press(page, "Record it")
    to(page, "Record what became of it")
    page.get_by_label("It was handed in").check()
    press(page, "Record it")
    to(page, "Record what became of it")
    page.get_by_label("The committee approved it").check()
    page.get_by_label("Day of the decision").fill(f"{scene.clock():%Y-%m-%d}")
    page.get_by_label("Holds from").fill(f"{scene.clock():%Y-%m-%d}")
    page.get_by_label("Conditions").fill(texts.CONDITIONS)
    press(page, "Record it")
    expect(page.get_by_role("heading", name="Approval In force")).to_be_visible()
    first = consent_documents_view.ethics(scene.study.petra).first
    assert first is not None
    return first.id


def the_team_writes_its_documents(scene: Scene, approval_id: UUID) -> None:
    """The invitation in browsers, from draft to use; the other documents by the same acts."""
    the_invitation_comes_into_use(scene)
    for text in texts.WRITTEN_BY_PETRA:
        in_use(scene.study, text, approval_id, author="petra", approver="ravi")
    for text in texts.WRITTEN_BY_RITA:
        if text.kind != "invitation":
            in_use(scene.study, text, approval_id, author="rita", approver="petra")


def the_invitation_comes_into_use(scene: Scene) -> None:
    page = scene.at("rita", f"{HERE}/ethics/documents/new?kind=invitation")
    page.locator("[name=body]").fill(texts.INVITATION)
    press(page, "Keep as a draft")
    press(page, "Hand in for approval")
    version = re.sub(r"\?.*", "", page.url).removeprefix(scene.server.address)
    page = scene.at("petra", version)
    to(page, "Decide")
    page.get_by_label(f"Approval {texts.REFERENCE}").check()
    follow(page.get_by_role("button", name=re.compile("^Approve ")))
    press(page, "Put into use")
    expect(page.get_by_text("In use.", exact=True)).to_be_visible()


def the_sample_is_planned(scene: Scene) -> None:
    """Sixty might be asked: among so many labels a label in order would be no chance."""
    page = scene.at("petra", f"{HERE}/settings/change")
    page.locator("[name=planned_sample]").fill("60")
    page.locator("[name=typed_name_reason]").fill("Low risk; the sheet says so.")
    press(page, "Settle")
    expect(page.get_by_text("Settled.")).to_be_visible()

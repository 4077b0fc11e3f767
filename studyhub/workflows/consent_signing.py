"""Agree or refuse by link: the form, the signature, the copy. No key of the team is needed.

A page is for the signing with one number of one text. Sent twice it is the same signing, and a
second record only comes from a page that was opened after the first (invariants 33, 35).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from studyhub.domain.consent import kind_of_signing
from studyhub.domain.consent_copy import Answered, Copy
from studyhub.domain.errors import Busy, Invalid, NotFound, Stale, StudyHubError
from studyhub.domain.vocabulary import Act, Side
from studyhub.store.consent import Consent
from studyhub.vault.seal import pack
from studyhub.vault.threads import shred_for
from studyhub.workflows import consent_evidence
from studyhub.workflows.consent_evidence import Bundle, piece
from studyhub.workflows.consent_form import FormView, Made, open_form
from studyhub.workflows.consent_ground import CannotSign, Ground, ground_of
from studyhub.workflows.consent_receipt import Receipt, give_receipt
from studyhub.workflows.consent_record import Signing, keep_signing, lock_participant
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.links import own_link

MOST_NAME = 200
MOST_DRAWING = 256 * 1024
LEAST_WORD, MOST_WORD = 4, 100
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Filled:
    """What came from the page: for which signing of which text, and what was answered."""

    seq: int
    text_hash: bytes
    sheet_id: UUID
    answers: Mapping[str, str]
    name: str = ""
    drawing: bytes = field(default=b"", repr=False)
    word: str = field(default="", repr=False)
    waived: bool = False
    refuse: bool = False


@dataclass(frozen=True)
class Signed:
    """What was recorded. A form sent twice brings neither a copy nor an address again."""

    consent_id: UUID
    kind: str
    copy: Copy | None = None
    address: str = ""
    written: bool = False
    locked: bool = False


def sign(desk: Desk, filled: Filled) -> Signed:
    """Sign or refuse. CannotSign, Invalid, Stale or Busy where that is not possible.

    Files come first, then one transaction with the rows and the event: vault.md 5.
    """
    view = open_form(desk)
    again = _same(view, filled)
    if again is not None:
        return Signed(again.consent_id, again.kind)
    try:
        if view.ground.obstacles_to(filled):
            # The act itself says no, so that the record has it.
            says_no = _refuse if filled.refuse else _sign
            return says_no(desk, _Draft(filled))
        return _perform(desk, view, _checked(view, filled))
    except Stale:
        # Somebody's second click came in between: it is the same signing.
        again = _same(open_form(desk), filled)
        if again is None:
            raise
        return Signed(again.consent_id, again.kind)


def _same(view: FormView, filled: Filled) -> Made | None:
    """The record that this very page has made already (invariant 35)."""
    for made in view.made:
        if made.seq == filled.seq:
            if filled.refuse:
                same = made.kind == "refused" and not made.answers
            else:
                same = made.answers == dict(filled.answers)
            if not same:
                raise Stale("you have answered this form already, differently")
            return made
    return None


@dataclass(frozen=True)
class _Draft:
    """A signing that is complete and waits to be kept; without ``signing`` it is neither."""

    filled: Filled
    signing: Signing | None = None
    copy: Copy | None = None
    bundle: Bundle | None = None
    word: bytes | None = None


def _checked(view: FormView, filled: Filled) -> _Draft:
    """Refuse what is incomplete; nothing is stored by then."""
    ground = view.ground
    if filled.refuse:
        return _Draft(filled, _signing(ground, filled, "refused", {}))
    _refuse_incomplete(view, filled)
    kind = kind_of_signing(ground.mandatory, filled.answers)
    signing = _signing(ground, filled, kind, filled.answers)
    return _Draft(filled, signing, _copy(view, filled, signing))


def _signing(ground: Ground, filled: Filled, kind: str, answers: Mapping[str, str]) -> Signing:
    shortened = "time_to_consider" in [each.code for each in ground.obstacles()]
    return Signing(
        id=uuid4(),
        kind=kind,
        mode="digital_link",
        signed_at=ground.at,
        time_source="server",
        answers=answers,
        evidence_root=None,
        waived=filled.waived and shortened,
    )


def _refuse_incomplete(view: FormView, filled: Filled) -> None:
    """Invalid with every problem of the page at once, one for each field (invariant 28)."""
    problems: dict[str, str] = {}
    try:
        kind_of_signing(view.ground.mandatory, filled.answers)
    except Invalid as found:
        problems |= found.problems
    name = filled.name.strip()
    if not name:
        problems["typed_name"] = "Write your name"
    elif len(name) > MOST_NAME or not name.isprintable():
        problems["typed_name"] = f"Write your name on one line, at most {MOST_NAME} letters"
    if filled.drawing and not filled.drawing.startswith(PNG):
        problems["drawing"] = "Draw your signature again, or type your name only"
    elif len(filled.drawing) > MOST_DRAWING:
        problems["drawing"] = "This drawing is too large. Draw it again, smaller"
    elif not filled.drawing and not view.typed_name_enough:
        problems["drawing"] = "Draw your signature. You can also sign on paper instead"
    problems |= _about_word(view, filled.word.strip())
    if problems:
        raise Invalid(problems)


def _about_word(view: FormView, word: str) -> dict[str, str]:
    """What is wrong with a memorable word. One that was chosen before stays as it is."""
    if not word:
        return {}
    if view.has_word:
        return {"word": "You chose a word before, and it stays. Leave this empty"}
    if not LEAST_WORD <= len(word) <= MOST_WORD or not word.isprintable():
        return {"word": f"Choose a word of {LEAST_WORD} to {MOST_WORD} letters, or none"}
    return {}


def _copy(view: FormView, filled: Filled, signing: Signing) -> Copy:
    ground = view.ground
    if ground.form is None or ground.sheet is None:
        raise NotFound("no form to make a copy of")
    return Copy(
        number=_number(signing.id),
        kind=signing.kind,
        name=filled.name.strip(),
        form=str(ground.form.number),
        sheet=str(ground.sheet.number),
        study=view.study,
        committee=view.committee,
        reference=view.reference,
        signed_at=signing.signed_at.isoformat(),
        time_zone=view.time_zone,
        waited=not signing.waived,
        body=ground.form.body,
        answers=tuple(
            Answered(each.code, each.wording, each.mandatory, filled.answers[each.code])
            for each in ground.form.statements
        ),
    )


def _number(consent_id: UUID) -> str:
    text = consent_id.hex[:8].upper()
    return f"{text[:4]}-{text[4:]}"


def _perform(desk: Desk, view: FormView, draft: _Draft) -> Signed:
    """Seal the evidence, then write everything in one transaction; a failure leaves nothing."""
    word = draft.filled.word.strip()
    kept = desk.hub.kitchen.keep_word(word, desk.hub.key_files.pepper) if word else None
    bundle = _seal(desk, view.ground.participant_id, draft)
    ready = replace(draft, bundle=bundle, word=kept)
    signed = draft.signing is not None and draft.signing.kind == "signed"
    keep = _sign if signed else _refuse
    try:
        return keep(desk, ready)
    except StudyHubError:
        if bundle is not None:
            consent_evidence.discard(desk.hub, bundle.files)
        raise


def _seal(desk: Desk, participant_id: UUID, draft: _Draft) -> Bundle | None:
    if draft.copy is None or draft.signing is None:
        return None
    pieces = [
        piece("copy", pack(draft.copy.values())),
        piece("typed_name", draft.filled.name.strip().encode()),
    ]
    if draft.filled.drawing:
        pieces.append(piece("drawing", draft.filled.drawing))
    shred = shred_for(desk.hub.keystore, participant_id, Side.CONSENT, desk.hub.now().date())
    return consent_evidence.store(desk.hub, desk.study, draft.signing.id, shred, pieces)


@action(Act.CONSENT_SIGN)
def _sign(work: Work, draft: _Draft) -> Signed:
    """Keep what somebody agreed to."""
    return _keep(work, draft)


@action(Act.CONSENT_REFUSE)
def _refuse(work: Work, draft: _Draft) -> Signed:
    """Keep that somebody refused, or declined what is needed. Nobody is asked why."""
    return _keep(work, draft)


def _keep(work: Work, draft: _Draft) -> Signed:
    link_row = own_link(work, "consent")
    if link_row.participant_id is None:
        raise NotFound("no such link")
    participant = lock_participant(work, link_row.participant_id)
    at = draft.signing.signed_at if draft.signing else work.now
    ground = ground_of(work.session, participant, at)
    if ground.next_seq != draft.filled.seq:
        raise Stale("this form was sent already")
    obstacles = ground.obstacles_to(draft.filled)
    if obstacles:
        raise CannotSign(obstacles)
    if draft.signing is None:
        raise Busy("what stood in the way has just gone: the form can be sent again")
    files = draft.bundle.files if draft.bundle else ()
    signing = replace(draft.signing, evidence_root=consent_evidence.root_of(files))
    row = keep_signing(work, participant, ground, signing)
    work.claim(row)
    _note(work, ground, row, len(files))
    if draft.bundle is None:
        return Signed(row.id, row.kind)
    consent_evidence.keep_key(work, draft.bundle)
    consent_evidence.keep_objects(work, draft.bundle.key.id, files)
    consent_evidence.keep_evidence(work, row.id, [(each.kind, each.id) for each in files])
    consent_evidence.grant_to_checkers(work, draft.bundle.key)
    given = give_receipt(work, link_row, participant, Receipt(draft.bundle.key, draft.word))
    return Signed(row.id, row.kind, draft.copy, given.address, given.written, given.locked)


def _note(work: Work, ground: Ground, row: Consent, files: int) -> None:
    facts: dict[str, str | int] = {
        "kind": row.kind,
        "mode": row.mode,
        "version": str(ground.form.number) if ground.form else "",
        "digest": row.text_hash.hex(),
        "count": files,
    }
    if row.evidence_root is not None:
        facts["root"] = row.evidence_root.hex()
    work.note(**facts)

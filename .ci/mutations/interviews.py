"""Interviews, recordings and transcripts."""

from mutations.mutant import Mutant

MUTANTS = (
    Mutant(
        "interviews without consent",
        "studyhub/workflows/interviews_held.py",
        '    if told.answer == "no":\n        raise Refused("no consent to take part',
        '    if told.answer == "never":\n        raise Refused("no consent to take part',
        ("tests/workflows/test_interviews.py",),
        "inv_47",
        invariants=(47,),
    ),
    Mutant(
        "any recording is accepted",
        "studyhub/workflows/accepting.py",
        "    if open_ is not None or interview.may_record != _A_YES:\n",
        "    if False:\n",
        ("tests/workflows/test_uploads.py",),
        "inv_46_without",
        invariants=(45,),
    ),
    Mutant(
        "quarantine is heard",
        "studyhub/workflows/playback.py",
        "    if row.state not in HEARD:\n",
        "    if False:\n",
        ("tests/workflows/test_uploads.py",),
        "inv_46_without",
        invariants=(46,),
    ),
    Mutant(
        "chunks are kept whatever they add up to",
        "studyhub/web/uploads.py",
        "        agreed = body.agrees if checksum else None\n",
        "        agreed = None\n",
        ("tests/web/test_uploads.py",),
        "cut or does_not_fit",
    ),
    Mutant(
        "holds stop nothing",
        "studyhub/workflows/holding.py",
        "    if is_held(session, participant_id, thing, but):\n",
        "    if False:\n",
        ("tests/workflows/test_uploads.py", "tests/workflows/test_transcripts.py"),
        "inv_65",
    ),
    Mutant(
        "call sheets at any hour",
        "studyhub/workflows/interviews_list.py",
        "    if not window.visible_from <= work.now <= window.visible_until:\n",
        "    if False:\n",
        ("tests/workflows/test_appointments.py",),
        "inside_its_window",
    ),
    Mutant(
        "a save over another's",
        "studyhub/domain/saving.py",
        "    if save.base_rev != working.rev and not own_run:\n",
        "    if False:\n",
        ("tests/domain/test_saving.py",),
    ),
    Mutant(
        "DOCTYPEs are read",
        "studyhub/media/safe_xml.py",
        "        parser.StartDoctypeDeclHandler = _refuse_doctype\n",
        "",
        ("tests/media/test_hostile_documents.py",),
    ),
)

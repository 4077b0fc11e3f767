"""De-identification and releases."""

from mutations.mutant import Mutant

MUTANTS = (
    Mutant(
        "deciders release",
        "studyhub/workflows/releases.py",
        "    if work.actor.user_id in deciders_of(work, kept):\n",
        "    if False:\n",
        ("tests/workflows/test_releasing.py",),
        "in_any_role",
        invariants=(58,),
    ),
    Mutant(
        "one pair of eyes",
        "studyhub/workflows/releases.py",
        "    if passed_reading(work, row, released) is None:\n",
        "    if False:\n",
        ("tests/workflows/test_releasing.py",),
        "second_time",
        invariants=(58,),
    ),
    Mutant(
        "an open leak gate",
        "studyhub/workflows/releases.py",
        "    if not found.passes:\n",
        "    if False:\n",
        ("tests/workflows/test_releasing.py",),
        "deid_9",
    ),
    Mutant(
        "releases without consent",
        "studyhub/workflows/releases.py",
        "    if not told.opens:\n",
        "    if False:\n",
        ("tests/workflows/test_releasing.py",),
        "without_a_consent",
        invariants=(58,),
    ),
    Mutant(
        "labels in their order",
        "studyhub/domain/labels.py",
        "    return secrets.choice(\n",
        "    return min(\n",
        ("tests/domain/test_labels.py",),
        invariants=(60,),
    ),
    Mutant(
        "releases do not follow consent",
        "studyhub/workflows/consent_check.py",
        "    refresh(work, row.participant_id)\n",
        "",
        ("tests/workflows/test_projections.py",),
        invariants=(61,),
    ),
)

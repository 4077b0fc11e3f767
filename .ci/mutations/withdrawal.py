"""Withdrawal, erasure and what comes back from a backup."""

from mutations.mutant import Mutant

MUTANTS = (
    Mutant(
        "nothing held at once",
        "studyhub/workflows/withdrawal.py",
        "    open_holds(work, row, work.now)\n",
        "",
        ("tests/workflows/test_withdrawal.py",),
        invariants=(65,),
    ),
    Mutant(
        "anybody's withdrawal taken back",
        "studyhub/workflows/withdrawal.py",
        "    if row.participant_id != link.participant_id:\n",
        "    if False:\n",
        ("tests/workflows/test_withdrawal.py",),
    ),
    Mutant(
        "any reason why it cannot be done",
        "studyhub/workflows/withdrawal_deciding.py",
        "        elif found.what == CANNOT and found.reason not in codes:\n",
        "        elif False:\n",
        ("tests/workflows/test_withdrawal_deciding.py",),
        invariants=(69,),
    ),
    Mutant(
        "confirmed by who said it",
        "studyhub/workflows/withdrawal_deciding.py",
        "    if member.user_id == work.actor.user_id:\n",
        "    if False:\n",
        ("tests/workflows/test_withdrawal_deciding.py",),
    ),
    Mutant(
        "rows under destroyed keys kept",
        "studyhub/workflows/erasing.py",
        "    empty_material(work, reach, done)\n",
        "",
        ("tests/workflows/test_erasing.py",),
        invariants=(71,),
    ),
    Mutant(
        "erased people come back",
        "studyhub/workflows/restoring.py",
        "    replayed = keystore.restore(image, listed)\n",
        "    replayed = keystore.restore(image, [])\n",
        ("tests/cli/test_backups.py",),
        "inv_72",
        invariants=(72,),
    ),
)

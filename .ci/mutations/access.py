"""Who may do what, and the line that every act leaves."""

from mutations.mutant import Mutant

KERNEL = "studyhub/workflows/kernel.py"
KERNEL_TESTS = ("tests/workflows/test_kernel.py",)

MUTANTS = (
    Mutant(
        "no event",
        KERNEL,
        '        if rule.traced:\n            _append(session, desk, act, "done", trace)\n',
        "",
        KERNEL_TESTS,
        invariants=(84,),
    ),
    Mutant(
        "event twice",
        KERNEL,
        '            _append(session, desk, act, "done", trace)\n',
        '            _append(session, desk, act, "done", trace)\n' * 2,
        KERNEL_TESTS,
    ),
    Mutant(
        "event in its own transaction",
        KERNEL,
        '        if rule.traced:\n            _append(session, desk, act, "done", trace)\n',
        "        session.commit()\n        with desk.hub.sessions.writing.begin() as other:\n"
        '            if rule.traced:\n                _append(other, desk, act, "done", trace)\n',
        KERNEL_TESTS,
    ),
    Mutant(
        "role unchecked",
        "studyhub/domain/policy.py",
        "    if actor.role in found.roles:\n",
        "    if actor.role is not Role.PUBLIC or actor.role in found.roles:\n",
        KERNEL_TESTS,
    ),
    Mutant(
        "vault always open",
        "studyhub/workflows/locker.py",
        "        if row.compartment not in self._lent:\n",
        "        if row.compartment is None:\n",
        KERNEL_TESTS,
    ),
    Mutant(
        "strangers in",
        "studyhub/domain/policy.py",
        "    if actor.role in found.roles:\n",
        "    if actor.role is Role.PUBLIC or actor.role in found.roles:\n",
        KERNEL_TESTS,
    ),
    Mutant(
        "refusal unrecorded",
        KERNEL,
        '            _append(session, desk, act, "refused", Trace(trace.subject or act.kind, _why(no)))\n',
        "            session.flush()\n",
        KERNEL_TESTS,
    ),
    Mutant(
        "nesting allowed",
        KERNEL,
        "    if _under_way.get() is not None:\n",
        "    if _under_way.get() is Act.CHAIN_OPEN:\n",
        KERNEL_TESTS,
    ),
    Mutant(
        "subject unchecked",
        KERNEL,
        "        check_subject(self.actor, self._act, subject)\n",
        "",
        KERNEL_TESTS,
    ),
    Mutant(
        "facts open",
        KERNEL,
        "        if not facts.keys() <= FACTS:\n",
        "        if not facts:\n",
        KERNEL_TESTS,
    ),
    Mutant(
        "hidden kinds shown",
        "studyhub/domain/policy.py",
        "or (act.kind in HIDDEN and not knows)",
        "or (act.kind not in HIDDEN and act.kind in HIDDEN and not knows)",
        KERNEL_TESTS,
    ),
    Mutant(
        "outsiders told apart",
        "studyhub/domain/policy.py",
        "    if actor.role is Role.PUBLIC or (",
        "    if (",
        KERNEL_TESTS,
        invariants=(81,),
    ),
    Mutant(
        "CSRF off",
        "studyhub/web/guard.py",
        '    if not hmac.compare_digest((sent or "").encode(), csrf_token().encode()):\n',
        '    if sent == "nobody sends this":\n',
        ("tests/web/test_guard.py",),
    ),
    Mutant(
        "role believed without its certificate",
        "studyhub/workflows/kernel.py",
        "        _role_proved(work, rule)\n",
        "",
        ("tests/attack/test_deputies.py",),
    ),
    Mutant(
        "prev dropped",
        "studyhub/workflows/record.py",
        '            "prev": last.digest.hex() if last else NOTHING,\n',
        '            "prev": NOTHING,\n',
        KERNEL_TESTS,
    ),
    Mutant(
        "password never asked again",
        KERNEL,
        "        _password_fresh(desk, rule)\n",
        "",
        KERNEL_TESTS,
    ),
    Mutant(
        "standing unchecked",
        KERNEL,
        "        work.member = still_stands(session, desk.actor, desk.study, work.now)\n",
        "",
        KERNEL_TESTS,
    ),
    Mutant(
        "signatures of public keys unchecked",
        "studyhub/workflows/locker.py",
        "        self.trust().public_key(public_key_of(row))\n        return row\n",
        "        return row\n",
        ("tests/workflows/test_locker.py",),
    ),
    Mutant(
        "signatures of grants unchecked",
        "studyhub/workflows/locker.py",
        "        signed = self.trust().grant(grant_of(grant, row))\n",
        "        signed = grant_of(grant, row)\n",
        ("tests/workflows/test_locker.py",),
    ),
    Mutant(
        "row left out of a sealed place",
        "studyhub/vault/places.py",
        '            "studyhub/row/v1", self.table, self.row_id, self.column, self.study, self.owner\n',
        '            "studyhub/row/v1", self.table, self.column, self.study, self.owner\n',
        ("tests/vault/test_seal.py",),
    ),
)

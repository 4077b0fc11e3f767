"""Take one rule out at a time; the tests named beside it must notice.

Each mutant is made in one of two copies of the tree below ``build/``, so two run at a time. A
mutant that survives, or whose line is not found any more, fails the run: then add to the tests,
or follow the code, never shorten the list.

    python .ci/mutants.py [NAME …]
"""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parent.parent
COPIES = [ROOT / "build" / "mutants" / name for name in ("one", "two")]
TAKEN = ("studyhub", "tests", "migrations", "docs", "requirements", "pyproject.toml", "wsgi.py")
KERNEL = "studyhub/workflows/kernel.py"
KERNEL_TESTS = ("tests/workflows/test_kernel.py",)
POLICY_TESTS = ("tests/house/test_policy.py",)


@dataclass(frozen=True)
class Mutant:
    """One rule taken out: in which file, what stood there, what stands there now.

    ``only`` names the tests of the files that must notice, as pytest's ``-k`` does.
    """

    name: str
    file: str
    was: str
    now: str
    tests: tuple[str, ...] = KERNEL_TESTS
    only: str = ""


MUTANTS = [
    Mutant(
        "no event",
        KERNEL,
        '        if rule.traced:\n            _append(session, desk, act, "done", trace)\n',
        "",
    ),
    Mutant(
        "event twice",
        KERNEL,
        '            _append(session, desk, act, "done", trace)\n',
        '            _append(session, desk, act, "done", trace)\n' * 2,
    ),
    Mutant(
        "event in its own transaction",
        KERNEL,
        '        if rule.traced:\n            _append(session, desk, act, "done", trace)\n',
        "        session.commit()\n        with desk.hub.sessions.writing.begin() as other:\n"
        '            if rule.traced:\n                _append(other, desk, act, "done", trace)\n',
    ),
    Mutant(
        "role unchecked",
        "studyhub/domain/policy.py",
        "    if actor.role in found.roles:\n",
        "    if actor.role is not Role.PUBLIC or actor.role in found.roles:\n",
    ),
    Mutant(
        "vault always open",
        "studyhub/workflows/locker.py",
        "        if row.compartment not in self._lent:\n",
        "        if row.compartment is None:\n",
    ),
    Mutant(
        "strangers in",
        "studyhub/domain/policy.py",
        "    if actor.role in found.roles:\n",
        "    if actor.role is Role.PUBLIC or actor.role in found.roles:\n",
    ),
    Mutant(
        "refusal unrecorded",
        KERNEL,
        '            _append(session, desk, act, "refused", Trace(trace.subject or act.kind, _why(no)))\n',
        "            session.flush()\n",
    ),
    Mutant(
        "nesting allowed",
        KERNEL,
        "    if _under_way.get() is not None:\n",
        "    if _under_way.get() is Act.CHAIN_OPEN:\n",
    ),
    Mutant(
        "subject unchecked",
        KERNEL,
        "        check_subject(self.actor, self._act, subject)\n",
        "",
    ),
    Mutant(
        "facts open",
        KERNEL,
        "        if not facts.keys() <= FACTS:\n",
        "        if not facts:\n",
    ),
    Mutant(
        "hidden kinds shown",
        "studyhub/domain/policy.py",
        "or (act.kind in HIDDEN and not knows)",
        "or (act.kind not in HIDDEN and act.kind in HIDDEN and not knows)",
    ),
    Mutant(
        "outsiders told apart",
        "studyhub/domain/policy.py",
        "    if actor.role is Role.PUBLIC or (",
        "    if (",
    ),
    Mutant(
        "CSRF off",
        "studyhub/web/guard.py",
        '    if not hmac.compare_digest((sent or "").encode(), csrf_token().encode()):\n',
        '    if sent == "nobody sends this":\n',
        ("tests/web/test_guard.py",),
    ),
    Mutant(
        "letter body kept",
        "studyhub/workflows/letters.py",
        "    letter.body_sealed = None\n    work.session.flush()\n",
        "    work.session.flush()\n",
        ("tests/workflows/test_mailroom.py",),
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
    ),
    Mutant(
        "password never asked again",
        KERNEL,
        "        _password_fresh(desk, rule)\n",
        "",
    ),
    Mutant(
        "standing unchecked",
        KERNEL,
        "        work.member = still_stands(session, desk.actor, desk.study, work.now)\n",
        "",
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
    Mutant(
        "letters without an approval",
        "studyhub/workflows/letters.py",
        "    return approval_at(session, letter.study_id, now) is None\n",
        "    return False\n",
        ("tests/workflows/test_consent_ethics.py",),
        "inv_1_no_letter",
    ),
    Mutant(
        "open questions block nothing",
        "studyhub/workflows/consent_ground.py",
        "Question.blocks.is_(True)",
        "Question.blocks.is_(None)",
        ("tests/workflows/test_consent_signing.py",),
        "question_of_theirs_is_open",
    ),
    Mutant(
        "another form is signed than was shown",
        "studyhub/workflows/consent_ground.py",
        "        if page.text_hash != self.text_hash:\n",
        "        if False:\n",
        ("tests/workflows/test_consent_signing.py",),
        "showed_another_text",
    ),
    Mutant(
        "who took a consent verifies it",
        "studyhub/workflows/consent_check.py",
        "    _refuse_taker(work, row)\n    history = history_of(",
        "    history = history_of(",
        ("tests/workflows/test_consent_paper.py",),
        "checks_it_in_no_role",
    ),
    Mutant(
        "what was said lies with the recordings",
        "studyhub/workflows/consent_evidence.py",
        "    work.vault.keep_data_key(Compartment.CONSENT, bundle.key)\n",
        "    work.vault.keep_data_key(Compartment.RECORDING, bundle.key)\n",
        ("tests/web/test_consent_spoken.py",),
        "inv_41",
    ),
    Mutant(
        "any session hears what one opened",
        "studyhub/workflows/consent_check.py",
        "    if not work.hub.playbacks.holds(playback, session_id, found.object_id, work.now):\n",
        "    if False:\n",
        ("tests/web/test_consent_spoken.py",),
        "in_that_session_alone",
    ),
    Mutant(
        "a scan is entered as spoken",
        "studyhub/workflows/consent_paper.py",
        "    _refuse_other_evidence(work, key, scan, paper.way)\n",
        "",
        ("tests/web/test_consent_spoken.py",),
        "entered_as_no_paper",
    ),
    Mutant(
        "anything is kept as a sound",
        "studyhub/workflows/consent_paper.py",
        "        if way is SPOKEN:\n            _refuse_no_sound(desk, bundle)\n",
        "",
        ("tests/web/test_consent_spoken.py",),
        "no_sound",
    ),
    Mutant(
        "signing before the approval",
        "studyhub/domain/signing.py",
        "    if covered(facts.approved, facts.signed_at):\n",
        "    if facts.approved:\n",
        ("tests/domain/test_signing.py",),
        "inv_8",
    ),
    Mutant(
        "signing on a form not in use",
        "studyhub/domain/signing.py",
        "    if facts.form is not None and facts.form.at(facts.signed_at):\n",
        "    if facts.form is not None:\n",
        ("tests/domain/test_signing.py",),
        "inv_27",
    ),
    Mutant(
        "signing on another sheet than was given",
        "studyhub/domain/signing.py",
        "    if not is_last:\n",
        "    if False:\n",
        ("tests/domain/test_signing.py",),
        "inv_37",
    ),
    Mutant(
        "signing on a sheet not in use",
        "studyhub/domain/signing.py",
        "    if facts.sheet is not None and facts.sheet.at(facts.signed_at):\n",
        "    if facts.sheet is not None:\n",
        ("tests/domain/test_signing.py",),
        "inv_37",
    ),
    Mutant(
        "no time to consider",
        "studyhub/domain/signing.py",
        "    if facts.signed_at >= until:\n",
        "    if facts.signed_at >= facts.given.given_at:\n",
        ("tests/domain/test_signing.py",),
        "inv_36",
    ),
    Mutant(
        "takers before they had the duty",
        "studyhub/workflows/consent_paper.py",
        "    _took_consent_then(work, when.at)\n",
        "",
        ("tests/workflows/test_consent_paper.py",),
        "inv_38",
    ),
    Mutant(
        "papers of tomorrow",
        "studyhub/workflows/consent_paper.py",
        "        if paper.signed_at > work.now:\n",
        "        if False:\n",
        ("tests/workflows/test_consent_paper.py",),
        "inv_40_a_time",
    ),
    Mutant(
        "a day counts from its entry",
        "studyhub/workflows/consent_paper.py",
        '    return _When(min(end, work.now), "date_only")\n',
        '    return _When(work.now, "date_only")\n',
        ("tests/workflows/test_consent_paper.py",),
        "counts_from_its_end",
    ),
    Mutant(
        "a yes before it was said",
        "studyhub/domain/consent.py",
        "            if record.entered_at <= self.known_at and record.signed_at <= self.at\n",
        "            if record.entered_at <= self.known_at\n",
        ("tests/domain/test_consent.py",),
        "inv_43",
    ),
    Mutant(
        "what is known later counts before",
        "studyhub/domain/consent.py",
        "            if record.entered_at <= self.known_at and record.signed_at <= self.at\n",
        "            if record.signed_at <= self.at\n",
        ("tests/domain/test_consent.py",),
        "inv_44",
    ),
    Mutant(
        "nobody signs again",
        "studyhub/domain/consent.py",
        '    ("reconsent_due", _reconsent_due),\n',
        "",
        ("tests/domain/test_consent.py",),
        "inv_9",
    ),
    Mutant(
        "everybody signs again for any version",
        "studyhub/domain/consent.py",
        "        and version.reconsent_from is not None\n        and record.signed_at < version.reconsent_from <= asked.at\n",
        "",
        ("tests/domain/test_consent.py",),
        "inv_10",
    ),
    Mutant(
        "an older yes comes back",
        "studyhub/domain/consent.py",
        '    ("later_refusal_invalidated", _later_refusal_invalidated),\n',
        "",
        ("tests/domain/test_consent.py",),
    ),
    Mutant(
        "reminders without end",
        "studyhub/domain/recruitment.py",
        "    return max(0, reminders_max - sent)\n",
        "    return reminders_max\n",
        ("tests/domain/test_recruitment.py",),
        "inv_18",
    ),
    Mutant(
        "letters after an opt-out",
        "studyhub/domain/recruitment.py",
        "    if wishes.opted_out:\n",
        "    if False:\n",
        ("tests/domain/test_recruitment.py",),
        "inv_11",
    ),
    Mutant(
        "any channel",
        "studyhub/domain/recruitment.py",
        "    if not _reachable(wishes)[channel]:\n",
        "    if False:\n",
        ("tests/domain/test_recruitment.py",),
        "inv_20",
    ),
    Mutant(
        "a statement left open is signed",
        "studyhub/domain/consent.py",
        '        if answers.get(code) not in {"agree", "decline"}\n',
        "        if not answers\n",
        ("tests/domain/test_consent.py",),
        "inv_28",
    ),
    Mutant(
        "a mandatory no is signed",
        "studyhub/domain/consent.py",
        '    return "refused" if declined else "signed"\n',
        '    return "signed"\n',
        ("tests/domain/test_consent.py",),
        "inv_29",
    ),
    Mutant(
        "a stop is for ever",
        "studyhub/workflows/suppressions.py",
        "    return reopened is None or max(row.made_at for row in found) >= reopened\n",
        "    return True\n",
        ("tests/workflows/test_safe_letters.py",),
        "who_asked",
    ),
    Mutant(
        "given up counts as refused",
        "studyhub/workflows/bounces.py",
        '            final = "refused" if self.status.startswith("5") else "given_up"\n',
        '            final = "refused"\n',
        ("tests/workflows/test_bounces.py",),
        "final_word",
    ),
    Mutant(
        "letters at any hour",
        "studyhub/workflows/mailroom.py",
        "    _refuse_unsafe_hour(body, work.now)\n",
        "",
        ("tests/workflows/test_safe_letters.py",),
        "that_is_late",
    ),
    Mutant(
        "headers out of a name",
        "studyhub/mail.py",
        "        _refuse_more_headers(written)\n",
        "",
        ("tests/workflows/test_letters_on_the_wire.py",),
        "decodes",
    ),
    Mutant(
        "reminders at once",
        "studyhub/workflows/recruitment_letters.py",
        "    if earliest is not None and work.now < earliest:\n",
        "    if False:\n",
        ("tests/workflows/test_safe_letters.py",),
        "days_that",
    ),
    Mutant(
        "interviewers meet every question",
        "studyhub/domain/policy_interest.py",
        "    return actor.role is not Role.INTERVIEWER or is_own\n",
        "    return True\n",
        ("tests/domain/test_policy_interest.py",),
    ),
    Mutant(
        "plans without an approval",
        "studyhub/workflows/protocol_periods.py",
        "    return covered(approved.get(row.approval_id, ()), row.use_from)\n",
        "    return True\n",
        ("tests/workflows/test_consent_versions.py",),
        "given_up_where",
    ),
    Mutant(
        "takers are given their evidence",
        "studyhub/workflows/consent_evidence.py",
        "Consent.taken_by.not_in(own)",
        "Consent.taken_by.is_not(None)",
        ("tests/workflows/test_consent_paper.py",),
        "duty_later",
    ),
    Mutant(
        "authors approve",
        "studyhub/domain/policy_documents.py",
        "    return version.author_id != actor.membership_id\n",
        "    return True\n",
        ("tests/domain/test_policy_documents.py",),
    ),
    Mutant(
        "authors approve in another role",
        "studyhub/workflows/consent_documents.py",
        "    if author.user_id == work.actor.user_id:\n",
        "    if author.user_id is None:\n",
        ("tests/workflows/test_consent_documents.py",),
        "in_another_role",
    ),
    Mutant(
        "interviews without consent",
        "studyhub/workflows/interviews_held.py",
        '    if told.answer == "no":\n        raise Refused("no consent to take part',
        '    if told.answer == "never":\n        raise Refused("no consent to take part',
        ("tests/workflows/test_interviews.py",),
        "inv_47",
    ),
    Mutant(
        "any recording is accepted",
        "studyhub/workflows/accepting.py",
        "    if open_ is not None or interview.may_record != _A_YES:\n",
        "    if False:\n",
        ("tests/workflows/test_uploads.py",),
        "inv_46_without",
    ),
    Mutant(
        "quarantine is heard",
        "studyhub/workflows/playback.py",
        "    if row.state not in HEARD:\n",
        "    if False:\n",
        ("tests/workflows/test_uploads.py",),
        "inv_46_without",
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
    Mutant(
        "deciders release",
        "studyhub/workflows/releases.py",
        "    if work.actor.user_id in deciders_of(work, kept):\n",
        "    if False:\n",
        ("tests/workflows/test_releasing.py",),
        "in_any_role",
    ),
    Mutant(
        "one pair of eyes",
        "studyhub/workflows/releases.py",
        "    if passed_reading(work, row, released) is None:\n",
        "    if False:\n",
        ("tests/workflows/test_releasing.py",),
        "second_time",
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
    ),
    Mutant(
        "labels in their order",
        "studyhub/domain/labels.py",
        "    return secrets.choice(\n",
        "    return min(\n",
        ("tests/domain/test_labels.py",),
    ),
    Mutant(
        "releases do not follow consent",
        "studyhub/workflows/consent_check.py",
        "    refresh(work, row.participant_id)\n",
        "",
        ("tests/workflows/test_projections.py",),
    ),
    Mutant(
        "nothing held at once",
        "studyhub/workflows/withdrawal.py",
        "    open_holds(work, row, work.now)\n",
        "",
        ("tests/workflows/test_withdrawal.py",),
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
    ),
    Mutant(
        "erased people come back",
        "studyhub/workflows/restoring.py",
        "    replayed = keystore.restore(image, listed)\n",
        "    replayed = keystore.restore(image, [])\n",
        ("tests/cli/test_backups.py",),
        "inv_72",
    ),
]


def main(names: list[str]) -> int:
    """Try the mutants of these names, or all; 1 if any lives or has lost its line."""
    wanted = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    lost = [
        mutant for mutant in wanted if (ROOT / mutant.file).read_text().count(mutant.was) != 1
    ]
    for mutant in lost:
        print(f"LOST    {mutant.name}: its line is not in {mutant.file} exactly once")
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in COPIES:
        _copy_to(copy)
        free.put(copy)
    with ThreadPoolExecutor(len(COPIES)) as pool:
        tried = (mutant for mutant in wanted if mutant not in lost)
        killed = sum(pool.map(lambda mutant: _killed(mutant, free), tried))
    print(f"{killed} killed, {len(wanted) - killed} lived")
    return 0 if killed == len(wanted) else 1


def _copy_to(copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, copy / name)


def _killed(mutant: Mutant, free: SimpleQueue[Path]) -> bool:
    copy = free.get()
    source = ROOT / mutant.file
    (copy / mutant.file).write_text(source.read_text().replace(mutant.was, mutant.now))
    ran = _run(copy, mutant)
    # With the time it had: otherwise Python could take what it compiled of the mutant.
    shutil.copy2(source, copy / mutant.file)
    free.put(copy)
    # 1 is a test that failed; anything else (no tests, a broken import) proves nothing.
    killed = ran.returncode == 1 and "error" not in ran.stdout.splitlines()[-1]
    print(f"{'killed ' if killed else 'LIVED  '} {mutant.name}", flush=True)
    if not killed:
        print(ran.stdout[-2000:])
    return killed


def _run(copy: Path, mutant: Mutant) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    chosen = f"not postgresql and ({mutant.only})" if mutant.only else "not postgresql"
    return subprocess.run(
        [*command, "-k", chosen, *mutant.tests],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

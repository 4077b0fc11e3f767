"""Interest and questions: who is made a participant, and what an answer keeps."""

from mutations.mutant import Mutant

TRIAGE = "studyhub/workflows/recruitment_triage.py"
INTEREST = ("tests/workflows/test_recruitment_triage.py",)
QUESTIONS = ("tests/workflows/test_recruitment_questions.py",)

MUTANTS = (
    Mutant(
        "looking stops letters",
        "studyhub/web/opt_out.py",
        '    found = guest.of(token, "opt_out")\n    return render_template("recruitment/stop.html"',
        '    found = guest.of(token, "opt_out")\n'
        '    recruitment_opt_out.opt_out(found.desk, "page")\n'
        '    return render_template("recruitment/stop.html"',
        ("tests/web/test_recruitment.py",),
        "inv_12",
        invariants=(12,),
    ),
    Mutant(
        "one click asks for more",
        "studyhub/web/opt_out.py",
        '    if sent.get("List-Unsubscribe") != "One-Click":\n',
        '    if "csrf_token" not in sent:\n',
        ("tests/web/test_recruitment.py",),
        "inv_13",
        invariants=(13,),
    ),
    Mutant(
        "known people are made twice",
        TRIAGE,
        "    if found and not another_person:\n",
        "    if found and not another_person and work.link_id:\n",
        INTEREST,
        "inv_23",
        invariants=(23,),
    ),
    Mutant(
        "nobody writes that it is somebody else",
        TRIAGE,
        '        work.note(answer="another_person")\n',
        "        pass\n",
        INTEREST,
        "inv_23",
        invariants=(23,),
    ),
    Mutant(
        "participants without criteria",
        TRIAGE,
        "    if version is None:\n",
        '    if version is None and eligible.criteria == "x":\n',
        INTEREST,
        "inv_24",
        invariants=(24,),
    ),
    Mutant(
        "answers without who gave them",
        "studyhub/workflows/recruitment_questions.py",
        "    row.answered_at, row.answered_by = work.now, work.actor.membership_id\n",
        "    row.answered_at = work.now\n",
        QUESTIONS,
        "inv_26",
        invariants=(26,),
    ),
    Mutant(
        "consents forget the questions before them",
        "studyhub/workflows/consent_record.py",
        "        questions=list(ground.questions),\n",
        "        questions=[],\n",
        (
            "tests/workflows/test_consent_signing.py",
            "tests/workflows/test_recruitment_questions.py",
        ),
        "question",
        invariants=(26,),
    ),
    Mutant(
        "interviewers meet every question",
        "studyhub/domain/policy_interest.py",
        "    return actor.role is not Role.INTERVIEWER or is_own\n",
        "    return True\n",
        ("tests/domain/test_policy_interest.py",),
    ),
)

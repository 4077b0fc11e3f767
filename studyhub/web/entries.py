"""Which addresses are open to strangers, and which pages stand in the bar of which role."""

from studyhub.domain.vocabulary import Role

PUBLIC = frozenset(
    {
        *("static", "health.alive", "health.ready", "health.csp_report"),
        *("accounts.sign_in", "accounts.enter"),
        *("interest.public", "interest.home", "interest.invited", "interest.decline"),
        *("opt_out.ask", "opt_out.stop"),
        *("interest.sheet", "interest.questions"),
        "interview_guest.interview",
        *("consent_guest.consent", "consent_guest.copy"),
        *("account.join", "account.joined", "account.reset", "account.recovered"),
    }
)
# Name for ``frame(current)``, words, the rule that must exist, and who has the page.
NAV: tuple[tuple[str, str, str, frozenset[Role]], ...] = (
    ("trail", "Study health", "/s/<slug>/trail", frozenset({Role.AUDITOR})),
    (
        *("recruitment", "Participants", "/s/<slug>/recruitment"),
        frozenset({Role.RECRUITER, Role.PI}),
    ),
    (
        *("letters", "Letters", "/s/<slug>/recruitment/letters"),
        frozenset({Role.RECRUITER, Role.PI}),
    ),
    (
        *("interest", "Interest", "/s/<slug>/recruitment/interest"),
        frozenset({Role.RECRUITER, Role.PI}),
    ),
    (
        *("questions", "Questions", "/s/<slug>/recruitment/questions"),
        frozenset({Role.RECRUITER, Role.PI, Role.INTERVIEWER}),
    ),
    (
        *("consent", "Consent", "/s/<slug>/consent"),
        frozenset({Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER, Role.AUDITOR}),
    ),
    (
        *("interviews", "Interviews", "/s/<slug>/interviews"),
        frozenset({Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.AUDITOR}),
    ),
    (
        *("ethics", "Ethics", "/s/<slug>/ethics"),
        frozenset({Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER, Role.AUDITOR}),
    ),
    (
        *("recordings", "Recordings", "/s/<slug>/recordings"),
        frozenset({Role.PI, Role.INTERVIEWER, Role.TRANSCRIBER, Role.REVIEWER, Role.AUDITOR}),
    ),
    (
        *("transcription", "Transcripts", "/s/<slug>/transcription"),
        frozenset({Role.PI, Role.TRANSCRIBER, Role.REVIEWER}),
    ),
    (
        *("deidentification", "De-identification", "/s/<slug>/deidentification"),
        frozenset({Role.PI, Role.TRANSCRIBER, Role.REVIEWER}),
    ),
    ("analysis", "Releases", "/s/<slug>/analysis", frozenset({Role.ANALYST})),
    ("releases", "Releases", "/s/<slug>/releases", frozenset({Role.PI, Role.REVIEWER})),
    (
        *("incidents", "Incidents", "/s/<slug>/incidents"),
        frozenset({Role.PI, Role.AUDITOR}),
    ),
    ("trail", "Trail", "/s/<slug>/trail", frozenset({Role.PI})),
    ("team", "Team", "/s/<slug>/team", frozenset({Role.PI, Role.AUDITOR})),
)

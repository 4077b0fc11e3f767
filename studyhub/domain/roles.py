"""What a role is called, and which keys come with a membership of it."""

from studyhub.domain.vocabulary import Compartment, Role, StudyKey

ROLE_NAMES: dict[Role, str] = {
    Role.PI: "Principal investigator",
    Role.RECRUITER: "Recruiter",
    Role.INTERVIEWER: "Interviewer",
    Role.TRANSCRIBER: "Transcriber",
    Role.REVIEWER: "Reviewer",
    Role.ANALYST: "Analyst",
    Role.AUDITOR: "Auditor",
}

# Which compartments a role's membership is granted.
ROLE_OPENS: dict[Role, tuple[Compartment, ...]] = {
    Role.PI: tuple(Compartment),
    Role.RECRUITER: (Compartment.CONTACT,),
    Role.INTERVIEWER: (),
    Role.TRANSCRIBER: (),
    Role.REVIEWER: (Compartment.RELEASE,),
    Role.ANALYST: (Compartment.RELEASE,),
    Role.AUDITOR: (),
}

# Which study keys come with the membership besides those its compartments open.
ROLE_STUDY_KEYS: dict[Role, tuple[StudyKey, ...]] = {
    Role.RECRUITER: (StudyKey.PRINT,),
    Role.TRANSCRIBER: (StudyKey.PRINT, StudyKey.VOCABULARY),
    Role.REVIEWER: (StudyKey.PRINT, StudyKey.VOCABULARY),
}

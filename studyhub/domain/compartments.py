"""What data are sealed to, what one shred key covers, and how sensitive a table is."""

from enum import StrEnum


class Compartment(StrEnum):
    """What data are sealed to. Each compartment of a study has its own key pair."""

    CONTACT = "contact"
    CONSENT = "consent"
    RECORDING = "recording"
    TRANSCRIPT = "transcript"
    RELEASE = "release"


class Service(StrEnum):
    """What is sealed to a process, or to the kit on paper, instead of to people."""

    MAILER = "mailer"
    RECOVERY = "recovery"


Lock = Compartment | Service


class Side(StrEnum):
    """What one shred key covers: one per participant and side, one per expression."""

    CONTACT = "contact"
    CONSENT = "consent"
    RECORDING = "recording"
    TRANSCRIPT = "transcript"
    REGISTER = "register"
    RELEASE = "release"
    EXPRESSION = "expression"
    STUDY = "study"


class StudyKey(StrEnum):
    """Data keys of a study that belong to nobody."""

    EMAIL_INDEX = "email_index"
    PRINT = "print"
    VOCABULARY = "vocabulary"
    CODEBOOK = "codebook"


class Zone(StrEnum):
    """How sensitive a table is, from most to least. Foreign keys never point up."""

    IDENTITY = "identity"
    MATERIAL = "material"
    COURSE = "course"
    RESEARCH = "research"
    RECORD = "record"


# Which compartment a study key is sealed to.
STUDY_KEY_LIES_IN = {
    StudyKey.EMAIL_INDEX: Compartment.CONTACT,
    StudyKey.PRINT: Compartment.TRANSCRIPT,
    StudyKey.VOCABULARY: Compartment.TRANSCRIPT,
    StudyKey.CODEBOOK: Compartment.RELEASE,
}

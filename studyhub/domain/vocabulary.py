"""The words everything else is written in: roles, acts, compartments, zones.

Closed lists of single columns stand in ``words.py``; here are the words that code reasons with.
What things are sealed to stands in ``compartments.py`` and is handed on from here.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from studyhub.domain.compartments import (
    STUDY_KEY_LIES_IN,
    Compartment,
    Lock,
    Service,
    Side,
    StudyKey,
    Zone,
)

__all__ = [
    "INSTANCE",
    "STAFF",
    "STUDY_KEY_LIES_IN",
    "Act",
    "Actor",
    "Compartment",
    "Duty",
    "Lock",
    "Role",
    "Service",
    "Side",
    "StudyKey",
    "Zone",
]

# The chain of the installation itself: accounts, the command line, the worker.
INSTANCE = UUID(int=0)


class Role(StrEnum):
    """Who acts. Memberships hold the first seven; the last four have no account."""

    PI = "pi"
    RECRUITER = "recruiter"
    INTERVIEWER = "interviewer"
    TRANSCRIBER = "transcriber"
    REVIEWER = "reviewer"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    OPERATOR = "operator"  # the shell
    PARTICIPANT = "participant"  # a link
    SYSTEM = "system"  # the worker
    PUBLIC = "public"  # anybody, also a team member without a membership of this study


STAFF = (
    Role.PI,
    Role.RECRUITER,
    Role.INTERVIEWER,
    Role.TRANSCRIBER,
    Role.REVIEWER,
    Role.ANALYST,
    Role.AUDITOR,
)


class Duty(StrEnum):
    """What a membership may do besides its role, given to it by name."""

    TAKE_CONSENT = "take_consent"
    APPROVE = "approve"
    VERIFY = "verify"
    RELEASE = "release"
    ASSESS = "assess"
    DISPOSE = "dispose"


class Act(StrEnum):
    """Everything that can be done here. One act, one function, one audit event."""

    CHAIN_OPEN = "chain.open"
    USER_ADD = "user.add"
    USER_DISABLE = "user.disable"
    USER_JOIN = "user.join"
    USER_SIGN_IN = "user.sign_in"
    USER_SIGN_OUT = "user.sign_out"
    USER_STEP_UP = "user.step_up"
    USER_PASSWORD = "user.password"  # noqa: S105 - the name of an act
    USER_RESET = "user.reset"
    USER_RECOVER = "user.recover"
    USER_RECOVERY_CODE = "user.recovery_code"
    USER_READ = "user.read"
    SESSION_END = "session.end"
    STUDY_CREATE = "study.create"
    STUDY_PROVE_KIT = "study.prove_kit"
    STUDY_RECOVER = "study.recover"
    MEMBER_INVITE = "member.invite"
    MEMBER_JOIN = "member.join"
    MEMBER_SWITCH = "member.switch"
    MEMBER_GRANT = "member.grant"
    MEMBER_ACCEPT = "member.accept"
    MEMBER_END = "member.end"
    MEMBER_LIST = "member.list"
    EXCEPTION_DECLARE = "exception.declare"
    EXCEPTION_END = "exception.end"
    HOME_READ = "home.read"
    PROPOSAL_MAKE = "proposal.make"
    PROPOSAL_DECIDE = "proposal.decide"
    APPROVAL_RECORD = "approval.record"
    APPROVAL_CHANGE = "approval.change"
    APPROVAL_UPLOAD = "approval.upload"
    APPROVAL_ATTACH = "approval.attach"
    APPROVAL_READ = "approval.read"
    DOCUMENT_LIST = "document.list"
    DOCUMENT_SHOW = "document.show"
    DOCUMENT_DRAFT = "document.draft"
    DOCUMENT_SUBMIT = "document.submit"
    DOCUMENT_SEND_BACK = "document.send_back"
    DOCUMENT_APPROVE = "document.approve"
    DOCUMENT_USE = "document.use"
    DOCUMENT_BEGIN = "document.begin"
    DOCUMENT_RETIRE = "document.retire"
    STUDY_READ = "study.read"
    STUDY_CHANGE = "study.change"
    EXPRESSION_RECEIVE = "expression.receive"
    EXPRESSION_LIST = "expression.list"
    EXPRESSION_READ = "expression.read"
    EXPRESSION_ACKNOWLEDGE = "expression.acknowledge"
    EXPRESSION_TRIAGE = "expression.triage"
    EXPRESSION_DECIDE = "expression.decide"
    INFORMATION_SEND = "information.send"
    LINK_READ = "link.read"
    LINK_MAKE = "link.make"
    LINK_REVOKE = "link.revoke"
    QUESTION_ASK = "question.ask"
    QUESTION_LIST = "question.list"
    QUESTION_READ = "question.read"
    QUESTION_ASSIGN = "question.assign"
    QUESTION_ANSWER = "question.answer"
    QUESTION_CLOSE = "question.close"
    INTERVIEW_LIST = "interview.list"
    INTERVIEW_SHOW = "interview.show"
    INTERVIEW_PLAN = "interview.plan"
    INTERVIEW_CHOOSE = "interview.choose"
    INTERVIEW_CONFIRM = "interview.confirm"
    INTERVIEW_CHANGE = "interview.change"
    INTERVIEW_CANCEL = "interview.cancel"
    INTERVIEW_NO_SHOW = "interview.no_show"
    INTERVIEW_START = "interview.start"
    INTERVIEW_END = "interview.end"
    INTERVIEW_GIVE = "interview.give"
    INTERVIEW_LOG = "interview.log"
    INTERVIEW_READ = "interview.read"
    CALL_SHEET_READ = "call_sheet.read"
    INCIDENT_LIST = "incident.list"
    INCIDENT_READ = "incident.read"
    INCIDENT_REPORT = "incident.report"
    INCIDENT_DECIDE = "incident.decide"
    RELEASE_LIST = "release.list"
    UPLOAD_START = "upload.start"
    UPLOAD_READ = "upload.read"
    UPLOAD_KEEP = "upload.keep"
    UPLOAD_FINISH = "upload.finish"
    UPLOAD_DESTROY = "upload.destroy"
    RECORDING_LIST = "recording.list"
    RECORDING_ACCEPT = "recording.accept"
    RECORDING_EXTEND = "recording.extend"
    RECORDING_REJECT = "recording.reject"
    RECORDING_LISTEN = "recording.listen"
    RECORDING_PLAY = "recording.play"
    RECORDING_DRAW = "recording.draw"
    RECORDING_CHECK = "recording.check"
    RECORDING_PROPOSE = "recording.propose"
    RECORDING_KEEP = "recording.keep"
    RECORDING_DISPOSE = "recording.dispose"
    CONTACT_ADD = "contact.add"
    CONTACT_LIST = "contact.list"
    CONTACT_COUNT = "contact.count"
    CONTACT_READ = "contact.read"
    CONTACT_CHANGE = "contact.change"
    CONTACT_CALL = "contact.call"
    CONTACT_OPT_OUT = "contact.opt_out"
    CONTACT_REOPEN = "contact.reopen"
    CONTACT_EXPORT = "contact.export"
    REGISTER_WRITE = "register.write"
    ASSIGNMENT_GIVE = "assignment.give"
    ASSIGNMENT_END = "assignment.end"
    ASSIGNMENT_LIST = "assignment.list"
    TRANSCRIPT_LIST = "transcript.list"
    TRANSCRIPT_SHOW = "transcript.show"
    TRANSCRIPT_READ = "transcript.read"
    TRANSCRIPT_SAVE = "transcript.save"
    TRANSCRIPT_LOCK = "transcript.lock"
    TRANSCRIPT_KEEP = "transcript.keep"
    TRANSCRIPT_COMPARE = "transcript.compare"
    TRANSCRIPT_RESTORE = "transcript.restore"
    TRANSCRIPT_PREVIEW = "transcript.preview"
    TRANSCRIPT_IMPORT = "transcript.import"
    TRANSCRIPT_VERIFY = "transcript.verify"
    INVITATION_SEND = "invitation.send"
    REMINDER_SEND = "reminder.send"
    LETTER_PREVIEW = "letter.preview"
    LETTER_READ = "letter.read"
    LETTER_CANCEL = "letter.cancel"
    LETTER_SUPPRESS = "letter.suppress"
    CONSENT_OPEN = "consent.open"
    CONSENT_SIGN = "consent.sign"
    CONSENT_REFUSE = "consent.refuse"
    CONSENT_COPY = "consent.copy"
    CONSENT_LIST = "consent.list"
    CONSENT_SCAN = "consent.scan"
    CONSENT_DISCARD = "consent.discard"
    CONSENT_ENTER = "consent.enter"
    CONSENT_COUNTERSIGN = "consent.countersign"
    CONSENT_VERIFY = "consent.verify"
    CONSENT_QUERY = "consent.query"
    CONSENT_RESOLVE = "consent.resolve"
    CONSENT_INVALIDATE = "consent.invalidate"
    CONSENT_READ = "consent.read"
    CONSENT_PLAY = "consent.play"
    REGISTER_READ = "register.read"
    TRANSCRIPT_AWAIT = "transcript.await"
    TRANSCRIPT_DEIDENTIFY = "transcript.deidentify"
    TRANSCRIPT_CONSIDER = "transcript.consider"
    TRANSCRIPT_DECIDE = "transcript.decide"
    TRANSCRIPT_PROPOSE = "transcript.propose"
    TRANSCRIPT_REVIEW = "transcript.review"
    TRANSCRIPT_DOUBT = "transcript.doubt"
    TRANSCRIPT_RETURN = "transcript.return"
    TRANSCRIPT_CLEAR = "transcript.clear"
    TRANSCRIPT_CHECK_LEAKS = "transcript.check_leaks"
    TRANSCRIPT_OVERRULE = "transcript.overrule"
    ENTITY_NAME = "entity.name"
    ENTITY_MERGE = "entity.merge"
    LETTER_SEND = "letter.send"
    LETTER_CONFIRM = "letter.confirm"
    LETTER_DEFER = "letter.defer"
    LETTER_BOUNCE = "letter.bounce"
    RELEASE_QUEUE = "release.queue"
    RELEASE_MAKE = "release.make"
    RELEASE_OVERSEE = "release.oversee"
    RELEASE_READ = "release.read"
    RELEASE_SEARCH = "release.search"
    RELEASE_DOWNLOAD = "release.download"
    RELEASE_REPORT = "release.report"
    RELEASE_LOOK = "release.look"
    RELEASE_HOLD = "release.hold"
    RELEASE_LIFT = "release.lift"
    RELEASE_RECALL = "release.recall"
    RELEASE_REFRESH = "release.refresh"
    EXPORT_CONFIRM = "export.confirm"
    WITHDRAWAL_RECEIVE = "withdrawal.receive"
    WITHDRAWAL_FORWARD = "withdrawal.forward"
    WITHDRAWAL_CALL = "withdrawal.call"
    WITHDRAWAL_READ = "withdrawal.read"
    WITHDRAWAL_LIST = "withdrawal.list"
    WITHDRAWAL_ACKNOWLEDGE = "withdrawal.acknowledge"
    WITHDRAWAL_RETRACT = "withdrawal.retract"
    ERASURE_DESTROY = "erasure.destroy"
    ERASURE_EMPTY = "erasure.empty"
    ERASURE_REMOVE = "erasure.remove"
    ERASURE_FINISH = "erasure.finish"
    CERTIFICATE_LIST = "certificate.list"
    CERTIFICATE_READ = "certificate.read"
    WITHDRAWAL_DECIDE = "withdrawal.decide"
    WITHDRAWAL_SECOND = "withdrawal.second"
    WITHDRAWAL_CONFIRM = "withdrawal.confirm"
    ERASURE_REQUEST = "erasure.request"
    TRAIL_LIST = "trail.list"
    TRAIL_READ = "trail.read"
    TRAIL_COVER = "trail.cover"
    TRAIL_FOLLOW = "trail.follow"
    FLOW_READ = "flow.read"
    AUDIT_HEAD = "audit.head"
    AUDIT_EXPORT = "audit.export"
    AUDIT_MAIL = "audit.mail"
    ATTEMPTS_COUNT = "attempts.count"
    BACKUP_MAKE = "backup.make"
    BACKUP_RESTORE = "backup.restore"

    @property
    def kind(self) -> str:
        """What the act is about: the word before the dot."""
        return self.value.partition(".")[0]


@dataclass(frozen=True)
class Actor:
    """Who acts, in the one role of this session. Without an account both ids are empty."""

    user_id: UUID | None
    membership_id: UUID | None
    role: Role
    duties: frozenset[str] = frozenset()

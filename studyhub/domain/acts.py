"""What was done, in the words of the record as people read it."""

from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act

_DONE: dict[Act, str] = {
    Act.CHAIN_OPEN: "Record begun",
    Act.USER_ADD: "Account made",
    Act.USER_DISABLE: "Account closed",
    Act.USER_JOIN: "First password set",
    Act.USER_SIGN_IN: "Signed in",
    Act.USER_SIGN_OUT: "Signed out",
    Act.USER_STEP_UP: "Password given again",
    Act.USER_PASSWORD: "Password changed",
    Act.USER_RESET: "Reset of a password started",
    Act.USER_RECOVER: "New password set by a reset link",
    Act.USER_RECOVERY_CODE: "New recovery code made",
    Act.USER_READ: "Own account read",
    Act.SESSION_END: "Own session ended",
    Act.STUDY_CREATE: "Study created",
    Act.STUDY_PROVE_KIT: "Recovery kit typed back",
    Act.STUDY_RECOVER: "Keys given again with the recovery kit",
    Act.MEMBER_INVITE: "Invited to a role",
    Act.MEMBER_JOIN: "Keys of a role made",
    Act.MEMBER_SWITCH: "Role taken up",
    Act.MEMBER_GRANT: "Access given",
    Act.MEMBER_ACCEPT: "Own further role carried out",
    Act.MEMBER_END: "Membership ended",
    Act.MEMBER_LIST: "Team page read",
    Act.EXCEPTION_DECLARE: "Exception declared",
    Act.EXCEPTION_END: "Exception ended early",
    Act.HOME_READ: "First page read",
    Act.PROPOSAL_MAKE: "Proposal made",
    Act.PROPOSAL_DECIDE: "Proposal decided",
    Act.RELEASE_LIST: "List of releases read",
    Act.LETTER_SEND: "Letter taken for sending",
    Act.LETTER_CONFIRM: "Letter taken by the other server",
    Act.LETTER_DEFER: "Letter not taken yet",
    Act.LETTER_BOUNCE: "Letter came back",
    Act.TRAIL_LIST: "Record checked",
    Act.TRAIL_READ: "Record read",
    Act.AUDIT_HEAD: "Record signed",
    Act.AUDIT_EXPORT: "Copy of the record taken",
    Act.ATTEMPTS_COUNT: "Tries by strangers counted",
}

# Every act has words: those above, or its rule.
ACT_WORDS: dict[str, str] = {act: _DONE.get(act, POLICY[act].says) for act in Act}

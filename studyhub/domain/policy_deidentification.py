"""Who takes identifiers out of a text, and who reads it a second time."""

from studyhub.domain.policy_transcripts import GivenOut, duties_on
from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Duty, Role


def is_given_to_deidentify(actor: Actor, text: GivenOut) -> bool:
    """Somebody gave this transcript to the actor to take identifiers out."""
    return "deidentify" in duties_on(actor, text)


def is_given_to_review(actor: Actor, text: GivenOut) -> bool:
    """Somebody gave this transcript to the actor to read a second time."""
    return "review" in duties_on(actor, text)


def is_given_to_review_or_of_pi(actor: Actor, text: GivenOut) -> bool:
    """A second reader searches the texts given to them; a PI sees places, never words."""
    return actor.role is Role.PI or is_given_to_review(actor, text)


def releases(actor: Actor, _text: object) -> bool:
    """The actor has the duty to release transcripts."""
    return Duty.RELEASE in actor.duties


_TEXTS = (Compartment.TRANSCRIPT,)

DEIDENTIFICATION: dict[Act, Rule] = {
    Act.REGISTER_READ: rule(
        "The PI, with a reason, and who works on a person's text see what it must not keep.",
        *(Role.PI, Role.TRANSCRIBER, Role.REVIEWER),
        opens=_TEXTS,
        asks_password=(Role.PI,),
    ),
    Act.TRANSCRIPT_AWAIT: rule(
        "Transcribers, reviewers and the PI see by code how far each text is.",
        *(Role.PI, Role.TRANSCRIBER, Role.REVIEWER),
        traced=False,
    ),
    Act.TRANSCRIPT_DEIDENTIFY: rule(
        "The transcriber it was given to begins to take identifiers out of a finished text.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_deidentify,),
        opens=_TEXTS,
    ),
    Act.TRANSCRIPT_CONSIDER: rule(
        "That transcriber opens the text with what was suggested and decided in it.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_deidentify,),
        opens=_TEXTS,
    ),
    Act.TRANSCRIPT_DECIDE: rule(
        "What that transcriber decides about a name or a detail is kept as it is decided.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_deidentify,),
        opens=_TEXTS,
        traced=False,
        keeps=True,
    ),
    Act.TRANSCRIPT_PROPOSE: rule(
        "That transcriber hands a text in which everything is decided to a second reader.",
        Role.TRANSCRIBER,
        only_if=(is_given_to_deidentify,),
        opens=_TEXTS,
    ),
    Act.TRANSCRIPT_REVIEW: rule(
        "A reviewer who decided nothing in it reads what would be released, and nothing else.",
        Role.REVIEWER,
        only_if=(is_given_to_review, releases),
        opens=_TEXTS,
    ),
    Act.TRANSCRIPT_DOUBT: rule(
        "What the second reader marks and answers is kept as they go on.",
        Role.REVIEWER,
        only_if=(is_given_to_review, releases),
        opens=_TEXTS,
        traced=False,
        keeps=True,
    ),
    Act.TRANSCRIPT_RETURN: rule(
        "The second reader sends a text back with the places that give somebody away.",
        Role.REVIEWER,
        only_if=(is_given_to_review, releases),
        opens=_TEXTS,
    ),
    Act.TRANSCRIPT_CLEAR: rule(
        "The second reader found nobody in the text and answered every question with no.",
        Role.REVIEWER,
        only_if=(is_given_to_review, releases),
        opens=_TEXTS,
    ),
    Act.TRANSCRIPT_CHECK_LEAKS: rule(
        "The second reader searches the text for what the study knows; the PI sees where.",
        *(Role.REVIEWER, Role.PI),
        only_if=(is_given_to_review_or_of_pi,),
        opens=_TEXTS,
    ),
    Act.TRANSCRIPT_OVERRULE: rule(
        "The PI allows one found detail that names nobody by itself, with a reason.",
        Role.PI,
        opens=_TEXTS,
        asks_password=True,
    ),
    Act.ENTITY_NAME: rule(
        "Who takes identifiers out chooses what stands for a name everywhere in the study.",
        Role.TRANSCRIBER,
        opens=_TEXTS,
    ),
    Act.ENTITY_MERGE: rule(
        "Who takes identifiers out says that two names are of one person, place or thing.",
        Role.TRANSCRIBER,
        opens=_TEXTS,
    ),
}

"""The consent statements a study starts from (domain.md 3.3).

First person, one idea each, grouped as in the UK Data Service model. Wordings are a beginning:
the study rewrites them and the committee approves them; the codes stay, since gates know them.
"""

from dataclasses import dataclass

GROUPS = {
    "taking_part": "Taking part",
    "use_in_the_study": "Use of what I say in the study",
    "future_use": "Future use",
}


@dataclass(frozen=True)
class Starter:
    """One statement to begin with. ``study_decides``: it may be made mandatory."""

    code: str
    group: str
    mandatory: bool
    wording: str
    study_decides: bool = False


# ``{{deadline}}`` and ``{{transcriber}}`` are filled while drafting. The version and date of
# the sheet stand beside the first statement, the computed last day beside the third: both
# outside the hashed text, which is the same for everybody (invariants 31, 37).
STARTERS: tuple[Starter, ...] = (
    Starter(
        "read_pis",
        "taking_part",
        mandatory=True,
        wording="I have read the information sheet whose version and date are shown here. "
        "I could ask questions, and they were answered.",
    ),
    Starter(
        "voluntary",
        "taking_part",
        mandatory=True,
        wording="I take part because I want to. I can stop at any time or leave out any "
        "question, and I do not have to say why.",
    ),
    Starter(
        "withdraw_until",
        "taking_part",
        mandatory=True,
        wording="I can have what I said taken out of the study until {{deadline}}. After that, "
        "this may no longer be possible for everything.",
    ),
    Starter(
        "participate",
        "taking_part",
        mandatory=True,
        wording="I agree to take part in one interview.",
    ),
    Starter(
        "audio_recording",
        "taking_part",
        mandatory=False,
        wording="I agree that the sound of my interview is recorded.",
        study_decides=True,
    ),
    Starter(
        "limits_of_confidentiality",
        "taking_part",
        mandatory=True,
        wording="I have been told when the researchers may have to pass on something I say, "
        "because somebody is in danger or the law asks for it.",
    ),
    Starter(
        "transcription_third_party",
        "use_in_the_study",
        mandatory=False,
        wording="I agree that my interview is written down by {{transcriber}}.",
    ),
    Starter(
        "anon_use",
        "use_in_the_study",
        mandatory=True,
        wording="I agree that the researchers analyse an anonymised text of my interview.",
    ),
    Starter(
        "quotes",
        "use_in_the_study",
        mandatory=False,
        wording="I agree that anonymised quotes from my interview appear in publications, "
        "teaching and talks.",
    ),
    Starter(
        "data_sharing",
        "future_use",
        mandatory=False,
        wording="I agree that an anonymised text of my interview is kept in an archive and "
        "used by other researchers.",
    ),
    Starter(
        "recontact",
        "future_use",
        mandatory=False,
        wording="I agree to be contacted again about further research.",
    ),
    Starter(
        "results",
        "future_use",
        mandatory=False,
        wording="I would like to receive a summary of the results.",
    ),
)

"""Texts of an invented study, as careful as real ones: plain, neutral, complete.

Nothing here names the subject of the study where somebody else could read it: letters and
subjects speak of a study at a university, and the sheet says the rest.
"""

from studyhub.domain import deadlines
from studyhub.domain.documents import StatementText
from studyhub.domain.statements import STARTERS
from studyhub.workflows.consent_documents import Draft

COMMITTEE = "Faculty Research Ethics Committee"
REFERENCE = "FREC 2026-0142"
CONDITIONS = "At most one reminder to each person.\nA yearly report to the committee."
RULE = {"kind": "days_after_interview", "days": 28}

INVITATION = """\
## An invitation from {{study}}

Dear {{name}},

I work on {{study}}, a study at Northmoor University. We talk with people about everyday
experiences, in their own words. May we invite you to an interview of about an hour, by
telephone, by video or in person?

You can read more, say yes or no, and ask questions here:

{{link}}

This link is yours alone. Taking part is up to you. If you do nothing, we write once more and
then no more. If you would rather not hear from us, this stops it at once:

{{stop_link}}

With kind regards

{{recruiter}}
"""

REMINDER = """\
## A reminder from {{study}}

Dear {{name}},

some time ago I wrote to ask whether you would like to take part in an interview for {{study}}.
If you would like to read more first, or say no, you can do so here:

{{link}}

This is the only reminder. If you would rather not hear from us, this stops it at once:

{{stop_link}}

With kind regards

{{recruiter}}
"""

SHEET = """\
## What the study is about

Northmoor University talks with people about how support reaches them: who helps, how, and what
would have made things easier. Whether you looked for support or give it in your work: we want
to learn how it was for you, in your own words.

## What you would do

You talk with one of us for about an hour, by telephone, by video or in person, whichever you
prefer. You choose the time. You can leave out any question and stop at any moment, and you do
not have to say why.

## What could be hard, and what helps

Talking about difficult times can be upsetting. You can pause or stop whenever you like. After
the interview we give you a list of places that offer support, and we can talk about what would
help.

## What we do with what you say

If you agree, we record the sound of the interview. A transcriber bound by confidentiality
writes it down and takes out names, places and everything else that could point to you.
Researchers read only this text. Your name and address are kept apart from it.

## When we cannot keep something to ourselves

If we learn that you or somebody else is in serious danger, we may have to tell somebody who
can help. Wherever we can, we talk with you about it first.

## If you change your mind {#withdrawal}

You can stop at any time, before, during and after the interview. Until 28 days after the
interview you can ask us to take out everything you said. After that, parts of it may already
stand in results without your name, and these can no longer be taken out.

## How long we keep it {#retention}

- The recording is destroyed 30 days after the written text was checked.
- The text without names is kept for ten years.
- Your name and address are erased when the study ends, unless you ask for the results.

## Who is responsible {#controller}

Northmoor University, 1 College Lane, Northmoor, is responsible for your data. Professor Petra
Holt leads the study: [petra.holt@northmoor.example](mailto:petra.holt@northmoor.example).

## Who watches over your data {#dpo}

You can write to the data protection officer of the university at
[dataprotection@northmoor.example](mailto:dataprotection@northmoor.example).

## How to complain {#complaints}

If something was not right, please tell Professor Holt, or the Faculty Research Ethics
Committee, which does not belong to the study:
[ethics@northmoor.example](mailto:ethics@northmoor.example). You can also complain to the
Information Commissioner's Office: [https://ico.org.uk](https://ico.org.uk).
"""

CONSENT_FORM = """\
## Your decision

Please read each sentence and answer it on its own. Nothing is ticked for you. Those that are
marked as needed belong to taking part; about all others you are free to say no and still take
part.
"""

CONFIRMATION = """\
## Your appointment with {{study}}

Dear {{name}},

thank you for talking with us. We meet on {{time}}, {{mode}}.

If you would like another time, or not to meet after all, you can change it here:

{{link}}

With kind regards

{{recruiter}}
"""

SUMMARY = """\
## {{study}} on one page

Dear {{name}},

here is what the study is about, in short.

- We talk with people for about an hour, once.
- You choose where and when, and whether we record it.
- You can leave out any question, and stop whenever you like.
- What you say is written down without your name.

More, and your own page, is here:

{{link}}

With kind regards

{{recruiter}}
"""

WITHDRAWAL_FORM = """\
## Taking back what you agreed to

You do not have to say why. Choose what should stop:

1. I do not want to be contacted again.
2. I do not want to go on taking part.
3. The recording is to be destroyed.
4. The text of my interview is to be taken out.
5. My words are not to be quoted.
6. Everything is to be taken out.

We write to you when it is done, and tell you honestly if something can no longer be taken out.
"""

TOPIC_GUIDE = """\
## Before you begin

Thank them, ask whether they are still willing, and whether you may record.

## Questions

1. What does a usual week look like for you?
2. Who has helped you, and how?
3. What would have made things easier?

## At the end

Ask whether they want to add anything. Offer the list of places that give support.
"""


def statements() -> tuple[StatementText, ...]:
    """The starter statements with what a study fills in while it writes."""
    values = {
        "{{deadline}}": deadlines.in_words(RULE),
        "{{transcriber}}": "a transcriber bound by confidentiality",
    }
    return tuple(
        StatementText(starter.code, _filled(starter.wording, values), starter.mandatory)
        for starter in STARTERS
    )


def _filled(wording: str, values: dict[str, str]) -> str:
    for name, text in values.items():
        wording = wording.replace(name, text)
    return wording


INVITATION_DRAFT = Draft("invitation", INVITATION)
SHEET_DRAFT = Draft("pis", SHEET, deadline_rule=RULE)
FORM_DRAFT = Draft("consent_form", CONSENT_FORM, statements=statements())

# What a study has in use when it begins, and who writes it: the PI, or a recruiter a letter.
WRITTEN_BY_PETRA = (
    SHEET_DRAFT,
    FORM_DRAFT,
    Draft("withdrawal_form", WITHDRAWAL_FORM),
    Draft("topic_guide", TOPIC_GUIDE),
)
WRITTEN_BY_RITA = (
    INVITATION_DRAFT,
    Draft("reminder", REMINDER),
    Draft("confirmation", CONFIRMATION),
    Draft("summary", SUMMARY),
)

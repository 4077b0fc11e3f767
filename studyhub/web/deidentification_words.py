"""The words in which de-identification and the second reading speak."""

from studyhub.web.frame import Status

DONE = {
    "handed": Status("Handed in.", "A second reader sees only what is left of the text."),
    "returned": Status("Sent back.", "Your marks are shown to who takes identifiers out."),
    "passed": Status("Nobody found.", "The leak gate has the last look before the release."),
    "allowed": Status("Allowed.", "It is on the record, with the reason."),
}
CATEGORIES = {
    "PERSON": "person",
    "PLACE": "place",
    "ORG": "organisation",
    "ROLE": "role",
    "DATE": "date",
    "AGE": "age",
    "CONTACT": "contact",
    "ID": "number",
    "URL": "web address",
    "OTHER_QUASI": "other detail",
}
WHO = {
    "colleague": "a colleague in the same field",
    "local": "somebody local",
    "partner": "a former partner or family member",
    "search": "a search engine on two details",
    "table": "somebody with the sample table",
    "participant": "another participant",
}
QUESTIONS = {code: f"Could {words} tell who this is?" for code, words in WHO.items()}
ANSWERS = {"no": "no", "unsure": "unsure", "yes": "yes"}
PARTS = {
    "body": "Text",
    "speaker labels": "Speaker labels",
    "file name": "File name",
    "document properties": "Document properties",
    "headers, comments and changes": "Headers, comments and changes",
}
# Why a second reader sends a text back.
RETURNS = {
    "quality": "Somebody can be told from it",
    "protocol": "It does not follow the study's rules",
    "wrong_version": "It is not the right version",
    "other": "Another reason",
}
# Where a text is, and who acts next.
NEXT = {
    "raw_verified": "Checked. Identifiers can be taken out.",
    "anonymising": "Identifiers are being taken out.",
    "submitted": "Nobody has read it again yet.",
    "returned": "Sent back by the second reader, with marks.",
    "released": "Released. Beginning again makes the next number.",
}

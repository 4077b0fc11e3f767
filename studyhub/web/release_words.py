"""Releases, their copies and reports in words."""

from studyhub.workflows.releases_list import ReleaseRow

STATES: dict[str, tuple[str, str]] = {
    "current": ("In use", "ok"),
    "held": ("On hold", "hold"),
    "recalled": ("Recalled", "stop"),
    "superseded": ("Replaced by a newer one", "quiet"),
    "erased": ("Erased", "quiet"),
}
COPIES = {"release_docx": "Word", "release_txt": "Plain text"}
ASKED_BACK = {
    "none": ("Out", "info"),
    "asked": ("Asked to delete it", "warn"),
    "acknowledged": ("Deleted, they say", "ok"),
}
STANDINGS: dict[str, tuple[str, str]] = {
    "waits": ("Ready to be released", "info"),
    "own": ("You decided it, so another releases it", "quiet"),
    "held": ("On hold", "hold"),
    "consent": ("No consent allows it now", "stop"),
    "register": ("A changed card waits to be read", "warn"),
    "taken_back": ("Taken back, needs work", "warn"),
}
OUTCOMES = {None: "Waits", "approved": "Taken up", "refused": "Named nobody"}


def state_of(row: ReleaseRow) -> tuple[str, str]:
    """How a release stands: a hold lies beside its state."""
    return STATES["held" if row.state == "current" and row.held else row.state]


WHERE = {
    "body": "the text",
    "speaker labels": "the names of the speakers",
    "file name": "the name of the file",
    "document properties": "the properties of the document",
}

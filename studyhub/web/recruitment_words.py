"""Words of the closed lists that forms of recruitment offer."""

from collections.abc import Mapping

SOURCES: Mapping[str, str] = {
    "list": "A list",
    "network": "A network",
    "snowball": "Somebody who took part",
    "gatekeeper": "A gatekeeper",
    "public_call": "A public call",
    "other": "Something else",
}
MODE_WORDS: Mapping[str, str] = {
    "": "Not known",
    "telephone": "By telephone",
    "video": "By video call",
    "in_person": "Face to face",
}

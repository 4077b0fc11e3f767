"""The word lists that the engine reads, each once, and what they say of a word.

Where they come from and under which licences: data/SOURCES.md.
"""

import unicodedata
from functools import cache
from importlib.resources import files

_DATA = files("studyhub.domain.redaction") / "data"

# How speech is written down without apostrophes: theyll, shouldve, whos.
_CLIPPED = ("s", "ll", "ve", "d", "re", "nt", "'s", "'ll", "'ve", "'d", "'re", "n't", "ing", "ed")
_PREFIXES = frozenset("co re non pre ex mid self un anti multi semi sub inter e u x t".split())
_SPEECH = frozenset(
    "um uh er erm mm hmm mhm ah oh ok okay yeah yep yup nope nah aye gonna wanna gotta kinda "
    "cos cause cuz til till dunno innit lemme gimme ain't aint im ive id ill i'm i've i'd i'll "
    "youre theyre were hes shes its thats whats theres wheres whos lets cant dont wont didnt "
    "isnt wasnt werent hasnt havent hadnt couldnt wouldnt shouldnt doesnt arent mustnt "
    "wouldve couldve shouldve mightve mustve whove youd theyd wed shed hed itd thatd itll "
    "thatll mum mums mam nan nans nanna granddad grandad dad dads telly fella fellas bloke "
    "blokes lovely ta tata cheers wee lass lad lads bairn babe email emails e-mail online "
    "website websites app apps wifi voicemail laptop laptops smartphone lockdown covid zoom "
    "google googled whatsapp facebook youtube inbox login logins selfie texted texting "
    "childminder childcare safeguarding gp gps nhs ok'd tv dvd cv pc hr ie eg etc vs "
    "ooh aw aww wow gosh blimey phew ha haha whoa yay eh huh ugh tut shh hiya bye hi "
    "meds wellbeing bleep bleeped handover rota rotas signposting signposted carer carers hi-vis "
    "caseworker keyworker helpdesk chatbot crem bookie bookies chippy offie biccies prem obs "
    "diolch croeso nain taid mamgu tadcu cariad bach cwtch hiraeth slainte ceilidh ken didnae "
    "dinnae cannae wouldnae havenae isnae wasnae nae ach aye bairns outwith messages owt nowt "
    "summat thissen mesen gert lush mardy nesh ginnel snicket pilates zumba reiki vegan vegans "
    "coeliac staffie labradoodle cockapoo quid fiver tenner ar ooh-er innit blud bruv fam peng "
    "self-referral co-op drop-in check-in follow-up one-to-one half-term".split()
)

# First names that are words of every day as well; other such words are no names here.
NAMES_LIKE_WORDS = frozenset(
    "abbey amber angel archer aria ash barb basil bay beauty bill blessing bliss bob brandy brook "
    "buddy bunny candy carol charity chase chastity cherry chuck clay cliff comfort coral cricket "
    "crystal curt daisy dale dawn dean destiny dolly don dot drew duke earl earnest ebony eddy eve "
    "faith favour fern flora fortune frank gale gay gene gift gill ginger glad glen gloria glory "
    "goodness grace grant guy happiness harmony harry hazel heath heather herb holly honey honour "
    "hope hunter innocent iris ivory ivy jack jade jasmine jay jewel joy june junior justice ken "
    "kit kitty lance lark laurel lavender lee liberty lily lucky marigold marina mark martin "
    "mason mat matt maxim may melody memory mercy merry mike miles misty modesty moss nick norm "
    "olive opal paddy pansy pat patience patty pearl peg penny peter petunia phoenix pierce poppy "
    "praise precious prince promise prudence rain raven ray reed rich river rob robin rocky rod "
    "roman rose rosemary rosy ruby rusty sally sandy savannah scarlet sherry skip sky sonny "
    "sterling storm sue summer sunny temperance tiff trinity valentine victor viola violet wade "
    "warren will willow win wisdom woody wren april august maria ted van mo bea rae lark toby "
    "art chris alec".split()
)


def read_list(name: str) -> frozenset[str]:
    """One list of data/, a value a line, folded."""
    return frozenset((_DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")) - {""}


@cache
def common_words() -> frozenset[str]:
    """Words that everybody uses."""
    return read_list("words_common") | _SPEECH


@cache
def all_words() -> frozenset[str]:
    """Words that a dictionary of usual size has."""
    return common_words() | read_list("words_rare")


@cache
def given_names() -> frozenset[str]:
    """First names met in the United Kingdom."""
    return read_list("given_names")


@cache
def surnames() -> frozenset[str]:
    """Family names met in the United Kingdom."""
    return read_list("surnames")


@cache
def places() -> frozenset[str]:
    """Cities, towns and villages of the United Kingdom and Ireland, hyphens as blanks."""
    return frozenset(name.replace("-", " ") for name in read_list("places")) - {"city", "town"}


@cache
def place_openings() -> frozenset[str]:
    """The first words of places of more than one word."""
    return frozenset(name.split()[0] for name in places() if " " in name)


@cache
def places_abroad() -> frozenset[str]:
    """Large cities elsewhere."""
    return frozenset(name.replace("-", " ") for name in read_list("places_abroad"))


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """A first name and what people of that name are called."""
    lines = (line.split() for line in read_list("nicknames"))
    return {name: frozenset(others) for name, *others in lines}


@cache
def bare(word: str) -> str:
    """A folded word without accents: the lists have none."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@cache
def is_ordinary(word: str) -> bool:
    """Say whether a folded word is one of the language, also as clipped speech writes it."""
    if word in all_words():
        return True
    if "-" in word:
        return all(part in _PREFIXES or is_ordinary(part) for part in word.split("-") if part)
    return any(
        word.endswith(tail)
        and word.removesuffix(tail) in all_words()
        and len(word) > len(tail) + 1
        for tail in _CLIPPED
    )


def is_given(word: str) -> bool:
    """Say whether a folded word is a first name; of a double name, whether its first half is."""
    plain = bare(word)
    return any(
        part in given_names() and (part not in common_words() or part in NAMES_LIKE_WORDS)
        for part in (plain, plain.partition("-")[0])
    )


def is_place(name: str) -> bool:
    """Say whether folded words, joined by single blanks, name a place below a region."""
    plain = bare(name).replace("-", " ")
    return plain in places() or plain in places_abroad()

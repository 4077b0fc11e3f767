"""What a page holds, read from its HTML: headings, links, ids, and forms as they are sent."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

CHOSEN = {"checkbox", "radio"}


@dataclass
class Field:
    """One thing of a form that may be sent."""

    name: str
    kind: str  # of the input; "textarea", "select" or "button" for these
    value: str = ""
    id: str = ""
    chosen: bool = True
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form: where it goes, by which method, and what it sends."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)  # where each leads, if elsewhere
    first: str | None = None  # the name of the first button, which may be none

    def by_button(self) -> list["Form"]:
        """The same form once for each place that a button of it leads to."""
        places = dict.fromkeys(self.buttons) or {"": None}
        return [replace(self, action=place or self.action) for place in places]


@dataclass
class Markup:
    """One page."""

    title: str = ""
    headings: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Markup()
        self._form: Form | None = None
        self._named: dict[str, Form] = {}
        self._open: list[str] = []
        self._area: Field | None = None
        self._select: Field | None = None

    def handle_starttag(self, tag, attrs):
        told = {name: value or "" for name, value in attrs}
        self._open.append(tag)
        if "id" in told:
            self.page.ids.append(told["id"])
        if tag == "a" and "href" in told:
            self.page.links.append(told["href"])
        elif tag == "use":
            self.page.pictures.append(told["href"])
        elif tag == "h1":
            self.page.headings.append("")
        elif tag == "form":
            self._form = Form(told.get("action", ""), told.get("method", "get").lower())
            self._named[told.get("id", "")] = self._form
            self.page.forms.append(self._form)
        elif tag == "option" and self._select is not None:
            self._option(told)
        elif tag in {"input", "textarea", "select", "button"}:
            self._field(tag, told)

    def _field(self, tag, told):
        form = self._named.get(told["form"]) if "form" in told else self._form
        kind = told.get("type", "text") if tag == "input" else tag
        chosen = "checked" in told if kind in CHOSEN else tag != "button"
        usual = "on" if kind in CHOSEN else ""
        made = Field(
            *(told.get("name", ""), kind, told.get("value", usual), told.get("id", ""), chosen)
        )
        if form is not None and kind in {"button", "submit"}:
            form.buttons.append(told.get("formaction", ""))
            form.first = made.name if form.first is None else form.first
        self._area = made if tag == "textarea" else self._area
        self._select = made if tag == "select" else self._select
        if form is not None and made.name:
            form.fields.append(made)

    def _option(self, told):
        value = told.get("value", "")
        if not self._select.choices or "selected" in told:
            self._select.value = value
        self._select.choices.append(value)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            # A browser swallows the first line break.
            self._area.value = self._area.value.removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data):
        if self._area is not None:
            self._area.value += data
        elif "title" in self._open and "svg" not in self._open:
            self.page.title += data
        elif not {"script", "style"} & set(self._open):
            self.page.text.append(data)
            if "h1" in self._open:
                self.page.headings[-1] += data


def read(text: str) -> Markup:
    """Everything that a page holds."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.page.forms = [each for form in reader.page.forms for each in form.by_button()]
    return reader.page

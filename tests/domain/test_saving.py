"""A page that saves over a bad line: dropped, doubled, late and out of order."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from studyhub.domain import turns
from studyhub.domain.merging import merge
from studyhub.domain.saving import Answer, Save, Working, receive
from studyhub.domain.turns import Body, Speaker, Turn

START = Working(rev=4, text="as it was")
BASE = Body(
    (Speaker("s1", "other", "A"),),
    tuple(Turn(f"t{n}", "s1", n * 1000, n * 1000 + 900, f"said {n}") for n in range(8)),
)


def test_a_save_on_the_newest_revision_is_taken():
    after, answer = receive(START, Save(4, "typed", "page a", 1))

    assert (answer, after.rev, after.text) == (Answer.TAKEN, 5, "typed")


def test_the_same_request_twice_changes_nothing_the_second_time():
    once, _ = receive(START, Save(4, "typed", "page a", 1))

    twice, answer = receive(once, Save(4, "typed", "page a", 1))

    assert (twice, answer) == (once, Answer.DONE_BEFORE)


def test_an_older_text_of_the_same_page_never_replaces_a_newer():
    once, _ = receive(START, Save(4, "typed more", "page a", 2))

    late, answer = receive(once, Save(4, "typed", "page a", 1))

    assert (late, answer) == (once, Answer.DONE_BEFORE)


def test_a_page_goes_on_although_it_missed_answers():
    first, _ = receive(START, Save(4, "one", "page a", 1))
    second, _ = receive(first, Save(4, "one two", "page a", 2))
    third, answer = receive(second, Save(4, "one two three", "page a", 3))

    assert (answer, third.text, third.rev) == (Answer.TAKEN, "one two three", 7)


def test_somebody_elses_save_in_between_makes_it_stale_and_changes_nothing():
    mine, _ = receive(START, Save(4, "mine", "page a", 1))
    theirs, _ = receive(mine, Save(5, "mine and theirs", "page b", 1))

    after, answer = receive(theirs, Save(5, "mine again", "page a", 2))

    assert (after, answer) == (theirs, Answer.STALE)


def test_a_page_that_comes_back_does_not_reach_behind_the_others_save():
    mine, _ = receive(START, Save(4, "mine", "page a", 1))
    theirs, _ = receive(mine, Save(5, "theirs", "page b", 1))
    merged, _ = receive(theirs, Save(6, "merged", "page a", 2))

    after, answer = receive(merged, Save(5, "an old wording", "page a", 3))

    assert (after, answer) == (merged, Answer.STALE)


def test_a_page_is_told_which_of_its_saves_was_the_last_taken():
    mine, _ = receive(START, Save(4, "mine", "page a", 3))
    theirs, _ = receive(mine, Save(5, "theirs", "page b", 1))

    assert theirs.last_taken("page a") == 3
    assert theirs.last_taken("page b") == 1
    assert theirs.last_taken("page c") == 0


def test_only_the_last_pages_are_remembered():
    working = START
    for number in range(20):
        working, _ = receive(working, Save(working.rev, "typed", f"page {number}", 1))

    assert len(working.earlier) == 8
    assert working.last_taken("page 11") == 1
    assert working.last_taken("page 10") == 0


def test_a_page_without_an_id_is_never_taken_for_the_one_before():
    first, _ = receive(Working(4, "as it was", run_from=2), Save(4, "typed", "", 1))

    assert (
        receive(Working(4, "as it was", run_from=2), Save(3, "late", "", 1))[1] is Answer.STALE
    )
    assert receive(first, Save(4, "late", "", 2))[1] is Answer.STALE


def test_a_revision_nobody_ever_gave_is_stale():
    assert receive(START, Save(9, "typed", "page a", 1))[1] is Answer.STALE


@dataclass
class Server:
    """The kept text, and requests still under way."""

    working: Working
    under_way: list[tuple["Page", Save]] = field(default_factory=list)

    def deliver(self, number: int, *, doubled: bool, answered: bool) -> None:
        page, save = self.under_way.pop(number)
        if doubled:
            self.under_way.append((page, save))
        self.working, answer = receive(self.working, save)
        if answered:
            page.hear(answer, self.working, save)


@dataclass
class Page:
    """A browser page: types, sends the newest text, merges when somebody was faster."""

    name: str
    rev: int
    base: Body
    body: Body
    seq: int = 0
    sent: dict[int, Body] = field(default_factory=dict)
    stale: bool = False

    def type(self, place: int, words: str) -> None:
        changed = list(self.body.turns)
        changed[place] = replace(changed[place], text=f"{changed[place].text} {words}")
        self.body = replace(self.body, turns=tuple(changed))

    def send(self, server: Server) -> None:
        self.seq += 1
        self.sent[self.seq] = self.body
        save = Save(self.rev, turns.write(self.body), self.name, self.seq)
        server.under_way.append((self, save))

    def hear(self, answer: Answer, working: Working, save: Save) -> None:
        if save.seq < self.seq:
            return  # An answer to an older request says nothing about what is typed now.
        self.stale = answer is Answer.STALE
        if self.stale:
            kept = turns.read(working.text)
            base = self.sent.get(working.last_taken(self.name), self.base)
            self.body = merge(base, self.body, kept).body()
            self.base = kept
            self.sent.clear()
        else:
            self.base = self.sent[save.seq]
        self.rev = working.rev


ACTS = st.tuples(
    st.sampled_from(("type", "send", "deliver", "drop", "double", "lose answer")),
    st.integers(0, 7),
    st.integers(0, 3),
)


def play(acts, pages, server):
    """Each page types in its own turns; the line does what it likes."""
    typed = {place: BASE.turns[place].text for place in range(8)}
    for count, (act, place, pick) in enumerate(acts):
        page = pages[place % len(pages)]
        number = pick % len(server.under_way) if server.under_way else None
        if act == "type":
            page.type(place, f"word{count}")
            typed[place] += f" word{count}"
        elif act == "send":
            page.send(server)
        elif number is not None and act == "drop":
            server.under_way.pop(number)
        elif number is not None:
            server.deliver(number, doubled=act == "double", answered=act != "lose answer")
    return typed


def calm(pages, server):
    """The line is well again: late requests arrive, each page sends until it is heard."""
    while server.under_way:
        server.deliver(0, doubled=False, answered=True)
    for page in pages * 2:
        page.stale = True
        while page.stale:
            page.send(server)
            server.deliver(0, doubled=False, answered=True)


@settings(max_examples=60)
@given(st.lists(ACTS, max_size=60))
def test_one_page_on_a_bad_line_ends_with_what_was_typed(acts):
    server = Server(Working(0, turns.write(BASE)))
    page = Page("page a", 0, BASE, BASE)

    typed = play(acts, [page], server)
    calm([page], server)

    assert turns.read(server.working.text) == page.body
    assert [turn.text for turn in page.body.turns] == list(typed.values())


@settings(max_examples=60)
@given(st.lists(ACTS, max_size=60))
def test_two_pages_on_a_bad_line_lose_nothing(acts):
    server = Server(Working(0, turns.write(BASE)))
    pages = [Page("page a", 0, BASE, BASE), Page("page b", 0, BASE, BASE)]

    typed = play(acts, pages, server)
    calm(pages, server)

    assert [turn.text for turn in turns.read(server.working.text).turns] == list(typed.values())
    assert all(page.body == turns.read(server.working.text) for page in pages)


def test_five_hundred_edits_on_a_bad_line_end_with_what_was_typed():
    server = Server(Working(0, turns.write(BASE)))
    page = Page("page a", 0, BASE, BASE)
    names = ("type", "send", "deliver", "type", "send", "drop", "double", "lose answer")
    acts = [(names[n * n % 31 % 8], n * 5 % 8, n % 4) for n in range(2000)]
    acts = acts[:1600] + [("type", n % 8, 0) for n in range(500)]

    typed = play(acts, [page], server)
    calm([page], server)

    assert [turn.text for turn in page.body.turns] == list(typed.values())
    assert turns.read(server.working.text) == page.body

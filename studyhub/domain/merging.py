"""Bring two people's work on one text together, turn by turn, so that nothing typed is lost.

Both sides are compared with the text they started from. What only one side touched is taken as
it is. Where both touched the same turns, nobody decides but a person: the place becomes a clash
that shows the turns of both sides and of before. Splitting, joining and deleting bind the turns
they touch together, so that half a split never meets the other side's wording.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from studyhub.domain.errors import Invalid
from studyhub.domain.turn_changes import Change, changes_of
from studyhub.domain.turns import Body, Speaker, Turn, check

Choice = Literal["mine", "theirs"]


@dataclass(frozen=True)
class Clash:
    """A place both sides changed: the turns of before, of mine and of theirs."""

    base: tuple[Turn, ...]
    mine: tuple[Turn, ...]
    theirs: tuple[Turn, ...]


@dataclass(frozen=True)
class SpeakerClash:
    """A speaker whom both sides renamed differently."""

    base: Speaker
    mine: Speaker
    theirs: Speaker


@dataclass(frozen=True)
class Merged:
    """What came of a merge: turns and clashes in their order, and the speakers."""

    parts: tuple[Turn | Clash, ...]
    speakers: tuple[Speaker, ...]
    speaker_clashes: tuple[SpeakerClash, ...]
    leaving: frozenset[str]
    """Speakers whom one side took out: they stay only if some turn still needs them."""

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The places a person has to decide, in their order."""
        return tuple(part for part in self.parts if isinstance(part, Clash))

    @property
    def is_clean(self) -> bool:
        """Say whether everything merged by itself."""
        return not self.clashes and not self.speaker_clashes

    def body(self, choices: Sequence[Choice | Sequence[Turn]] = ()) -> Body:
        """The merged text; one choice per clash: a side, or turns in one's own wording.

        Raises Invalid if a clash is left undecided. Speakers renamed by both keep mine.
        """
        if len(choices) != len(self.clashes):
            raise Invalid({"text": "Every place that both changed needs a decision."})
        decided = iter(choices)
        turns: list[Turn] = []
        for part in self.parts:
            turns += _chosen(part, next(decided)) if isinstance(part, Clash) else (part,)
        needed = {turn.speaker for turn in turns} | (
            {one.id for one in self.speakers} - self.leaving
        )
        speakers = tuple(one for one in self.speakers if one.id in needed)
        merged = Body(speakers, tuple(turns))
        check(merged)
        return merged


def _chosen(clash: Clash, choice: Choice | Sequence[Turn]) -> Sequence[Turn]:
    if choice == "mine":
        return clash.mine
    if choice == "theirs":
        return clash.theirs
    if isinstance(choice, str):
        raise Invalid({"text": "Choose mine, theirs, or your own wording."})
    return choice


def merge(base: Body, mine: Body, theirs: Body) -> Merged:
    """Merge two texts that both began as ``base``. Turns are recognised by their ids.

    The ids of theirs stay, since they are already saved; where a new speaker of mine has an id
    that is somebody else in theirs, mine gets another.
    """
    mine = _own_voices(base, mine, theirs)
    ours = changes_of(base.turns, mine.turns)
    others = changes_of(base.turns, theirs.turns)
    parts = tuple(_weave(base.turns, ours, others))
    if not _apart(parts):
        parts = (Clash(base.turns, mine.turns, theirs.turns),)
    return Merged(parts, *_merge_speakers(base, mine, theirs))


def _apart(parts: Sequence[Turn | Clash]) -> bool:
    """Say whether no turn stands in two places, whichever side is chosen."""
    seen: set[str] = set()
    for part in parts:
        ids = {turn.id for turn in _of(part)}
        if seen & ids:
            return False
        seen |= ids
    return True


def _of(part: Turn | Clash) -> tuple[Turn, ...]:
    return part.mine + part.theirs if isinstance(part, Clash) else (part,)


# -- both sides together -----------------------------------------------------------------------


@dataclass
class _Region:
    """A stretch of base with the changes of both sides in it, apart from every other."""

    start: int
    end: int
    mine: list[Change]
    theirs: list[Change]

    def touches(self, change: Change, *, is_mine: bool) -> bool:
        """Say whether the change overlaps this region, or adds a turn added here already."""
        if change.start < self.end or self.start == change.end:
            return True
        others = self.theirs if is_mine else self.mine
        return any(_share_ids(change.turns, earlier.turns) for earlier in others)

    def take(self, change: Change, *, is_mine: bool) -> None:
        """Widen the region by a change."""
        self.end = max(self.end, change.end)
        (self.mine if is_mine else self.theirs).append(change)


def _regions(mine: list[Change], theirs: list[Change]) -> Iterator[_Region]:
    """Every stretch that at least one side changed, in order."""
    ordered = sorted(
        [(change, True) for change in mine] + [(change, False) for change in theirs],
        key=lambda entry: (entry[0].start, entry[0].end),
    )
    region: _Region | None = None
    for change, is_mine in ordered:
        if region is None or not region.touches(change, is_mine=is_mine):
            if region is not None:
                yield region
            region = _Region(change.start, change.start, [], [])
        region.take(change, is_mine=is_mine)
    if region is not None:
        yield region


def _weave(
    base: Sequence[Turn], mine: list[Change], theirs: list[Change]
) -> Iterator[Turn | Clash]:
    place = 0
    for region in _regions(mine, theirs):
        yield from base[place : region.start]
        yield from _settled(base, region)
        place = region.end
    yield from base[place:]


def _settled(base: Sequence[Turn], region: _Region) -> Sequence[Turn | Clash]:
    was = tuple(base[region.start : region.end])
    mine = _turns_of(base, region, region.mine)
    theirs = _turns_of(base, region, region.theirs)
    if not region.theirs or mine == theirs:
        return mine
    if not region.mine:
        return theirs
    if not was and not _share_ids(mine, theirs):
        return _both_added(mine, theirs)
    return (Clash(was, mine, theirs),)


def _turns_of(
    base: Sequence[Turn], region: _Region, changes: Sequence[Change]
) -> tuple[Turn, ...]:
    """What one side made of a stretch of base that holds several of its changes."""
    turns: list[Turn] = []
    place = region.start
    for change in changes:
        turns += [*base[place : change.start], *change.turns]
        place = change.end
    return (*turns, *base[place : region.end])


def _share_ids(mine: Sequence[Turn], theirs: Sequence[Turn]) -> bool:
    return bool({turn.id for turn in mine} & {turn.id for turn in theirs})


def _both_added(mine: Sequence[Turn], theirs: Sequence[Turn]) -> Sequence[Turn]:
    """New turns of both at one place: both stay, the earlier sound first, else by id."""
    first, second = sorted(
        (mine, theirs), key=lambda turns: (turns[0].start_ms or 0, turns[0].id)
    )
    return (*first, *second)


# -- speakers ----------------------------------------------------------------------------------


def _own_voices(base: Body, mine: Body, theirs: Body) -> Body:
    """Mine with fresh ids for new speakers whose ids the other side gave to somebody else."""
    known = {one.id for one in base.speakers}
    others = {one.id: one for one in theirs.speakers if one.id not in known}
    taken = known | set(others) | {one.id for one in mine.speakers}
    fresh: dict[str, str] = {}
    for one in mine.speakers:
        if one.id in others and others[one.id] != one:
            number = next(n for n in range(1, len(taken) + 2) if f"s{n}" not in taken)
            fresh[one.id] = f"s{number}"
            taken.add(f"s{number}")
    return Body(
        tuple(replace(one, id=fresh.get(one.id, one.id)) for one in mine.speakers),
        tuple(
            replace(turn, speaker=fresh.get(turn.speaker, turn.speaker)) for turn in mine.turns
        ),
    )


def _merge_speakers(
    base: Body, mine: Body, theirs: Body
) -> tuple[tuple[Speaker, ...], tuple[SpeakerClash, ...], frozenset[str]]:
    before, ours, others = (
        {one.id: one for one in side.speakers} for side in (base, mine, theirs)
    )
    merged: list[Speaker] = []
    clashes: list[SpeakerClash] = []
    for id_, found in {**before, **others, **ours}.items():
        was, my_own, their_own = before.get(id_), ours.get(id_), others.get(id_)
        merged.append(their_own if their_own and my_own in (was, None) else found)
        if was and my_own and their_own and was != my_own != their_own != was:
            clashes.append(SpeakerClash(was, my_own, their_own))
    leaving = before.keys() - (ours.keys() & others.keys())
    return tuple(merged), tuple(clashes), frozenset(leaving)

"""Alters quotes as retelling does, and makes others that share words: with what was done, as gold."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.quotes.seeds import UNSPACED_LANGUAGES, SeedQuote, SeedSpeaker
from worker.query.words import words_of

_NAMES = {
    "en": ("Brannagh", "Ms Takahashi", "Castellane", "Doctor Weir"),
    "ru": ("Северск", "капитан Громов"),
    "ar": ("كريم", "القبطان هاني"),
    "hi": ("शिवपुर", "मीना शर्मा"),
    "ko": ("서해", "김 선장"),
    "zh": ("东海", "李船长"),
    "ja": ("ケルダ", "森船長"),
    "th": ("เคลดา", "กัปตันวิชัย"),
}
_DIGITS = re.compile(r"\d+")
_LEAST_LEFT, _LEAST_PART = 8, 5
_MARKS = (",", " –", ";", "...", "")

_Words = tuple[str, ...]


@dataclass(frozen=True)
class Altered:
    """A retelling of a quote. `edits`: the words that each change took out, and those it put there."""

    how: str
    text: str
    edits: tuple[tuple[_Words, _Words], ...]

    @property
    def wording(self) -> str:
        """What it is to the quote, which comes before it."""
        if not self.edits:
            return "same"
        if all(not now for _, now in self.edits):
            return "cut"
        return "extended" if all(not was for was, _ in self.edits) else "altered"


@dataclass(frozen=True)
class Another:
    """Another quote of the same speaker that shares words."""

    how: str
    text: str


class Pieces:
    """A quote as pieces to take out or to replace: its words, or characters of a script without spaces.

    Names stay whole.
    """

    def __init__(self, quote: SeedQuote) -> None:
        self.quote = quote
        self.joint = "" if quote.language in UNSPACED_LANGUAGES else " "
        self.pieces = self._parted(quote.text)
        self.changed: list[str | None] = [*self.pieces]

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def least_left(self) -> int:
        """So many pieces have to be left, that eight words are."""
        return _LEAST_LEFT * (2 if not self.joint else 1)

    def places(self, wanted: Callable[[str], bool]) -> list[int]:
        return [place for place, piece in enumerate(self.pieces) if wanted(piece)]

    def is_name(self, piece: str) -> bool:
        return any(name in piece for name in self.quote.names)

    def drop(self, places: Sequence[int]) -> None:
        for place in places:
            self.changed[place] = None

    def text(self) -> str:
        return self.joint.join(piece for piece in self.changed if piece is not None)

    def edits(self) -> tuple[tuple[_Words, _Words], ...]:
        """What was changed, a row of pieces at a time, without words that both sides begin or end with."""
        found: list[tuple[list[str], list[str]]] = []
        is_open = False
        for was, now in zip(self.pieces, self.changed, strict=True):
            if not words_of(was):
                continue
            if was == now:
                is_open = False
                continue
            if not is_open:
                found.append(([], []))
                is_open = True
            found[-1][0].extend(words_of(was))
            found[-1][1].extend(words_of(now or ""))
        return tuple(_trimmed(was, now) for was, now in found)

    def _parted(self, text: str) -> list[str]:
        names = "|".join(re.escape(name) for name in sorted(self.quote.names, key=len, reverse=True))
        spaced = rf"\S*(?:{names})\S*|\S+" if names else r"\S+"
        # Thai has marks that belong to the letter before; digits in a row are one number.
        single = rf"(?:{names})|\d+|.[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*" if names else (
            r"\d+|.[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*"
        )  # fmt: skip
        return re.findall(spaced if self.joint else single, text)


def alterations_of(quote: SeedQuote, draw: random.Random) -> list[Altered]:
    """One of each kind that the quote allows."""
    made = []
    for how, alter in _KINDS.items():
        pieces = Pieces(quote)
        if alter(pieces, draw):
            edits = pieces.edits()
            text = pieces.text()
            if words_of(text) != words_of(quote.text) or how == "punctuated anew":
                made.append(Altered(how, text, edits))
    return made


def others_of(quote: SeedQuote, speaker: SeedSpeaker, draw: random.Random) -> list[Another]:
    """Other quotes of the speaker: as they are, and with words and passages of this one."""
    rest = [other for other in speaker.quotes if other.text != quote.text]
    made = [Another("another quote", other.text) for other in draw.sample(rest, min(2, len(rest)))]
    this = Pieces(quote)
    if rest:
        that = Pieces(draw.choice(rest))
        made.append(Another("with a passage of it", _with_passage(this, that, draw)))
        made.append(Another("begins alike", _begun_alike(this, that)))
        made.append(Another("with its words strewn in", _strewn(this, that, draw)))
    shuffled = [*this.pieces]
    draw.shuffle(shuffled)
    made.append(Another("its words in disorder", this.joint.join(shuffled)))
    return made


def _with_passage(this: Pieces, that: Pieces, draw: random.Random) -> str:
    """Two fifths are of the one quote, in a row, and the rest is of the other."""
    count = min(len(this), len(that)) * 2 // 5
    begin = draw.randrange(len(this) - count + 1)
    rest = that.pieces[count:]
    at = draw.randrange(len(rest) + 1)
    return this.joint.join([*rest[:at], *this.pieces[begin : begin + count], *rest[at:]])


def _begun_alike(this: Pieces, that: Pieces) -> str:
    count = max(1, min(len(this), len(that)) // 3)
    return this.joint.join([*this.pieces[:count], *that.pieces[count:]])


def _strewn(this: Pieces, that: Pieces, draw: random.Random) -> str:
    """A third of its words are of the other quote, each by itself."""
    pieces = [*that.pieces]
    for place in draw.sample(range(len(pieces)), len(pieces) // 3):
        pieces[place] = draw.choice(this.pieces)
    return this.joint.join(pieces)


def _punctuated_anew(pieces: Pieces, draw: random.Random) -> bool:
    for place, piece in enumerate(pieces.pieces):
        bare = piece.strip(",.;:!?–—-\"'“”‘’()[]…")
        if bare and words_of(bare) == words_of(piece):
            mark = draw.choice(_MARKS) if pieces.joint and draw.random() < 0.3 else ""
            pieces.changed[place] = (bare.upper() if draw.random() < 0.1 else bare) + mark
            if words_of(pieces.changed[place] or "") != words_of(piece):  # ß and the like
                pieces.changed[place] = bare
    pieces.pieces = [piece or "" for piece in pieces.changed]
    return True


def _words_dropped(pieces: Pieces, draw: random.Random) -> bool:
    count = min(len(pieces) - pieces.least_left, max(1, round(len(pieces) * draw.uniform(0.05, 0.3))))
    if count < 1:
        return False
    pieces.drop(draw.sample(range(len(pieces)), count))
    return True


def _number_changed(pieces: Pieces, draw: random.Random) -> bool:
    places = pieces.places(lambda piece: bool(_DIGITS.search(piece)))
    if not places:
        return False
    place = draw.choice(places)
    pieces.changed[place] = _DIGITS.sub(
        lambda found: str(int(found[0]) + draw.randrange(1, 90)), pieces.pieces[place], count=1
    )
    return True


def _name_exchanged(pieces: Pieces, draw: random.Random) -> bool:
    places = pieces.places(pieces.is_name)
    if not places:
        return False
    other = draw.choice(_NAMES.get(pieces.quote.language, _NAMES["en"]))
    for place in places:
        for name in pieces.quote.names:
            pieces.changed[place] = (pieces.changed[place] or "").replace(name, other)
    return True


def _words_replaced(pieces: Pieces, draw: random.Random) -> bool:
    """Two words are others: a slip, or a translation of one's own."""
    places = pieces.places(lambda piece: len(words_of(piece)) == 1 and not _DIGITS.search(piece))
    if len(places) < pieces.least_left:
        return False
    for place in draw.sample(places, 2):
        pieces.changed[place] = pieces.pieces[place][:1] + "xo" if pieces.joint else "々"
    return True


def _head_cut(pieces: Pieces, draw: random.Random) -> bool:
    count = _cut_length(pieces, draw)
    pieces.drop(range(count))
    return count > 0


def _tail_cut(pieces: Pieces, draw: random.Random) -> bool:
    count = _cut_length(pieces, draw)
    pieces.drop(range(len(pieces) - count, len(pieces)))
    return count > 0


def _middle_cut(pieces: Pieces, draw: random.Random) -> bool:
    count = min(len(pieces) - pieces.least_left, round(len(pieces) * draw.uniform(0.2, 0.5)))
    if count < 1:
        return False
    begin = draw.randrange(2, max(3, len(pieces) - count - 1))
    pieces.drop(range(begin, begin + count))
    return True


def _both_ends_cut(pieces: Pieces, draw: random.Random) -> bool:
    left = draw.randrange(min(pieces.least_left, len(pieces)), len(pieces) + 1)
    begin = draw.randrange(len(pieces) - left + 1)
    pieces.drop([*range(begin), *range(begin + left, len(pieces))])
    return left < len(pieces)


def _short_part(pieces: Pieces, draw: random.Random) -> bool:
    """Five to seven words in a row, as a report takes them into a sentence of its own."""
    unit = 1 if pieces.joint else 2
    left = draw.randrange(_LEAST_PART * unit, _LEAST_LEFT * unit)
    if len(pieces) <= left + unit:
        return False
    begin = draw.randrange(len(pieces) - left + 1)
    pieces.drop([*range(begin), *range(begin + left, len(pieces))])
    return len(pieces.text()) >= 20 or not pieces.joint


def _cut_and_altered(pieces: Pieces, draw: random.Random) -> bool:
    cut = draw.choice((_head_cut, _tail_cut))
    alter = draw.choice((_number_changed, _name_exchanged))
    if not alter(pieces, draw):
        return False
    altered = [*pieces.changed]
    cut(pieces, draw)
    return any(before != was and before == now
               for was, before, now in zip(pieces.pieces, altered, pieces.changed, strict=True))  # fmt: skip


def _cut_length(pieces: Pieces, draw: random.Random) -> int:
    most = min(len(pieces) - pieces.least_left, len(pieces) * 3 // 5)
    return draw.randrange(1, most + 1) if most >= 1 else 0


def _trimmed(was: list[str], now: list[str]) -> tuple[_Words, _Words]:
    while was and now and was[0] == now[0]:
        was, now = was[1:], now[1:]
    while was and now and was[-1] == now[-1]:
        was, now = was[:-1], now[:-1]
    return tuple(was), tuple(now)


_KINDS: dict[str, Callable[[Pieces, random.Random], bool]] = {
    "punctuated anew": _punctuated_anew,
    "words dropped": _words_dropped,
    "number changed": _number_changed,
    "name exchanged": _name_exchanged,
    "words replaced": _words_replaced,
    "head cut": _head_cut,
    "tail cut": _tail_cut,
    "middle cut": _middle_cut,
    "both ends cut": _both_ends_cut,
    "five to seven words": _short_part,
    "cut and altered": _cut_and_altered,
}

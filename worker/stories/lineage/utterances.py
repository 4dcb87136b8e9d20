"""What a story keeps of its quotes: each utterance with its variants, and who had them.

All is kept as lists of plain values, as a story's record has it: it is read and written with each article.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from worker.stories.lineage.alignment import QuoteWords, WordEdit, align
from worker.stories.lineage.marks import common_bits, mark_of, signature_of, words_key
from worker.stories.words import hashed

MAX_UTTERANCES, MAX_VARIANTS, MAX_CARRIERS, MAX_COUNTED = 12, 5, 3, 64
MAX_KEPT_CHARS = 6_000
"""Of all quotes of a story so many characters are kept."""
PINNED_UTTERANCES = 3
"""The first so many stay: they are the quotes that the story's record shows."""
_COMPARED = 3
"""So many variants, those that share most bits, are compared with a quote word by word."""
_NO_TIME = -1

Utterance = list[Any]
"""Its variants, and hashes of articles with further ones. The first variant came first."""
KeptVariant = list[Any]
"""Text, mark, the place of the variant that it is compared with, edits, carriers, hashes of further ones.

The mark may be empty: it is made when another article's quotes come, which most stories never see.
"""
_VARIANTS, _UNLISTED = 0, 1
VARIANT_TEXT, VARIANT_MARK, COMPARED_WITH, EDITS, CARRIERS, OTHERS = range(6)
Carrier = list[Any]
"""An article: id, record source, when it came, when it says it was published (ms), speaker, their id."""
ARTICLE, RECORD_SOURCE, SEEN_MS, PUBLISHED_MS, SPEAKER_NAME, SPEAKER_ID = range(6)


class Teller(NamedTuple):
    """An article that has quotes. `record_source`: the agency that it credits, else who published it."""

    article: str
    record_source: str | None
    seen_ms: int
    published_ms: int | None


class Spoken(NamedTuple):
    """A quote of an article; an empty `mark` is not known."""

    text: str
    speaker: str | None
    speaker_id: str | None
    mark: str = ""


class _Match(NamedTuple):
    utterance: int
    of: int
    edits: Sequence[WordEdit]


def note_quotes(utterances: list[Utterance], quotes: Iterable[Spoken], teller: Teller) -> None:
    """Adds an article's quotes to those of its story, each to the utterance that it is."""
    for quote in quotes:
        carrier: Carrier = [*teller, quote.speaker, quote.speaker_id]
        variant: KeptVariant = [quote.text, quote.mark or mark_of(quote.text), 0, [], [carrier], []]
        _add(utterances, variant)
    _keep_within_bounds(utterances)


def drop_marks(utterances: list[Utterance]) -> None:
    """Leaves out what can be made again: stories of one article, which are most of all, take less memory."""
    for variants, _ in utterances:
        for variant in variants:
            variant[VARIANT_MARK] = ""


def forget_article(
    utterances: list[Utterance], article: str, still: Collection[Spoken] = ()
) -> list[Utterance]:
    """The utterances without what an article had, but for quotes that it still has, with the same words."""
    kept = {words_key(quote.mark or mark_of(quote.text)) for quote in still}
    number, left = hashed(article), []
    for variants, unlisted in utterances:
        others = [*unlisted]
        is_changed = False
        for variant in variants:
            if _key(variant) not in kept:
                before = len(variant[CARRIERS])
                variant[CARRIERS] = [one for one in variant[CARRIERS] if one[ARTICLE] != article]
                variant[OTHERS] = [one for one in variant[OTHERS] if one != number]
                is_changed |= len(variant[CARRIERS]) < before
                # Of a variant whose first articles are gone nobody can be named any more.
                others += variant[OTHERS] if not variant[CARRIERS] else []
        others = [one for one in others if one != number]
        if is_changed:
            left += _told_anew([one for one in variants if one[CARRIERS]], others)
        else:
            left.append([variants, others])
    return left


def joined_utterances(these: list[Utterance], those: list[Utterance]) -> list[Utterance]:
    """The utterances of two stories that became one; whichever story had a variant first has it first."""
    joined = these[:]
    # The other story keeps its own.
    for variants, unlisted in deepcopy(those):
        found = next((match[0] for match in (_matches(joined, one) for one in variants) if match), None)
        if found is None:
            joined.append([variants, unlisted])
        else:
            here, others = joined[found.utterance]
            together = _told_anew([*here, *variants], [*others, *unlisted])
            joined[found.utterance : found.utterance + 1] = together
        _keep_within_bounds(joined)
    return joined


def article_count(utterance: Utterance) -> int:
    """How many articles have it, in whatever words; 64 at most."""
    variants, unlisted = utterance
    numbers = set(unlisted).union(*(variant_articles(variant) for variant in variants))
    return min(len(numbers), MAX_COUNTED)


def variant_articles(variant: KeptVariant) -> Iterator[int]:
    """Hashes of the articles with a variant."""
    yield from (hashed(carrier[ARTICLE]) for carrier in variant[CARRIERS])
    yield from variant[OTHERS]


def compact(utterances: Sequence[Utterance]) -> list[Any]:
    """The utterances as a state record has them: articles, and who is quoted, stand there once each.

    Empty, or the articles, the speakers with their ids, and the utterances: variants and hashes. A carrier is
    the place of its article and of its speaker. A variant ends with its carriers where all else is empty.
    """
    tellers: dict[tuple[Any, ...], int] = {}
    speakers: dict[tuple[Any, ...], int] = {}

    def carrier(one: Carrier) -> tuple[int, int]:
        teller, speaker = tuple(one[:SPEAKER_NAME]), tuple(one[SPEAKER_NAME:])
        return tellers.setdefault(teller, len(tellers)), speakers.setdefault(speaker, len(speakers))

    def variant(one: KeptVariant) -> list[Any]:
        carriers = [place for each in one[CARRIERS] for place in carrier(each)]
        rest = [one[VARIANT_MARK], one[COMPARED_WITH], one[EDITS], one[OTHERS]]
        return [one[VARIANT_TEXT], carriers, *(rest if any(rest) else ())]

    kept = [[[variant(one) for one in variants], unlisted] for variants, unlisted in utterances]
    return [[*tellers], [*speakers], kept] if kept else []


def expanded(kept: Sequence[Any]) -> list[Utterance]:
    """The utterances that `compact` made this of."""
    if not kept:
        return []
    tellers, speakers, utterances = kept

    def variant(text: str, places: list[int], *rest: Any) -> KeptVariant:
        mark, of, edits, others = rest or ("", 0, [], [])
        pairs = zip(places[::2], places[1::2], strict=True)
        return [text, mark, of, edits, [[*tellers[one], *speakers[who]] for one, who in pairs], others]

    return [[[variant(*one) for one in variants], unlisted] for variants, unlisted in utterances]


def utterances_of_quotes(quotes: Iterable[list[Any]]) -> list[Utterance]:
    """The utterances of quotes as stories kept them before: text, speaker, the speaker's id, article."""
    utterances: list[Utterance] = []
    for text, speaker, speaker_id, article in quotes:
        note_quotes(utterances, [Spoken(text, speaker, speaker_id)], Teller(article, None, _NO_TIME, None))
    return utterances


def _add(utterances: list[Utterance], variant: KeptVariant) -> None:
    found = _matches(utterances, variant)
    if not found:
        utterances.append([[variant], []])
        return
    earliest = min(found, key=lambda match: (_first_ms(utterances[match.utterance][_VARIANTS]), match))
    utterance = utterances[earliest.utterance]
    if _put(utterance, variant, earliest):
        places = [match.utterance for match in found if match is not earliest]
        parts = [utterances[place] for place in sorted(places)]
        for place in sorted(places, reverse=True):
            del utterances[place]
        for part in parts:
            _join(utterance, part)


def _put(utterance: Utterance, variant: KeptVariant, match: _Match) -> bool:
    """Adds a variant to the utterance that it is; returns whether it is listed."""
    variants, unlisted = utterance
    there = variants[match.of]
    if _key(there) == _key(variant):
        _carry(there, variant)
        return True
    if len(variants) < MAX_VARIANTS:
        variant[COMPARED_WITH], variant[EDITS] = match.of, [list(edit) for edit in match.edits]
        variants.append(variant)
        return True
    _count(unlisted, variant_articles(variant))
    return False


def _join(utterance: Utterance, part: Utterance) -> None:
    """Adds the variants of what turned out to be a part of the utterance, behind those that it has."""
    variants, unlisted = part
    for variant in variants:
        for match in _matches([utterance], variant)[:1]:
            _put(utterance, variant, match)
            break
        else:
            _count(utterance[_UNLISTED], variant_articles(variant))
    _count(utterance[_UNLISTED], unlisted)


def _count(counted: list[int], articles: Iterable[int]) -> None:
    """Counts articles, by their hashes, that were not counted before."""
    counted += [one for one in dict.fromkeys(articles) if one not in counted][: MAX_COUNTED - len(counted)]


def _carry(there: KeptVariant, more: KeptVariant) -> None:
    """Adds those who have a variant, whose words are the same: the earliest are kept, the others counted."""
    others = there[OTHERS]
    known = {carrier[ARTICLE]: carrier for carrier in there[CARRIERS]}
    for carrier in more[CARRIERS]:
        before = known.get(carrier[ARTICLE])
        if before is not None:
            before[SPEAKER_NAME:] = carrier[SPEAKER_NAME:] if carrier[SPEAKER_NAME] else before[SPEAKER_NAME:]
        elif hashed(carrier[ARTICLE]) not in others:
            known[carrier[ARTICLE]] = carrier
    # Stable: of the same time the one that came first is first.
    carriers = sorted(known.values(), key=_seen_ms)
    there[CARRIERS] = carriers[:MAX_CARRIERS]
    _count(others, (hashed(carrier[ARTICLE]) for carrier in carriers[MAX_CARRIERS:]))
    _count(others, more[OTHERS])


def _key(variant: KeptVariant) -> str:
    """What variants with the same words have in common; their marks are there after it."""
    mark: str = variant[VARIANT_MARK]
    if not mark:
        mark = variant[VARIANT_MARK] = mark_of(variant[VARIANT_TEXT])
    return words_key(mark)


def _first_ms(variants: Sequence[KeptVariant]) -> int:
    return _seen_ms(variants[0][CARRIERS][0])


def _seen_ms(carrier: Carrier) -> int:
    seen_ms: int = carrier[SEEN_MS]
    return seen_ms


def _matches(utterances: list[Utterance], variant: KeptVariant) -> list[_Match]:
    """The utterance that a quote is, and others that are a part of it; none if it is new.

    In each the variant with which it shares most.
    """
    if not utterances:
        return []
    text, key = variant[VARIANT_TEXT], _key(variant)
    for number, (variants, _) in enumerate(utterances):
        for place, there in enumerate(variants):
            if there[VARIANT_TEXT] == text or _key(there) == key:
                return [_Match(number, place, ())]
    near = _near(utterances, signature_of(variant[VARIANT_MARK]))
    if not near:
        return []
    found: dict[int, _Match] = {}
    this = QuoteWords(text)
    for _, number, place in sorted(near)[:_COMPARED]:
        if number not in found:
            edits = align(QuoteWords(utterances[number][_VARIANTS][place][VARIANT_TEXT]), this)
            if edits is not None and (not found or _has_all_of_it(edits)):
                found[number] = _Match(number, place, edits)
    return [*found.values()]


def _near(utterances: list[Utterance], signature: int) -> list[tuple[int, int, int]]:
    """The variants with which a quote shares enough to be compared: the bits, negative, and where each is."""
    return [
        (-common, number, place)
        for number, (variants, _) in enumerate(utterances)
        for place, there in enumerate(variants)
        if (common := common_bits(signature, signature_of(there[VARIANT_MARK])))
    ]


def _has_all_of_it(edits: Iterable[WordEdit]) -> bool:
    return all(edit.of_start == edit.of_end for edit in edits)


def _told_anew(variants: list[KeptVariant], unlisted: list[int]) -> list[Utterance]:
    """The utterances of these variants in the order in which they came.

    They are one again, unless a variant was all that two others had in common.
    """
    anew: list[Utterance] = []
    for variant in sorted(variants, key=lambda one: _first_ms([one])):
        variant[COMPARED_WITH], variant[EDITS] = 0, []
        _add(anew, variant)
    if anew:
        _count(anew[0][_UNLISTED], unlisted)
    return anew


def _keep_within_bounds(utterances: list[Utterance]) -> None:
    """Drops what few articles have until no more is kept than may be: of the same number the oldest goes."""
    while len(utterances) > PINNED_UTTERANCES and (
        len(utterances) > MAX_UTTERANCES or _characters(utterances) > MAX_KEPT_CHARS
    ):
        # What came last stays: else nothing new could ever be repeated.
        places = range(PINNED_UTTERANCES, max(len(utterances) - 1, PINNED_UTTERANCES + 1))
        del utterances[min(places, key=lambda place: (article_count(utterances[place]), place))]


def _characters(utterances: list[Utterance]) -> int:
    return sum(len(variant[VARIANT_TEXT]) for variants, _ in utterances for variant in variants)

"""Counts how often each construction finds a speaker, and how often gold has the same one.

PolNeAR's articles have the source of every attribution as it stands in the text, often a pronoun. A
construction is right where the mention that it found overlaps the source of gold for the same
content, and whole where it is that source, without its article. It is right, too, where it found whom a
role takes up: "the pilot" in gold, and before it "a pilot of the harbour board".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language

from training.constructions.tables import aligned_table
from worker.nlp.enrich import groups_of, quotes_of, run_pipeline
from worker.nlp.entities.group import Group, Span
from worker.nlp.patterns import WORD
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.reading import reading_of
from worker.nlp.speakers.candidates import role_word
from worker.nlp.wordlists import words

PATTERN_EXAMPLES = {
    "speaker_then_cue": "“...,” Ms Okafor said",
    "cue_then_speaker": "“...,” said Ms Okafor",
    "speaker_and_cue_before": "Ms Okafor said: “...”",
    "cue_before_speaker_after": "Calling it “...”, Ms Okafor left",
    "according_to": "according to Ms Okafor, “...”",
    "passive_by": "called “...” by Ms Okafor",
    "quoted_as_saying": "quoted Ms Okafor as saying “...”",
    "told_by_noun": "Ms Okafor's claim that “...”",
    "what_they_call": "against what they call “...”, according to Ms Okafor",
    "in_words_of": "Ms Okafor's words were “...”",
    "headline": "“...”: Ms Okafor on her defeat",
    "for_whom": "For Ms Okafor, it is “...”",
    "of_a_work": "She recited a verse: “...”",
    "speaker_alone": "Ms Okafor: “...”, and others without a cue",
    "sentence_before": "Ms Okafor said so. “...”",
    "sentence_after": "“...?” Ms Okafor asked",
    "introduced_above": "Ms Okafor told parliament:, and “...” below",
    "signed_below": "“...” — Ms Okafor",
    "listed_below": "Ms Okafor, Harbour Bank, and below it a list: – “...”",
    "headings_spoken": "‘...’, a heading, and the words again below",
    "continuation": "“...,” Ms Okafor said. “...”",
    "goes_on": "Ms Okafor said so. It was late. “...”, without a verb",
    "only_named_above": "Ms Okafor wrote the film. “I was ...”, without a verb",
    "fill_running_quotations": "“... “...,” Ms Okafor said, over paragraphs",
    "turn": "OKAFOR: ...",
    "report": "Ms Okafor said that ..., without marks",
    "inserted": "The road, Ms Okafor said, is closed",
    "inserted, according to": "The road, according to Ms Okafor, is closed",
}
"""What finds a speaker, by the name of its function, with an example."""

MENTION_EXAMPLES = {
    "name": "Ms Okafor",
    "name behind a body's": "Labour lawmaker Ada Okafor",
    "together": "Ada Okafor and Kofi Sato, doctors and nurses",
    "pronoun": "she",
    "role": "the pilot",
    "role with its phrase": "a pilot of the harbour board",
    "role of a lead": "a former minister, whom the article names below",
    "document": "the statement",
    "owned by 's": "Ms Okafor's lawyer",
    "owned by of": "a lawyer for Ms Okafor",
    "owned by whose": "Ms Okafor, whose lawyer",
    "owned, side by side": "Harbour Board officials",
    "owned by his": "her lawyer",
    "owned, with a name": "Ms Okafor's lawyer, Kofi Sato",
    "work": "the Book of Ruth",
}
"""The kinds of mentions, each with an example."""

_PRONOUNS = frozenset(("he", "she", "they", "it", "i", "him", "her", "them"))
_DETERMINED = re.compile(
    r"(?:the|a|an|another|one|two|three|some|many|several|this|these|those|most|other)\s", re.IGNORECASE
)
_AND = re.compile(r"\s(?:and|&)\s")
_INDEFINITE = re.compile(r"an?\s", re.IGNORECASE)
_LINKED = re.compile(r"\s(?:of|for|from|at|in|with|near|on|to|by|close|familiar|within|outside)\s")
_OWNING = re.compile(r"(?:his|her|their|its)\s", re.IGNORECASE)
_BEFORE_NAME = re.compile(r"(?:['’]s)?\s+(?:[a-z][\w’'-]*\s+){0,3}")
_ARTICLE = re.compile(r"(?:the|an?)\s+")


@dataclass
class Tally:
    """How often something found a speaker, how often gold has the attribution, and what was right in it."""

    fires: int = 0
    known: int = 0
    right: int = 0
    whole: int = 0

    def add(self, result: str | None) -> None:
        self.fires += 1
        self.known += result is not None
        self.right += result in ("right", "whole")
        self.whole += result == "whole"


def tally(nlp: Language, articles: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """The tallies of PATTERN_EXAMPLES and of MENTION_EXAMPLES over gold articles."""
    patterns, mentions = ({name: Tally() for name in names} for names in (PATTERN_EXAMPLES, MENTION_EXAMPLES))
    for article in articles:
        reading = reading_of(article["text"])
        doc = run_pipeline(nlp, reading.text, None)
        for quote in quotes_of(doc):
            if quote.speaker is None:
                continue
            result = judged(
                article,
                reading.published(quote.start, quote.end),
                reading.published(*quote.speaker),
            )
            patterns[pattern_of(reading.text, quote)].add(result)
            mentions[mention_of(reading.text, quote, groups_of(doc))].add(result)
    return patterns, mentions


def judged(article: Mapping[str, Any], content: Span, speaker: Span) -> str | None:
    """ "whole", "right" or "wrong" for the speaker of a content; None where gold has no such content."""
    shared = [
        (sum(max(0, min(end, content[1]) - max(start, content[0])) for start, end in gold["content"]), i)
        for i, gold in enumerate(article["attributions"])
    ]
    most, i = max(shared, default=(0, 0))
    if 2 * most <= content[1] - content[0]:
        return None
    source = article["attributions"][i]["source"]
    text = article["text"]
    wanted = text[min((start for start, _ in source), default=0) : max((end for _, end in source), default=0)]
    if not any(start < speaker[1] and speaker[0] < end for start, end in source):
        return "right" if _is_taken_up(wanted, text[slice(*speaker)]) else "wrong"
    return "whole" if _bare(text[slice(*speaker)]) == _bare(wanted) else "right"


def _is_taken_up(role: str, fuller: str) -> bool:
    """Whether a bare role, "the pilot", has the noun of a fuller mention, "a pilot of the harbour board"."""
    found, first = WORD.findall(role.lower()), WORD.findall(fuller.lower())
    noun = role_word(found)
    return found[:1] == ["the"] and noun is not None and noun == role_word(first) and len(first) >= len(found)


def _bare(mention: str) -> str:
    return _ARTICLE.sub("", mention.lower().strip(" ,"), count=1)


def pattern_of(text: str, quote: QuoteSpan) -> str:
    """The key of PATTERN_EXAMPLES for what found a quote's speaker."""
    if quote.construction == "report" and quote.cue and quote.start < quote.cue[0] < quote.end:
        is_according = text[slice(*quote.cue)].lower().startswith("according")
        return "inserted, according to" if is_according else "inserted"
    assert quote.construction is not None, "whoever finds a speaker says so"
    return quote.construction


def mention_of(text: str, quote: QuoteSpan, groups: Sequence[Group]) -> str:
    """The key of MENTION_EXAMPLES for a quote's speaker."""
    assert quote.speaker is not None, "only speakers have mentions"
    mention = text[slice(*quote.speaker)]
    if quote.construction == "of_a_work":
        return "work"
    if mention.lower() in _PRONOUNS:
        return "pronoun"
    if quote.owner is not None:
        return _owned(mention, has_name=quote.group is not None)
    is_determined = _DETERMINED.match(mention) is not None
    if quote.group is None and _AND.search(mention) and not is_determined:
        return "together"
    if quote.group is not None and _INDEFINITE.match(mention):
        return "role of a lead"
    if not is_determined and mention[0].isupper():
        return "name behind a body's" if _is_behind_body(text, quote.speaker, groups) else "name"
    if role_word(WORD.findall(mention.lower())) in words("documents.txt"):
        return "document"
    return "role with its phrase" if _LINKED.search(mention) else "role"


def _owned(mention: str, *, has_name: bool) -> str:
    if mention.lower().startswith("whose "):
        return "owned by whose"
    if _OWNING.match(mention):
        return "owned by his"
    if has_name:
        return "owned, with a name"
    if re.search(r"['’]s?\s", mention):
        return "owned by 's"
    return "owned by of" if _LINKED.search(mention) else "owned, side by side"


def _is_behind_body(text: str, speaker: Span, groups: Sequence[Group]) -> bool:
    """Whether the name of a people, a band or a party stands right before a person's."""
    ends = (
        end
        for group in groups
        if group.type in ("ORG", "NORP")
        for _, end in group.mentions
        if 0 < speaker[0] - end < 60
    )
    return any(_BEFORE_NAME.fullmatch(text, end, speaker[0]) for end in ends)


def gold_articles(data: Path, part: str) -> Iterator[dict[str, Any]]:
    """The articles of PolNeAR's part "train" or "dev"; none where the folder has no PolNeAR."""
    path = data / "quotes" / f"polnear_{part}.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def construction_table(tallies: Mapping[str, Tally], examples: Mapping[str, str]) -> str:
    """A Markdown table of those that fired, the most frequent first."""
    rows = [
        (f"`{name}`: {examples[name]}", *_cells(each))
        for name, each in sorted(tallies.items(), key=lambda item: -item[1].fires)
        if each.fires
    ]
    return aligned_table(("", "fires", "in gold", "right", "whole"), rows)


def _cells(each: Tally) -> tuple[str, ...]:
    shares = (f"{100 * part / each.known:.1f} %" if each.known else "-" for part in (each.right, each.whole))
    return f"{each.fires:,}", f"{each.known:,}", *shares

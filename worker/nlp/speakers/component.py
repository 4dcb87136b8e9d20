"""The component that finds the speaker and the cue of each quote. Factory name: "dateline_speakers"."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.encoder.text import text_of
from worker.nlp.entities.group import Group, Span
from worker.nlp.entities.groups import doc_language, group_mentions
from worker.nlp.patterns import WORD
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.quotes.tables import quoting_table
from worker.nlp.speakers.attribution import (
    CLAIM_THRESHOLD,
    DASH,
    SEARCH_CHARS,
    Claim,
    QuotedSentence,
    according_to,
    best_claim,
    follows,
    inverted_before,
    of_a_work,
    speaker_and_cue_before,
    told_by_noun,
)
from worker.nlp.speakers.by_table import attribute_by_table
from worker.nlp.speakers.candidates import QUANTITIES, Candidate, Candidates
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.coreference.resolver import Resolver
from worker.nlp.speakers.headings import headings_spoken, is_heading, name_above
from worker.nlp.speakers.interviews import Interviewees
from worker.nlp.speakers.phrases import POSSESSIVE, phrases
from worker.nlp.wordlists import words

MAX_SENTENCE_CHARS = 600
"""How much of a sentence is read on each side of a quote, to keep the time linear."""
_FEW_WORDS = 4
_ASKING = ("ask", "asked", "asks")
_BESIDE = 3
# For a quote that follows another in its paragraph to be the same speaker's.
_IN_PARAGRAPH = 2.4
# Less than a verb with its speaker, more than anybody's name.
_LISTED = 2.2
# Right before whoever begins a sentence.
_OPENS = re.compile(r"[.!?\n]\s{0,9}$")
# The first person, in a quote.
_OF_ONESELF = re.compile(r"\b(?:I|my|me|we|our|us|I['’]\w+|[Ww]e['’]\w+|My|We|Our)\b")
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s(?:\w+ly\s)?$")
_TAIL = re.compile(r"[”\"’']{0,2}[ \t]*\n\s{0,4}(?=[a-z])")
_MARKS = " \t\n“”\"‘’'«»„`‟「」『』"


def tag_speakers(doc: Doc) -> Doc:
    """Set `doc._.groups`, and the speakers and cues in `doc._.quotes`."""
    doc._.groups = group_mentions(doc)
    table = quoting_table(doc_language(doc))
    if not doc._.quotes and table is None:
        doc._.quotes = ()
        return doc
    doc._.quotes = doc._.quotes or ()
    found = attribute_quotes(doc) if table is None else attribute_by_table(doc, table)
    doc._.quotes = tuple(found)
    return doc


def attribute_quotes(doc: Doc) -> list[QuoteSpan]:
    """The quotes in order, with a speaker where one is certain enough."""
    text, groups = text_of(doc), doc._.groups
    quotes = sorted(doc._.quotes, key=lambda quote: (quote.start, quote.end))
    quoted = [(quote.start, quote.end) for quote in quotes if quote.kind != "indirect"]
    evidence = AttributionEvidence(doc)
    candidates = Candidates(text, groups, quoted, evidence)
    sentences, resolver = Sentences(text, quoted), Resolver(text, groups, candidates, evidence)
    following = dict(zip((start for start, _ in quoted), (start for start, _ in quoted[1:]), strict=False))
    result: list[QuoteSpan] = []
    before: QuoteSpan | None = None
    last: Resolved | None = None
    interviewed = _interviewees(text, groups, candidates, quotes)
    for quote in quotes:
        if interviewed is not None and _is_turn(quote):
            assert quote.speaker is not None, "a turn has its label"
            before = replace(quote, group=resolver.told(interviewed.who(quote.speaker)), construction="turn")
            last = Resolved(quote.speaker[0], quote.speaker[1], before.group)
            result.append(before)
            continue
        if is_heading(text, quote):
            result.append(quote)
            continue
        if quote.kind == "indirect":
            claim = claim_of_report(text, quote, candidates, evidence)
        else:
            sentence = sentence_of(text, quote, sentences, candidates, evidence)
            claim = strongest_claim(sentence, before, following.get(quote.start, len(text)))
        if (
            quote.kind != "indirect"
            and before is not None
            and continuation_score(sentence, before) > (claim.score if claim else 0)
        ):
            quote = _spoken_by(quote, before, "continuation")
        elif claim is not None and claim.score >= CLAIM_THRESHOLD:
            who = resolver.resolve(claim.candidate, last)
            who = _running_on(text, before, quote, claim.candidate, who) or who
            quote = replace(
                quote,
                cue=claim.cue,
                speaker=(who.start, who.end),
                group=who.group,
                owner=who.owner,
                construction=claim.construction,
            )
        elif result and quote.kind != "indirect" and goes_on(sentence, result[-1]):
            quote = _spoken_by(quote, result[-1], goes_on.__name__)
        elif quote.kind == "direct" and (above := only_named_above(sentence, before)) is not None:
            group = resolver.resolve(above, last).group
            quote = replace(
                quote,
                speaker=(above.start, above.end),
                group=group,
                construction=only_named_above.__name__,
            )
        last = _speaker_of(text, quote) or last
        if quote.kind != "indirect" and quote.construction != told_by_noun.__name__:
            # "Ms Obi spoke of the union's charge of “fraud”. “It is late.”": she goes on, not the union.
            before = quote
        result.append(quote)
    return headings_spoken(text, fill_running_quotations(text, result))


def sentence_of(
    text: str, quote: QuoteSpan, sentences: Sentences, candidates: Candidates, evidence: AttributionEvidence
) -> QuotedSentence:
    """The sentence around a quote, also over a line that breaks before "said Ms Okafor"."""
    start, end = sentences.around(quote.start, quote.end)
    tail = _TAIL.match(text, quote.end, quote.end + 12)
    if tail is not None and text[quote.end - 1] == ",":
        end = max(end, sentences.after(tail.end())[1])
    # Sentences may be very long, so only the part near the quote is read.
    start = min(max(start, quote.start - MAX_SENTENCE_CHARS), quote.start)
    end = max(min(end, quote.end + MAX_SENTENCE_CHARS), quote.end)
    # "”We wait,“ she said": with its marks the wrong way round.
    closing = quote.end + text.startswith("“", quote.end)
    return QuotedSentence(
        text, start, quote.start, closing, max(end, closing), candidates, evidence, sentences
    )


def _running_on(
    text: str, before: QuoteSpan | None, quote: QuoteSpan, candidate: Candidate, who: Resolved
) -> Resolved | None:
    """'**A tenant** spoke. "He ran.\n\n"He fell," the neighbour said': a running quotation is one's."""
    if before is None or before.speaker is None or who.group is not None or who.owner is not None:
        return None
    between = text[before.end : quote.start]
    is_open = quote.kind != "indirect" and "\n" in between and not between.strip(_MARKS)
    if not is_open or len(between.split()) > 1 or not text.startswith(("the ", "The "), candidate.start):
        return None
    return Resolved(*before.speaker, before.group, before.owner) if candidate.kind == "role" else None


def _speaker_of(text: str, quote: QuoteSpan) -> Resolved | None:
    """Who goes on from a quote, and where it ends; None where nobody does."""
    if quote.speaker is None or _is_nobody(text, quote):
        return None
    spoke = max(quote.end, quote.cue[1] if quote.cue else 0)
    return Resolved(quote.speaker[0], quote.speaker[1], quote.group, quote.owner, spoke)


def _is_nobody(text: str, quote: QuoteSpan) -> bool:
    """Whether "he said" can't go on from a quote: it is of a work, or of "some"."""
    mention = text[slice(*quote.speaker)] if quote.speaker else ""
    return quote.construction == of_a_work.__name__ or mention.lower() in QUANTITIES


def _spoken_by(quote: QuoteSpan, other: QuoteSpan, construction: str) -> QuoteSpan:
    """The quote with the speaker of another one."""
    return replace(
        quote,
        cue=other.cue,
        speaker=other.speaker,
        group=other.group,
        owner=other.owner,
        construction=construction,
    )


def _is_turn(quote: QuoteSpan) -> bool:
    """Whether it is a turn of an interview, which the quotes component found with its label."""
    return quote.kind == "direct" and quote.speaker is not None


def _interviewees(
    text: str, groups: Sequence[Group], candidates: Candidates, quotes: Sequence[QuoteSpan]
) -> Interviewees | None:
    """The people of an interview, None where the article has no turns."""
    turns = [quote for quote in quotes if _is_turn(quote)]
    return Interviewees(text, groups, candidates.all, turns[0].start, turns[-1].end) if turns else None


def fill_running_quotations(text: str, quotes: list[QuoteSpan]) -> list[QuoteSpan]:
    """The quotes, where paragraphs of a running quotation get the speaker named at a later paragraph."""
    result = list(quotes)
    spoken = [i for i, quote in enumerate(quotes) if quote.kind != "indirect"]
    for i, j in reversed(list(pairwise(spoken))):
        quote, later = result[i], result[j]
        between = text[quote.end : later.start]
        if (
            quote.speaker is None
            and not _is_told(text, quote)
            and later.speaker is not None
            and "\n" in between
            and not between.strip(_MARKS + ".")
        ):
            result[i] = _spoken_by(quote, later, "fill_running_quotations")
    return result


def _is_told(text: str, quote: QuoteSpan) -> bool:
    """Whether a verb of saying stands before a fragment in its paragraph: 'The Act states that “...”'."""
    if quote.kind == "direct":
        return False
    line = text[max(0, quote.start - MAX_SENTENCE_CHARS) : quote.start].rpartition("\n")[2]
    return not words("cue_verbs.txt").isdisjoint(WORD.findall(line.lower()))


def strongest_claim(sentence: QuotedSentence, before: QuoteSpan | None, following: int) -> Claim | None:
    """The claim with the highest score, from the quote's sentence and those around it."""
    claims = [
        best_claim(sentence),
        sentence_after(sentence, before, following),
        sentence_before(sentence, before),
        introduced_above(sentence),
        signed_below(sentence),
        listed_below(sentence),
    ]
    return max((claim for claim in claims if claim is not None), key=lambda claim: claim.score, default=None)


def claim_of_report(
    text: str, quote: QuoteSpan, candidates: Candidates, evidence: AttributionEvidence
) -> Claim | None:
    """A claim for an indirect quote's speaker, the source that the quotes component found with it."""
    if quote.speaker is None:
        return None
    found = phrases(text, candidates.between(*quote.speaker), evidence)
    owned = candidates.possession_around(*quote.speaker)
    longer = candidates.role_around(*quote.speaker)
    head = found[0].head if found else owned or longer or Candidate(*quote.speaker, "role")
    relative = candidates.relative_behind(head.end, quote.cue[0]) if quote.cue else None
    if relative is not None and quote.cue and follows(text, relative.end, quote.cue[0]):
        head = relative
    return Claim(head, quote.cue, CLAIM_THRESHOLD, "report")


def continuation_score(sentence: QuotedSentence, before: QuoteSpan | None) -> float:
    """'"No," she said. "Never."': the score for the speaker of the quote before to continue."""
    if before is None or before.speaker is None:
        return 0.0
    if sentence.opening - before.end > 4 * MAX_SENTENCE_CHARS:
        return 0.0
    between = sentence.text[before.end : sentence.opening]
    if "\n" not in between:
        return _IN_PARAGRAPH if sentence.is_whole_sentence else 1.2
    opens = not sentence.text[sentence.text.rfind("\n", 0, sentence.opening) + 1 : sentence.opening].strip(
        _MARKS
    )
    if opens and sentence.is_whole_sentence and not between.strip(_MARKS):
        return 2.6
    if (
        opens
        and sum(bool(line.strip(_MARKS)) for line in between.split("\n")) <= 1
        and sentence.is_whole_sentence
    ):
        return 1.7
    return 0.0


def goes_on(sentence: QuotedSentence, said: QuoteSpan) -> bool:
    """'The roof leaked, **she said**. It was old.\\n\\n"We put out buckets."': nobody else is named since.

    What is said without any cue goes on from the report or quote before, at most a paragraph away.
    """
    if said.speaker is None or said.construction == of_a_work.__name__ or not sentence.is_whole_sentence:
        return False
    between = sentence.text[said.end : sentence.opening]
    if len(between) > SEARCH_CHARS or "\n" not in between:
        return False
    lines = [line for line in between.split("\n")[1:-1] if line.strip(_MARKS)]
    since = max(said.end, said.speaker[1], said.cue[1] if said.cue else 0)
    if len(lines) > 1 or not _are_cues_of(sentence, said, since):
        return False
    return not any(
        (c.type == "PERSON" and (c.group is None or c.group != said.group))
        or (c.type == "" and _OPENS.search(sentence.text, max(0, c.start - 4), c.start))
        for c in sentence.candidates.between(since, sentence.opening)
    )


def _are_cues_of(sentence: QuotedSentence, said: QuoteSpan, since: int) -> bool:
    """Whether every cue since a quote is its speaker's: 'The hall, **Ms Okafor** said, is shut.'"""
    known = [c for c in sentence.candidates.between(since, sentence.opening) if c.group is not None]
    theirs = [c for c in known if c.group == said.group]
    return all(_is_beside_any(sentence.text, cue, theirs) for cue in sentence.cues(since, sentence.opening))


def _is_beside_any(text: str, cue: Span, known: Sequence[Candidate]) -> bool:
    """Whether a cue stands right behind one of the mentions, or before it: "**she** said", "said **Obi**"."""
    return any(
        0 < cue[0] - c.end < _BESIDE
        or (0 < c.start - cue[1] < _BESIDE and not text.endswith("ing", 0, cue[1]))
        for c in known
    )


def only_named_above(sentence: QuotedSentence, before: QuoteSpan | None) -> Candidate | None:
    """'**Ms Okafor** wrote the film. It won a prize.\n\n"I was trying new ways."': the only person above it.

    The text above is the quote's own paragraph, else the one before. It tells of nobody else, and whatever
    is said there she says. Where nothing is, the quote speaks of its speaker.
    """
    if not sentence.is_whole_sentence:
        return None
    line = sentence.text[: sentence.opening].rstrip(_MARKS)
    start = max(line.rfind("\n") + 1, len(line) - SEARCH_CHARS, before.end if before is not None else 0)
    if start >= len(line) or line[-1:] in (",", ":"):
        return None
    above = sentence.candidates.within(start, len(line))
    people = [c for c in above if c.type == "PERSON"]
    if not people or people[0].group is None or len({c.group for c in people}) > 1:
        return None
    cues = [
        m.span() for m in WORD.finditer(line, start)
        if m.group().lower() in words("cue_verbs.txt")
        and not _PASSIVE.search(line, max(0, m.start() - 12), m.start())
        and not line.startswith(" by ", m.end())
    ]  # fmt: skip
    if not cues:
        is_own = _OF_ONESELF.search(sentence.text, sentence.opening, sentence.closing)
        roles = (c for c in above if c.kind == "role")
        text = sentence.text
        others = any(c.start == start or _OPENS.search(text, max(0, c.start - 4), c.start) for c in roles)
        return people[-1] if is_own and not others else None
    theirs = people + [c for c in above if c.kind == "pronoun"]
    return people[-1] if all(_is_beside_any(sentence.text, cue, theirs) for cue in cues) else None


def sentence_after(sentence: QuotedSentence, before: QuoteSpan | None, following: int) -> Claim | None:
    """'"Why?" **Ms Okafor** asked.': a quote that is a sentence, with its cue in the next one.

    In '"No," **she** says. "Never." Kofi Sato nods.' it is hers who goes on: his verb only accompanies it.
    """
    _, end = sentence.sentences.after(sentence.end)
    if not sentence.is_whole_sentence or "\n" in sentence.text[sentence.closing : sentence.end]:
        return None
    end = max(min(end, following, sentence.end + MAX_SENTENCE_CHARS), sentence.end)
    next_sentence = replace(sentence, start=sentence.end, opening=sentence.end, closing=sentence.end, end=end)
    claim = best_claim(next_sentence)
    near = (
        claim is not None
        and claim.cue is not None
        and min(claim.cue[0], claim.candidate.start) - sentence.end < 8
        # "Ms Okafor **added: “**" leads to what she said next.
        and not sentence.text[claim.cue[1] : following].rstrip(_MARKS).endswith(":")
        and (
            continuation_score(sentence, before) < _IN_PARAGRAPH
            or sentence.text[slice(*claim.cue)].lower() in words("cue_verbs.txt")
        )
    )
    return replace(claim, score=claim.score - 0.3, construction="sentence_after") if claim and near else None


def sentence_before(sentence: QuotedSentence, before: QuoteSpan | None) -> Claim | None:
    """'**Ms Okafor** said that she would stay. "I like it here."', also across paragraphs."""
    if not sentence.is_whole_sentence and not _opens_freely(sentence):
        return None
    start, end = sentence.sentences.before(sentence.start)
    start = max(start, before.end if before else 0, end - SEARCH_CHARS)
    if start >= end:
        return None
    if not sentence.is_whole_sentence and "\n" in sentence.text[start : sentence.opening]:
        return None
    previous = replace(sentence, start=start, opening=end, closing=end, end=end)
    claims = [*speaker_and_cue_before(previous), *inverted_before(previous)] or list(according_to(previous))
    claim = max(claims, key=lambda claim: claim.score, default=None)
    if claim is None:
        return None
    claim = _asked(previous, claim) or claim
    apart = (
        0.4
        if "\n" not in sentence.text[end - 1 : sentence.opening] and "\n" not in sentence.text[start:end]
        else 0.8
    )
    return replace(claim, score=claim.score - apart, construction="sentence_before")


def _asked(previous: QuotedSentence, claim: Claim) -> Claim | None:
    """'I asked **Ms Okafor** what it costs. "Nothing."': who writes asks, and who is asked answers."""
    text, cue = previous.text, claim.cue
    if cue is None or text[slice(*cue)].lower() not in _ASKING:
        return None
    if text[claim.candidate.start : claim.candidate.end].lower() not in ("i", "we"):
        return None
    person = next((p for p in previous.phrases_before if p.start > cue[1] and p.head.type == "PERSON"), None)
    is_near = person is not None and len(WORD.findall(text, cue[1], person.head.start)) <= _FEW_WORDS
    return replace(claim, candidate=person.head) if person is not None and is_near else None


def _opens_freely(sentence: QuotedSentence) -> bool:
    """'**The council** says pipes rust. More than “eight million are old”': nobody else is in it."""
    return (
        len(WORD.findall(sentence.text, sentence.start, sentence.opening)) <= _FEW_WORDS
        and not sentence.text[sentence.closing : sentence.end].strip(_MARKS + ".")
        and not sentence.cues_before
        and not sentence.phrases_before
    )


def introduced_above(sentence: QuotedSentence) -> Claim | None:
    """'**Ms Okafor** told parliament:', with the quote in the next paragraph."""
    above = (
        sentence.text[max(0, sentence.start - SEARCH_CHARS) : sentence.start].rstrip()
        if sentence.is_whole_sentence
        else ""
    )
    if not above.endswith(":"):
        return None
    start, end = sentence.sentences.before(sentence.start)
    start = max(start, end - MAX_SENTENCE_CHARS)
    claim = best_claim(replace(sentence, start=start, opening=end, closing=end, end=end))
    return replace(claim, score=claim.score + 1.0, construction="introduced_above") if claim else None


def listed_below(sentence: QuotedSentence) -> Claim | None:
    """'**Ada Okafor**, Delta Bank\\n– Forecast: 9 %\\n– “Prices will rise.”': whose list it is."""
    above = name_above(sentence.text, sentence.opening, sentence.candidates)
    return Claim(above, None, _LISTED, listed_below.__name__) if above is not None else None


def signed_below(sentence: QuotedSentence) -> Claim | None:
    """'"Let every lamp burn." — **Ada Okafor**, in a letter': a quote with its author behind a dash."""
    if sentence.text[sentence.start : sentence.opening].strip(_MARKS):
        return None
    dash = DASH.match(sentence.text, sentence.closing, sentence.closing + 12)
    if dash is None:
        return None
    line = sentence.text.find("\n", dash.end())
    end = min(line if line >= 0 else len(sentence.text), dash.end() + SEARCH_CHARS)
    known = phrases(sentence.text, sentence.candidates.between(dash.end(), end), sentence.evidence)
    if not known or known[0].start - dash.end() > 5 or sentence.first_cue(known[0].end, end) < end:
        return None
    if POSSESSIVE.match(sentence.text, known[0].end):
        return None
    return replace(sentence.claim(known[0], None, 2.8), construction="signed_below")


if not Doc.has_extension("groups"):
    Doc.set_extension("groups", default=None)


@Language.factory(
    "dateline_speakers", requires=["doc.ents", "doc._.quotes"], assigns=["doc._.quotes", "doc._.groups"]
)
def make_speakers(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component, which has no settings and no model."""
    return tag_speakers

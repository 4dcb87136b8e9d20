"""The component that says who spoke: cue, mention and entity of each quote. Factory "dateline_speakers"."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.encoder.evidence import Evidence
from worker.nlp.encoder.text import text_of
from worker.nlp.entities.groups import group_mentions
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.speakers.attribution import (
    DASH,
    REACH_CHARS,
    THRESHOLD,
    Claim,
    Scene,
    best_claim,
    speaker_and_cue_before,
)
from worker.nlp.speakers.candidates import Candidate, Candidates
from worker.nlp.speakers.coreference import Resolved, Resolver
from worker.nlp.speakers.phrases import POSSESSIVE, phrases

LONGEST_SENTENCE_CHARS = 600
_MARKS = " \t\n“”\"‘’'«»„`‟「」『』"


def tag_speakers(doc: Doc) -> Doc:
    """Sets `doc._.groups`, and speakers and cues in `doc._.quotes`."""
    doc._.groups = group_mentions(doc)
    doc._.quotes = tuple(attributed(doc)) if doc._.quotes else ()
    return doc


def attributed(doc: Doc) -> list[QuoteSpan]:
    """The quotes with their speakers, in order. A quote that nobody can be named for stays without."""
    text, groups = text_of(doc), doc._.groups
    quotes = sorted(doc._.quotes, key=lambda quote: (quote.start, quote.end))
    quoted = [(quote.start, quote.end) for quote in quotes if quote.kind != "indirect"]
    evidence = Evidence(doc)
    candidates = Candidates(text, groups, quoted, evidence)
    sentences, resolver = Sentences(text, quoted), Resolver(text, groups, candidates, evidence)
    following = dict(zip((start for start, _ in quoted), (start for start, _ in quoted[1:]), strict=False))
    result: list[QuoteSpan] = []
    before: QuoteSpan | None = None
    last: Resolved | None = None
    for quote in quotes:
        if quote.kind == "indirect":
            claim = claim_of_report(text, quote, candidates, evidence)
        else:
            start, end = sentences.around(quote.start, quote.end)
            # However long the sentence is: nobody is looked for far away, and time stays linear.
            start = min(max(start, quote.start - LONGEST_SENTENCE_CHARS), quote.start)
            end = max(min(end, quote.end + LONGEST_SENTENCE_CHARS), quote.end)
            scene = Scene(text, start, quote.start, quote.end, end, candidates, evidence, sentences)
            claim = strongest_claim(scene, before, following.get(quote.start, len(text)))
        if (
            quote.kind != "indirect"
            and before is not None
            and goes_on(scene, before) > (claim.score if claim else 0)
        ):
            quote = replace(quote, cue=before.cue, speaker=before.speaker, group=before.group)
        elif claim is not None and claim.score >= THRESHOLD:
            who = resolver.resolve(claim.candidate, last)
            quote = replace(quote, cue=claim.cue, speaker=(who.start, who.end), group=who.group)
        if quote.speaker is not None:
            last = Resolved(quote.speaker[0], quote.speaker[1], quote.group)
        if quote.kind != "indirect":
            before = quote
        result.append(quote)
    return spoken_below(text, result)


def spoken_below(text: str, quotes: list[QuoteSpan]) -> list[QuoteSpan]:
    """A paragraph of a running quotation whose speaker is named only behind a later one."""
    result = list(quotes)
    spoken = [i for i, quote in enumerate(quotes) if quote.kind != "indirect"]
    for i, j in reversed(list(pairwise(spoken))):
        quote, later = result[i], result[j]
        between = text[quote.end : later.start]
        if (
            quote.speaker is None
            and later.speaker is not None
            and "\n" in between
            and not between.strip(_MARKS + ".")
        ):
            result[i] = replace(quote, cue=later.cue, speaker=later.speaker, group=later.group)
    return result


def strongest_claim(scene: Scene, before: QuoteSpan | None, following: int) -> Claim | None:
    """From the quote's own sentence, or from the ones beside it where it fills its own."""
    claims = [
        best_claim(scene),
        sentence_after(scene, following),
        sentence_before(scene, before),
        introduced_above(scene),
        signed_below(scene),
    ]
    return max((claim for claim in claims if claim is not None), key=lambda claim: claim.score, default=None)


def claim_of_report(text: str, quote: QuoteSpan, candidates: Candidates, evidence: Evidence) -> Claim | None:
    """'**Ms Okafor**, of the union, said the road would open': the source that was found with the report."""
    if quote.speaker is None:
        return None
    found = phrases(text, candidates.between(*quote.speaker), evidence)
    head = found[0].head if found else Candidate(*quote.speaker, "role")
    return Claim(head, quote.cue, THRESHOLD)


def goes_on(scene: Scene, before: QuoteSpan | None) -> float:
    """'"No," she said. "Never."': how surely the speaker of the quote before goes on."""
    if before is None or before.speaker is None:
        return 0.0
    if scene.opening - before.end > 4 * LONGEST_SENTENCE_CHARS:
        return 0.0
    between = scene.text[before.end : scene.opening]
    if "\n" not in between:
        return 2.4 if scene.is_whole_sentence else 1.2
    opens = not scene.text[scene.text.rfind("\n", 0, scene.opening) + 1 : scene.opening].strip(_MARKS)
    if opens and scene.is_whole_sentence and not between.strip(_MARKS):
        return 2.6
    if (
        opens
        and sum(bool(line.strip(_MARKS)) for line in between.split("\n")) <= 1
        and scene.is_whole_sentence
    ):
        return 1.7
    return 0.0


def sentence_after(scene: Scene, following: int) -> Claim | None:
    """'"Why?" **Ms Okafor** asked.': a quote that ends its own sentence, and its cue in the next one."""
    _, end = scene.sentences.after(scene.end)
    if not scene.is_whole_sentence or "\n" in scene.text[scene.closing : scene.end]:
        return None
    next_scene = Scene(
        scene.text,
        scene.end,
        scene.end,
        scene.end,
        max(min(end, following, scene.end + LONGEST_SENTENCE_CHARS), scene.end),
        scene.candidates,
        scene.evidence,
        scene.sentences,
    )
    claim = best_claim(next_scene)
    near = (
        claim is not None
        and claim.cue is not None
        and min(claim.cue[0], claim.candidate.start) - scene.end < 8
    )
    return Claim(claim.candidate, claim.cue, claim.score - 0.3) if claim is not None and near else None


def sentence_before(scene: Scene, before: QuoteSpan | None) -> Claim | None:
    """'**Ms Okafor** said that she would stay. "I like it here."' Also where a paragraph lies between."""
    if not scene.is_whole_sentence:
        return None
    start, end = scene.sentences.before(scene.start)
    start = max(start, before.end if before else 0, end - REACH_CHARS)
    if start >= end:
        return None
    previous = Scene(scene.text, start, end, end, end, scene.candidates, scene.evidence, scene.sentences)
    claims = list(speaker_and_cue_before(previous))
    claim = max(claims, key=lambda claim: claim.score, default=None)
    if claim is None:
        return None
    apart = (
        0.4 if "\n" not in scene.text[end - 1 : scene.opening] and "\n" not in scene.text[start:end] else 0.8
    )
    return Claim(claim.candidate, claim.cue, claim.score - apart)


def introduced_above(scene: Scene) -> Claim | None:
    """'Ms Okafor told parliament:' and the quote in the next paragraph."""
    above = (
        scene.text[max(0, scene.start - REACH_CHARS) : scene.start].rstrip()
        if scene.is_whole_sentence
        else ""
    )
    if not above.endswith(":"):
        return None
    start, end = scene.sentences.before(scene.start)
    start = max(start, end - LONGEST_SENTENCE_CHARS)
    introducing = Scene(scene.text, start, end, end, end, scene.candidates, scene.evidence, scene.sentences)
    claim = best_claim(introducing)
    return Claim(claim.candidate, claim.cue, claim.score + 1.0) if claim else None


def signed_below(scene: Scene) -> Claim | None:
    """'"Let every lamp burn." — **Ada Okafor**, in a letter': a quote with its author behind a dash."""
    if scene.text[scene.start : scene.opening].strip(_MARKS):
        return None
    dash = DASH.match(scene.text, scene.closing, scene.closing + 12)
    if dash is None:
        return None
    line = scene.text.find("\n", dash.end())
    end = min(line if line >= 0 else len(scene.text), dash.end() + REACH_CHARS)
    known = phrases(scene.text, scene.candidates.between(dash.end(), end), scene.evidence)
    if not known or known[0].start - dash.end() > 5 or scene.first_cue(known[0].end, end) < end:
        return None
    if POSSESSIVE.match(scene.text, known[0].end):
        return None
    return scene.claim(known[0], None, 2.8)


if not Doc.has_extension("groups"):
    Doc.set_extension("groups", default=None)


@Language.factory(
    "dateline_speakers", requires=["doc.ents", "doc._.quotes"], assigns=["doc._.quotes", "doc._.groups"]
)
def make_speakers(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component has no settings and nothing to load."""
    return tag_speakers

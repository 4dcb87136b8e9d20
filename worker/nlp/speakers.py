"""The component that says who spoke: cue, mention and entity of each quote. Factory "dateline_speakers"."""

from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.attribution import Attribution, attribute, scene, sentence_before, subject_of_the_sentence
from worker.nlp.candidates import Candidate, Candidates
from worker.nlp.coreference import Resolver
from worker.nlp.entities import Group, group_mentions
from worker.nlp.quotes import QuoteSpan


def tag_speakers(doc: Doc) -> Doc:
    """Sets `doc._.groups`, and speakers and cues in `doc._.quotes`."""
    doc._.groups = group_mentions(doc)
    quotes = doc._.quotes or ()
    doc._.quotes = tuple(attributed(doc.text, quotes, doc._.groups)) if quotes else quotes
    return doc


def attributed(text: str, quotes: tuple[QuoteSpan, ...], groups: tuple[Group, ...]) -> list[QuoteSpan]:
    """The quotes with their speakers, in order. A quote that nobody can be named for stays without."""
    candidates = Candidates(text, groups)
    resolver = Resolver(text, groups, candidates)
    result: list[QuoteSpan] = []
    for i, quote in enumerate(quotes):
        before = result[-1] if result else None
        after = quotes[i + 1] if i + 1 < len(quotes) else None
        around = scene(text, quote, before, after, candidates)
        found = attribute(around)
        if found is None and before is not None and goes_on(text, before, quote, candidates):
            result.append(replace(quote, speaker=before.speaker, group=before.group))
            continue
        found = (
            found
            or introduced_above(text, quote, candidates)
            or sentence_before(around)
            or subject_of_the_sentence(around)
        )
        if found is None:
            result.append(quote)
            continue
        last = before.group if before else None
        group = resolver.resolve(found.candidate, last)
        result.append(replace(quote, cue=found.cue, speaker=_span(found.candidate), group=group))
    return result


def goes_on(text: str, before: QuoteSpan, quote: QuoteSpan, candidates: Candidates) -> bool:
    """'"No," she said. "Never."': the same speaker goes on, in the paragraph or in the next one that opens with a mark."""
    if before.speaker is None:
        return False
    between = text[before.end : quote.start]
    paragraphs = between.count("\n\n") or between.count("\n")
    if paragraphs == 0:
        people = {
            c.group
            for c in candidates.between(before.end, quote.start)
            if c.kind == "name" and c.type == "PERSON"
        }
        return not people - {before.group}
    return paragraphs == 1 and not between.rpartition("\n")[2].strip("“\"‘'« ")


def introduced_above(text: str, quote: QuoteSpan, candidates: Candidates) -> Attribution | None:
    """'Ms Okafor told parliament:' and the quote in the next paragraph."""
    start = text.rfind("\n", 0, quote.start)
    above = text[:start].rstrip() if start > 0 and not text[start : quote.start].strip("\n “\"‘'«") else ""
    if not above.endswith(":"):
        return None
    sentence = max(above.rfind("\n"), above.rfind(". "), 0)
    people = [c for c in candidates.between(sentence, len(above))]
    return Attribution(people[0], None) if people else None


def _span(candidate: Candidate) -> tuple[int, int]:
    return candidate.start, candidate.end


@Language.factory(
    "dateline_speakers", requires=["doc.ents", "doc._.quotes"], assigns=["doc._.quotes", "doc._.groups"]
)
def make_speakers(nlp: Language, name: str):
    """The component has no settings and nothing to load."""
    return tag_speakers

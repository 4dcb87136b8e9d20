"""Finds the speakers of quotes in languages that have a table, and leaves out what nobody said."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from spacy.tokens import Doc

from worker.nlp.encoder.evidence import AttributionEvidence, attribution_evidence_of
from worker.nlp.entities.allatives import Allatives, allatives_of
from worker.nlp.entities.group import Group, Span
from worker.nlp.entities.groups import doc_language
from worker.nlp.quotes.by_table import spoken_words_of
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.sentence_ends import OPENING, sentence_ends
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import QuotingTable
from worker.nlp.speakers.antecedents import Antecedents
from worker.nlp.speakers.constructions import SpokenSentence, TableClaim, claims, is_denied, verb_before
from worker.nlp.speakers.mentions import Covered, Mentions, NounPhrase
from worker.nlp.speakers.reports.find import with_told_reports

_TOLD = 0.5
_FIRST_WORDS = 3
_MAX_SENTENCE_CHARS = 600
_MARKS = OPENING + "\n›」』)]"


def attribute_by_table(doc: Doc, table: QuotingTable) -> list[QuoteSpan]:
    """The quotes of a doc in order, with a speaker where one is told. What nobody said is left out."""
    words, groups = spoken_words_of(doc), doc._.groups
    allatives = allatives_of(words.text, groups, doc_language(doc))
    speakers = TableSpeakers(words, groups, doc._.quotes, attribution_evidence_of(doc), table, allatives)
    return speakers.attributed()


class TableSpeakers:
    """The speakers of one article's quotes."""

    def __init__(
        self,
        words: SpokenWords,
        groups: Sequence[Group],
        quotes: Sequence[QuoteSpan],
        evidence: AttributionEvidence,
        table: QuotingTable,
        allatives: Allatives,
    ) -> None:
        self._words, self._table, self._evidence = words, table, evidence
        self._text = words.text
        self._quotes = sorted(quotes, key=lambda quote: (quote.start, quote.end))
        quoted = [(quote.start, quote.end) for quote in self._quotes if quote.kind != "indirect"]
        self._covered = Covered(quoted)
        self._mentions = Mentions(words, groups, table, evidence, quoted, allatives)
        self._sentences = Sentences(self._text, quoted, partial(sentence_ends, table))
        everyone = [
            pair for pair in self._mentions.within(0, len(self._text)) if not self._covered.has(pair[0].start)
        ]
        self._antecedents = Antecedents(words, groups, everyone, table)

    def attributed(self) -> list[QuoteSpan]:
        """The quotes in order, with a speaker where one is told. What a denied verb reports is left out."""
        result: list[QuoteSpan] = []
        for quote in self._with_told(self._quotes):
            found = self._report(quote, result) if quote.kind == "indirect" else self._spoken(quote, result)
            if found is not None:
                result.append(found)
        return self._filled(result)

    def _with_told(self, quotes: Sequence[QuoteSpan]) -> list[QuoteSpan]:
        """The quotes in order, with the reports that constructions tell."""
        if not self._table.is_so("report constructions") or not self._evidence.is_available:
            return list(quotes)
        end = len(self._text)
        article = SpokenSentence(
            self._words, 0, 0, end, end, self._mentions, self._evidence, self._table, self._covered.has
        )
        return with_told_reports(quotes, self._sentences, article)

    def _report(self, quote: QuoteSpan, before: Sequence[QuoteSpan]) -> QuoteSpan | None:
        """A report with the entity of the source that the encoder tagged; without one, as a quote's."""
        if quote.cue is not None and self._is_denied_report(quote, quote.cue):
            return None
        named = [found for found, _ in self._mentions.within(*quote.speaker)] if quote.speaker else []
        inside = [found for found in named if not found.is_told]
        if quote.speaker is None or (named and not inside):
            untold = replace(quote, speaker=None)
            whole = replace(self._without_source(untold, before), cue=quote.cue)
            return whole if whole.cue is not None or whole.speaker is not None else None
        if not inside:
            return quote
        found = next((m for m in inside if m.type == "PERSON"), inside[0])
        return self._by_mention(quote, found, quote.cue, before, "report")

    def _without_source(self, quote: QuoteSpan, before: Sequence[QuoteSpan]) -> QuoteSpan:
        """A report with whom a construction tells in its sentence, or without a cue with who spoke before."""
        sentence = self._sentence(quote)
        claim = next(claims(sentence), None)
        if claim is None and quote.cue is None:
            if self._is_near(before, quote):
                return self._spoken_by(quote, before[-1], "reporting_form")
            last = before[-1] if before else None
            claim = self._introduced(sentence, last) or self._told_of(sentence, last, whole=True)
        return self._claimed(quote, claim, before) if claim is not None else quote

    def _is_denied_report(self, quote: QuoteSpan, cue: Span) -> bool:
        return cue[1] <= quote.start and is_denied(self._sentence(quote), cue)

    def _sentence(self, quote: QuoteSpan) -> SpokenSentence:
        start, end = self._sentences.around(quote.start, quote.end)
        start = min(max(start, quote.start - _MAX_SENTENCE_CHARS), quote.start)
        end = max(min(end, quote.end + _MAX_SENTENCE_CHARS), quote.end)
        return SpokenSentence(
            self._words, start, quote.start, quote.end, end, self._mentions, self._evidence, self._table,
            self._covered.has,
        )  # fmt: skip

    def _spoken(self, quote: QuoteSpan, before: Sequence[QuoteSpan]) -> QuoteSpan | None:
        """The quote with its speaker; None where its verb is denied."""
        sentence = self._sentence(quote)
        last = next((other for other in reversed(before) if other.kind != "indirect"), None)
        claim = next(claims(sentence), None)
        if claim is not None and claim.cue is not None and is_denied(sentence, claim.cue):
            return None
        if self._is_nobodys(sentence, claim):
            return None
        if claim is not None and claim.construction != "tagged_source":
            return self._claimed(quote, claim, before)
        is_whole = self._is_whole(sentence)
        if last is not None and is_whole and self._goes_on(last, quote):
            introduced = self._introduced(sentence, last)
            if introduced is not None:
                return self._claimed(quote, introduced, before)
            return self._spoken_by(quote, last, "continuation")
        is_reported = claim is None and self._is_reported(sentence)
        if is_reported and self._is_near(before, quote):
            return self._spoken_by(quote, before[-1], "reporting_form")
        if claim is None and (is_whole or is_reported):
            claim = self._told_after(sentence) if is_whole else None
            claim = claim or self._introduced(sentence, last) or self._told_of(sentence, last, whole=is_whole)
        if claim is None and is_reported and self._is_near(before, quote, elsewhere=True):
            return self._spoken_by(quote, before[-1], "reporting_form")
        return self._claimed(quote, claim, before) if claim is not None else quote

    def _spoken_by(self, quote: QuoteSpan, other: QuoteSpan, construction: str) -> QuoteSpan:
        """The quote with the speaker of another one."""
        return replace(
            quote, cue=other.cue, speaker=other.speaker, group=other.group, owner=other.owner,
            construction=construction,
        )  # fmt: skip

    def _is_reported(self, sentence: SpokenSentence) -> bool:
        """Whether a verb's form tells that the sentence is somebody's: 'Der Plan **sei** „tot“'."""
        around = (*sentence.words_before(), *sentence.words_behind())
        return any(
            self._table.has("reporting forms", self._words[i].lower)
            for i in around
            if not self._covered.has(self._words[i].start)
        )

    def _is_near(self, before: Sequence[QuoteSpan], quote: QuoteSpan, *, elsewhere: bool = False) -> bool:
        """Whether the last quote or report has a speaker and stands in the same paragraph, or near it."""
        last = before[-1] if before else None
        return (
            last is not None
            and last.speaker is not None
            and quote.start - last.end < _MAX_SENTENCE_CHARS
            and (elsewhere or "\n" not in self._text[last.end : quote.start])
        )

    def _is_nobodys(self, sentence: SpokenSentence, claim: TableClaim | None) -> bool:
        """Whether the sentence before the quote has a verb of saying that is denied, and no subject."""
        if claim is not None and claim.cue is not None:
            return False
        first = self._words.between(sentence.start, sentence.opening)[:_FIRST_WORDS]
        if any(self._table.has("nobody", self._words[i].lower) for i in first):
            return True
        cues = [
            (self._words[i].start, self._words[i].end)
            for i in sentence.words_before()
            if self._table.is_cue(self._words[i].lower) and not self._covered.has(self._words[i].start)
        ]
        return bool(cues) and is_denied(sentence, cues[-1])

    def _is_whole(self, sentence: SpokenSentence) -> bool:
        """Whether the quote is alone in its sentence."""
        if any(letter.isalnum() for letter in self._text[sentence.closing : sentence.end]):
            return False
        # "Und: „...“", "Weiter: „...“".
        before = self._words.between(sentence.start, sentence.opening)
        return all(
            self._table.has("and", self._words[i].lower)
            or self._table.has("auxiliaries", self._words[i].lower)
            for i in before
        )

    def _goes_on(self, last: QuoteSpan, quote: QuoteSpan) -> bool:
        """Whether a quote goes on from the last one, in its paragraph or, left open, in the next."""
        between = self._text[last.end : quote.start]
        if last.speaker is None or len(between) > _MAX_SENTENCE_CHARS:
            return False
        return "\n" not in between or not (between.strip(_MARKS) or "”" in between or "»" in between)

    def _introduced(self, sentence: SpokenSentence, last: QuoteSpan | None) -> TableClaim | None:
        """ "**Ana Ruiz se quejó.** «...»": the subject of the sentence before, of a verb of saying."""
        start, end = self._sentences.before(sentence.start)
        start = max(start, last.end if last else 0, end - _MAX_SENTENCE_CHARS)
        if start >= end:
            return None
        colon = self._text[start:end].rstrip().endswith(":")
        if not colon and "\n" in self._text[start : sentence.opening]:
            return None
        if not colon and not self._evidence.is_available:
            return None
        previous = replace(sentence, start=start, opening=end, closing=end, end=end)
        claim = verb_before(previous)
        if claim is None or claim.mention is None or claim.cue is None:
            return None
        if not colon and self._evidence.cue(*claim.cue) < 0.5:
            return None
        return replace(claim, construction="introduced")

    def _told_after(self, sentence: SpokenSentence) -> TableClaim | None:
        """ "„...“ **Das sagte Ute Berg.**": a sentence behind that points back and has a verb of saying."""
        start, end = self._sentences.after(sentence.end)
        first = self._words.first_from(start)
        if first >= len(self._words) or self._words[first].start >= end:
            return None
        if not self._table.has("pointing back", self._words[first].lower):
            return None
        end = min(end, start + _MAX_SENTENCE_CHARS)
        claim = verb_before(replace(sentence, start=start, opening=end, closing=end, end=end))
        return replace(claim, construction="told_after") if claim is not None else None

    def _told_of(self, sentence: SpokenSentence, last: QuoteSpan | None, *, whole: bool) -> TableClaim | None:
        """Whom the encoder takes for a source before: in the last sentence, or in the paragraph."""
        start, end = self._sentences.before(sentence.start)
        line = self._text.rfind("\n", 0, sentence.start) + 1
        start = max(line, last.end if last else 0, start if whole else 0, end - _MAX_SENTENCE_CHARS)
        if not self._evidence.is_available or start >= end:
            return None
        tagged = [
            found
            for found, is_governed in self._mentions.within(start, end)
            if not is_governed
            and not self._covered.has(found.start)
            and self._evidence.source(found.start, found.end) >= _TOLD
        ]
        return TableClaim(tagged[-1], None, construction="told_of") if tagged else None

    def _claimed(self, quote: QuoteSpan, claim: TableClaim, before: Sequence[QuoteSpan]) -> QuoteSpan:
        """The quote with the speaker of a claim."""
        found = claim.mention
        if found is not None:
            return self._by_mention(quote, found, claim.cue, before, claim.construction, claim.gender)
        at = claim.cue[0] if claim.cue else quote.start
        who = self._antecedents.of_pronoun(
            at, claim.gender, self._last_group(before, at), before[-1].end if before else None
        )
        if who is None:
            return replace(quote, cue=claim.cue)
        span = (who.mention.start, who.mention.end)
        return replace(quote, cue=claim.cue, speaker=span, group=who.group, construction=claim.construction)

    def _by_mention(
        self, quote: QuoteSpan, found: NounPhrase, cue: Span | None, before: Sequence[QuoteSpan],
        construction: str, gender: str = "",
    ) -> QuoteSpan:  # fmt: skip
        """The quote, said by a mention, with the entity that this stands for."""
        last = self._last_group(before, found.start)
        group, owner = self._antecedents.told(found.group), found.owner
        if found.kind == "pronoun":
            told = self._antecedents.gender_of(found.gender, gender)
            who = self._antecedents.of_pronoun(found.start, told, last, before[-1].end if before else None)
            group = who.group if who is not None else None
        elif found.kind == "role":
            group = self._antecedents.of_role(found, last)
        is_theirs = found.is_owned and owner is not None and owner != group
        return replace(
            quote, cue=cue, speaker=(found.start, found.end), group=group,
            owner=self._antecedents.told(owner) if is_theirs else None, construction=construction,
        )  # fmt: skip

    def _last_group(self, before: Sequence[QuoteSpan], at: int) -> int | None:
        """The entity that spoke last before a place, near it."""
        last = before[-1] if before else None
        return last.group if last is not None and at - last.end < _MAX_SENTENCE_CHARS else None

    def _filled(self, quotes: list[QuoteSpan]) -> list[QuoteSpan]:
        """The quotes, where one that is alone in its sentence gets the speaker of the next one beside it."""
        result = list(quotes)
        spoken = [i for i, quote in enumerate(quotes) if quote.kind != "indirect"]
        for i, j in reversed(list(pairwise(spoken))):
            quote, later = result[i], result[j]
            between = self._text[quote.end : later.start]
            is_beside = not between.strip(_MARKS + ".,") and self._is_whole(self._sentence(quote))
            if quote.speaker is None and later.speaker is not None and is_beside:
                result[i] = self._spoken_by(quote, later, "filled")
        return result

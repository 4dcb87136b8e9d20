"""The constructions in which news reports what somebody says without marks, one function each.

Each takes a sentence and gives the report with its cue and whoever it is of, or None. Their words are in
`worker/nlp/data/<language>/quoting.tsv`. Where the bounds of the report are not told, there is none.
"""

from dataclasses import dataclass

from worker.nlp.entities.group import Span
from worker.nlp.speakers.constructions import (
    is_denied,
    subject_then_verb_behind,
    verb_before,
    verb_behind,
)
from worker.nlp.speakers.mentions import NounPhrase
from worker.nlp.speakers.reports.sentence import ReportSentence, SourcePhrase

_FEWEST_WORDS = 4
_MOST_AS = 16
_MOST_BEFORE_THAT = 5
_MOST_AFTER_SPEAKER = 6
_FEWEST_BEHIND = 2
_LONGEST_POSTPOSED = 8
_LEAST_LETTERS = 3
_LEAST_CONTENT = 0.4
_LEAST_ROLES, _LEAST_CREDIT, _SURE_SOURCE = 0.5, 0.4, 0.5
_LEAST_CUE = 0.3
_APART = 0.25


@dataclass(frozen=True, slots=True)
class ToldReport:
    """A report: where it stands, its cue, and whoever it is of. `construction`: what found it."""

    start: int
    end: int
    cue: Span
    mention: NounPhrase
    construction: str


def as_they_say(sentence: ReportSentence) -> ToldReport | None:
    """ "El puente, **como explicó Ana Ruiz**, cerrará", "**Wie die Stadt mitteilte**, fehlt das Geld"."""
    for i in range(sentence.first, sentence.last):
        behind = sentence.phrase(i, "as")
        if not behind or not (i == sentence.first or sentence.comma_before(i)):
            continue
        stop = sentence.next_comma(sentence.words[behind].start)
        last = sentence.last if stop is None else sentence.words.first_from(stop)
        if last - i > _MOST_AS:
            continue
        told = _clause_said(sentence, behind, last) or _emerging(sentence, behind, last)
        if told is None:
            continue
        if last < sentence.last and sentence.words[last].start in sentence.mentions.names:
            last = _behind_apposition(sentence, last)
        return _around(sentence, i, last, *told, "as_they_say")
    return None


def _behind_apposition(sentence: ReportSentence, i: int) -> int:
    """The word behind a name and the comma behind it: "como explicó la alcaldesa, **Ana Ruiz**, ..."."""
    end = sentence.mentions.names[sentence.words[i].start][0]
    behind = sentence.words.first_from(end)
    is_closed = behind >= sentence.last or sentence.words.gap(behind).startswith(",")
    return behind if is_closed else i


def _clause_said(sentence: ReportSentence, first: int, last: int) -> tuple[Span, NounPhrase] | None:
    """The verb of saying and its subject, in a clause of nothing else."""
    words, only = sentence.words, sentence.table.kinds["as verbs"]
    cues = [i for i in range(first, last) if sentence.is_cue(i) and (not only or sentence.lower(i) in only)]
    for cue in reversed(cues):
        if words[cue].start in sentence.mentions.names:
            continue
        behind = next((k for k in range(cue + 1, last) if not _is_light(sentence, k)), last)
        for a, b in ((behind, last), (first, cue)):
            phrase = _subject(sentence, a, b)
            if phrase is not None:
                return sentence.place(cue), phrase
    return None


def _is_light(sentence: ReportSentence, i: int) -> bool:
    table, word = sentence.table, sentence.lower(i)
    return table.is_auxiliary(word) and word not in table.determiners and table.role(word) is None


def _subject(sentence: ReportSentence, first: int, last: int) -> NounPhrase | None:
    """The first noun phrase of a clause that nothing governs and that may be a source."""
    if last <= first:
        return None
    words, mentions = sentence.words, sentence.mentions
    end = words[last - 1].end
    for found, is_governed in mentions.within(words[first].start, end):
        phrase = sentence.phrase_of(found.first, min(found.next, last))
        if phrase is None or is_governed or found.first < first:
            continue
        return found if found.kind != "role" or found.noun else phrase.mention
    return None


def _emerging(sentence: ReportSentence, first: int, last: int) -> tuple[Span, NounPhrase] | None:
    """ "wie **aus einem Bericht hervorgeht**": what a document shows."""
    verb = next((i for i in range(first, last) if sentence.has("emerges", i)), None)
    if verb is None:
        return None
    start = next((i for i in range(first, last) if sentence.has("emerging from", i)), None)
    if start is None or start + 1 >= last:
        return None
    phrase = sentence.phrase_of(start + 1, verb if verb > start else last)
    return (sentence.place(verb), phrase.mention) if phrase is not None else None


def _around(
    sentence: ReportSentence, first: int, last: int, cue: Span, mention: NounPhrase, construction: str
) -> ToldReport | None:
    """The report in front of what tells who says it (words `first` to before `last`), behind it, or both."""
    begin, end = sentence.first, sentence.last
    while begin < first and sentence.has("and", begin):
        begin += 1
    if first > begin and _goes_on_about(sentence, last):
        closing = sentence.next_comma(sentence.words[last].start)
        last = sentence.last if closing is None else sentence.words.first_from(closing)
    if first - begin < 1:
        begin = last
    elif end - last < _FEWEST_BEHIND or _is_aside(sentence, begin, first, last):
        end = first
    if end - begin < _FEWEST_WORDS or sentence.words.text[sentence.end : sentence.end + 1] == "?":
        return None
    begin, end = _likely(sentence, begin, end, first, last)
    span = sentence.words[begin].start, sentence.words[end - 1].end
    return ToldReport(*span, cue, mention, construction)


def _goes_on_about(sentence: ReportSentence, last: int) -> bool:
    """Whether a relative clause follows a source: "..., según las fuentes, **que no dan cifras**"."""
    is_article = last < sentence.last and sentence.lower(last) in sentence.table.determiners
    return sentence.comma_before(last) and sentence.has("relative words", last) and not is_article


def _is_aside(sentence: ReportSentence, begin: int, first: int, last: int) -> bool:
    """Whether what follows a source belongs to it: "..., enligt Ann Berg, **chef för banken**"."""
    behind = sentence.content(last, sentence.last)
    return behind < min(_LEAST_CONTENT, sentence.content(begin, first) - _APART)


def _likely(sentence: ReportSentence, begin: int, end: int, first: int, last: int) -> tuple[int, int]:
    """The report without a clause at its beginning that the encoder takes for no part of it."""
    words = sentence.words
    for comma in sentence.commas:
        i = words.first_from(comma)
        if i <= begin or i >= min(end, first if begin < first else end):
            continue
        if sentence.content(begin, i) < _APART and sentence.content(i, end) >= 2 * _APART:
            return (i, end) if end - i >= _FEWEST_WORDS else (begin, end)
    return begin, end


def credited(sentence: ReportSentence) -> ToldReport | None:
    """ "**Según Ana Ruiz**, faltan camas", "Der Deich ist **laut der Stadt** alt", "**X:n mukaan**"."""
    for i in range(sentence.first, sentence.last):
        behind = sentence.phrase(i, "credits")
        if behind and not sentence.words.gap(behind).strip() and not sentence.is_cue(behind):
            phrase = sentence.source_from(behind)
            found = _credit(sentence, i, behind, phrase) if phrase is not None else None
            if found is not None:
                return found
        postposition = sentence.phrase(i, "postposed") or (i + 1 if sentence.has("postposed", i) else 0)
        phrase = _before(sentence, i) if postposition else None
        if phrase is not None:
            cue = sentence.words[i].start, sentence.words[postposition - 1].end
            if sentence.cue_score(i, postposition) >= _LEAST_CUE:
                return _around(sentence, phrase.first, postposition, cue, phrase.mention, "credited")
    return None


def _credit(sentence: ReportSentence, i: int, behind: int, phrase: SourcePhrase) -> ToldReport | None:
    """The report of a credit, which stands at a place where it may: alone between commas, or by the verb."""
    is_first = i == sentence.first or (i == sentence.first + 1 and sentence.has("and", i - 1))
    is_closed = phrase.next >= sentence.last or sentence.comma_before(phrase.next)
    is_parted = sentence.comma_before(i) and is_closed
    if sentence.table.is_so("credits between commas") and not is_first and not is_parted:
        return None
    cue = sentence.words[i].start, sentence.words[behind - 1].end
    if not (is_first or _is_credit_inside(sentence, i, phrase)):
        return None
    likely = max(sentence.content(sentence.first, i), sentence.content(phrase.next, sentence.last))
    if phrase.mention.type != "PERSON" and sentence.cue_score(i, behind) + likely < _LEAST_CREDIT:
        return None
    if is_first:
        i = sentence.first
    return _around(sentence, i, phrase.next, cue, phrase.mention, "credited")


def _is_credit_inside(sentence: ReportSentence, i: int, phrase: SourcePhrase) -> bool:
    """Whether a source within a clause is known to speak: "Tåget gick enligt **planen** klockan nio"."""
    is_inside = phrase.next < sentence.last and not sentence.comma_before(i)
    is_known = sentence.is_known(phrase.first, phrase.next)
    return not is_inside or is_known or sentence.source_score(phrase.first, phrase.next) >= _SURE_SOURCE


def _before(sentence: ReportSentence, i: int) -> SourcePhrase | None:
    """Whoever is named before a postposition: "**Angaben der Stadt** zufolge", "**poliisin** mukaan"."""
    first = i
    while first > sentence.first and not sentence.comma_before(first) and i - first < _MOST_AS:
        k = first - 1
        if first < i and sentence.content(k, k + 1) > sentence.source_score(k, k + 1) + _APART:
            break
        first = k
    if i - first > _LONGEST_POSTPOSED:
        over = _mention_over(sentence, first, i)
        first = first if over is None else over.first
    return sentence.phrase_of(first, i)


def _mention_over(sentence: ReportSentence, first: int, last: int) -> NounPhrase | None:
    """The first mention in a part of the sentence that goes to its end."""
    if first >= last:
        return None
    words = sentence.words
    found = sentence.mentions.within(words[first].start, words[last - 1].end)
    return next((mention for mention, _ in found if mention.next >= last), None)


def said_behind(sentence: ReportSentence) -> ToldReport | None:
    """ "El puente cerrará, **explicó Ana Ruiz**", "Das Geld fehlt, **so die Stadt**"."""
    if sentence.has("clause openers", sentence.first):
        return None
    words = sentence.words
    for comma in reversed(sentence.commas):
        i = words.first_from(comma)
        if words.text[comma] not in ",–—-" or i >= sentence.last:
            continue
        found = _inverted_at(sentence, comma)
        if found is not None:
            return _said(sentence, i, *found) if _is_subject(sentence, *found) else None
    return None


def _inverted_at(sentence: ReportSentence, comma: int) -> tuple[Span, NounPhrase] | None:
    """The verb of saying and its subject right behind a comma."""
    part = sentence.part(sentence.start, sentence.start, comma, sentence.end)
    claim = verb_behind(part)
    if claim is None and sentence.table.is_so("subject first"):
        claim = subject_then_verb_behind(part)
    if claim is None or claim.mention is None or claim.cue is None or claim.mention.start < comma:
        return None
    return claim.cue, claim.mention


def _is_subject(sentence: ReportSentence, cue: Span, mention: NounPhrase) -> bool:
    """Whether a mention may speak, and the encoder takes it or the verb for what they are."""
    if sentence.mentions.is_governed(mention):
        return False
    if sentence.phrase_of(mention.first, mention.next) is None:
        return False
    if mention.kind == "role" and not mention.noun and mention.end - mention.start < _LEAST_LETTERS:
        return False
    evidence = sentence.around.evidence
    roles = evidence.cue(*cue) + evidence.source(mention.start, mention.end)
    return roles >= _LEAST_ROLES or _is_sure(sentence, cue, mention)


def _is_sure(sentence: ReportSentence, cue: Span, mention: NounPhrase) -> bool:
    """Whether the words alone tell: a verb of nothing but saying, and a subject that is known to speak."""
    verb = sentence.words.first_from(cue[0])
    return sentence.has("sure verbs", verb) and sentence.is_known(mention.first, mention.next)


def _said(sentence: ReportSentence, first: int, cue: Span, mention: NounPhrase) -> ToldReport | None:
    """The report before a verb of saying and its subject, and behind them where it goes on there."""
    words = sentence.words
    last = max(words.first_from(cue[1]), mention.next)
    before = sentence.content(sentence.first, first)
    has_that = any(sentence.has("that", i) for i in range(last, sentence.last))
    if has_that and sentence.content(last, sentence.last) > before:
        # "Tras la reunión, dijo Ana Ruiz **que** ...": the report follows.
        return None
    behind = sentence.next_comma(mention.end)
    rest = max(words.first_from(behind) if behind is not None else sentence.last, last)
    goes_on = rest - last <= _MOST_AFTER_SPEAKER and _goes_on(sentence, rest, before)
    if not goes_on and first - sentence.first < _FEWEST_WORDS:
        return None
    return _around(sentence, first, rest if goes_on else sentence.last, cue, mention, "said_behind")


def _goes_on(sentence: ReportSentence, rest: int, before: float) -> bool:
    """Whether a report goes on from a word behind its speaker: "El plan, dijo Ana Ruiz, **es caro**"."""
    if sentence.last - rest < _FEWEST_WORDS or sentence.has("and", rest) or sentence.has("relatives", rest):
        return False
    is_small = sentence.words.text[sentence.words[rest].start].islower()
    return is_small and sentence.content(rest, sentence.last) >= max(_LEAST_CONTENT, before - _APART)


def that_clause(sentence: ReportSentence) -> ToldReport | None:
    """ "**Ana Ruiz** dijo **que el puente cerrará**", "Informó **el Gobierno** que ..."."""
    for i in range(sentence.first + 1, sentence.last):
        if not sentence.has("that", i) or sentence.has("prepositions", i - 1):
            continue
        if sentence.last - i <= _FEWEST_WORDS:
            continue
        told = _emerging(sentence, sentence.first, i) or _said_before(sentence, i)
        is_likely = sentence.content(i, sentence.last) >= _LEAST_CONTENT
        if told is not None and (is_likely or _is_sure(sentence, *told)):
            return ToldReport(sentence.words[i].start, sentence.end, *told, "that_clause")
    return None


def _said_before(sentence: ReportSentence, that: int) -> tuple[Span, NounPhrase] | None:
    """The verb of saying before "that", and its subject, if both stand beside it and nothing denies it."""
    words = sentence.words
    near = range(max(sentence.first, that - _MOST_BEFORE_THAT - _MOST_AFTER_SPEAKER), that)
    if not any(sentence.is_cue(k) for k in near):
        return None
    part = sentence.part(sentence.start, words[that].start, sentence.end, sentence.end)
    claim = verb_before(part)
    if claim is None or claim.cue is None:
        return None
    mention = _who_said(sentence, claim.cue, claim.mention)
    if mention is None or is_denied(part, claim.cue):
        return None
    last = words.first_from(max(claim.cue[1], mention.end))
    is_near = that - last <= _MOST_BEFORE_THAT
    return (claim.cue, mention) if is_near and not sentence.is_parted(last, that) else None


def _who_said(sentence: ReportSentence, cue: Span, mention: NounPhrase | None) -> NounPhrase | None:
    """The subject of a verb that nothing subordinates; of a relative clause, whoever that belongs to."""
    at = sentence.words.first_from(cue[0])
    comma = next((k for k in range(at, sentence.first, -1) if sentence.comma_before(k)), sentence.first)
    if sentence.has("clause openers", comma) or _is_opened(sentence, mention):
        return None
    opener = comma + sentence.has("prepositions", comma)
    if comma > sentence.first and sentence.has("relative words", opener):
        who = _antecedent_of(sentence, comma)
        return who if who is not None and sentence.phrase_of(who.first, who.next) is not None else None
    return mention if mention is not None and _is_subject(sentence, cue, mention) else None


def _is_opened(sentence: ReportSentence, mention: NounPhrase | None) -> bool:
    """Whether a subordinate clause begins right before a mention: "Nicht **weil** sie sagte, dass"."""
    return mention is not None and sentence.has("clause openers", mention.first - 1)


def _antecedent_of(sentence: ReportSentence, comma: int) -> NounPhrase | None:
    """Whoever a relative clause belongs to: "citó a **la agencia**, que dijo que ..."."""
    return _mention_over(sentence, max(sentence.first, comma - _MOST_AS), comma)


REPORT_CONSTRUCTIONS = (as_they_say, that_clause, credited, said_behind)


def told_in(sentence: ReportSentence) -> ToldReport | None:
    """The report of a sentence, by the first construction that fits; None where none does."""
    if sentence.last - sentence.first < _FEWEST_WORDS + 1:
        return None
    opens_with_credit = bool(sentence.phrase(sentence.first, "credits"))
    order = (as_they_say, credited, that_clause) if opens_with_credit else REPORT_CONSTRUCTIONS
    return next((found for construction in order if (found := construction(sentence)) is not None), None)

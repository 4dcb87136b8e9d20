"""Finds who says a quote by constructions whose words a language's table has, one function each.

A construction gives a claim: a mention, or none where the verb has no subject of its own, with the cue. The
first that fits counts; where none does, the encoder's evidence, if it is sure.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.entities.group import Span
from worker.nlp.quotes.narrators import cue_behind, phrase_at
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import HE, SHE, QuotingTable
from worker.nlp.speakers.mentions import Mentions, NounPhrase

_LOOK_CHARS = 320
_CLOSING = "”“\"’'»«›‹」』 \t\u00a0\u202f,.!?…-–—―"
_LIGHT_GAP = "”“\"’'»«›‹」』 \t\u00a0\u202f"
_MOST_BETWEEN = 8
_DENIED_WITHIN = 3
_SUBJECT_SOURCE = 0.5
_TAGGED_SOURCE = 0.35
_SURE_SOURCE = 0.5
_LEAST, _LEAST_BEFORE_COLON = 0.4, 0.2
_BESIDE, _GOVERNED, _AGENT_SOURCE = 0.3, 0.4, 0.6


@dataclass(frozen=True, slots=True)
class TableClaim:
    """A claim that a mention speaks; None where the verb, which `gender` may tell of, has no subject."""

    mention: NounPhrase | None
    cue: Span | None
    gender: str = ""
    construction: str = ""


@dataclass(frozen=True)
class SpokenSentence:
    """The sentence of a quote: `start` to `opening` before it, `closing` to `end` behind it."""

    words: SpokenWords
    start: int
    opening: int
    closing: int
    end: int
    mentions: Mentions
    evidence: AttributionEvidence
    table: QuotingTable
    is_taken: Callable[[int], bool]
    """Whether a place stands in a quote."""

    def cue_span(self, i: int) -> Span:
        """The place of a verb of saying, without the pronoun that is joined to it."""
        word = self.words[i]
        if self.table.joined_pronoun(word.lower) is None:
            return word.start, word.end
        stem = word.lower.partition("-")[0]
        return word.start, word.start + len(stem)

    def joined(self, i: int) -> NounPhrase | None:
        """The pronoun that is joined to a word: "dit-**elle**"."""
        word = self.words[i]
        pronoun = self.table.joined_pronoun(word.lower)
        if pronoun is None:
            return None
        gender = self.table.pronouns[pronoun]
        return NounPhrase(word.end - len(pronoun), word.end, "pronoun", i, i + 1, gender=gender)

    def words_before(self) -> range:
        """The words of the sentence before the quote, as far as they are looked at."""
        return self.words.between(max(self.start, self.opening - _LOOK_CHARS), self.opening)

    def words_behind(self) -> range:
        """The words of the sentence behind the quote, as far as they are looked at."""
        return self.words.between(self.closing, min(self.end, self.closing + _LOOK_CHARS))

    def source(self, mention: NounPhrase) -> float:
        """The encoder's evidence for a mention as a source."""
        return self.evidence.source(mention.start, mention.end)

    def is_clear(self, start: int, end: int) -> bool:
        """Whether nothing but quotation marks and spaces stands between two places."""
        return not self.words.text[start:end].strip(_LIGHT_GAP)


def verb_behind(sentence: SpokenSentence) -> TableClaim | None:
    """ "“No lo sé”, **dijo Ana Ruiz**", "« Oui », **a-t-elle dit**"; and "“...”, **so der Minister**"."""
    words, table = sentence.words, sentence.table
    behind = sentence.words_behind()
    if not len(behind) or words.text[sentence.closing : words[behind[0]].start].strip(_CLOSING):
        return None
    first = behind[0]
    if table.has("behind cues", words[first].lower):
        found = _subject_from(sentence, first + 1, sentence.end)
        return TableClaim(found, sentence.cue_span(first)) if found is not None else None
    cue = cue_behind(words, first, sentence.end, table)
    if cue is None:
        return None
    joined = next((found for k in range(first, cue + 1) if (found := sentence.joined(k))), None)
    subject = joined or _subject_from(sentence, cue + 1, sentence.end)
    gender = table.gender_of_verb(words[cue].lower)
    if subject is None and not table.is_so("subjectless"):
        subject = _subject_before_participle(sentence, cue)
        if subject is None:
            return None
    return TableClaim(subject, sentence.cue_span(cue), gender)


def _subject_before_participle(sentence: SpokenSentence, cue: int) -> NounPhrase | None:
    """ "**Der Minister** hat ihn „müde“ **genannt**", "**ein Minister**, der ihn „müde“ genannt hat"."""
    if not sentence.table.is_so("verb last"):
        return None
    antecedent = _antecedent(sentence, sentence.opening)
    if antecedent is not None:
        return antecedent
    if _is_passive(sentence):
        return None
    return _best_subject(sentence, _own_clause(sentence, sentence.opening), sentence.opening)[0]


def _subject_from(sentence: SpokenSentence, i: int, end: int) -> NounPhrase | None:
    """The subject behind a verb, over adverbs and the like: "sagte am Montag **der Minister**"."""
    words, mentions, table = sentence.words, sentence.mentions, sentence.table
    last = min(len(words), i + _MOST_BETWEEN)
    doubtful: NounPhrase | None = None
    while i < last and words[i].start < end and not words.gap(i).strip():
        if table.is_auxiliary(words[i].lower) and words[i].lower not in table.determiners:
            i += 1
            continue
        found = mentions.at(i, end)
        if found is None:
            if table.has("prepositions", words[i].lower):
                i += 1
                governed = mentions.at(i, end) if i < last else None
                i = governed.next if governed is not None else i + 1
                continue
            may_be_told = doubtful is not None and doubtful.may_be_told
            if table.has("that", words[i].lower) or (may_be_told and table.has("and", words[i].lower)):
                break
            i += 1
            continue
        if not mentions.is_governed(found) and not _is_time(sentence, found):
            if found.may_be_told or (found.type != "PERSON" and _has_tagged_person(sentence, found)):
                doubtful = doubtful or found
            else:
                return found
        i = max(found.next, i + 1)
    return doubtful


def _has_tagged_person(sentence: SpokenSentence, found: NounPhrase) -> bool:
    """Whether the encoder denies a mention without an office: "declaró **la noche** del lunes Ana Ruiz"."""
    return sentence.evidence.is_available and not found.noun and sentence.source(found) < 0.3


def _is_time(sentence: SpokenSentence, found: NounPhrase) -> bool:
    """Whether a phrase without an office is no source to the encoder: "este lunes"."""
    if found.kind != "role" or found.noun:
        return False
    return sentence.evidence.is_available and sentence.source(found) < _SUBJECT_SOURCE


def subject_then_verb_behind(sentence: SpokenSentence) -> TableClaim | None:
    """ "“No lo sé”, **Ana Ruiz dijo**"."""
    words, table = sentence.words, sentence.table
    behind = sentence.words_behind()
    if not len(behind) or words.text[sentence.closing : words[behind[0]].start].strip(_CLOSING):
        return None
    if "." in words.text[sentence.closing : words[behind[0]].start]:
        return None
    found = sentence.mentions.at(behind[0], sentence.end)
    if found is None or sentence.mentions.is_governed(found):
        return None
    if table.is_so("verb last") and any(_is_free_cue(sentence, i) for i in sentence.words_before()):
        # "Klose **nannte** das „falsch“, Joachim Löw bezeichnete": the next clause.
        return None
    cue = cue_behind(words, found.next, sentence.end, table)
    return TableClaim(found, sentence.cue_span(cue)) if cue is not None else None


def _is_free_cue(sentence: SpokenSentence, i: int) -> bool:
    """Whether a word outside quotes is a verb of saying."""
    word = sentence.words[i]
    return sentence.table.is_cue(word.lower) and not sentence.is_taken(word.start)


def according_phrase(sentence: SpokenSentence) -> TableClaim | None:
    """ "**Según Ana Ruiz**, es «tarde»", "laut **dem Minister**", "**Angaben der Polizei** zufolge"."""
    words = sentence.words
    for i in (*sentence.words_before(), *sentence.words_behind()):
        if sentence.is_taken(words[i].start):
            continue
        found = phrase_at(words, i, sentence.table, "according")
        if not found and _opens_sentence(sentence, i):
            found = phrase_at(words, i, sentence.table, "opinion")
        if found:
            end = sentence.opening if words[i].start < sentence.opening else sentence.end
            source = sentence.mentions.at(found, end)
            if source is not None and not words.gap(found).strip():
                return TableClaim(source, (words[i].start, words[found - 1].end))
        source = _before_postposition(sentence, i)
        if source is not None:
            return TableClaim(source, (words[i].start, words[i].end))
    return None


def in_their_view(sentence: SpokenSentence) -> TableClaim | None:
    """ "**Jej zdaniem** to „błąd”", "**A su juicio**, es «tarde»": somebody who was named before."""
    words = sentence.words
    for kind, gender in (("in his view", HE), ("in her view", SHE), ("in whose view", "")):
        for i in (*sentence.words_before(), *sentence.words_behind()):
            found = phrase_at(words, i, sentence.table, kind)
            if found and not sentence.is_taken(words[i].start):
                cue = words[i].start, words[found - 1].end
                return TableClaim(_possessor(sentence, i, found, gender), cue, gender)
    return None


def _possessor(sentence: SpokenSentence, first: int, last: int, gender: str) -> NounPhrase | None:
    """The pronoun of a phrase that tells whose view it is: "**seiner** Meinung nach", "a **su** juicio"."""
    words, table = sentence.words, sentence.table
    for i in range(first, last):
        if gender and words[i].lower in table.determiners:
            return NounPhrase(words[i].start, words[i].end, "pronoun", i, i + 1, gender=gender)
    return None


def _opens_sentence(sentence: SpokenSentence, i: int) -> bool:
    return not sentence.words.text[sentence.start : sentence.words[i].start].strip()


def _before_postposition(sentence: SpokenSentence, i: int) -> NounPhrase | None:
    words = sentence.words
    if not phrase_at(words, i, sentence.table, "thereafter"):
        return None
    for k in range(max(0, i - _MOST_BETWEEN), i):
        found = sentence.mentions.at(k, words[i].start)
        if found is not None and found.next == i:
            return found
    return None


def verb_before(sentence: SpokenSentence) -> TableClaim | None:
    """ "**Ana Ruiz dijo** que es «tarde»", "Ayer **dijo Ana Ruiz**: «...»"."""
    words, table = sentence.words, sentence.table
    for i in reversed(sentence.words_before()):
        if sentence.is_taken(words[i].start) or not table.is_cue(words[i].lower):
            continue
        if words[i].start in sentence.mentions.names:
            continue
        subject = sentence.joined(i) or _subject_of(sentence, i)
        gender = table.gender_of_verb(words[i].lower)
        if subject is None and not table.is_so("subjectless"):
            continue
        return TableClaim(subject, sentence.cue_span(i), gender)
    return None


def _subject_of(sentence: SpokenSentence, cue: int) -> NounPhrase | None:
    """The likelier of the subjects before and behind a verb: "Im Interview der Woche sagte **sie**"."""
    words, table = sentence.words, sentence.table
    start = _own_clause(sentence, words[cue].start)
    before, score = _best_subject(sentence, start, words[cue].start, cue=cue)
    if _is_joined(sentence, cue):
        first = next((i for i in words.between(start, words[cue].start) if _is_free_cue(sentence, i)), None)
        subject = _best_subject(sentence, start, words[first].start)[0] if first is not None else None
        if subject is not None or before is not None:
            return subject or before
    behind = _inverted(sentence, cue)
    if behind is None:
        return before
    if before is None or _is_told_to(table, before, behind, cue):
        return behind
    is_whole = _is_right_before(sentence, before, cue) and bool(before.noun)
    is_beside = behind.first == cue + 1 and _kind_score(behind) > _kind_score(before)
    if is_whole and not is_beside:
        return before
    other = sentence.source(behind) + _kind_score(behind)
    other += _BESIDE if behind.first == cue + 1 else 0.0
    return behind if other > score else before


def _is_told_to(table: QuotingTable, before: NounPhrase, behind: NounPhrase, cue: int) -> bool:
    """Whether what stands before a verb is whom somebody tells it: "**Der Zeitung** sagte Ute Berg"."""
    if before.may_be_told and _kind_score(behind):
        return True
    is_beside = behind.first == cue + 1 and behind.type == "PERSON"
    return is_beside and before.kind == "role" and table.is_so("verb last")


def _clause_start(sentence: SpokenSentence, end: int) -> int:
    """Where the clause of a verb begins, behind a colon or the like: "Scharf: **So sagte** Olli Rehn"."""
    start = max(sentence.start, end - _LOOK_CHARS)
    at = max(sentence.words.text.rfind(mark, start, end) for mark in ":;")
    return start if at < 0 or sentence.is_taken(at) else at + 1


def _own_clause(sentence: SpokenSentence, end: int) -> int:
    """Where the clause of a verb begins: behind another quote, or a clause of its own in front or beside it.

    "Als ein Gast kam, **rief Ute Berg**", "weil **die Stadt** ihn „tot“ nannte", "wonach **Ute Berg** ...".
    """
    words, table = sentence.words, sentence.table
    start = _clause_start(sentence, end)
    inside = words.between(start, end)
    if not table.kinds["subordinators"] or not len(inside):
        return start
    quoted = next((i for i in reversed(inside) if sentence.is_taken(words[i].start)), None)
    if quoted is not None and quoted + 1 in inside and "," in words.gap(quoted + 1):
        # "Klose nannte das „falsch“, **Joachim Löw** sagte": the next clause.
        start, inside = words[quoted + 1].start, inside[quoted + 1 - inside[0] :]
    # The verb itself, behind the span, may be what follows the comma.
    last = min(inside[-1] + 2, len(words))
    commas = [
        i for i in range(inside[0] + 1, last) if "," in words.gap(i) and not sentence.is_taken(words[i].start)
    ]
    if commas and table.has("subordinators", words[commas[-1]].lower):
        return words[commas[-1]].start
    if commas and table.has("subordinators", words[inside[0]].lower):
        return words[commas[0]].start
    return start


def _antecedent(sentence: SpokenSentence, end: int) -> NounPhrase | None:
    """Whoever a relative clause belongs to whose verb stands last: "**Leute**, die ihn „müde“ nannten"."""
    words, table, mentions = sentence.words, sentence.table, sentence.mentions
    inside = words.between(max(sentence.start, end - _LOOK_CHARS), end)
    comma = next(
        (i for i in reversed(inside[1:]) if "," in words.gap(i) and not sentence.is_taken(words[i].start)),
        None,
    )
    if comma is None or not table.has("relatives", words[comma].lower):
        return None
    for k in range(max(inside[0], comma - _MOST_BETWEEN), comma):
        found = mentions.at(k, words[comma].start)
        if found is not None and found.next == comma:
            return found
    return None


def _is_joined(sentence: SpokenSentence, cue: int) -> bool:
    """Whether a verb has its subject from the one before: "Leute kamen **und warfen** der Stadt ... vor"."""
    words, table = sentence.words, sentence.table
    is_last = table.is_so("verb last") and cue > 0 and not words.gap(cue).strip()
    return is_last and table.has("and", words[cue - 1].lower)


def _inverted(sentence: SpokenSentence, cue: int) -> NounPhrase | None:
    """The subject between a verb and the quote."""
    found = _subject_from(sentence, cue + 1, sentence.opening)
    if found is None:
        return None
    is_plain = found.kind == "role" and not found.noun
    return found if not is_plain or sentence.source(found) > _SUBJECT_SOURCE else None


def _kind_score(found: NounPhrase) -> float:
    if found.type == "PERSON" or found.kind == "pronoun":
        return 0.3
    return 0.15 if found.noun else 0.0


def _best_subject(
    sentence: SpokenSentence, start: int, end: int, *, cue: int | None = None, least: float = _LEAST
) -> tuple[NounPhrase | None, float]:
    """The likeliest subject of a verb behind it, and its score: tagged, near, first of its sentence."""
    best, best_score = None, least
    is_first = True
    aside = _relative_clauses(sentence, max(start, end - _LOOK_CHARS), end)
    for found, is_governed in sentence.mentions.within(max(start, end - _LOOK_CHARS), end):
        source = sentence.source(found)
        is_agent = (
            is_governed and not found.is_told and sentence.evidence.is_available and source > _AGENT_SOURCE
        )
        if (is_governed and not is_agent) or sentence.is_taken(found.start) or found.first in aside:
            continue
        score = source + _kind_score(found) - (_GOVERNED if is_governed else 0.0)
        score += 0.2 if is_first else 0.0
        score += _BESIDE if cue is not None and _is_right_before(sentence, found, cue) else 0.0
        is_first = False
        if score > best_score:
            best, best_score = found, score
    return best, best_score


def _relative_clauses(sentence: SpokenSentence, start: int, end: int) -> set[int]:
    """The words of relative clauses that end before a verb: "Berg, **die als Gegnerin gilt**, sagte"."""
    words, table = sentence.words, sentence.table
    inside = words.between(start, end)
    found: set[int] = set()
    if not table.is_so("capital nouns") or not len(inside):
        return found
    commas = [i for i in inside[1:] if "," in words.gap(i)]
    for first, last in pairwise(commas):
        # Their verb stands last, and is no noun; else it is a phrase in apposition.
        if table.has("relatives", words[first].lower) and words.text[words[last - 1].start].islower():
            found.update(range(first, last))
    return found


def _is_right_before(sentence: SpokenSentence, found: NounPhrase, cue: int) -> bool:
    words, table = sentence.words, sentence.table
    return found.next <= cue and all(
        table.is_auxiliary(words[k].lower)
        or table.has("negations", words[k].lower)
        or table.has("relatives", words[k].lower)
        for k in range(found.next, cue)
    )


def document_source(sentence: SpokenSentence) -> TableClaim | None:
    """ "**In dem Brief** heißt es", "„...“, hieß es **in einer Mitteilung**", "war **im Text** zu lesen"."""
    words, table, mentions = sentence.words, sentence.table, sentence.mentions
    around = [
        i
        for i in (*sentence.words_before(), *sentence.words_behind())
        if not sentence.is_taken(words[i].start)
    ]
    cue = next((i for i in around if table.has("impersonal cues", words[i].lower)), None)
    if cue is None or any(
        table.is_cue(words[i].lower) and not table.has("impersonal cues", words[i].lower) for i in around
    ):
        return None
    for i in around:
        if i == 0 or not table.has("within", words[i - 1].lower) or words.gap(i).strip():
            continue
        end = sentence.opening if words[i].start < sentence.opening else sentence.end
        found = mentions.at(i, end)
        if found is not None and (found.type == "ORG" or _is_document(table, words, found)):
            return TableClaim(found, sentence.cue_span(cue))
    if any(table.has("therein", words[i].lower) for i in around):
        read = mentions.within(max(0, sentence.start - _LOOK_CHARS), sentence.start)
        last = [found for found, _ in read if found.kind == "role" and _is_document(table, words, found)]
        return TableClaim(last[-1], sentence.cue_span(cue)) if last else None
    return None


def _is_document(table: QuotingTable, words: SpokenWords, found: NounPhrase) -> bool:
    """Whether a noun phrase tells of something to read: also "Gesetz**entwurf**"."""
    return any(table.is_a("documents", words[i].lower) for i in range(found.first, found.next))


def passive_agent(sentence: SpokenSentence) -> TableClaim | None:
    """ "Er wird **von Kritikern** „tot“ genannt": whom the passive names; its subject has not spoken."""
    words, table, mentions = sentence.words, sentence.table, sentence.mentions
    behind = sentence.words_behind()
    if not len(behind) or words.text[sentence.closing : words[behind[0]].start].strip(_CLOSING):
        return None
    before = [i for i in sentence.words_before() if not sentence.is_taken(words[i].start)]
    cue = behind[0]
    if not table.is_cue(words[cue].lower) or not _is_passive(sentence):
        return None
    for i in reversed(before):
        found = mentions.at(i + 1, sentence.opening)
        if found is None or words.gap(i + 1).strip(_LIGHT_GAP + "„"):
            continue
        if table.has("agents", words[i].lower):
            return TableClaim(found, sentence.cue_span(cue))
        is_read = found.type == "ORG" or _is_document(table, words, found)
        if is_read and table.has("within", words[i].lower):
            return TableClaim(found, sentence.cue_span(cue))
    return None


def _is_passive(sentence: SpokenSentence) -> bool:
    """Whether the verb behind a quote is a passive: "**wurde** „tot“ genannt", "„tot“ genannt **worden**"."""
    words, table = sentence.words, sentence.table
    near = [*sentence.words_before(), *sentence.words_behind()[:_DENIED_WITHIN]]
    return any(table.has("passive", words[i].lower) and not sentence.is_taken(words[i].start) for i in near)


def colon_behind_name(sentence: SpokenSentence) -> TableClaim | None:
    """ "**BKA-Präsident Ziercke**: „...“": a sentence that is nothing but a mention and a colon."""
    before = sentence.words.text[sentence.start : sentence.opening].rstrip(_LIGHT_GAP + "„")
    if not before.endswith(":"):
        return None
    start = _clause_start(sentence, sentence.start + len(before) - 1 if before else sentence.opening)
    found, _ = _best_subject(sentence, start, sentence.opening, least=_LEAST_BEFORE_COLON)
    return TableClaim(found, None) if found is not None else None


def tagged_source(sentence: SpokenSentence) -> TableClaim | None:
    """What the encoder takes for the source in the quote's sentence, where no construction tells it."""
    if not sentence.evidence.is_available:
        return None
    best, best_score = None, _TAGGED_SOURCE
    for start, end in ((sentence.start, sentence.opening), (sentence.closing, sentence.end)):
        start, end = max(start, sentence.opening - _LOOK_CHARS), min(end, sentence.closing + _LOOK_CHARS)
        for found, _ in sentence.mentions.within(start, end):
            score = sentence.source(found)
            if score > best_score and not found.is_told and not sentence.is_taken(found.start):
                best, best_score = found, score
    if best is None or best_score < _SURE_SOURCE:
        # "**Mehrere Ortskundige** rechnen mit": whoever the table has no words for.
        best = _tagged_words(sentence) or best
    return TableClaim(best, None) if best is not None else None


def _tagged_words(sentence: SpokenSentence) -> NounPhrase | None:
    """The words in a sentence that the encoder takes for its source, those nearest to the quote."""
    start, end = sentence.start, min(sentence.end, sentence.closing + _LOOK_CHARS)
    start = max(start, sentence.opening - _LOOK_CHARS)
    tagged = [found for found in sentence.mentions.tagged(start, end) if not sentence.is_taken(found.start)]
    return min(tagged, key=lambda found: _distance(sentence, found), default=None)


def _distance(sentence: SpokenSentence, found: NounPhrase) -> int:
    return sentence.opening - found.end if found.start < sentence.opening else found.start - sentence.closing


CONSTRUCTIONS = (
    document_source,
    passive_agent,
    verb_behind,
    subject_then_verb_behind,
    in_their_view,
    verb_before,
    according_phrase,
    colon_behind_name,
    tagged_source,
)


def claims(sentence: SpokenSentence) -> Iterator[TableClaim]:
    """The claims of the constructions that fit, the surest first."""
    for construction in CONSTRUCTIONS:
        claim = construction(sentence)
        if claim is not None:
            yield TableClaim(claim.mention, claim.cue, claim.gender, construction.__name__)


def is_denied(sentence: SpokenSentence, cue: Span) -> bool:
    """Whether the verb before a quote is denied: "**no** dijo que", "sade **inte**", "**nadie** habló de"."""
    words, table = sentence.words, sentence.table
    i = words.first_from(cue[0])
    if words[i].lower in table.negated:
        return True
    if cue[0] >= sentence.opening:
        is_near = i + 1 < len(words) and not words.gap(i + 1).strip()
        return (is_near and table.has("nobody", words[i + 1].lower)) or _is_denied_in_front(sentence)
    first = words.first_from(sentence.start)
    near = [k for k in range(max(first, i - _DENIED_WITHIN), i) if not _parted(sentence, k + 1, i)]
    behind = [
        k for k in range(i + 1, i + 1 + _DENIED_WITHIN) if k < len(words) and not _parted(sentence, i + 1, k)
    ]
    behind = [k for k in behind if words[k].start < sentence.opening]
    joined = next((n for n, k in enumerate(behind) if table.has("that", words[k].lower)), len(behind))
    for k in (*near, *behind[:joined]):
        if table.has("negations", words[k].lower):
            return not (k + 1 < len(words) and table.has("only", words[k + 1].lower))
    whole = [k for k in range(max(first, i - _MOST_BETWEEN), i) if not _parted(sentence, k + 1, i)]
    return any(table.has("nobody", words[k].lower) for k in (*whole, *behind[:1]))


def _is_denied_in_front(sentence: SpokenSentence) -> bool:
    """ "Er hat **nie** von einer „Krise“ gesprochen": denied before the quote whose participle follows it."""
    words, table = sentence.words, sentence.table
    last = words.first_from(sentence.opening) - 1
    if not table.is_so("verb last") or last < 0:
        return False
    if not sentence.is_clear(words[last].end, sentence.opening - 1):
        return False
    first = max(words.first_from(sentence.start), last - _MOST_BETWEEN + 1)
    return any(
        table.has("negations", words[k].lower)
        and not (k < last and table.has("only", words[k + 1].lower))
        and not _parted(sentence, k + 1, last)
        for k in range(first, last + 1)
    )


def _parted(sentence: SpokenSentence, first: int, last: int) -> bool:
    """Whether any of the words from `first` to `last` joins clauses, or punctuation stands before it."""
    words = sentence.words
    return any(
        words.gap(k).strip() or sentence.table.has("and", words[k].lower) for k in range(first, last + 1)
    )

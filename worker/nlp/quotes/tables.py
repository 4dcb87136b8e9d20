"""What quotes and their speakers are found by in a language, from `data/<language>/quoting.tsv`.

One set of constructions serves every language that has such a table. English has none: its rules, which
`worker.nlp.quotes` and `worker.nlp.speakers` hold, know more of it than a table can say.

| kind | says |
|---|---|
| cues | verbs of saying in their forms, participles among them |
| behind cues | words that name a speaker right behind a quote only: German "so", Dutch "aldus" |
| according | what stands before a source: "laut", "de acuerdo con" |
| opinion | likewise, at the beginning of a sentence only: "Para el crítico, es ..." |
| thereafter | what stands behind a source: "zufolge" |
| in his view, in her view, in whose view | phrases that tell of somebody: "jej zdaniem" |
| that | what joins a report to its verb |
| he, she, they, anyone, either | pronouns that may be subjects; "either": she or they, as the verb tells |
| he forms, she forms, they forms | endings of the cues that tell who speaks: Polish "-ła" |
| subjectless | "yes" where a verb needs no subject |
| he determiners, she determiners, many determiners, determiners | articles and the like, by what they tell |
| indefinites | those of them that introduce somebody |
| object determiners | those of them that no subject has |
| relatives | what may join a verb to its subject: "Ana Ruiz, **quien** dijo" |
| prepositions | those that govern what follows, so that it is no subject |
| of | those that join another noun to a noun: "de", "von" |
| stops | words at which a noun phrase ends |
| he roles, she roles, roles | offices, occupations, relatives; bodies and documents among the last |
| compounds | "yes" where the last part of a word tells its meaning: "Verkehrsminister" |
| owned | those whom somebody else is named with: a lawyer, a spokeswoman, a daughter |
| he titles, she titles, titles | what stands before a name |
| capital nouns | "yes" where nouns begin with capitals |
| genitive s | "yes" where "-s" marks whose something is: "Kåbergs advokat" |
| auxiliaries | what may stand between a quote and its verb, or a verb and its subject |
| negations, nobody, only | what denies a verb; a subject that denies it; what takes a negation back |
| negating prefixes | what denies the verb that it begins: Czech "neřekl" |
| and | conjunctions that end the reach of a negation |
| naming | words before a name, a title or a slogan in marks |
| verb last | "yes" where a participle follows what it governs: 'hat ihn „müde“ genannt' |
| told within marks | "yes" where what is told stands between commas within the marks |
| reporting forms | forms of verbs that tell somebody's words by themselves: German "sei" |
| pointing back | words for what was just said: "**Das** sagte Ute Berg" |
| subordinators | words that begin a clause of its own: "weil", "nachdem" |
| impersonal cues | verbs whose source is where it stands: "heißt es in", "zu lesen" |
| within, documents | prepositions before such a source, and the nouns of what is read |
| therein | words for what was just named as such a source: "darin" |
| passive, agents | verbs of the passive, prepositions before whoever did it: "wurde von ... genannt" |
| reports | "yes" where reports are found clause by clause, and around marks |
| months | their names where a stop stands between a day's number and them: "17. Januar" |
| whole reports | "yes" where a report without marks counts only if it ends with its clause |
| subject first | "yes" where the subject stands before the verb behind a comma too: "..., Rantanen sanoi" |
| dashes | "yes" where a dash at the beginning of a paragraph opens speech |
| same marks | marks that open and close quotations alike |
| abbreviations | those behind whose stop a sentence goes on |
| report constructions | "yes" where reports are found by the constructions below too |
| credits | what stands before the source of a report; "according" has words that mean more than that |
| credits between commas | "yes" where such a source within a sentence stands between commas |
| postposed | what stands behind the source of a report: "zufolge", "mukaan" |
| as | what begins a clause that tells who says the rest: "como explicó", "wie ... sagte" |
| as verbs | the only verbs of such a clause, where its first word begins relative clauses too |
| emerging from, emerges | "**aus** einem Bericht **geht hervor**, dass": a preposition, a verb |
| clause openers | words that begin a clause which no verb of saying behind it reports |
| relative words | words that begin relative clauses, in all their forms |
| report verbs | verbs that report, but introduce no words in marks |
| sure verbs | those of the cues that mean nothing but saying |
| source stems | how words for those who are reported, and for what is read, begin |
| she names, he names | first names; they go before the endings |
| she name endings, he name endings | endings of nearly all their first names; "!": any other |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from worker.nlp.wordlists import language_rows

HE, SHE, THEY, EITHER = "he", "she", "they", "either"
_LEAST_STEM, _LONGEST_COMPOUND = 4, 40
"""The letters that a word's last part has at least to be a role by itself, and the whole word at most."""

_Phrase = tuple[str, ...]
_PHRASES = (
    "according", "opinion", "thereafter", "in his view", "in her view", "in whose view",
    "credits", "postposed", "as",
)  # fmt: skip


@dataclass(frozen=True)
class QuotingTable:
    """The table of one language. Words are in lower case; `phrases`: by kind and first word."""

    kinds: Mapping[str, frozenset[str]]
    phrases: Mapping[str, Mapping[str, tuple[_Phrase, ...]]]
    pronouns: Mapping[str, str]
    determiners: Mapping[str, str]
    roles: Mapping[str, str]
    titles: Mapping[str, str]
    endings: tuple[tuple[str, str], ...]
    name_endings: tuple[tuple[str, str], ...]
    names: Mapping[str, str]
    source_stems: tuple[str, ...]

    def has(self, kind: str, word: str) -> bool:
        """Whether a word is of a kind."""
        return word in self.kinds[kind]

    def is_so(self, kind: str) -> bool:
        """Whether a kind that is "yes" or nothing is "yes"."""
        return "yes" in self.kinds[kind]

    def is_cue(self, word: str) -> bool:
        """Whether a word reports speech, also with what is joined to it: "dit-elle", "queixou-se"."""
        if word in self.kinds["cues"] or word in self.negated:
            return True
        if "-" not in word:
            return False
        stem, _, rest = word.partition("-")
        return stem in self.kinds["cues"] and len(rest) <= _LEAST_STEM + 2

    @cached_property
    def has_compounds(self) -> bool:
        """Whether the last part of a word tells its meaning."""
        return self.is_so("compounds")

    @cached_property
    def closed(self) -> frozenset[str]:
        """Words that open no noun phrase: verbs of saying, prepositions, and those at which one ends."""
        return self.kinds["cues"] | self.negated | self.kinds["stops"] | self.kinds["prepositions"]

    @cached_property
    def negated(self) -> frozenset[str]:
        """The verbs of saying that begin with what denies them: Czech "**ne**řekl"."""
        return frozenset(
            prefix + cue for prefix in self.kinds["negating prefixes"] for cue in self.kinds["cues"]
        )

    def is_auxiliary(self, word: str) -> bool:
        """Whether a word may stand between a quote, its verb and the subject: "a-t-il", "också"."""
        return word in self.kinds["auxiliaries"] or (
            word.partition("-")[0] in self.kinds["auxiliaries"] and self.joined_pronoun(word) is not None
        )

    def joined_pronoun(self, word: str) -> str | None:
        """The pronoun that is joined to a verb by a hyphen: "dit-**elle**"."""
        _, hyphen, last = word.rpartition("-")
        return last if hyphen and last in self.pronouns else None

    def role(self, word: str) -> str | None:
        """The pronoun of whoever has a role, "" where the word does not tell it; None if it is no role."""
        found = self.roles.get(word)
        if found is None and "-" in word:
            found = self.roles.get(word.rpartition("-")[2])
        if found is None and self.has_compounds and len(word) <= _LONGEST_COMPOUND:
            parts = (word[i:] for i in range(1, len(word) - _LEAST_STEM + 1))
            found = next((self.roles[part] for part in parts if part in self.roles), None)
        return found

    @cached_property
    def of_reports(self) -> QuotingTable:
        """The table with the verbs that only report among its cues."""
        return replace(self, kinds={**self.kinds, "cues": self.kinds["cues"] | self.kinds["report verbs"]})

    @cached_property
    def telling(self) -> frozenset[str]:
        """The words by which the constructions of reports are told."""
        credits, postposed = self.phrases["credits"], self.phrases["postposed"]
        return self.kinds["cues"] | self.kinds["emerges"] | credits.keys() | postposed.keys()

    def is_a(self, kind: str, word: str) -> bool:
        """Whether a word is of a kind, or ends in one that is where the language has compounds."""
        if self.has(kind, word):
            return True
        if not self.has_compounds or len(word) > _LONGEST_COMPOUND:
            return False
        return any(self.has(kind, word[i:]) for i in range(1, len(word) - _LEAST_STEM + 1))

    def is_owned(self, word: str) -> bool:
        """Whether a role is one that is named with whoever has such a person."""
        owned = self.kinds["owned"]
        return word in owned or word.rpartition("-")[2] in owned

    def gender_of_verb(self, word: str) -> str:
        """Who speaks by the ending of the verb: "he", "she" or "they", "" where it does not tell."""
        stem = word.partition("-")[0]
        return next((who for ending, who in self.endings if stem.endswith(ending)), "")

    def gender_by_ending(self, first: str) -> str:
        """The pronoun of whoever bears a first name that no list has; "" where its ending does not tell."""
        return next((who for ending, who in self.name_endings if first.endswith(ending)), "")


@cache
def quoting_table(language: str) -> QuotingTable | None:
    """The table of a language; None if it has none."""
    rows = language_rows(language, "quoting.tsv")
    if rows is None:
        return None
    forms = {row[0]: [form for form in "".join(row[1:2]).split("|") if form] for row in rows}
    return QuotingTable(
        kinds={kind: frozenset(found) for kind, found in forms.items()},
        phrases={kind: _by_first(forms[kind]) for kind in _PHRASES},
        pronouns=_telling(forms, {HE: HE, SHE: SHE, THEY: THEY, EITHER: EITHER, "anyone": ""}),
        determiners=_telling(
            forms,
            {
                "object determiners": "",
                "determiners": "",
                "many determiners": THEY,
                "she determiners": SHE,
                "he determiners": HE,
            },
        ),
        roles=_telling(forms, {"she roles": SHE, "he roles": HE, "roles": ""}),
        titles=_telling(forms, {"titles": "", "she titles": SHE, "he titles": HE}),
        endings=_endings(forms, {"they forms": THEY, "she forms": SHE, "he forms": HE}),
        name_endings=_endings(forms, {"she name endings": SHE, "he name endings": HE}),
        names=_telling(forms, {"she names": SHE, "he names": HE}),
        source_stems=tuple(forms["source stems"]),
    )


def _by_first(phrases: Iterable[str]) -> dict[str, tuple[_Phrase, ...]]:
    """The phrases as sequences of words, by the first of them, the longest first."""
    found: dict[str, list[_Phrase]] = {}
    for phrase in sorted((tuple(phrase.split()) for phrase in phrases), key=len, reverse=True):
        found.setdefault(phrase[0], []).append(phrase)
    return {first: tuple(those) for first, those in found.items()}


def _telling(forms: Mapping[str, list[str]], kinds: Mapping[str, str]) -> dict[str, str]:
    return {form: who for kind, who in kinds.items() for form in forms[kind]}


def _endings(forms: Mapping[str, list[str]], kinds: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The endings, the longest first; "!" is that of every word."""
    found = [("" if form == "!" else form, who) for kind, who in kinds.items() for form in forms[kind]]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))

"""Groups the mentions of an article into entities: those that name the same person, organisation or place."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import islice
from typing import NamedTuple, get_args

from spacy.tokens import Doc

from worker.nlp.encoder.text import text_of
from worker.nlp.entities.amounts import with_amounts
from worker.nlp.entities.base_forms import BaseForm, NameWords, base_forms_of_others, base_forms_of_people
from worker.nlp.entities.countries import countries_of, demonyms_of
from worker.nlp.entities.declension import Declension, declension
from worker.nlp.entities.founders import companies
from worker.nlp.entities.group import Group, LabelledSpan
from worker.nlp.entities.links import link_places
from worker.nlp.entities.namesakes import Namesake, Namesakes, first_name, surnames_of
from worker.nlp.entities.trusted import trusted
from worker.nlp.values.component import found_values
from worker.nlp.values.find import beside_names
from worker.nlp.wordlists import words
from worker.query.normal_forms import normalized
from worker.records.article import VALUE_TYPES, EntityType

# Labels of OntoNotes and other pipelines that records have by another name. Unknown labels become MISC.
_TYPES = {"CARDINAL": "QUANTITY", "ORDINAL": "QUANTITY", "LANGUAGE": "MISC", "PER": "PERSON"}
_KNOWN = frozenset(get_args(EntityType))
_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])$")
_LINE = re.compile(r"[^\s][^\n\r\u2028\u2029]*")
_SPACE = re.compile(r"\s+")
_DETERMINER = re.compile(r"^(?:the|a|an)\s+(?=\S)", re.IGNORECASE)
# Unlike patterns.WORD this keeps "AT&T" and "J.P" whole.
_NAME_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
# "Ada Obi, **better known as** Lady Obi", "Kofi Sato **alias** Kenji Sato".
_KNOWN_AS = re.compile(
    r"(?:\s*[,(]\s*|\s+)(?:who\s+(?:is|was)\s+)?(?:(?:(?:also|better|commonly|formerly|often|popularly|professionally|widely)\s+)?"
    r"(?:known|called|nicknamed)(?:\s+as)?|alias|a\.?k\.?a\.?)\s+[“‘\"']?"
)
_INSIDE_WORD = re.compile(r"['’.&-]")
_FILLERS = frozenset({"of", "the", "and", "for", "in", "on", "de", "to", "&"})
_GENERIC = words("generic_organisation_words.txt")


class _Mention(NamedTuple):
    """A span with a name. `key` is equal for mentions of one name; `iso3166` is set for a country's name.

    `key` and `words` are those of the base form, which `text` may be a form of. `gender` is set where that
    form tells it.
    """

    start: int
    end: int
    text: str
    type: str
    key: str
    words: tuple[str, ...]
    iso3166: str | None
    gender: str | None = None
    is_base: bool = True


_Cluster = list[_Mention]


def group_mentions(doc: Doc) -> tuple[Group, ...]:
    """The entities of an article, in order of first appearance."""
    mentions = _in_base_forms(list(_labelled(doc)), doc_language(doc))
    clusters = _by_name([m for m in mentions if m.type not in VALUE_TYPES])
    clusters = _join_aliases(clusters, text_of(doc))
    clusters = _join_short_people(_join_acronyms(clusters), text_of(doc))
    clusters = _join_short_organisations(clusters)
    values = [m for m in mentions if m.type in VALUE_TYPES]
    clusters += _cluster(values, key=lambda m: (m.type, m.key))
    groups = sorted(map(_group, clusters), key=lambda group: group.mentions[0])
    return link_places(text_of(doc), groups, doc_language(doc))


def doc_language(doc: Doc) -> str:
    """The article's language: the pipeline's, and that of the article where one pipeline reads several."""
    return doc.lang_ if doc.lang_ != "xx" else str(doc.user_data.get("language") or doc.lang_)


def _labelled(doc: Doc) -> Iterable[_Mention]:
    text, language = text_of(doc), doc_language(doc)
    values = found_values(doc)
    spans: Iterable[LabelledSpan]
    if values is None:
        spans = with_amounts(text, _names(doc))
    else:
        # Names that are left out leave no date behind: the "8 mai 1945" of a street is none.
        spans = trusted(beside_names(_names(doc), values), text, language)
    for start, end, label in spans:
        yield _mention(start, text[start:end], label if label in _KNOWN else "MISC", language)


def _names(doc: Doc) -> Iterable[LabelledSpan]:
    whole = text_of(doc)
    for ent in doc.ents:
        label = _TYPES.get(ent.label_, ent.label_)
        # A name ends with its line.
        for line in _LINE.finditer(whole[ent.start_char : ent.end_char]):
            offset, text = _name_in(line.group(), is_value=label in VALUE_TYPES, is_person=label == "PERSON")
            if any(character.isalnum() for character in text):
                start = ent.start_char + line.start() + offset
                yield start, start + len(text), label


def _name_in(text: str, *, is_value: bool, is_person: bool) -> tuple[int, str]:
    """The offset of the name, and the name without title and possessive: "President **Ruto**'s"."""
    start = 0
    while is_person and (title_end := _title_end(text, start)):
        start = title_end
    name = text[start:].rstrip()
    return start, name if is_value else _POSSESSIVE.sub("", name)


def _title_end(text: str, start: int) -> int | None:
    """The end of a title of one or two words ("Tan Sri") that begins at `start`, with the space behind it."""
    if not (first := _SPACE.search(text, start)):
        return None
    word = text[start : first.start()].casefold()
    if (second := _SPACE.search(text, first.end())) and (
        f"{word} {text[first.end() : second.start()].casefold()}" in words("honorifics.txt")
    ):
        return second.end()
    return first.end() if word.strip(".") in words("honorifics.txt") else None


def _mention(start: int, text: str, type_: str, language: str) -> _Mention:
    key = " ".join(_DETERMINER.sub("", text).casefold().replace("’", "'").split())
    iso3166 = None
    if type_ in ("GPE", "LOC"):
        places = countries_of(language)
        iso3166 = places.get(text.casefold()) or places.get(key)
    elif type_ == "NORP":
        iso3166 = demonyms_of(language).get(key)
    return _Mention(start, start + len(text), text, type_, key, tuple(_NAME_WORD.findall(key)), iso3166)


def _in_base_forms(mentions: list[_Mention], language: str) -> list[_Mention]:
    """The mentions with the keys of their base forms: "Tuskowi" has that of "Tusk"."""
    table = declension(language)
    if table is None:
        return mentions
    mentions = [_plain(m, table) for m in mentions]
    codes = {"PERSON": {}, "NORP": demonyms_of(language)}
    places = countries_of(language)
    names: dict[str, dict[NameWords, None]] = {"PERSON": {}, "NORP": {}, "": {}}
    for m in mentions:
        if m.words and m.type not in VALUE_TYPES:
            names[m.type if m.type in names else ""][m.words] = None
    found = {
        type_: base_forms_of_people(those, table)
        if type_ == "PERSON"
        else base_forms_of_others(those, codes.get(type_, places), table)
        for type_, those in names.items()
    }

    def in_base_form(mention: _Mention) -> _Mention:
        base = found[mention.type if mention.type in found else ""].get(mention.words)
        linked = codes.get(mention.type, places if mention.type in ("GPE", "LOC") else {})
        return _in_base_form(mention, base or BaseForm(mention.words), linked)

    return [m if m.type in VALUE_TYPES else in_base_form(m) for m in mentions]


def _in_base_form(mention: _Mention, base: BaseForm, codes: Mapping[str, str]) -> _Mention:
    if base.is_untold:
        # No other name has such a word.
        words = (*mention.words[:-1], f"{mention.words[-1]}?")
        return mention._replace(words=words, key=" ".join(words))
    key = " ".join(base.words) or mention.key
    iso3166 = mention.iso3166 or codes.get(key)
    is_base = mention.is_base and base.words == mention.words
    return mention._replace(key=key, words=base.words, gender=base.gender, iso3166=iso3166, is_base=is_base)


def _plain(mention: _Mention, table: Declension) -> _Mention:
    """The mention with its words as they are compared: without "n" of "EU:n"."""
    if mention.type in VALUE_TYPES:
        return mention
    plain = table.plain(mention.text)
    folded = normalized("NFC", _DETERMINER.sub("", plain).casefold()).replace("’", "'").translate(table.folds)
    words = tuple(_NAME_WORD.findall(folded))
    return mention._replace(key=" ".join(words) or mention.key, words=words, is_base=plain == mention.text)


def _cluster(mentions: Iterable[_Mention], key: Callable[[_Mention], object]) -> list[_Cluster]:
    clusters: dict[object, _Cluster] = {}
    for mention in mentions:
        clusters.setdefault(key(mention), []).append(mention)
    return list(clusters.values())


def _by_name(mentions: Sequence[_Mention]) -> list[_Cluster]:
    """Clusters of equal names in any case. All names of a country are one cluster, its demonyms another."""
    return _cluster(mentions, key=lambda m: (m.type == "NORP", m.iso3166 or m.key))


def _join_aliases(clusters: list[_Cluster], text: str) -> list[_Cluster]:
    """Joins a name in brackets to the longer one before it: "Independent Centre for Rights (**Cenri**)".

    And a person's other name: "Ada Obi, better known as **Lady Obi**".
    """
    ends = {
        m.end: c
        for c in clusters
        for m in c
        if len(m.words) > 1 and m.type in ("ORG", "FAC", "MISC", "EVENT")
    }

    def spelled_out(cluster: _Cluster) -> _Cluster | None:
        first = cluster[0]
        if text[first.start - 1 : first.start] != "(" or text[first.end : first.end + 1] != ")":
            return None
        if len(first.words) != 1 or _type(cluster) == "NORP" or first.iso3166:
            return None
        return ends.get(_end_before_bracket(text, first.start))

    clusters = _joined(clusters, spelled_out)
    people = {m.start: c for c in clusters for m in c if m.type == "PERSON"}
    known: dict[int, _Cluster] = {}
    for cluster in clusters:
        for mention in cluster if len(cluster[0].words) > 1 and _type(cluster) == "PERSON" else ():
            behind = _KNOWN_AS.match(text, mention.end, mention.end + 60)
            other = people.get(behind.end()) if behind else None
            if other is not None and other is not cluster and id(other) not in known:
                known[id(other)] = cluster
                # The name that stands first names the person.
                other[:] = [alias._replace(is_base=False) for alias in other]
    return _joined(clusters, lambda cluster: known.get(id(cluster)))


def _end_before_bracket(text: str, start: int) -> int:
    """Where a name ends before " (" and another, also in "the Rights Centre**'s** (Cenri) budget"."""
    genitive = text[start - 4 : start - 2]
    return start - 4 if genitive in ("'s", "’s") else start - 2


def _join_acronyms(clusters: list[_Cluster]) -> list[_Cluster]:
    """Joins "WHO" to "World Health Organization", if only one name of the article has these initials."""
    by_initials: dict[str, list[_Cluster]] = {}
    for cluster in clusters:
        if len(cluster[0].words) > 1 and _type(cluster) != "PERSON":
            for initials in _initials(cluster[0].words):
                by_initials.setdefault(initials, []).append(cluster)

    def long_form(cluster: _Cluster) -> _Cluster | None:
        letters = cluster[0].text.replace(".", "")
        if not (2 <= len(letters) <= 8 and letters.isupper() and letters.isalpha()) or cluster[0].iso3166:
            return None
        return _only(by_initials.get(letters.casefold(), ()))

    return _joined(clusters, long_form)


def _initials(name: tuple[str, ...]) -> set[str]:
    parts = [part for word in name for part in _INSIDE_WORD.split(word) if part]
    return {"".join(w[0] for w in parts), "".join(w[0] for w in parts if w not in _FILLERS)}


def _join_short_people(clusters: list[_Cluster], text: str) -> list[_Cluster]:
    """Joins "Rutte" and "Mark J. Rutte" to "Mark Rutte", and "Moon" to "Moon Jae-in".

    Two people who share a surname stay two. Which of them a bare surname means, `Namesakes` tells; where
    nothing does, it is an entity of its own.
    """
    # Indexed by every short form, since thousands of people may share a word.
    by_form: dict[tuple[str, ...], list[_Cluster]] = {}
    surnames: dict[tuple[str, ...], list[_Cluster]] = {}
    for cluster in clusters:
        if _type(cluster) == "PERSON" and len(cluster[0].words) > 1:
            for form in _short_forms(cluster[0].words):
                by_form.setdefault(form, []).append(cluster)
            for surname in surnames_of(cluster[0].words):
                surnames.setdefault(surname, []).append(cluster)
    for known in (*by_form.values(), *surnames.values()):
        known.sort(key=_start)
    clusters, meant = _told_apart(clusters, surnames, by_form, text)

    def full_name(cluster: _Cluster) -> _Cluster | None:
        name = cluster[0].words
        if id(cluster) in meant:
            return meant[id(cluster)]
        # Pipelines sometimes label a bare surname ORG, but seldom a longer name.
        if not name or _type(cluster) not in (("PERSON", "ORG") if len(name) == 1 else ("PERSON",)):
            return None
        longer = by_form.get(name, [])
        if len(name) > 1:
            longer = [*longer[:2], *by_form.get(_outer(name, len(name)), [])[:2]]
            return _only({id(c): c for c in longer}.values())
        before = bisect_left(longer, _start(cluster), key=_start)
        return longer[before - 1] if before else _only(longer)

    return _joined(clusters, full_name)


def _told_apart(
    clusters: list[_Cluster],
    surnames: dict[tuple[str, ...], list[_Cluster]],
    by_form: dict[tuple[str, ...], list[_Cluster]],
    text: str,
) -> tuple[list[_Cluster], dict[int, _Cluster | None]]:
    """The clusters, those of surnames alone cut by whom they mean; and by a piece's id, who that is."""
    if not surnames:
        return clusters, {}
    types = {id(c): _type(c) for c in clusters}
    people = sorted((m.start, m.end) for c in clusters if types[id(c)] == "PERSON" for m in c)
    namesakes = Namesakes(text, people)
    by_edge: dict[tuple[str, ...], list[_Cluster]] = {}
    for c in clusters:
        if len(c[0].words) > 1 and types[id(c)] == "ORG":
            by_edge.setdefault(c[0].words[:1], []).append(c)
    pieces: list[_Cluster] = []
    meant: dict[int, _Cluster | None] = {}
    for cluster in clusters:
        name = cluster[0].words
        # Where a word is one person's surname and another's first name, newspapers mean the surname.
        longer = surnames.get(name) or _family(name, by_form)
        if not longer or types[id(cluster)] not in ("PERSON", "ORG"):
            pieces.append(cluster)
            continue
        by_first: dict[str, list[_Cluster]] = {}
        for c in longer:
            by_first.setdefault(_given(c[0].words, name), []).append(c)
        if len(by_first) > 1:
            # "Mullah Obi" is one of those who have first names.
            by_first.pop("", None)
        known = {
            first: Namesake(first, sorted((m.start, m.end) for c in alike for m in c))
            for first, alike in by_first.items()
        }
        bare = sorted(cluster, key=lambda m: m.start)
        bare, firm = _without_firm(bare, longer, by_edge.get(name, []), text)
        if firm:
            meant[id(firm)] = None
            pieces.append(firm)
        genders = {first: {m.gender for c in alike for m in c} - {None} for first, alike in by_first.items()}
        chosen = _assigned(namesakes, bare, sorted(known.values(), key=_start_of), genders)
        parts: dict[int, _Cluster] = {}
        for mention, person in zip(bare, chosen, strict=True):
            target = _last_before(by_first[person.first], mention.start) if person else None
            part = parts.setdefault(id(target), [])
            part.append(mention)
            meant[id(part)] = target
        pieces += parts.values()
    return pieces, meant


def _assigned(
    namesakes: Namesakes,
    bare: _Cluster,
    people: Sequence[Namesake],
    genders: Mapping[str, Set[str | None]],
) -> list[Namesake | None]:
    """Whom each mention of a surname alone means; a form that only men have means none of the women."""
    chosen: dict[int, Namesake | None] = {}
    for gender in dict.fromkeys(mention.gender for mention in bare):
        mentions = [m for m in bare if m.gender == gender]
        fitting = [p for p in people if gender is None or not genders[p.first] or gender in genders[p.first]]
        spans = [(m.start, m.end) for m in mentions]
        chosen |= zip((m.start for m in mentions), namesakes.assign(spans, fitting), strict=True)
    return [chosen[m.start] for m in bare]


def _given(full: tuple[str, ...], name: tuple[str, ...]) -> str:
    """What a full name has beside the surname, "" if that is only a title."""
    return " ".join(full[1:]) if full[-len(name) :] != name else first_name(full, name) or ""


def _family(name: tuple[str, ...], by_form: dict[tuple[str, ...], list[_Cluster]]) -> list[_Cluster]:
    """The people of whose names a word is the first, as family names are in East Asia; none if one is."""
    first = [c for c in by_form.get(name, ()) if len(name) == 1 and c[0].words[0] == name[0]]
    return first if len({c[0].words[1:] for c in first}) > 1 else []


def _without_firm(
    bare: _Cluster, people: list[_Cluster], firms: list[_Cluster], text: str
) -> tuple[_Cluster, _Cluster]:
    """The mentions of a surname alone that mean people, and those of a company that is named so."""
    named, bodies = ([(m.start, m.end) for c in known for m in c] for known in (people, firms))
    are_firm = list(companies(text, [(m.start, m.end, m.type) for m in bare], named, bodies))
    firm = [m._replace(type="ORG") for m, is_firm in zip(bare, are_firm, strict=True) if is_firm]
    return [m for m, is_firm in zip(bare, are_firm, strict=True) if not is_firm], firm


def _start_of(person: Namesake) -> int:
    return person.start


def _last_before(clusters: list[_Cluster], at: int) -> _Cluster:
    """The last cluster that was named before a place, else the first."""
    return clusters[max(0, bisect_left(clusters, at, key=_start) - 1)]


def _start(cluster: _Cluster) -> int:
    return cluster[0].start


def _short_forms(long: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The short forms of a person's name: single words, words at either end, the outer words."""
    forms: set[tuple[str, ...]] = {(long[0],), (long[-1],)}
    if len(long[-2]) > 2:
        forms.add((long[-2],))
    for size in range(2, len(long)):
        forms |= {long[-size:], _outer(long, size)}
        if long[size - 1] in (long[0], *long[-2:]):
            forms.add(long[:size])
    return forms


def _outer(name: tuple[str, ...], size: int) -> tuple[str, ...]:
    """A key for names of `size` words that have the same first and last word."""
    return (name[0], *[""] * (size - 2), name[-1])


def _join_short_organisations(clusters: list[_Cluster]) -> list[_Cluster]:
    """Joins "Norvo" to "Norvo Chips" and "Lions" to "Kandy Lions", if only one name begins or ends so.

    Pipelines often label such a short form PERSON, so a PERSON of one word may join an organisation too.
    """
    by_form: dict[tuple[str, ...], list[_Cluster]] = {}
    people = {word for c in clusters if _type(c) == "PERSON" and len(c[0].words) > 1 for word in c[0].words}
    for cluster in clusters:
        if _type(cluster) == "ORG":
            for form in _edges(cluster[0].words):
                by_form.setdefault(form, []).append(cluster)

    def full_name(cluster: _Cluster) -> _Cluster | None:
        name, type_ = cluster[0].words, _type(cluster)
        if not name or name[0] in _GENERIC or len("".join(name)) < 3:
            return None
        if type_ != "ORG" and not (type_ == "PERSON" and len(name) == 1 and name[0] not in people):
            return None
        return _only(by_form.get(name, ()))

    return _joined(clusters, full_name)


def _edges(long: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The short forms of an organisation's name: words that it begins or ends with."""
    begins = {long[:size] for size in range(1, len(long)) if long[size] not in _FILLERS}
    ends = {long[-size:] for size in range(1, len(long)) if long[-size - 1] not in _FILLERS}
    return begins | {form for form in ends if form[0] in (long[0], long[-1])}


def _joined(clusters: list[_Cluster], target: Callable[[_Cluster], _Cluster | None]) -> list[_Cluster]:
    """The clusters, each merged into its target, or into its target's own target."""
    into = {id(c): t for c in clusters if (t := target(c)) is not None and t is not c}
    if not into:
        return clusters

    def end(cluster: _Cluster) -> _Cluster:
        seen = {id(cluster)}
        while (following := into.get(id(cluster))) is not None and id(following) not in seen:
            seen.add(id(following))
            cluster = following
        return cluster

    result: dict[int, _Cluster] = {}
    for cluster in clusters:
        whole = end(cluster)
        if id(whole) not in result:
            # The target's longest name stays first, because the next step compares by it.
            result[id(whole)] = list(whole)
        if whole is not cluster:
            result[id(whole)].extend(cluster)
    return list(result.values())


def _only(clusters: Iterable[_Cluster]) -> _Cluster | None:
    """The cluster, if there is exactly one."""
    found = list(islice(clusters, 2))
    return found[0] if len(found) == 1 else None


def _type(cluster: _Cluster) -> str:
    """The commonest type among the longest names. Pipelines often mislabel short forms."""
    fullest = max(len(mention.words) for mention in cluster)
    types = [mention.type for mention in cluster if len(mention.words) == fullest]
    return types[0] if len(set(types)) == 1 else Counter(types).most_common(1)[0][0]


def _group(cluster: _Cluster) -> Group:
    """The entity of a cluster. Its name is the longest form, in its commonest spelling, not in capitals."""
    fullest = max(len(mention.words) for mention in cluster)
    longest = [mention for mention in cluster if len(mention.words) == fullest]
    # A form that is declined names the entity only where its base form is not there.
    longest = [mention for mention in longest if mention.is_base] or longest
    forms = Counter(mention.text for mention in longest)
    name = max(forms, key=lambda form: (not (form.isupper() and len(form) > 5), forms[form], -len(form)))
    iso3166 = next((mention.iso3166 for mention in cluster if mention.iso3166), None)
    type_ = _type(cluster)
    if type_ == "LOC" and iso3166:
        type_ = "GPE"
    spans = sorted((mention.start, mention.end) for mention in cluster)
    name = " ".join(name.split()) if type_ in VALUE_TYPES else _DETERMINER.sub("", " ".join(name.split()))
    return Group(name, type_, tuple(spans), iso3166 if type_ in ("GPE", "NORP") else None)

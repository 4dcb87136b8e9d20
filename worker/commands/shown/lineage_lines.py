"""Shows the lineage of a story's quotes to a person: each variant, with its differences from another."""

import unicodedata
from collections.abc import Iterator

from worker.commands.shown.cards import JsonObject, printable

_WHO_CHARS = 60
_CLOSING = frozenset(("Po", "Pe", "Pf"))
_OPENING = frozenset("¿¡")


def lineage_lines(story: JsonObject) -> Iterator[str]:
    """The lines of each quote that several articles have: who has which words, the first of them first.

    Words that a variant lacks stand in `[-…-]`, and those that it has instead or besides in `{+…+}`.
    """
    for lineage in story.get("quote_lineage", ()):
        who = printable(lineage["speaker"] or "(nobody named)", most=_WHO_CHARS)
        unlisted = f", {lineage['unlisted']:,} of them in words not listed" if lineage["unlisted"] else ""
        yield f"quoted in {lineage['articles']:,} articles{unlisted}: {who}"
        for place, variant in enumerate(lineage["variants"], 1):
            of = f" of {variant['of'] + 1}" if variant["of"] is not None else ""
            yield f"  {place}. {printable(variant['wording'])}{of}  {_found_in(variant)}"
            yield f"     “{printable(marked_words(variant))}”"


def marked_words(variant: JsonObject) -> str:
    """A variant's text with marks where it differs from the one that it is compared with."""
    text, parts, at = variant["text"], [], 0
    for edit in variant["edits"]:
        parts.append(text[at : edit["start"]])
        at = edit["end"]
        parts += [f" [-{edit['was']}-]"] if edit["was"] else []
        if edit["now"]:
            parts.append(f" {{+{edit['now']}+}}" if edit["was"] else f"{{+{edit['now']}+}}")
        elif not _closes(text[at : at + 1]):
            parts.append(" ")
    return "".join((*parts, text[at:]))


def _closes(sign: str) -> bool:
    """Whether a sign stands right behind a word: a comma, a closing bracket; and whether the text ends."""
    return not sign or (unicodedata.category(sign) in _CLOSING and sign not in _OPENING)


def _found_in(variant: JsonObject) -> str:
    first = variant["found_in"][0]
    at = f"{printable(first['seen_at'])[:19].replace('T', ' ')}  " if first["seen_at"] else ""
    source = printable(first["record_source"], most=_WHO_CHARS) if first["record_source"] else ""
    others = variant["articles"] - 1
    more = f", and {others:,} other{'s' * (others != 1)}" if others else ""
    return f"{at}{printable(first['id'], most=_WHO_CHARS)}{f'  ({source})' if source else ''}{more}"

"""Entity ids: `<type>:<slug of name>`. An id identifies a name, not a person or thing in the world."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from worker.query.normal_forms import normalized

_NOT_IN_SLUG = re.compile(r"[\W_]+")
# An alert has up to a thousand ids, and its topic takes 1 MiB. A character of a name may unfold to eighteen.
_MAX_SLUG_BYTES = 300


def slug(name: str) -> str:
    """The name in NFKC, case-folded, with `-` for all but letters and digits of any script: `mark-rutte`.

    Signs that belong to letters, as vowels do in the scripts of India, stay with them.

    A name without letters and digits gets a hash of itself; a slug of more than 300 bytes ends in its hash.
    """
    folded = normalized("NFKC", normalized("NFKC", name).casefold())
    if folded.isascii():
        whole = _NOT_IN_SLUG.sub("-", folded).strip("-")
    else:
        whole = "-".join("".join(map(_kept, folded)).split())
    whole = whole or _hash(name)
    if len(encoded := whole.encode()) <= _MAX_SLUG_BYTES:
        return whole
    ending = f"-{_hash(whole)}"
    return encoded[: _MAX_SLUG_BYTES - len(ending)].decode(errors="ignore").rstrip("-") + ending


def _kept(character: str) -> str:
    """The character, or a space for what no slug has. The marks of Latin, Greek and Cyrillic are no signs."""
    if character.isalnum():
        return character
    is_sign = unicodedata.category(character) in ("Mn", "Mc") and not "\u0300" <= character <= "\u036f"
    return character if is_sign else " "


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def entity_ids(named: Iterable[tuple[str, str]]) -> list[str]:
    """An id for each (type, name), in order of appearance. Duplicates get a suffix `-2`, `-3`."""
    ids: list[str] = []
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    for type_, name in named:
        base = f"{type_.lower()}:{slug(name)}"
        seen[base] += 1
        entity_id = base if seen[base] == 1 else f"{base}-{seen[base]}"
        while entity_id in taken:
            seen[base] += 1
            entity_id = f"{base}-{seen[base]}"
        taken.add(entity_id)
        ids.append(entity_id)
    return ids

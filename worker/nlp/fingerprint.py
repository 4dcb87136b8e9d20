"""Which pipeline it is: hashes of a pipeline's files, held against those that its meta.json lists.

`python -m worker.nlp.fingerprint FOLDER` lists them, in place of those that stood there; to be run after any
file of a pipeline was changed. Imports neither spaCy nor a model, so `dateline --version` answers at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["HASHES", "ModelError", "fingerprint", "hash_files", "identity_of", "packed_identity", "stamp"]

HASHES = "hashes"
"""The entry of meta.json that lists the SHA-256 of every other file by its name in the folder."""

_META, _CONFIG = "meta.json", "config.cfg"
# Pages about a pipeline shape no tag: a corrected model card gives no article another id.
_PAGES = frozenset({"README.md", "NOTICE", "LICENSE", "LICENSES_SOURCES"})
_DIGITS = 6
_NAMED_FILES = 3


class ModelError(Exception):
    """A pipeline cannot be loaded; the message says which and why."""


def fingerprint(folder: Path) -> str:
    """Six hexadecimal digits for all that shapes the tags of the pipeline in this folder.

    Files are held against the hashes in the meta.json beside the config.cfg, where it lists any. Raises
    ModelError if one differs, is missing or is not listed; OSError if one can't be read.
    """
    found = hash_files(folder)
    thresholds: dict[str, Any] = {}
    for config in [name for name in found if Path(name).name == _CONFIG]:
        place = (folder / config).parent
        if (place / _META).is_file():
            meta = _read_meta(place)
            beside = place.relative_to(folder).as_posix() + "/" if place != folder else ""
            here = {n.removeprefix(beside): digest for n, digest in found.items() if n.startswith(beside)}
            _compare(place, meta.get(HASHES), here)
            thresholds |= _thresholds(meta)
    return _digest(found, thresholds)


def packed_identity(meta: Mapping[str, Any]) -> str:
    """The version with its fingerprint by what meta.json lists; no file is looked at."""
    hashes = meta.get(HASHES)
    if not hashes:
        return str(meta["version"])
    return identity_of(str(meta["version"]), _digest(hashes, _thresholds(meta)))


def stamp(folder: Path) -> str:
    """Lists the hashes in meta.json. Returns the version that records will have."""
    meta = {name: value for name, value in _read_meta(folder).items() if name != HASHES}
    meta[HASHES] = hash_files(folder)
    text = json.dumps(meta, indent=2, separators=(",", ":"), ensure_ascii=False)
    (folder / _META).write_text(text + "\n", encoding="utf-8")
    return packed_identity(meta)


def identity_of(version: str, digits: str) -> str:
    """`1.1.0` and `3fa9c1` as `1.1.0+3fa9c1`: build metadata, as semantic versions and Python's have it."""
    return f"{version}{'.' if '+' in version else '+'}{digits}"


def hash_files(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file by its name in the folder, but for meta.json, hidden files and __pycache__."""
    names = sorted(name for name in _names(folder) if Path(name).name != _META)
    return {name: _sha256(folder / name) for name in names}


def _names(folder: Path) -> Iterator[str]:
    # Links are followed, since caches of models keep their files elsewhere.
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        for name in files:
            if not name.startswith("."):
                yield Path(place, name).relative_to(folder).as_posix()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / _META).read_bytes())
    except ValueError as error:
        raise ModelError(f"{folder / _META} is not JSON: {error}") from None
    if not isinstance(meta, dict) or not isinstance(meta.get(HASHES, {}), dict):
        raise ModelError(f"{folder / _META} takes an object, and under {HASHES!r} the files' SHA-256 by name")
    return meta


def _compare(folder: Path, listed: Mapping[str, str] | None, found: Mapping[str, str]) -> None:
    if not listed:
        return
    wrong = [name for name in sorted({*listed, *found}) if listed.get(name) != found.get(name)]
    if wrong:
        lines = [
            f"{name} should have the SHA-256 {listed[name]} and {_has(found.get(name))}"
            if name in listed
            else f"{name} is not listed"
            for name in wrong[:_NAMED_FILES]
        ]
        more = f"; {len(wrong) - _NAMED_FILES} more differ" if len(wrong) > _NAMED_FILES else ""
        raise ModelError(
            f"{folder} does not have the files that its {_META} lists: {'; '.join(lines)}{more}. Put the "
            f"files back, or, if you changed them yourself, remove {HASHES!r} from {_META}"
        )


def _has(digest: str | None) -> str:
    return f"has {digest}" if digest else "is missing"


def _thresholds(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What meta.json says that decides on tags."""
    return {name: value for name, value in meta.items() if name.startswith("topic_")}


def _digest(hashes: Mapping[str, str], thresholds: Mapping[str, Any]) -> str:
    lines = [f"{digest}  {name}\n" for name, digest in sorted(hashes.items()) if name not in _PAGES]
    if thresholds:
        lines.append(json.dumps(thresholds, sort_keys=True, separators=(",", ":")) + "\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:_DIGITS]


if __name__ == "__main__":
    print(sys.argv[1], stamp(Path(sys.argv[1])))

"""Writes gold articles from marked text, so that nobody counts offsets, and marked text from gold.

    python -m training.gold.markup gold de < de.txt > seeds/quality/languages/de.jsonl
    python -m training.gold.markup text seeds/quality/languages/de.jsonl > de.txt

A marked article is a line of its id, its source and the numbers of its top-level topics, its headline, an
empty line, and its text. There a name is [P in brackets]: P for PERSON, O for ORG, L for LOC. A quote is
<in angles>, inside its marks, and what stands in marks and nobody said is {in braces}. Behind the text a line
for each quote, in their order, has its kind, cue, the speaker's mention and fullest name:

    = de-bruecke | Lausitzer Morgenblatt | 11
    Stadtrat stimmt gegen zweite Brücke

    [L GÖRLITZ] – „<Das wird niemand verstehen>“, sagte [P Wendt]. [P Ute Wendt] ist die „{Brückenfrau}“.
    > direct | sagte | Wendt | Ute Wendt
"""

import json
import re
import sys
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_LABELS = {"P": "PERSON", "O": "ORG", "L": "LOC"}
_LETTERS = {label: letter for letter, label in _LABELS.items()}
_MARK = re.compile(r"\[([POL]) |[\]<>{}]")
_TOPIC = "medtop:{}000000"


class MarkupError(ValueError):
    """Marked text can't be read. The message names the article and says what is wrong."""


def gold_rows(marked: str, language: str) -> Iterator[Row]:
    """The gold articles of a marked text. Raises MarkupError."""
    for block in re.split(r"(?m)^= ", marked)[1:]:
        head, headline, empty, *lines = block.rstrip("\n").split("\n")
        name, source, topics = _cells(head, 3, head)
        if empty:
            raise MarkupError(f"{name}: no empty line behind the headline")
        told = [_cells(line[2:], 4, name) for line in lines if line.startswith("> ")]
        text, entities, said, others = _unmarked(
            "\n".join(line for line in lines if not line.startswith("> ")).strip(), name
        )
        if len(said) != len(told):
            raise MarkupError(f"{name}: {len(said)} quotes in the text, {len(told)} lines about them")
        quotes = [
            _quote(text, name, span, kind, cue=cue, speaker_mention=mention, speaker=speaker)
            for span, (kind, cue, mention, speaker) in zip(said, told, strict=True)
        ]
        nobody = {"cue": "", "speaker_mention": "", "speaker": ""}
        quotes += [_quote(text, name, span, "other", **nobody) for span in others]
        yield {
            "id": name,
            "language": language,
            "source": source,
            "headline": headline,
            "text": text,
            "labels": list(_LABELS.values()),
            "entities": entities,
            "quotes": sorted(quotes, key=itemgetter("start", "end")),
            "topics": [_TOPIC.format(topic) for topic in topics.split()],
        }


def _cells(line: str, count: int, name: str) -> list[str]:
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) != count:
        raise MarkupError(f"{name}: {line!r} has {len(cells)} parts, not {count}")
    return cells


def _quote(text: str, name: str, span: tuple[int, int], kind: str, **words: str) -> Row:
    for one in words.values():
        if one not in text:
            raise MarkupError(f"{name}: {one!r} does not stand in the text")
    start, end = span
    return {"start": start, "end": end, "text": text[start:end], "kind": kind, **words}


def _unmarked(marked: str, name: str) -> tuple[str, list[Row], list[tuple[int, int]], list[tuple[int, int]]]:
    """The text without its marks, with names, quotes and what nobody said."""
    text, done = "", 0
    begun = dict[str, tuple[int, str]]()
    spans: dict[str, list[tuple[int, int, str]]] = {"]": [], ">": [], "}": []}
    closing = {"[": "]", "<": ">", "{": "}"}
    for mark in _MARK.finditer(marked):
        text += marked[done : mark.start()]
        done = mark.end()
        first = mark.group()[0]
        if first in closing:
            if closing[first] in begun:
                raise MarkupError(f"{name}: {first!r} within another, before {marked[done : done + 30]!r}")
            begun[closing[first]] = len(text), mark.group(1) or ""
        elif first not in begun:
            raise MarkupError(f"{name}: {first!r} closes nothing, before {marked[done : done + 30]!r}")
        else:
            start, letter = begun.pop(first)
            spans[first].append((start, len(text), letter))
    if begun:
        raise MarkupError(f"{name}: {' and '.join(begun)} is missing")
    entities = [{"start": start, "end": end, "label": _LABELS[letter]} for start, end, letter in spans["]"]]
    return (
        text + marked[done:],
        entities,
        [(start, end) for start, end, _ in spans[">"]],
        [(start, end) for start, end, _ in spans["}"]],
    )


def marked_text(row: Row) -> str:
    """A gold article as marked text."""
    topics = " ".join(topic.removeprefix("medtop:")[:2] for topic in row["topics"])
    said = [quote for quote in row["quotes"] if quote["kind"] != "other"]
    lines = [
        f"> {quote['kind']} | {quote['cue']} | {quote['speaker_mention']} | {quote['speaker']}\n"
        for quote in said
    ]
    head = f"= {row['id']} | {row['source']} | {topics}\n{row['headline']}\n\n"
    return f"{head}{_with_marks(row)}\n{''.join(lines)}"


def _with_marks(row: Row) -> str:
    """The text with its marks: of two at one place the longer span's are outside."""
    spans = [(e["start"], e["end"], f"[{_LETTERS[e['label']]} ", "]") for e in row["entities"]]
    spans += [(q["start"], q["end"], *("{}" if q["kind"] == "other" else "<>")) for q in row["quotes"]]
    opening = sorted(spans, key=lambda span: (span[0], -span[1]))
    closing = sorted(spans, key=lambda span: (span[1], -span[0]))
    text, marked = row["text"], ""
    for place in range(len(text) + 1):
        marked += "".join(after for _, end, _, after in closing if end == place)
        marked += "".join(before for start, _, before, _ in opening if start == place)
        marked += text[place : place + 1]
    return marked


def main(words: list[str]) -> None:
    match words[1:]:
        case ["gold", language]:
            for row in gold_rows(sys.stdin.read(), language):
                print(json.dumps(row, ensure_ascii=False))
        case ["text", path]:
            rows = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
            print("\n".join(map(marked_text, rows)), end="")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv)

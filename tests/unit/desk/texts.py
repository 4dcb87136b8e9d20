"""The text that the desk's tests have in their articles, and spans of texts."""

from typing import Any

TEXT = "“The quay is open,” said Ada Obi, mayor of Port Amsel. The ferry, she said, may sail on Friday."


def span(text: str, piece: str, **others: Any) -> dict[str, Any]:
    """The first place of a piece in a text."""
    start = text.index(piece)
    return {"start": start, "end": start + len(piece), "text": piece, **others}

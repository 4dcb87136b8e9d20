"""The regular expressions for words and sentence ends that several components share."""

import re
from unicodedata import category

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
"""A word with its apostrophes and hyphens: "won’t", "co-op"."""

SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]]*\s|[\n\r]")
"""A stop with the marks that close behind it and a space; or a line's end."""


def behind_marks(text: str, end: int) -> int:
    """Where a word that ends here has its last letter's marks behind it: an accent, the sign of a vowel."""
    while end < len(text) and category(text[end])[0] == "M":
        end += 1
    return end

"""Escapes text and bytes of unknown origin, so that printing them can't control the terminal."""


def visible(text: str, *, most: int | None = None, keep_lines: bool = False) -> str:
    """The text, with each character that is not printable as an escape, such as `\\x1b` or `\\u202e`.

    It is cut after `most` characters. `keep_lines`: line breaks stay.
    """
    shown = "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else escaped(char)
        for char in (text if most is None else text[:most])
    )
    return shown if most is None or len(text) <= most else f"{shown}…"


def visible_bytes(data: bytes | None, *, most: int, keep_lines: bool = False) -> str:
    """At most `most` bytes, decoded as UTF-8 and escaped like text; a byte that is not UTF-8 as `\\xff`."""
    if data is None:
        return "null"
    text = data[:most].decode(errors="surrogateescape")
    return visible(text, keep_lines=keep_lines) + ("…" if len(data) > most else "")


def escaped(char: str) -> str:
    """The character's escape: `\\x1b`, `\\u202e`; that of a byte which is not UTF-8 as `\\xff`."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # such a byte, as `surrogateescape` decodes it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

"""Bytes and text from anywhere, so that a person can read them and they can't steer the terminal."""


def visible(text: str, *, most: int | None = None, keep_lines: bool = False) -> str:
    """What is not printable, control characters and those of direction among it, as `\\x1b` or `\\u202e`."""
    shown = "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else _escaped(char)
        for char in (text if most is None else text[:most])
    )
    return shown if most is None or len(text) <= most else f"{shown}…"


def visible_bytes(data: bytes | None, *, most: int, keep_lines: bool = False) -> str:
    """As UTF-8; bytes that are none as `\\xff`. `most` bytes."""
    if data is None:
        return "null"
    text = data[:most].decode(errors="surrogateescape")
    return visible(text, keep_lines=keep_lines) + ("…" if len(data) > most else "")


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

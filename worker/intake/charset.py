"""Decodes a value's bytes into text: by a byte order mark, a label, or what the document says of itself."""

import codecs
import re
from functools import cache

import webencodings
from lxml import etree
from lxml import html as lxml_html

from worker.intake.errors import UndecodableError

# Python's codecs that are no charset of a document, or whose cost grows with the square of its length.
_NO_CHARSETS = frozenset({"punycode", "idna", "undefined", "charmap", "unicode_escape", "raw_unicode_escape"})
# UTF-32 comes first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The standard decodes the first as the second.
_WEB_CODECS = {"gbk": "gb18030"}
# What browsers refuse to read, and what is no text: here Python's codecs decide.
_NO_WEB_CODECS = frozenset({"replacement", "x-user-defined"})
# Browsers look at the first 1,024 bytes, and take what they find later in the head as well.
_DECLARED_WITHIN_BYTES = 4096
_XML_ENCODING = re.compile(r"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_META_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';,]+)", re.IGNORECASE)
# Enough to tell UTF-16 by; most texts that are in it show it in the first four bytes.
_SAMPLE_BYTES = 512
_MIN_PAIRS = 4
# Signs that JSON and markup begin with.
_OPENING = b'{["<'


def decode_text(value: bytes, charset: str | None, *, is_markup: bool = False) -> str:
    """The text, without a byte order mark. Raises UndecodableError if it is in no charset that can be told.

    A byte order mark decides, else `charset`, else zero bytes that only UTF-16 has, else what markup says of
    itself; else it is UTF-8. Nothing is guessed from which letters come out.
    """
    for mark, codec in _MARKS:
        if value.startswith(mark):
            return _decoded(value[len(mark) :], codec)
    if charset is None:
        return _decode_unlabelled(value, is_markup=is_markup)
    return _decode_labelled(value, charset).removeprefix("\ufeff")


def has_wide_units(charset: str | None) -> bool:
    """Whether a label says UTF-16 or UTF-32, in which zero bytes are a part of letters."""
    try:
        return charset is not None and _codec_of(charset).startswith(("utf-16", "utf-32"))
    except (ValueError, LookupError):
        return False


def _decode_labelled(value: bytes, charset: str) -> str:
    try:
        codec = _codec_of(charset)
    except (ValueError, LookupError) as error:  # ValueError: a label with NUL or what is no character
        raise UndecodableError(f"the value is not {charset}: {error}") from None
    if codec == "utf-16-le" and _is_without_order(charset):
        codec = _utf16_by_zeros(value) or codec
    if codec == "ascii":
        # What is not ASCII is UTF-8 if it can be, and otherwise what browsers mean by the label.
        codec = "utf-8" if _is_utf8(value) else "cp1252"
    return _decoded(value, codec, named=charset)


def _decode_unlabelled(value: bytes, *, is_markup: bool) -> str:
    codec = _utf16_by_zeros(value)
    # UTF-8 is told from others by its bytes: a page in it that says otherwise was converted later.
    if codec is None and is_markup and (value.isascii() or not _is_utf8(value)):
        codec = _declared_codec(value[:_DECLARED_WITHIN_BYTES])
    return _decoded(value, codec or "utf-8")


def _decoded(value: bytes, codec: str, *, named: str | None = None) -> str:
    try:
        if codec.startswith("cp125") or codec == "cp874":
            return codecs.charmap_decode(value, "strict", _web_table(codec))[0]
        return value.decode(codec)
    except (ValueError, LookupError) as error:  # LookupError: a codec of Python that gives no text
        hint = "" if named else "; another charset takes a label, as in `text/plain; charset=windows-1252`"
        raise UndecodableError(f"the value is not {named or codec}: {error}{hint}") from None


@cache
def _web_table(codec: str) -> str:
    """What browsers make of each byte: where Python's codec has nothing, the control of that number.

    They do so from 0x80 to 0x9F alone; elsewhere U+FFFE stands for a byte that is nothing.
    """
    whole = codecs.lookup(codec).decode(bytes(range(256)), "replace")[0]
    return "".join(
        letter if letter != "\ufffd" else chr(byte) if byte < 0xA0 else "\ufffe"
        for byte, letter in enumerate(whole)
    )


def _codec_of(label: str) -> str:
    """The name of Python's codec for a label: by WHATWG's standard, else by Python's own names of it.

    Raises LookupError or ValueError for a label that means no charset.
    """
    python_name = _python_codec(label)
    if python_name == "ascii":
        return python_name
    # `latin-1` and `euc_kr` are Python's spellings of what the standard has under other ones.
    codec = _web_codec(label) or _web_codec((python_name or "").replace("_", "-"))
    if codec is not None:
        return codec
    if python_name is None or python_name.replace("-", "_") in _NO_CHARSETS:
        raise LookupError(f"unknown encoding: {label}")
    return python_name


def _web_codec(label: str) -> str | None:
    """The name of Python's codec for what a label means by WHATWG's standard; None if that is nothing."""
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in _NO_WEB_CODECS:
        return None
    return _WEB_CODECS.get(encoding.name) or str(encoding.codec_info.name)


def _python_codec(label: str) -> str | None:
    try:
        return codecs.lookup(label).name
    except LookupError:
        return None


def _is_without_order(charset: str) -> bool:
    """Whether a label says UTF-16 and not which byte comes first."""
    return not charset.strip().lower().endswith(("le", "be"))


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _utf16_by_zeros(value: bytes) -> str | None:
    """UTF-16 where it is certain: JSON or markup begins so, or of every two bytes mostly one is zero."""
    if len(value) % 2 == 0 and len(value) > 2:
        if value[0] in _OPENING and not value[1] and value[2]:
            return "utf-16-le"
        if not value[0] and value[1] in _OPENING and value[3]:
            return "utf-16-be"
    sample = value[:_SAMPLE_BYTES]
    if b"\0" not in sample or len(value) % 2 or len(sample) < 2 * _MIN_PAIRS:
        return None
    first, second = sample[::2].count(0), sample[1::2].count(0)
    if min(first, second) or 2 * max(first, second) < len(sample) // 2:
        return None
    return "utf-16-be" if first else "utf-16-le"


def _declared_codec(beginning: bytes) -> str | None:
    """The codec that an XML declaration or a page's `meta` names; None if there is none that is known."""
    beginning = beginning.lstrip()
    declared = _XML_ENCODING.match(beginning.decode("latin-1"))
    label = declared[1] if declared else _meta_charset(beginning)
    codec = _web_codec(label) if label else None
    # What could be read as ASCII so far is not in UTF-16.
    return "utf-8" if codec and codec.startswith("utf-16") else codec


def _meta_charset(beginning: bytes) -> str | None:
    if b"charset" not in beginning.lower():
        return None
    parser = lxml_html.HTMLParser(encoding="iso-8859-1")
    try:
        page = lxml_html.document_fromstring(beginning, parser=parser)
    except etree.LxmlError:
        return None
    for meta in page.iter("meta"):
        if meta.get("charset"):
            return str(meta.get("charset"))
        if meta.get("http-equiv", "").lower() == "content-type":
            found = _META_CHARSET.search(meta.get("content", ""))
            if found:
                return found[1]
    return None

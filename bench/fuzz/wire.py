"""The fuzzer's bytes as raw messages or queries, and back, and changes that keep them partly readable."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from worker.records.messages import Headers, RawMessage

CONTENT_TYPES: tuple[bytes | None, ...] = (
    None, b"application/json", b"text/plain", b"text/html", b"application/vnd.iptc.newsinjson",
    b"application/ld+json", b"application/xhtml+xml", b"text/plain; charset=utf-7", b"text/plain; charset=utf-16",
    b"text/html; charset=latin-1", b"text/plain; charset=idna", b"application/octet-stream", b"text/plain; charset=\xff",
    b"text/plain; charset=gb18030", b"text/html; charset=utf-32", b"application/json; charset=utf-8-sig",
    b"application/cloudevents+json", b"application/cloudevents-batch+json", b"application/x-protobuf", b"text/plain; charset=us-ascii",
    b"text/xml", b"application/xml; charset=iso-8859-1", b"application/rss+xml", b"application/atom+xml", b"application/nitf+xml",
)  # fmt: skip
HEADERS: tuple[Headers, ...] = (
    (),
    (("id", b"a-1"),),
    (("id", b"\xff"),),
    (("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),),
    (("ce_id", b"\xff"), ("origin", b"x"), ("\u0130", b"")),
    (("a", None), ("traceparent", None), ("content-type", None)),
)
_NULL_VALUE = 0x80
_SEPARATOR = b"\x1e"
"""Between a content type, a key and the value, where the first byte says that they are written out."""

WORDS: tuple[bytes, ...] = tuple(
    word.encode(errors="surrogatepass")
    for word in (
        "“", "”", "„", "«", "»", "‹", "›", "「", "」", "『", "』", "‘", "’", "``", "''", "`", '"', "'", "\n\n", "\u2028", "\u2029",
        "\r\n", "\u200b", "\u200d", "\u202e", "\u2067", "\u2069", "\ufeff", "\u0301", "\U0001f468\u200d\U0001f469", "ﬃ", "ß", "İ", "ǆ",
        "\u0661", "𝐀", "Анна Ковальчук", "ليلى حداد ", "अनीता शर्मा ", "李娜", "กรุงเทพ", "ΣΑΣ ", "Λοΐζος ", "דָּוִד ", "ı", "ẞ", "ǅ",
        "\u0456", "Núñez ", "Nu\u0301n\u0303ez ", "\u200c", "\ufe0f", "\u00ad", "\u0e33", "\u093f", "\u1112\u1161\u11ab", "\u3000", "٢٠٢٤ ", "«", "。",
        "said ", "told ", "according to ", "he ", "she ", "they ", "it ", "Ada Obi", " Obi", "Mr Obi", "Ms ",
        "the minister", "the union", "the letter ", "wrote ", "The court was told ", " of ", " of the ", "'s ", "’s ", ", ", ": ", ". ",
        "! ", "…", "(", ")", "[", "]", "NATO ", "(UHC) ", "Kenya ", "Kenyan ", "$5m ", "5 May ", "-", "–", "—", "that ", "For ", "He said: ",
        "quickly ", "is ", "was ", "called ", "so-called ", "'90s ", "A.B. ", "http://a.b/", "@", "&", "_",
        "{", "}", ":", ",", "[[", "]]", "null", "true", "NaN", "-0", "1e400", "1e-400", "99999999999999999999", "\\u0000", "\\ud800",
        "\\udc00", "\\", '"text":', '"html":', '"id":', '"url":', '"headline":', '"title":', '"body":', '"authors":[', '"language":"en"',
        '"published_at":', '"extra":{', '"uri":', '"bodies":[{"value":', '"headlines":[{"value":', '"people":[{"rel":"author","name":',
        '"byline":', '"infosources":[{"name":', '"contenttype":"text/html"', "0000-01-01", "9999-12-31T23:59:59-14:00", "+99:99",
        '"content":', '"content":{"rendered":', '"content":[{"type":"text/html","value":', '"description":', '"articleBody":',
        '"@graph":[{"@type":"NewsArticle",', '"@id":"#a"', '"author":{"name":', '"source":{"name":', '"lang":"eng"', '"pubDate":', '"link":"https://',
        "http://[", "//", "?a=b&", "#", "%ff", "xn--", ":99999", "@@",
        "<html>", "<body>", "<article>", "<p>", "</p>", "<div>", "<br>", "<h1>", "<table><tr><td>", "<ul><li>", "<a href=x>", "<script>",
        "</script>", "<style>", "<iframe src=x>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0'?>", "<!DOCTYPE html>", "&amp;",
        "&#0;", "&#xD800;", "&nbsp;", "<meta charset=utf-16>", "<meta property='article:published_time' content='", "<title>", "<svg>",
        "<link rel=canonical href='http://[", "<template>", "<time datetime='",
        '{"schema":null,"payload":', '{"op":"c","after":', '{"op":"d","before":', '"before":', '"__deleted":"true"', '"__op":"d"',
        '{"specversion":"1.0","type":"a","data":', '"data_base64":"', '"datacontenttype":"text/html"', '"datacontenttype":"avro/binary"',
        '"__debezium_unavailable_value"', '{"_id":{"$oid":', '{\\"text\\":\\"', '\\"', "\0\0\0\0\x07", "\x03\0", "Obj\x01", "\ufeff<p>",
        "<meta charset=koi8-r>",
        "<nitf>", "</nitf>", "<body.content><block>", "<hedline><hl1>", "<byline><person>", "<q>", "<docdata management-status='embargoed'>",
        "<date.release norm='", "<newsItem guid='x'>", "<newsMessage><itemSet>", "<inlineXML>", "<inlineData contenttype='text/plain'>", "<pubStatus qcode='stat:",
        "<rss><channel><item>", "</item>", "<description>", "<content:encoded>", "<feed xmlns='http://www.w3.org/2005/Atom'><entry>", "</entry>",
        "<content type='xhtml'>", " xmlns:a='b'", " xml:lang='", "<!DOCTYPE nitf SYSTEM 'x' [", "<!ENTITY a 'b'>", "&a;", "&nbsp;", "<?a b?>",
        "Feb 3, 2025 ", "9:15 PM ", " EST", " BST", " GMT+2", "03/04/2025", "1738573200", " noon", "Mon, 03 Feb 25 ",
        "+ADw-", "\x1b$B", "\0", "\x01", "\x1f\x8b", "\ud800", "\udfff",
    )
)  # fmt: skip
_REPEATS = (2, 3, 10, 100, 1000, 20_000)


def message_of(data: bytes) -> RawMessage:
    """The raw message that these bytes stand for; any bytes stand for one."""
    kind, beside = (*data[:2], 0, 0)[:2]
    rest = data[2:]
    headers, key = HEADERS[beside % len(HEADERS)], None
    content_type = CONTENT_TYPES[kind % len(CONTENT_TYPES)]
    if kind & 0x40:
        content_type, _, rest = rest.partition(_SEPARATOR)
    if beside & 0x40:
        key, _, rest = rest.partition(_SEPARATOR)
    if content_type is not None:
        headers = (*headers, ("content-type", content_type))
    value = None if beside & _NULL_VALUE else rest
    return RawMessage("news.articles.raw.v1", 0, 0, 1_700_000_000_000, key, value, headers)


def query_text(data: bytes) -> str:
    """The text that these bytes stand for: those behind the first two, as a command line gives them."""
    return data[2:].decode(errors="surrogateescape")


def query_data(text: str) -> bytes:
    """Bytes that stand for a text."""
    return b"\0\0" + text.encode(errors="surrogateescape")


def data_of(value: bytes | None, content_type: bytes | None, key: bytes | None = None) -> bytes:
    """Bytes that stand for such a message."""
    known = content_type in CONTENT_TYPES
    kind = CONTENT_TYPES.index(content_type) if known else 0x40
    beside = (0x40 if key is not None else 0) | (_NULL_VALUE if value is None else 0)
    parts = [bytes((kind, beside))]
    parts += [] if known else [(content_type or b"") + _SEPARATOR]
    parts += [] if key is None else [key + _SEPARATOR]
    return b"".join(parts) + (value or b"")


def _put_word(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    at = chance.randint(2, len(data))
    return data[:at] + chance.choice(words) + data[at:]


def _repeat_word(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    at = chance.randint(2, len(data))
    repeated = b"".join(chance.choices(words, k=chance.randint(1, 4)))
    return data[:at] + repeated * chance.choice(_REPEATS) + data[at:]


def _repeat_piece(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start = chance.randint(2, len(data))
    end = min(len(data), start + chance.randint(1, 60))
    return data[:end] + data[start:end] * chance.choice(_REPEATS) + data[end:]


def _drop_piece(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start = chance.randint(2, len(data))
    return data[:start] + data[start + chance.randint(1, 60) :]


def _swap_pieces(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    cuts = sorted(chance.choices(range(2, len(data) + 1), k=3))
    first, second = (data[start:end] for start, end in pairwise(cuts))
    return data[: cuts[0]] + second + first + data[cuts[2] :]


def _other_frame(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    return bytes((chance.randrange(256), chance.randrange(256))) + data[2:]


CHANGES: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    _put_word, _put_word, _put_word, _repeat_word, _repeat_piece, _drop_piece, _swap_pieces, _other_frame,
)  # fmt: skip


def changed(data: bytes, seed: int, max_size: int, words: Sequence[bytes] = WORDS) -> bytes:
    """One to four changes, which put in what raw messages (or, with other `words`, queries) are made of."""
    chance = random.Random(seed)
    data = data.ljust(2, b"\0")
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(CHANGES)(data, chance, words)[:max_size]
    return data

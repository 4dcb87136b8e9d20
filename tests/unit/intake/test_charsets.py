"""Which charset a value's bytes are read in."""

import pytest

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.records.messages import RawMessage, Reason

WORDS = "“Für Zoë,” it said – and no more."
PAGE = (
    "<!DOCTYPE html><html><head>{}<title>A letter</title></head><body><article><p>“Für Zoë,” it said – and "
    "no more, wrote the archivist who had opened the parcel.</p><p>Nobody at the archive knows who Zoë was, "
    "nor why the parcel had lain there for ninety years.</p></article></body></html>"
)


def read(value, content_type=None):
    headers = () if content_type is None else (("content-type", content_type.encode()),)
    message = RawMessage("raw", 0, 0, 0, None, value, headers)
    return decode(message, limits=Limits(), default_language="en")


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "text/plain; charset=utf-8",
        "text/plain; charset=iso-8859-1",
        "text/plain; charset=klingon",
    ],
)
def test_a_byte_order_mark_decides_whatever_the_label_says(mark, content_type):
    assert read(WORDS.encode(mark), content_type).text == WORDS


def test_a_mark_of_utf16_with_the_larger_byte_first_is_one():
    assert read(b"\xfe\xff" + WORDS.encode("utf-16-be")).text == WORDS


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("iso-8859-1", "cp1252"),
        ("latin-1", "cp1252"),
        ("latin1", "cp1252"),
        ("l1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("Windows-1252", "cp1252"),
        ("x-cp1252", "cp1252"),
        ("cp1252", "cp1252"),
        ("macintosh", "mac-roman"),
        ("utf-16le", "utf-16-le"),
        ("utf-16", "utf-16-le"),
        ("utf-16", "utf-16-be"),
        ("utf-16be", "utf-16-be"),
        ("utf-32-le", "utf-32-le"),
        ("cp1140", None),
    ],
)
def test_a_label_means_what_browsers_mean_by_it_or_else_what_python_does(label, codec):
    words = WORDS if codec else "Zoe (née Zoë)"
    assert read(words.encode(codec or label), f"text/plain; charset={label}").text == words


@pytest.mark.parametrize(
    ("label", "value", "text"),
    [
        ("gb2312", "丂€".encode("gb18030"), "丂€"),
        ("euc_kr", "똠방각하".encode("cp949"), "똠방각하"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("x-sjis", b"\x87\x40\x81\x60", "①～"),
        ("big5", "香港嘅".encode("big5hkscs"), "香港嘅"),
        ("iso-8859-9", b"\x80 \xfd", "€ ı"),
        ("tis-620", b"\x80 \xa1", "€ ก"),
        ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
        ("hz-gb-2312", b"~{<:Ky2;S{#,NpJ)l6HK!#~}", "己所不欲，勿施於人。"),
    ],
)
def test_a_label_of_an_older_standard_takes_what_came_after_it(label, value, text):
    assert read(value, f"text/plain; charset={label}").text == text


def test_a_byte_that_windows_1252_has_nothing_for_is_a_control_character_as_in_browsers():
    assert read(b"a\x81b", "text/plain; charset=iso-8859-1").text == "a\x81b"
    assert read(b"\xff", "text/plain; charset=windows-1255").reason is Reason.UNDECODABLE


def test_what_is_called_ascii_and_is_not_is_utf8_if_it_can_be():
    assert read(WORDS.encode(), "text/plain; charset=us-ascii").text == WORDS


@pytest.mark.parametrize(
    "label", ["klingon", "x-user-defined", "iso-2022-cn", "zip", "unicode_escape", "utf-8"]
)
def test_a_label_that_means_no_charset_or_another_one_is_undecodable_and_named(label):
    rejected = read(WORDS.encode("cp1252"), f"text/plain; charset={label}")
    assert rejected.reason is Reason.UNDECODABLE
    assert label in rejected.error


def test_bytes_that_nobody_names_and_that_are_not_utf8_are_undecodable_and_told_how_to_be_named():
    rejected = read(WORDS.encode("cp1252"))
    assert rejected.reason is Reason.UNDECODABLE
    assert "charset=" in rejected.error


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (WORDS, None),
        (WORDS, "text/plain"),
        ('{"text": "Für Zoë"}', "application/json"),
        ('{"text": "Для тебя, Für Zoë, и ничего больше"}', None),
    ],
)
def test_utf16_without_a_mark_is_told_by_its_zero_bytes(codec, text, content_type):
    assert "Für Zoë" in read(text.encode(codec), content_type).text


@pytest.mark.parametrize("text", ["a\0b", "\0\0\0\0\0\0\0\0", "abc\0\0\0\0\0defg", "\0word word word w"])
def test_a_text_with_zero_bytes_is_not_taken_for_utf16(text):
    assert read(text.encode(), "text/plain").text == text.replace("\0", "\ufffd")


@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="windows-1252">',
        "<META CHARSET=ISO-8859-1>",
        "<meta content='text/html; charset=windows-1252' http-equiv='Content-Type'>",
        '<!-- <meta charset="utf-8"> --><meta name=a content=b><meta charset=latin1>',
        "<script>var a = '<meta charset=utf-8>'</script><meta charset='x-cp1252'>",
        "<meta name=keywords content='" + "word, " * 200 + "'><meta charset=windows-1252>",
    ],
)
@pytest.mark.parametrize("content_type", [None, "text/html", "application/xhtml+xml"])
def test_a_page_without_a_label_is_in_the_charset_that_its_head_names(head, content_type):
    article = read(PAGE.format(head).encode("cp1252"), content_type)
    assert article.text.startswith(WORDS.removesuffix("."))


def test_an_xml_declaration_names_a_pages_charset():
    page = "<?xml version='1.0' encoding='iso-8859-1'?>\n" + PAGE.format("")
    assert read(page.encode("cp1252"), "application/xhtml+xml").text.startswith(WORDS.removesuffix("."))


@pytest.mark.parametrize("content_type", [None, "application/xml"])
def test_an_xml_declaration_names_the_charset_of_any_xml(content_type):
    document = (
        "<?xml version='1.0' encoding='windows-1252'?><nitf><body><body.content><p>" + WORDS + "</p>"
        "</body.content></body></nitf>"
    )
    assert read(document.encode("cp1252"), content_type).text == WORDS


def test_a_label_wins_over_what_a_page_says():
    page = PAGE.format("<meta charset=koi8-r>").encode("cp1252")
    assert read(page, "text/html; charset=windows-1252").text.startswith(WORDS.removesuffix("."))


@pytest.mark.parametrize("named", ["windows-1252", "utf-16", "koi8-r", "shift_jis", "klingon"])
def test_a_page_in_utf8_is_read_as_it_is_whatever_its_head_still_says(named):
    page = PAGE.format(f"<meta charset={named}>").encode()
    assert read(page, "text/html").text.startswith(WORDS.removesuffix("."))


@pytest.mark.parametrize(
    "head", ["", "<meta charset=utf-8>", "<meta charset=klingon>", "<meta charset=utf-16>"]
)
def test_a_page_that_names_no_charset_that_fits_is_undecodable(head):
    assert read(PAGE.format(head).encode("cp1252"), "text/html").reason is Reason.UNDECODABLE


def test_only_pages_are_asked_for_their_charset():
    text = "Write <meta charset=windows-1252> into the head, said Zoë."
    assert read(text.encode("cp1252"), "text/plain").reason is Reason.UNDECODABLE
    assert read(text.encode("cp1252")).reason is Reason.UNDECODABLE

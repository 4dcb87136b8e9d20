"""What is mended in a text, what is left alone, and that both take little time whatever the text holds."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.intake.errors import LimitError
from worker.intake.markup import is_markup
from worker.intake.mended_text import mended_text

MAX_CPU_SECONDS = 5
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"


def garbled(text):
    """UTF-8 read as Windows-1252, which browsers read with the five bytes that it does not define."""
    return "".join(
        chr(byte) if byte in _UNDEFINED else bytes([byte]).decode("cp1252") for byte in text.encode()
    )


@pytest.mark.parametrize(
    ("published", "text", "changes"),
    [
        ("<p>Rain fell.</p><p>Rivers rose.</p>", "Rain fell.\nRivers rose.", {"markup"}),
        ("<DIV>Rain <a href='/x'>fell</a> on <em>Puno</em>.</DIV>", "Rain fell on Puno.", {"markup"}),
        ("Rain fell.<br/>Rivers rose.", "Rain fell.\nRivers rose.", {"markup"}),
        ("Rain fell on <b>Puno</b>.", "Rain fell on Puno.", {"markup"}),
        ("<ul>\n <li>Rain</li>\n <li>Wind</li>\n</ul>", "Rain\nWind", {"markup"}),
        ("<table><tr><td>Rain</td><td>9 mm</td></tr></table>", "Rain\n9 mm", {"markup"}),
        ("<p>It is <q>over</q>.</p><script>track()</script>", "It is “over”.", {"markup"}),
        ("<p>Caf&eacute; &amp; bar</p>", "Café & bar", {"markup"}),
        ("<!-- wp:paragraph --><p>Rain.</p>", "Rain.", {"markup"}),
        ("&lt;p&gt;Rain fell.&lt;/p&gt;", "Rain fell.", {"entities", "markup"}),
        ("&ldquo;It&#8217;s over,&rdquo; she said.", "“It’s over,” she said.", {"entities"}),
        ("Fish &amp;amp; chips", "Fish & chips", {"entities"}),
        ("The rain went on and on… [+2041 chars]", "The rain went on and on…", {"truncated"}),
        ("The rain went on. [312 more characters]", "The rain went on.", {"truncated"}),
        ("The rain went on [&hellip;]", "The rain went on", {"entities", "truncated"}),
        ("The rain went on. (more…)", "The rain went on.", {"truncated"}),
        ("The rain went on… Read more »", "The rain went on…", {"truncated"}),
        (garbled("Die Brücke über den Fluß"), "Die Brücke über den Fluß", {"mojibake"}),
        (garbled("“It’s over,” said José."), "“It’s over,” said José.", {"mojibake"}),
        ("Ürümqi, " + garbled("Kraków"), "Ürümqi, Kraków", {"mojibake"}),
    ],
)  # fmt: skip
def test_what_is_certain_is_mended_and_told(published, text, changes):
    mended, told = mended_text(published, has_no_markup=False)
    assert (mended, set(told)) == (text, changes)


@pytest.mark.parametrize(
    "text",
    [
        "It was 3 < 4 and 5 > 2.",
        "Ada <ada@mail.example> wrote to us.",
        "Write <your name> here.",
        "I <3 Lagos",
        "The tag <b> makes words bold.",
        "R&D; AT&T and Q&A",
        "He paid 5 [sic] for it.",
        "They were told to read more.",
        "SÃO PAULO — ÀS OITO, É NOITE.",
        "Tromsø’s café “Ångström”, naïve Noël",
        "Ha Noi: Đà Nẵng, Huế",
        "â Ã Â",
    ],
)
def test_what_is_not_certain_is_left(text):
    assert mended_text(text, has_no_markup=False) == (text, {})


@pytest.mark.parametrize("text", ["<p>Rain.</p>", "Fish &amp; chips", "It went on [+12 chars]"])
def test_plain_text_has_no_markup_whatever_it_looks_like(text):
    assert mended_text(text, has_no_markup=True) == (text, {})


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_text_is_mended_the_same_way_twice(text):
    try:
        once = mended_text(text, has_no_markup=False)
    except LimitError:
        return
    assert mended_text(text, has_no_markup=False) == once


@pytest.mark.parametrize(
    "piece",
    [
        "é“ ",
        "Ã©",
        "â€",
        "Ã Â",
        "â€œÃ Ã©",
        "üÃ© ",
        "üÃ©\n",
        "<p",
        "<b ",
        "<b>x</b>",
        "</b ",
        "&amp;",
        "&",
        "[+1 ",
        "… ",
    ],
)
def test_a_text_made_to_be_slow_is_mended_or_refused_in_time(piece):
    text = piece * (180_000 // len(piece))
    began = time.process_time()
    with suppress(LimitError):  # for too many elements
        mended_text(text, has_no_markup=False)
    assert time.process_time() - began < MAX_CPU_SECONDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<h2>Rain</h2>", True),
        ("<!DOCTYPE html>", True),
        ("<unknown>x</unknown>", False),
        ("x <p> y", False),
        ("x <p> y <p> z", True),
        ("x<br>y", True),
        ("<br> breaks, and <br> too", True),
        ("as <br> does", False),
        ("", False),
    ],
)
def test_markup_is_told_by_the_elements_of_html(text, expected):
    assert is_markup(text) is expected

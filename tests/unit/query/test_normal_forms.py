"""Texts are brought into a normal form in linear time, and ordinary ones unchanged by that."""

import ast
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worker
from worker.nlp.entities.slug import slug
from worker.query import normal_forms
from worker.query.normal_forms import MOST_MARKS, is_mark, normalized
from worker.query.words import Words, folded, words_of
from worker.search.tokens import searchable

PACKAGE = Path(worker.__file__).parent
# Marks out of their order, to which a normal form is slowest, and characters that are marks once decomposed.
RUNS = {
    "marks": "\u0301\u0316",
    "marks of Hebrew": "\u05b0\u0591\u05b4",
    "halfwidth voicing marks": "\uff9e\u0301",
    "Tibetan vowels": "\u0f81\u0301\u0f73",
    "a mark of two": "\u0344\u0316",
}


def test_no_module_calls_unicodedata_by_itself() -> None:
    found = [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in ("normalize", "is_normalized"))
        or (isinstance(node, ast.ImportFrom) and node.module == "unicodedata")
    ]
    # The tokenizer's own rules normalize what they cut. Alert rules normalize one character at a time, which
    # has no run of marks.
    own = ["nlp/encoder/sentencepieces.py"] * 2
    assert found == [*own, "query/normal_forms.py", "records/rules.py"]


def test_every_character_that_is_a_mark_once_decomposed_counts_as_one() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    decomposed = {
        c
        for c in characters
        if any(unicodedata.combining(unicodedata.normalize(f, c)[0]) for f in ("NFD", "NFKD"))
    }
    assert decomposed == set(filter(is_mark, characters))


@pytest.mark.parametrize(
    "fold", [folded, words_of, searchable, slug, lambda text: Words(text).distinct], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_run_of_marks_is_cut_before_it_is_ordered(
    fold: Callable[[str], object], run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = [0]

    def counting(form: str, text: str) -> str:
        marks = 0
        for character in unicodedata.normalize("NFKD" if form == "NFKC" else "NFD", text):
            marks = marks + 1 if unicodedata.combining(character) else 0
            longest[0] = max(longest[0], marks)
        return unicodedata.normalize("NFC", text)

    monkeypatch.setattr(
        normal_forms, "unicodedata", SimpleNamespace(normalize=counting, combining=unicodedata.combining)
    )
    fold(f"\u00e9{run * 500} \u30ab{run * 500}")
    # A character may decompose into as many as three marks.
    assert longest[0] <= 3 * (MOST_MARKS + 1)


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
@pytest.mark.parametrize(
    "text", ["a" + "\u0301\u0316" * 15, "Đặng Thị Ngọc Thịnh", "ｶﾞｷﾞ", "שָׁלוֹם", "한국", "", "a" * 1000]
)
def test_a_text_with_as_many_marks_as_languages_use_keeps_them(form, text) -> None:
    assert normalized(form, text) == unicodedata.normalize(form, text)


@given(
    st.text(
        st.characters(exclude_categories=("Cs",)) | st.sampled_from("e\u0301\u0316\uff9e\u0f73"),
        max_size=MOST_MARKS,
    )
)
def test_a_short_text_has_its_normal_form(text) -> None:
    assert normalized("NFC", text) == unicodedata.normalize("NFC", text)
    assert normalized("NFKC", text) == unicodedata.normalize("NFKC", text)

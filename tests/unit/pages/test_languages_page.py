"""docs/languages.md shows the table of languages, and the margins, as the worker goes by them."""

from pathlib import Path

from worker.intake import language
from worker.languages import KnownLanguage, known_languages

PAGE = (Path(__file__).parents[3] / "docs" / "languages.md").read_text(encoding="utf-8")


def row(known: KnownLanguage) -> str:
    also = f" (also {', '.join(f'`{code}`' for code in known.also)})" if known.also else ""
    state = "not in this model" if known.encoder is None else "on" if known.is_on else "off"
    return (
        f"| {known.name} | `{known.code}`{also} | {known.tier} | {known.floor:g} | {known.measured_on} | "
        f"{state} |"
    )


def test_the_page_has_the_table_of_languages_as_the_worker_has_it():
    table = "\n".join(row(known) for known in known_languages().values())
    assert table in PAGE, f"write into docs/languages.md:\n{table}"


def test_the_page_names_the_margins_as_the_code_has_them():
    prose = " ".join(PAGE.split())
    sure, overruling, share, least = (
        f"{number:g}".removeprefix("0")
        for number in (
            language.MIN_CONFIDENCE,
            language.OVERRULING_SHARE,
            language._MIN_SHARE,
            language._LEAST_TOGETHER,
        )
    )
    for words in (
        f"{language.OVERRULING_LETTERS} letters or more, of which that language has {overruling}",
        f"a confidence of {sure} in {language.MIN_LETTERS} letters or more",
        f"has a share of {share}, in {language._MIN_LETTERS_AMONG} letters or more",
        f"where all of these together have less than {least} and another has {share}",
        f"the first and the last {language._OVERRULING_CHARS} characters",
        f"fewer than {language.MIN_LETTERS} letters are in that language",
    ):
        assert words in prose

"""Amounts of money have their currency and scale, whatever span the pipeline found."""

import time

import pytest

from worker.nlp.entities.amounts import with_amounts


def marked(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """ "[20 million] won" to the text and its one span of MONEY, "{USD5}" to one of PERSON."""
    plain, spans = "", []
    for character in text:
        if character in "[{":
            spans.append((len(plain), len(plain), "MONEY" if character == "[" else "PERSON"))
        elif character in "]}":
            spans[-1] = (spans[-1][0], len(plain), spans[-1][2])
        else:
            plain += character
    return plain, spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It lost [20 million] won.", ["MONEY 20 million won"]),
        ("It lost [$500]m last year.", ["MONEY $500m"]),
        ("They paid QR8,944,593 for it.", ["MONEY QR8,944,593"]),
        ("They paid {USD105,000} for it.", ["MONEY USD105,000"]),
        ("Fees of [Rs 40] lakh rose.", ["MONEY Rs 40 lakh"]),
        ("Fees of KSh1.5bn rose to Rs. 900.", ["MONEY KSh1.5bn", "MONEY Rs. 900"]),
        ("{Amara Nel} paid ZAR300.", ["PERSON Amara Nel", "MONEY ZAR300"]),
        ("Fees of US$[5 million] rose.", ["MONEY 5 million"]),
        ("They won [20] matches.", ["MONEY 20"]),
        ("Version PHP8 and RM 20 are no amounts for sure.", []),
        ("Room USD5b2 and the AUSD500 prize.", []),
    ],
)
def test_an_amount_has_its_currency_and_scale(text, expected):
    plain, spans = marked(text)
    assert [f"{label} {plain[start:end]}" for start, end, label in with_amounts(plain, spans)] == expected


def test_hostile_amounts_take_linear_time():
    began = time.perf_counter()
    for text in ("USD" * 60_000, "USD1," * 40_000, "USD" + "1" * 200_000, "Rs. 1.1.1.1.1.1" * 15_000):
        with_amounts(text, [])
    assert time.perf_counter() - began < 5

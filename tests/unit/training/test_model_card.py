"""The model card's tables, from counts and from the shipped pipeline on an article or two."""

import re
from pathlib import Path

import orjson
import pytest

from training.card import MIN_GOLD_ITEMS, aligned_table, model_card, region_table, regions
from training.data import DEV_SOURCES, TUNING_SOURCES
from worker.nlp.pipeline import SHIPPED
from worker.scoring.measure import Counts
from worker.scoring.totals import Scores


def test_every_newspaper_apart_has_a_home():
    assert set(regions()) >= DEV_SOURCES | TUNING_SOURCES


def test_a_table_is_markdown():
    assert aligned_table(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"


def test_a_region_with_few_gold_items_has_no_score():
    few, enough = Scores(), Scores()
    few.add("entities", Counts(right=MIN_GOLD_ITEMS - 1))
    enough.add("entities", Counts(right=MIN_GOLD_ITEMS - 1, missed=1))
    text = region_table({"A": [few], "B": [enough, Scores()]})
    assert "| A | 1 | - | - | - | - | - |" in text
    assert "| B | 2 | 97.4 | - | - | - | - |" in text


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gold")
    text = "Amina Okafor was elected in Lagos on Sunday. “We will start with the buses,” Okafor said."
    names = [("Amina Okafor", "PERSON"), ("Lagos", "LOC"), ("Sunday", "DATE")]
    found = [{"start": text.index(n), "end": text.index(n) + len(n), "label": kind} for n, kind in names]
    quote = {"start": 46, "end": 76, "kind": "direct", "speaker": "Amina Okafor"}
    rows = {
        "ner": {"id": "a", "source": "af_ips", "text": text, "entities": found},
        "quotes": {"id": "a", "quotes": [quote]},
        "topics": {"id": "a", "topics": ["medtop:11000000"]},
    }
    for name, row in rows.items():
        (folder / name).mkdir()
        (folder / name / "gold.jsonl").write_bytes(orjson.dumps(row) + b"\n")
    return model_card(SHIPPED, SHIPPED, folder)


def test_every_figure_of_the_card_is_filled_in(written):
    assert "$" not in re.sub(r"`[^`]*`", "", written)
    assert "1 articles, 3 names" in written
    assert re.search(r"^\| +\| shipped \| open data only \| articles \|$", written, re.MULTILINE)


def test_the_shipped_card_has_the_sections_of_the_template():
    template = (Path(__file__).parents[3] / "training" / "card.md").read_text(encoding="utf-8")
    shipped = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert re.findall("(?m)^##+ .*", template) == re.findall("(?m)^##+ .*", shipped)

"""The tables of dates and money that ship are those that the command makes."""

from importlib.resources import files

import pytest

from training.tables.values import value_rows
from worker.languages import known_languages


@pytest.mark.parametrize("language", ["de", "hr", "pl", "sw", "uk"])
def test_a_table_that_ships_is_made_by_the_command_of_training(language):
    path = files("worker.nlp") / "data" / known_languages()[language].folder / "values.tsv"
    assert path.read_text(encoding="utf-8") == value_rows(language)

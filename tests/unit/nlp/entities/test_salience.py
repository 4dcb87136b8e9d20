"""Salience gives each entity a share of the article."""

import pytest

from worker.nlp.entities.group import Group
from worker.nlp.entities.salience import saliences

TEXT = "x" * 1000


def test_the_shares_sum_to_one():
    groups = [Group(f"G{i}", "ORG", ((i * 7, i * 7 + 3),)) for i in range(37)]
    assert sum(saliences(groups, text=TEXT, headline=None)) == pytest.approx(1, abs=1e-9)


def test_nothing_to_share_is_an_empty_list():
    assert saliences([], text="", headline=None) == []


def test_who_is_named_more_often_and_earlier_has_more():
    often = Group("A", "PERSON", ((0, 3), (100, 103), (500, 503)))
    once = Group("B", "PERSON", ((50, 53),))
    late = Group("C", "PERSON", ((900, 903),))
    first, second, third = saliences([often, once, late], text=TEXT, headline=None)
    assert first > second > third


def test_a_name_in_the_headline_has_more():
    text = "Ada met Bob."
    ada, bob = Group("Ada", "PERSON", ((0, 3),)), Group("Bob", "PERSON", ((8, 11),))
    shares = saliences([ada, bob], text=text, headline="BOB WINS")
    assert shares[1] > shares[0]


def test_values_have_hardly_any():
    person, date = Group("Ada", "PERSON", ((0, 3),)), Group("Monday", "DATE", ((0, 3),))
    shares = saliences([person, date], text=TEXT, headline=None)
    assert shares[1] < 0.1 < shares[0]


def test_who_opens_the_article_comes_before_who_is_named_twice_behind():
    opens = Group("A", "LOC", ((120, 123),))
    behind = Group("B", "PERSON", ((200, 203), (700, 703)))
    first, second = saliences([opens, behind], text=TEXT, headline=None)
    assert first > second

"""What the worker remembers of what it is given has a limit in bytes, whatever comes."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

import worker
from worker.alerts.text import _topic_called
from worker.intake import charset, content_type
from worker.intake.times import dates
from worker.log import MAX_LINE_CHARS, MAX_LINES
from worker.nlp import wordlists
from worker.nlp.encoder import wordpieces
from worker.nlp.encoder.component import PIECES
from worker.nlp.encoder.sentencepieces import SentencePieces
from worker.nlp.entities import cities, declension, place_words, romanized, trusted
from worker.nlp.entities import countries as country_tables
from worker.nlp.pipeline import SHIPPED
from worker.nlp.quotes import tables as quoting_tables
from worker.nlp.speakers import possessions
from worker.nlp.values import tables as value_tables
from worker.query import words
from worker.records import media_topics
from worker.search import naming, tokens
from worker.stories import vector

_PACKAGE = Path(worker.__file__).parent
_FOLDER = SHIPPED / "multilingual"
_PIECES = SentencePieces(
    Tokenizer.from_file(str(_FOLDER / "tokenizer.json")), (_FOLDER / PIECES).read_bytes()
)
# The caches that are filled from articles, rules or queries, how they are asked, and how long a key may be.
FROM_OUTSIDE: dict[str, tuple[Callable[[str], Any], Any, int]] = {
    "intake/content_type.py:_remembered": (
        lambda text: content_type.read_content_type(text.encode()),
        content_type._remembered,
        100,
    ),
    "intake/times/dates.py:_read_text": (dates.read_date, dates._read_text, 100),
    "query/words.py:_remembered_folded": (words.folded, words._remembered_folded, 100),
    "query/words.py:_remembered_words": (words.words_of, words._remembered_words, 100),
    "records/media_topics.py:_called": (media_topics.topics_called, media_topics._called, 200),
    "nlp/encoder/wordpieces.py:_shape": (wordpieces.shape, wordpieces._shape, 100),
    "nlp/encoder/sentencepieces.py:remembered": (_PIECES._pieces_of, _PIECES._remembered, 40),
    "nlp/entities/cities.py:_remembered": (
        lambda text: cities.cities_called(text, "cs"),
        cities._remembered,
        40,
    ),
    "search/tokens.py:_named": (
        lambda text: tokens.name_tokens(tokens.TokenKind.PERSON, text),
        tokens._named,
        60,
    ),
    "search/naming.py:_remembered_slug": (naming._slug, naming._remembered_slug, 60),
}
# The keys of these are written in the code, or are codes of a fixed form.
FROM_THE_CODE: dict[str, Any] = {
    "stories/vector.py:_kinds": vector._kinds,
    "intake/charset.py:_web_table": charset._web_table,
    "nlp/entities/countries.py:_tables": country_tables._tables,
    "nlp/entities/trusted.py:_left_out": trusted._left_out,
    "nlp/entities/trusted.py:_adjective_words": trusted._adjective_words,
    "nlp/entities/place_words.py:place_words": place_words.place_words,
    "nlp/entities/declension.py:declension": declension.declension,
    "nlp/entities/romanized.py:_table": romanized._table,
    "nlp/values/tables.py:value_table": value_tables.value_table,
    "nlp/speakers/possessions.py:_ends": possessions._ends,
    "nlp/quotes/tables.py:quoting_table": quoting_tables.quoting_table,
    "nlp/wordlists.py:words": wordlists.words,
    "alerts/text.py:_topic_called": _topic_called,
}
MAX_BYTES = 100 << 20


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    return [
        (str(path.relative_to(_PACKAGE)), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(_PACKAGE.rglob("*.py"))
    ]


@cache
def _nodes() -> list[tuple[str, ast.AST]]:
    """Every node of every module."""
    return [(name, node) for name, tree in _trees() for node in ast.walk(tree)]


def _name(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _caches() -> set[str]:
    """The functions with a cache that take anything."""
    return {
        f"{name}:{node.name}"
        for name, node in _nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and {"cache", "lru_cache"} & {_name(decorator) for decorator in node.decorator_list}
        and (node.args.args or node.args.vararg or node.args.kwonlyargs or node.args.posonlyargs)
    }


def test_every_cache_is_known_to_be_limited() -> None:
    assert _caches() == {*FROM_OUTSIDE, *FROM_THE_CODE}


def test_no_cache_is_made_in_another_way_than_above_a_function() -> None:
    uses = sum(isinstance(node, ast.Name) and node.id in ("cache", "lru_cache") for _, node in _nodes())
    above = sum(
        _name(decorator) in ("cache", "lru_cache")
        for _, node in _nodes()
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    )
    assert uses == above


def test_no_module_has_a_mapping_or_list_that_is_filled_later() -> None:
    empty = [
        f"{name}:{_name(node.targets[0] if isinstance(node, ast.Assign) else node.target)}"
        for name, tree in _trees()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_empty(node.value)
    ]
    # The one stays empty, and the other is filled when its module is imported.
    assert empty == ["delivery/kafka/sending.py:NO_GROUPS", "metrics.py:METRICS"]


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        growing = ("dict", "list", "set", "defaultdict", "OrderedDict", "deque", "WeakValueDictionary")
        return _name(value) in growing and not value.args
    return (isinstance(value, ast.Dict) and not value.keys) or (
        isinstance(value, ast.List) and not value.elts
    )


@pytest.mark.parametrize("name", FROM_OUTSIDE)
def test_a_cache_keeps_short_texts_only_and_few_enough(name: str) -> None:
    ask, cached, limit = FROM_OUTSIDE[name]
    cached.cache_clear()
    ask("a" * limit)
    assert cached.cache_info().currsize == 1
    for text in ("b" * (limit + 1), "b " * limit, "\ufdfa" * 100_000):
        ask(text)
    assert cached.cache_info().currsize == 1


@pytest.mark.parametrize("character", ["\ufdfa", "\U0001d400", "a ", "\u0390", "é"])
@pytest.mark.parametrize("name", FROM_OUTSIDE)
def test_a_full_cache_has_a_limit_in_bytes(name: str, character: str) -> None:
    ask, cached, limit = FROM_OUTSIDE[name]
    key = (character * limit)[:limit]
    assert (_bytes(key) + _bytes(ask(key)) + 200) * cached.cache_info().maxsize < MAX_BYTES


def _bytes(value: Any) -> int:
    parts = sum(map(_bytes, value)) if isinstance(value, tuple) else 0
    return int(value.__sizeof__()) + parts


def test_no_topic_is_called_as_long_as_a_cache_keeps() -> None:
    assert max(len(topic.name) for topic in media_topics.media_topics().values()) < 200


def test_the_log_remembers_lines_of_a_limited_length() -> None:
    assert MAX_LINES * MAX_LINE_CHARS * 4 < 10 << 20

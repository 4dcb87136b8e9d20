"""Telling articles that are already enriched from raw ones."""

from pathlib import Path

import orjson
import pytest

from worker.commands.articles.documents import JSON_TYPE, TEXT_TYPE, InputDocument, input_document
from worker.commands.articles.enriched import NotEnrichedError, enriched_article, is_enriched

EXAMPLES = Path(__file__).parents[4] / "schemas/examples"
ENRICHED = sorted(EXAMPLES.glob("articles.enriched.v1/*.json"))
RAW = sorted(EXAMPLES.glob("articles.raw.v1/*.json"))


@pytest.mark.parametrize("path", ENRICHED, ids=lambda path: path.stem)
def test_an_enriched_article_is_known(path):
    assert is_enriched(input_document("file", 1, JSON_TYPE, path.read_bytes()))
    assert enriched_article(path.read_bytes()) == orjson.loads(path.read_bytes())


@pytest.mark.parametrize("path", RAW, ids=lambda path: path.stem)
def test_a_raw_article_is_none(path):
    assert not is_enriched(input_document("file", 1, JSON_TYPE, path.read_bytes()))


@pytest.mark.parametrize(
    "value",
    [b"", b"[]", b'"pipeline"', b'{"pipeline": {}', b'{"pipeline": {}, "topics": [], "text": "x"}', None],
)
def test_neither_is_anything_else(value):
    assert not is_enriched(InputDocument("file", 1, JSON_TYPE, value))


def test_a_text_about_pipelines_is_none():
    assert not is_enriched(InputDocument("file", 1, TEXT_TYPE, ENRICHED[0].read_bytes()))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"entities": 1}, "no enriched article: entities: "),
        ({"pipeline": {"name": "en_news"}}, "no enriched article: pipeline.version: Field required"),
        ({"quotes": [{}]}, "no enriched article: quotes.0.start: Field required"),
    ],
)
def test_what_was_changed_since_says_where(change, error):
    value = orjson.dumps(orjson.loads(ENRICHED[0].read_bytes()) | change)
    with pytest.raises(NotEnrichedError) as raised:
        enriched_article(value)
    assert str(raised.value).startswith(error)


@pytest.mark.parametrize("value", [b"", b"{", b"null", b"[1]"])
def test_what_is_no_article_at_all_is_refused(value):
    with pytest.raises(NotEnrichedError):
        enriched_article(value)

"""Any bytes, any JSON, any page and any text end as records or as a reason, and hold the laws."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz.guessing_encoder import guess_scores
from bench.fuzz.laws import check_decoded, check_outcome
from bench.fuzz.scripts import ENGLISH, SCRIPT_TEXTS, script_message
from bench.fuzz.wire import HEADERS, WORDS
from tests.shipped import DEFAULTS, shared_enricher
from worker.intake.decode import decode
from worker.nlp.encoder.component import Encoder
from worker.records.messages import RawMessage

LIMITS = DEFAULTS.limits
# The same examples every time: a find belongs into bench/fuzz/cases.py, not into somebody else's CI run.
fixed = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck), max_examples=300
)
few = settings(fixed, max_examples=60)

LATIN = st.binary(max_size=30).map(lambda data: data.replace(b"\n", b" "))
CHARSETS = st.sampled_from(
    ["utf-8", "utf-16", "utf-7", "latin-1", "idna", "hex", "rot13", "cp037", "zlib", "x"]
)
TYPES = st.sampled_from(
    ["application/json", "text/plain", "text/html", "application/vnd.iptc.newsinjson", "a/b"]
)
CONTENT_TYPES = st.one_of(
    st.none(),
    LATIN,
    st.builds(lambda kind, charset: f"{kind}; charset={charset}".encode(), TYPES, CHARSETS),
    TYPES.map(str.encode),
)
# Lone surrogates, NUL, controls, all planes.
TEXTS = st.text(st.characters(), max_size=80)
NEWS = st.lists(
    st.one_of(st.sampled_from([word.decode(errors="replace") for word in WORDS]), TEXTS), max_size=60
).map("".join)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "id",
        "url",
        "headline",
        "title",
        "text",
        "body",
        "html",
        "source",
        "language",
        "published_at",
        "authors",
        "extra",
        "uri",
        "headlines",
        "bodies",
        "byline",
        "bylines",
        "people",
        "infosources",
        "contentcreated",
    ]
)
ARTICLES = st.dictionaries(NAMES, st.one_of(NEWS, JSON), max_size=8)
# Frames, envelopes of any content, and keys as converters write them.
FRAMES = [b"", b"", b"\0\0\0\0\7", bytes(8) + b"\7", b"\3\0" + bytes(16), b"\3\5" + bytes(16)]
KEYS = st.builds(
    lambda frame, key: frame + json.dumps(key).encode(), st.sampled_from(FRAMES), JSON | ARTICLES
)


def wrapped(inner):
    """One more envelope, or a string, around what there is."""
    as_text = inner.map(json.dumps)
    content = inner | as_text | as_text.map(lambda text: base64.b64encode(text.encode()).decode())
    schemas, types = st.sampled_from([None, {"type": "bytes"}, {}]), TYPES | TEXTS
    operations = st.sampled_from(["c", "r", "u", "d", "t", "m", ""])
    return st.one_of(
        content,
        st.fixed_dictionaries({"schema": schemas, "payload": content}),
        st.fixed_dictionaries(
            {"op": operations}, optional={"before": content, "after": content, "source": JSON}
        ),
        st.fixed_dictionaries(
            {"specversion": st.just("1.0"), "type": TEXTS},
            optional={"data": content, "data_base64": content, "datacontenttype": types},
        ),
        inner.map(lambda row: row | {"__deleted": "true"} if isinstance(row, dict) else row),
    )


PAGES = st.lists(st.sampled_from([word for word in WORDS if b"<" in word or b"&" in word]) | TEXTS.map(
    lambda text: text.encode(errors="replace")), max_size=40).map(b"".join)  # fmt: skip


def message(value, content_type=None, key=None, headers=()):
    if content_type is not None:
        headers = (*headers, ("content-type", content_type))
    return RawMessage("news.articles.raw.v1", 0, 0, 0, key, value, headers)


@fixed
@given(
    st.none() | st.binary(max_size=400),
    CONTENT_TYPES,
    st.none() | st.binary(max_size=20),
    st.sampled_from(HEADERS),
)
def test_any_bytes_are_an_article_a_retraction_or_a_rejection(value, content_type, key, headers):
    check_decoded(decode(message(value, content_type, key, headers), limits=LIMITS, default_language="en"))


@fixed
@given(ARTICLES, st.sampled_from([None, b"application/json", b"application/vnd.iptc.newsinjson"]))
def test_any_json_is_an_article_or_a_rejection(fields, content_type):
    value = json.dumps(fields).encode()
    check_decoded(decode(message(value, content_type), limits=LIMITS, default_language="en"))


@fixed
@given(st.recursive(ARTICLES | JSON, wrapped, max_leaves=6), st.sampled_from(FRAMES), KEYS)
def test_any_envelope_is_an_article_a_retraction_or_a_rejection(value, frame, key):
    raw = message(frame + json.dumps(value).encode(), key=key)
    check_decoded(decode(raw, limits=LIMITS, default_language="en"))


@fixed
@given(KEYS | st.binary(max_size=20))
def test_any_key_retracts_an_article_or_is_refused(key):
    check_decoded(decode(message(None, key=key), limits=LIMITS, default_language="en"))


@few
@given(PAGES)
def test_any_page_is_an_article_or_a_rejection(page):
    check_decoded(decode(message(page, b"text/html"), limits=LIMITS, default_language="en"))


@pytest.fixture(scope="module")
def enrich():
    return shared_enricher()


@pytest.fixture
def guess(enrich, monkeypatch):
    """Enrichment behind an encoder that sees names, cues and reports anywhere."""
    monkeypatch.setattr(Encoder, "read", guess_scores)
    return enrich


@few
@given(text=NEWS, headline=TEXTS)
def test_any_text_gives_records_that_hold_the_laws_and_the_same_ones_again(enrich, text, headline):
    raw = message(json.dumps({"text": f"{text} Ada Obi.", "headline": headline, "language": "en"}).encode())
    outcome = enrich(raw)
    check_outcome(raw, outcome)
    assert enrich(raw) == outcome


@fixed
@given(text=NEWS, headline=TEXTS)
def test_any_text_with_any_tags_gives_records_that_hold_the_laws(guess, text, headline):
    raw = message(json.dumps({"text": f"{text} Ada Obi.", "headline": headline, "language": "en"}).encode())
    outcome = guess(raw)
    check_outcome(raw, outcome)
    assert guess(raw) == outcome


@pytest.mark.parametrize("name", SCRIPT_TEXTS)
def test_news_in_any_script_with_any_tags_gives_records_that_hold_the_laws(guess, name):
    raw = script_message(SCRIPT_TEXTS[name].of(200), ENGLISH)
    outcome = guess(raw)
    check_outcome(raw, outcome)
    assert guess(raw) == outcome

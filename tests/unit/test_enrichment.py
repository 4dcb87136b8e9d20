"""What a child process does with one raw message: outputs or a rejection, never an exception."""

import tempfile
from dataclasses import replace

import orjson
import pytest

from tests.shipped import DEFAULTS, shared_enricher
from worker.channels import OUTPUTS, Channel
from worker.enricher import make_enricher
from worker.intake import language
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected
from worker.stories.sketch import make_sketch
from worker.stories.sketch_codec import read_sketch

CONFIG = replace(DEFAULTS, channels=OUTPUTS)


@pytest.fixture(scope="module")
def enrich():
    return shared_enricher(CONFIG)


def message(value, **headers):
    pairs = tuple((name.replace("_", "-"), text.encode()) for name, text in headers.items())
    return RawMessage("news.articles.raw.v1", 0, 0, 1_700_000_000_000, None, value, pairs)


def test_an_article_becomes_records_of_every_topic(enrich):
    text = "“We are ready,” said Ada Obi, the mayor of Nairobi. Obi spoke on Monday in Kenya."
    outs = enrich(message(text.encode(), content_type="text/plain"))
    assert {out.channel for out in outs} == set(OUTPUTS)
    article = orjson.loads(next(out.value for out in outs if out.channel is Channel.ENRICHED))
    assert article["text"] == text
    assert article["pipeline"]["name"] == "en_news"


def test_the_same_message_gives_the_same_bytes_whatever_came_between(enrich):
    one = message(b"The president of Kenya, Ada Obi, met \xe2\x80\x9cfriends\xe2\x80\x9d in Paris on Friday.")
    first = enrich(one)
    for i in range(3):
        enrich(message(f"Another story about Norvo {i} and a fire in Lyon.".encode()))
    assert enrich(one) == first


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\xff", Reason.UNDECODABLE),
        (b'{"text": 5}', Reason.INVALID),
        (b"A" * 1_100_000, Reason.TOO_LARGE),
        (b'{"text": "Herkese merhaba.", "language": "tr"}', Reason.UNSUPPORTED_LANGUAGE),
    ],
)
def test_what_cannot_be_enriched_comes_back_with_its_reason(enrich, value, reason):
    rejected = enrich(message(value))
    assert isinstance(rejected, Rejected)
    assert rejected.reason is reason


def test_a_regional_variety_of_the_language_is_the_language(enrich):
    assert not isinstance(enrich(message(b'{"text": "A quiet day.", "language": "en_GB"}')), Rejected)


@pytest.mark.parametrize(
    ("value", "steps"),
    [(b"\xff", ["decode"]), (None, ["decode"]), (b"A quiet day in Nairobi.", ["decode", "enrich", "derive"])],
)
def test_the_enricher_says_what_each_step_took(enrich, value, steps):
    enrich(message(value))
    assert list(enrich.seconds) == steps
    assert all(0 < seconds < 60 for seconds in enrich.seconds.values())
    assert enrich.about.startswith("en_news/")


def test_with_stories_an_article_leaves_one_sketch_made_of_what_is_written_of_it():
    told = shared_enricher(replace(CONFIG, channels=(*OUTPUTS, Channel.SKETCHES)))
    raw = message(b'{"id": "a-1", "text": "The mayor of Nairobi spoke on Monday in Kenya."}')
    *others, sketched = told(raw)
    (article,) = (orjson.loads(out.value) for out in others if out.channel is Channel.ENRICHED)
    assert (sketched.channel, sketched.key, sketched.partition) == (Channel.SKETCHES, b"a-1", 0)
    assert read_sketch(sketched.value) == make_sketch(article, origin=raw.origin)
    assert list(told.seconds) == ["decode", "enrich", "derive", "sketch"]
    alone = shared_enricher(replace(CONFIG, channels=(Channel.SKETCHES,)))
    assert alone(raw) == (sketched,)


def test_with_stories_a_retraction_reaches_the_sketches():
    told = shared_enricher(replace(CONFIG, channels=(*OUTPUTS, Channel.SKETCHES)))
    outs = told(replace(message(None), key=b"a-1"))
    assert [(out.key, out.value, out.partition) for out in outs if out.channel is Channel.SKETCHES] == [
        (b"a-1", None, 0)
    ]


@pytest.mark.parametrize("error", [ValueError("bad"), RecursionError("deep"), KeyError("x")])
def test_an_unforeseen_exception_is_a_rejection_that_names_it(monkeypatch, error):
    def fail(*_args):
        raise error

    monkeypatch.setattr("worker.enrichment.enrich", fail)
    rejected = shared_enricher(CONFIG)(message(b"A quiet day."))
    assert (rejected.reason, rejected.stage) == (Reason.ENRICHMENT_FAILED, FailedStep.ENRICH)
    assert type(error).__name__ in rejected.error


@pytest.mark.parametrize("step", ["worker.enrichment.decode", "worker.enrichment.enrich"])
def test_a_lack_of_memory_is_left_to_the_process_which_ends_by_it(monkeypatch, step):
    def fail(*_args, **_options):
        raise MemoryError

    monkeypatch.setattr(step, fail)
    with pytest.raises(MemoryError):
        shared_enricher(CONFIG)(message(b"A quiet day."))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "text",
    [
        "“" * 100_000,
        '"' * 199_999,
        "a" * 200_000,
        "''" * 90_000,
        "\u200f\u200b\u2028" * 30_000,
        "😀" * 100_000,
        "“Ada Obi said " * 1_000,
        pytest.param("“Ada Obi said " * 12_000, marks=pytest.mark.long),
        pytest.param("Ada Obi " * 24_000, marks=pytest.mark.long),
        "\n" * 200_000 + "x",
        pytest.param("said he " * 24_000, marks=pytest.mark.long),
        pytest.param('"No," he said. ' * 13_000, marks=pytest.mark.long),
    ],
    ids=lambda text: ascii(text[:14]),
)
def test_a_text_made_to_be_slow_ends_in_time(enrich, text):
    assert enrich(message(text.encode(), content_type="text/plain"))


def test_without_a_temporary_directory_no_process_starts_instead_of_articles_being_taken_for_undecodable(
    monkeypatch,
):
    def find_none(*_args, **_options):
        raise FileNotFoundError("No usable temporary directory found")

    language._identifier.cache_clear()
    monkeypatch.setattr(tempfile, "TemporaryFile", find_none)
    with pytest.raises(FileNotFoundError, match="temporary directory"):
        make_enricher(CONFIG)

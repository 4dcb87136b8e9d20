"""The sample articles give what they should, and the gold annotations fit their texts."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from worker.commands.articles.documents import ENDINGS, InputDocument, InputDocuments
from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.languages import languages_by_default, primary
from worker.records.article import Article
from worker.records.media_topics import media_topic_name
from worker.records.messages import RawMessage, Reason, Rejected

SEEDS = Path(__file__).parents[2] / "seeds"
NOT_ENGLISH = {"crue.ninjs.json": "fr", "montevideo.txt": "es", "werft.json": "de"}
DEAD_LETTERS = {"empty.json": Reason.INVALID}
# What another paper printed of an article with gold.
REPRINTS = {"ferry-reprint.json": "ferry-lake"}
LABELS = {"PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "MISC", "DATE", "MONEY"}

# The marks that open a quotation, and the dash that begins a spoken paragraph.
OPENING = {
    "en": '“"‘„«', "de": "„»«", "fr": "«", "es": '«"', "pt": '«"', "it": "«", "nl": "'\"", "sv": "”–",
    "da": "»", "no": "«–", "pl": "„–", "cs": "„", "hr": "„", "fi": "”–",
    "uk": "«–", "ru": "«–", "bg": "„", "sw": '"', "id": '"', "ro": "„",
}  # fmt: skip
CLOSING = "”\"’“»«'\n"

FILES = sorted(str(path) for path in SEEDS.iterdir() if path.suffix in ENDINGS)
DOCUMENTS = list(InputDocuments(tuple(FILES), max_bytes=1 << 20))
GOLD = [
    json.loads(line)
    for path in sorted((SEEDS / "quality").rglob("*.jsonl"))
    # Those have quotes alone; tests/quality/test_said.py holds them.
    if path.parent.name != "quotes"
    for line in path.read_text(encoding="utf-8").splitlines()
]


def place(document):
    return document.place.removeprefix(f"{SEEDS}/")


def paragraphs(text):
    """Without the empty lines, which a page has not and a file ends with."""
    return [line for line in text.split("\n") if line]


def read(document):
    assert isinstance(document, InputDocument)
    headers = (("content-type", document.content_type.encode()),)
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, document.key, document.value, headers)
    allowed = languages_by_default()
    return decode(message, limits=Limits(), default_language=allowed[0], other_languages=allowed[1:])


def name_of(article):
    return article["id"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=place)
def test_a_seed_is_an_article_with_gold_or_a_dead_letter_with_its_reason(document):
    name, read_as = place(document), read(document)
    if name in DEAD_LETTERS:
        assert isinstance(read_as, Rejected)
        assert read_as.reason is DEAD_LETTERS[name]
        return
    assert isinstance(read_as, Article)
    assert primary(read_as.language) == NOT_ENGLISH.get(name, "en")
    if name == "montevideo.txt":
        return
    if name in REPRINTS:
        (source,) = (gold["text"] for gold in GOLD if gold["id"] == REPRINTS[name])
        assert read_as.text in source
        return
    assert paragraphs(read_as.text) in [paragraphs(gold["text"]) for gold in GOLD]


def test_the_seeds_come_in_every_form():
    assert {Path(file).suffix for file in FILES} == {".txt", ".json", ".jsonl", ".html"}
    assert {document.content_type for document in DOCUMENTS} >= {
        "text/plain", "text/html", "application/json", "application/vnd.iptc.newsinjson",
    }  # fmt: skip
    assert len(DOCUMENTS) >= 9


def test_no_two_gold_articles_share_an_id():
    assert len({gold["id"] for gold in GOLD}) == len(GOLD) >= 100


@pytest.mark.parametrize("gold", GOLD, ids=name_of)
def test_gold_spans_are_spans_of_the_text_in_order(gold):
    for spans in (gold["entities"], gold["quotes"]):
        assert all(0 <= span["start"] < span["end"] <= len(gold["text"]) for span in spans)
        assert all(before["end"] <= after["start"] for before, after in pairwise(spans))


@pytest.mark.parametrize("gold", GOLD, ids=name_of)
def test_gold_entities_begin_and_end_at_words(gold):
    text = gold["text"]
    for entity in gold["entities"]:
        start, end = entity["start"], entity["end"]
        assert entity["label"] in LABELS
        assert text[start:end] == text[start:end].strip()
        assert not (start and text[start - 1].isalnum()), text[start:end]
        assert not (end < len(text) and text[end].isalnum()), text[start:end]


@pytest.mark.parametrize("gold", GOLD, ids=name_of)
def test_a_gold_quote_stands_between_marks_and_its_speaker_in_the_text(gold):
    text = gold["text"]
    for quote in gold["quotes"]:
        assert text[quote["start"] : quote["end"]] == quote["text"]
        # French puts a space inside its marks.
        assert text[: quote["start"]].rstrip()[-1] in OPENING[gold.get("language", "en")]
        after = text[quote["end"] :].lstrip(" \u00a0")[0]
        # The last mark is missing where the quotation runs on into the next paragraph. Behind a dash there is
        # none, but what goes on with the speaker.
        assert after in CLOSING or text[: quote["start"]].endswith("– ")
        assert quote["kind"] in {"direct", "mixed", "other"}
        assert (quote["kind"] == "other") <= (quote["speaker"] == "")
        for words in (quote["speaker"], quote["speaker_mention"], quote["cue"]):
            assert words in text


@pytest.mark.parametrize("gold", GOLD, ids=name_of)
def test_gold_topics_are_of_the_top_level(gold):
    assert gold["topics"]
    assert all(code.endswith("000000") and media_topic_name(code) for code in gold["topics"])

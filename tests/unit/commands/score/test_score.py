"""`dateline score`: what it reads, what it leaves out and why, and what it prints."""

import json
import lzma

import pytest
import spacy
from click.testing import CliRunner

from worker.commands.score.command import command
from worker.commands.score.errors import passages
from worker.commands.score.topics import topics_below_floors, topics_summary
from worker.nlp.enrich import enrich
from worker.nlp.pipeline import load
from worker.records.article import Article, EnrichedArticle, PipelineVersion, Quote, TopicTag
from worker.scoring.compare import FIRST_TOPIC, Mark, compare_article
from worker.scoring.gold import GoldArticle, GoldError, read_gold
from worker.scoring.measure import Counts
from worker.scoring.totals import Scores, add_article

TEXT = "“We need rain,” said Ada Obi in Ghana."
ENTITIES = [{"start": 21, "end": 28, "label": "PERSON"}, {"start": 32, "end": 37, "label": "LOC"}]
QUOTES = [{"start": 1, "end": 14, "text": "We need rain,", "kind": "direct", "speaker": "Ada Obi"}]


def row(article: str, source: str = "gazette", **more):
    return {"id": article, "source": source, "text": TEXT, **more}


@pytest.fixture
def folder(tmp_path):
    def write(files):
        for name, rows in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return tmp_path

    return write


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "PERSON", "pattern": "Ada Obi"}, {"label": "GPE", "pattern": "Ghana"}]
    )
    path = tmp_path_factory.mktemp("model") / "small"
    nlp.to_disk(path)
    return str(path)


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_only_held_out_newspapers_are_scored_where_a_file_has_some(folder):
    rows = [row("1", "gazette", entities=ENTITIES), row("2", "herald", entities=ENTITIES)]
    data = folder({"ner/a.jsonl": rows})
    gold = read_gold(data, held_out=frozenset({"herald"}), everything=False)
    assert list(gold.articles) == ["2"]
    assert gold.left_out == ["ner/a.jsonl: 1 articles of newspapers trained on"]
    assert list(read_gold(data, held_out=frozenset({"herald"}), everything=True).articles) == ["1", "2"]
    assert list(read_gold(data, held_out=frozenset({"mercury"}), everything=False).articles) == ["1", "2"]


def test_quotes_are_scored_whole_and_find_their_text_in_the_file_of_entities(folder):
    rows = [row("1", "gazette", entities=ENTITIES), row("2", "herald", entities=ENTITIES)]
    data = folder({"ner/a.jsonl": rows, "quotes/q.jsonl": [{"id": "1", "quotes": QUOTES}]})
    article = read_gold(data, held_out=frozenset({"herald"}), everything=False).articles["1"]
    assert (article.text, article.entities, len(article.quotes)) == (TEXT, None, 1)


def test_articles_of_other_languages_are_counted_and_left_out_unless_they_are_asked_for(folder):
    rows = [row("2", language="de", entities=ENTITIES), row("3", language="fr", topics=[])]
    data = folder({"a.jsonl": [row("1", entities=ENTITIES)], "languages/de.jsonl": rows})
    gold = read_gold(data, held_out=frozenset(), everything=True)
    assert list(gold.articles) == ["1"]
    assert gold.left_out == ["2 articles in other languages: de, fr"]
    gold = read_gold(data, held_out=frozenset(), everything=False, languages={"en", "de"})
    assert [(a.id, a.language) for a in gold.articles.values()] == [("1", "en"), ("2", "de")]
    assert gold.articles["2"].entities == gold.articles["1"].entities
    assert gold.left_out == ["1 articles in other languages: fr"]


def test_an_article_that_names_no_language_is_english_unless_the_caller_says_another(folder):
    rows = [row("1", entities=ENTITIES), row("2", language="es", entities=ENTITIES)]
    data = folder({"a.jsonl": rows})
    gold = read_gold(data, held_out=frozenset(), everything=False, languages=("es", "sw"))
    assert list(gold.articles) == ["2"]
    assert gold.left_out == ["1 articles in other languages: en"]
    gold = read_gold(data, held_out=frozenset(), everything=False, languages=("es",), unnamed="es")
    assert [(a.id, a.language) for a in gold.articles.values()] == [("1", "es"), ("2", "es")]


def test_gold_in_other_languages_alone_is_an_error_that_names_both(folder):
    data = folder({"a.jsonl": [row("1", entities=ENTITIES)]})
    with pytest.raises(GoldError, match=r"has gold in en; to be scored is es, sw"):
        read_gold(data, held_out=frozenset(), everything=False, languages=("es", "sw"))


def test_an_article_in_languages_that_names_none_has_another_shape(folder):
    data = folder({"a.jsonl": [row("1", entities=[])], "languages/de.jsonl": [row("2", entities=[])]})
    assert read_gold(data, held_out=frozenset(), everything=False).left_out == [
        "languages/de.jsonl: other shape (no language in line 1)"
    ]


def test_labels_that_were_not_annotated_are_neither_right_nor_wrong(folder, model):
    partly = row("1", entities=ENTITIES[:1], labels=["PERSON"])
    data = folder({"a.jsonl": [partly]})
    gold = read_gold(data, held_out=frozenset(), everything=False).articles["1"]
    found = enrich(load(model), Article(id="1", text=TEXT, headline=None, language="en"))
    assert {entity.type for entity in found.entities} == {"PERSON", "GPE"}
    scores = Scores()
    add_article(scores, gold, found)
    assert scores.counts == {"names": Counts(right=1)}


def test_a_file_of_another_shape_is_named_with_the_reason(folder):
    data = folder({"ner/a.jsonl": [row("1", entities=[])], "topics/headlines.jsonl": [{"title": "Rain"}]})
    assert read_gold(data, held_out=frozenset(), everything=False).left_out == [
        "topics/headlines.jsonl: other shape (no id, topics in line 1)"
    ]


def test_what_is_not_json_is_an_error_with_file_and_line(folder):
    data = folder({"ner/a.jsonl": [row("1", entities=[])]})
    (data / "ner" / "a.jsonl").write_text("{}\n".replace("{}", "{oops"))
    with pytest.raises(GoldError, match=r"ner/a\.jsonl, line 1: not JSON"):
        read_gold(data, held_out=frozenset(), everything=False)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("ner/b.jsonl", {"entities": [{"start": 0, "end": 3}]}, "entities.0.label: Field required"),
        ("ner/b.jsonl", {"entities": "none"}, "entities: Input should be a valid list"),
        ("ner/b.jsonl", {"entities": [], "id": 2}, "id: Input should be a valid string"),
        ("ner/b.jsonl", {"entities": [{"start": -1, "end": 3, "label": "ORG"}]}, "entities.0.start: Input"),
        ("quotes/b.jsonl", {"quotes": [{"start": 0, "end": 3, "kind": "loud"}]}, "quotes.0.kind: Input"),
        ("quotes/b.jsonl", {"attributions": [{"source": [], "cue": [], "kind": "direct"}]}, "content: Field"),
        ("topics/b.jsonl", {"topics": ["sport", 3]}, "topics.1: Input should be a valid string"),
    ],
)
def test_what_a_line_should_be_is_said_and_its_file_left_out(folder, name, content, reason):
    data = folder({"ner/a.jsonl": [row("1", entities=[])], name: [row("2") | content]})
    gold = read_gold(data, held_out=frozenset(), everything=False)
    assert list(gold.articles) == ["1"]
    (line,) = gold.left_out
    assert line.startswith(f"{name}: other shape (")
    assert reason in line
    assert line.endswith("in line 1)")


@pytest.mark.parametrize("end", [0, len(TEXT) + 1])
def test_a_span_outside_its_text_is_an_error(folder, end):
    data = folder({"ner/a.jsonl": [row("1", entities=[{"start": 0, "end": end, "label": "ORG"}])]})
    with pytest.raises(GoldError, match=r"ner/a\.jsonl: 1 has a span"):
        read_gold(data, held_out=frozenset(), everything=False)


def test_a_folder_without_gold_is_an_error(tmp_path):
    with pytest.raises(GoldError, match="has no gold data"):
        read_gold(tmp_path, held_out=frozenset(), everything=False)


def test_the_table_has_a_line_for_each_measure(folder, model):
    scare = {
        "id": "2",
        "text": "The “bargain” cost millions.",
        "quotes": [{"start": 5, "end": 12, "kind": "other"}],
    }
    data = folder(
        {
            "ner/a.jsonl": [row("1", entities=ENTITIES)],
            "quotes/q.jsonl": [{"id": "1", "quotes": QUOTES}, scare],
        }
    )
    result = run("--data", data, "--model", model)
    assert result.exit_code == 0, result.output
    lines = [line.split()[:4] for line in result.output.splitlines()]
    for measure, floor in (("entities", "87"), ("names", "89"), ("quotes", "95"), ("speakers", "85")):
        assert [measure, "100.0", "100.0-100.0", floor] in lines
    assert "0 of 1 scare quotes taken for quotes" in result.output


def test_check_fails_below_a_floor_and_errors_show_where(folder, model):
    wrong = [{"start": 0, "end": 3, "label": "ORG"}]
    data = folder({"ner/a.jsonl": [row("1", entities=wrong)]})
    result = run("--data", data, "--model", model, "--check", "--errors")
    assert result.exit_code == 1
    assert "below the floor: entities (0.0, floor 87), names (0.0, floor 89)" in result.output
    assert "[-ORG “We-] need rain,” said [+PERSON Ada Obi+] in [+LOC Ghana+]." in result.output


PORTS = "The mayor said the port would open in May."
ATTRIBUTED = [{"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 41]], "kind": "indirect"}]


def test_gold_of_all_attributions_is_scored_but_for_what_was_trained_on(folder, model):
    rows = [{"id": "1", "text": PORTS, "attributions": ATTRIBUTED}]
    data = folder({"quotes/all_dev.jsonl": rows, "quotes/all_train.jsonl": [rows[0] | {"id": "2"}]})
    gold = read_gold(data, held_out=frozenset(), everything=False)
    assert [(a.id, a.attributions, a.quotes) for a in gold.articles.values()] == [("1", ATTRIBUTED, None)]
    assert gold.left_out == ["quotes/all_train.jsonl: trained on"]
    assert list(read_gold(data, held_out=frozenset(), everything=True).articles) == ["1", "2"]
    result = run("--data", data, "--model", model)
    lines = [line.split() for line in result.output.splitlines()]
    assert [line[3] for line in lines if line[0] == "attributions"] == ["62"]


def tagged(**fields) -> EnrichedArticle:
    empty = {"id": "1", "text": TEXT, "language": "en", "entities": (), "quotes": (), "topics": ()}
    return EnrichedArticle(**empty | fields, pipeline=PipelineVersion(name="p", version="1"))


def tagged_topics(*topics) -> EnrichedArticle:
    """An article with these top-level topics: codes and confidences."""
    return tagged(topics=tuple(TopicTag(code=code, name=code, confidence=sure) for code, sure in topics))


def test_topics_are_compared_at_the_top_and_the_sure_ones_apart():
    scores = Scores()
    topics = (
        TopicTag(code="medtop:16000000", name="conflict", confidence=0.95),
        TopicTag(code="medtop:20000053", name="war", confidence=0.95, broader=("medtop:16000000",)),
        TopicTag(code="medtop:15000000", name="sport", confidence=0.6),
    )
    gold = GoldArticle("1", "gazette", TEXT, topics=["medtop:16000000", "medtop:15000000", "medtop:01000000"])
    add_article(scores, gold, tagged(topics=topics))
    assert scores.counts["topics"] == Counts(2, 0, 1)
    assert (scores.score("sure topics"), scores.score("sure topics, recall")) == (
        100.0,
        pytest.approx(100 / 3),
    )
    assert scores.compared[0].notes == ["missed topic arts, culture, entertainment and media"]


CATEGORIES = [
    {"id": f"m{n}", "lang": "fr", "text": TEXT, "headline": "Rain", "label": label}
    for n, label in enumerate(["sports", "politics", "business", "sports"])
]


def test_of_a_set_of_categories_every_second_article_is_scored(folder):
    data = folder({"topics/multi/news_fr_dev.jsonl": CATEGORIES})
    gold = read_gold(data, held_out=frozenset(), everything=False, languages={"fr"})
    assert [(a.id, a.category, a.source) for a in gold.articles.values()] == [
        ("m0", "medtop:15000000", "news_fr"),
        ("m2", "medtop:04000000", "news_fr"),
    ]
    assert gold.articles["m0"].categories == {"medtop:15000000", "medtop:11000000", "medtop:04000000"}
    assert gold.left_out == ["topics/multi/news_fr_dev.jsonl: 2 articles calibrated on"]
    assert len(read_gold(data, held_out=frozenset(), everything=True, languages={"fr"}).articles) == 4


def test_a_category_that_stands_for_no_topic_is_named(folder):
    pets = CATEGORIES[0] | {"label": "pets"}
    data = folder({"a.jsonl": [row("1", topics=[])], "topics/multi/x.jsonl": [pets]})
    (line,) = read_gold(data, held_out=frozenset(), everything=False, languages={"en", "fr"}).left_out
    assert line.startswith("topics/multi/x.jsonl: other shape (label: takes business, ")
    assert line.endswith("got 'pets' in line 1)")


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        (["04", "11"], Counts(right=1)),
        (["16", "04"], Counts(right=1)),
        (["11", "04"], Counts(wrong=1, missed=1)),
        (["16"], Counts(missed=1)),
        ([], Counts(missed=1)),
    ],
)
def test_the_first_topic_counts_among_those_that_the_set_has_categories_for(found, counts):
    gold = GoldArticle(
        "1", "set", TEXT, category="medtop:04000000",
        categories=frozenset({"medtop:04000000", "medtop:11000000"}),
    )  # fmt: skip
    compared = compare_article(gold, tagged_topics(*((f"medtop:{code}000000", 0.9) for code in found)))
    assert compared.counts == {FIRST_TOPIC: counts}
    assert len(compared.notes) == (counts.right == 0)


def test_a_set_below_its_floor_of_first_topics_is_named():
    scores = Scores()
    business = "medtop:04000000"
    gold = GoldArticle("1", "masakhanews_sw", TEXT, category=business, categories=frozenset({business}))
    add_article(scores, gold, tagged_topics())
    measured = {"sw": (scores, {"masakhanews_sw": scores})}
    assert topics_below_floors(measured) == ["sw first topic on masakhanews_sw (0.0, floor 74)"]
    (line,) = topics_summary(measured)
    assert (line["language"], line["set"], line["with_topic"], line["articles"]) == (
        "sw",
        "masakhanews_sw",
        0,
        1,
    )


def test_an_interval_holds_the_score_and_narrows_with_more_articles():
    few, many = Scores(), Scores()
    for scores, times in ((few, 5), (many, 100)):
        for _ in range(times):
            scores.add("quotes", Counts(9, 1, 0))
            scores.add("quotes", Counts(5, 5, 5))
    widths = [high - low for low, high in (few.interval("quotes"), many.interval("quotes"))]
    assert widths[0] > 2 * widths[1] > 0
    assert few.interval("quotes") == few.interval("quotes")
    low, high = many.interval("quotes")
    assert low < many.score("quotes") < high


def test_draws_with_nothing_to_score_leave_the_interval_alone():
    scores = Scores()
    for counts in (Counts(right=5), Counts(), Counts()):
        scores.add("quotes", counts)
    scores.add("topics", Counts())
    assert scores.interval("quotes") == (100.0, 100.0)
    assert scores.interval("topics") == (0.0, 0.0)


def test_a_page_shows_the_worst_articles_and_nothing_of_theirs_runs(folder, model, tmp_path):
    script = "<script>alert(1)</script> Ghana & Ada Obi"
    rows = [
        row("<b>1", "<i>gazette", entities=ENTITIES),
        row("2", entities=[{"start": 0, "end": 3, "label": "<img src=x>"}]) | {"text": script, "id": "2<b>"},
    ]
    target = tmp_path / "page.html"
    result = run("--data", folder({"ner/a.jsonl": rows}), "--model", model, "--html", target)
    assert result.exit_code == 0, result.output
    html = target.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<b>1" not in html
    assert "<img" not in html
    assert "missed &lt;img src=x&gt;" in html
    assert "background: #f2c14e" in html, "the colour of what was missed"
    assert '<a href="#a0">2&lt;b&gt;</a></td><td>gazette</td><td>3</td><td>0</td><td>0</td>' in html
    assert "wrong PERSON" in html
    assert html.count("<section") == 1, "the first has no differences"


def test_a_page_that_cannot_be_written_is_said_before_the_scoring(folder, tmp_path):
    result = run(
        "--data", folder({"ner/a.jsonl": [row("1", entities=[])]}), "--html", tmp_path / "no" / "p.html"
    )
    assert result.exit_code == 1
    assert result.output.startswith("dateline: --html: there is no folder")


def test_only_so_many_articles_are_shown_the_worst_first(folder, model):
    rows = [row(str(i), entities=[{"start": i, "end": i + 1, "label": "ORG"}] * (i > 0)) for i in range(4)]
    rows[2]["entities"].append({"start": 9, "end": 10, "label": "ORG"})
    data = folder({"ner/a.jsonl": rows})
    result = run("--data", data, "--model", model, "--errors", "--worst", "1")
    assert [line for line in result.output.splitlines() if line.endswith("differences")] == [
        "2: 4 differences"
    ]


def test_what_is_right_is_green_and_nothing_in_a_pipe():
    marks = [Mark(0, 4, "right", "LOC"), Mark(8, 12, "wrong", "LOC")]
    (line,) = passages("Lima to Ohio and on", marks)
    assert line.plain == "Lima to [+LOC Ohio+] and on"
    assert [line.plain[span.start : span.end] for span in line.spans if span.style == "green"] == ["Lima"]
    assert list(passages("Lima", marks[:1])) == [], "nothing differs"


def test_marks_of_attributions_agree_with_their_counts():
    text = "The mayor said she was “very, very glad” to go."
    quote = Quote(start=24, end=39, text=text[24:39], kind="mixed", cue=None, speaker=None, confidence=1.0)
    attribution = {"source": [[0, 9]], "cue": [[10, 14]], "content": [[23, 40]], "kind": "mixed"}
    result = compare_article(
        GoldArticle("1", "gazette", text, attributions=[attribution]), tagged(text=text, quotes=(quote,))
    )
    assert result.counts["attributions"] == Counts(1, 0, 0)
    assert result.marks == [Mark(24, 39, "right", "MIXED")]
    assert result.differences == 0


def test_overlapping_marks_are_both_shown():
    marks = [Mark(0, 10, "missed", "ORG"), Mark(5, 15, "wrong", "LOC")]
    (line,) = passages("Port Union Lima", marks)
    assert line.plain == "[-ORG Port [+LOC Union-] Lima+]"


def test_scores_by_source_have_a_line_for_each(folder, model):
    rows = [row("1", "gazette", entities=ENTITIES), row("2", "herald", entities=ENTITIES[:1])]
    result = run("--data", folder({"ner/a.jsonl": rows}), "--model", model, "--by-source")
    lines = [line.split() for line in result.output.splitlines()]
    assert ["gazette", "100.0", "1"] in lines
    assert ["herald", "66.7", "1"] in lines


def test_json_is_one_object(folder, model):
    data = folder({"ner/a.jsonl": [row("1", entities=ENTITIES)]})
    result = CliRunner().invoke(command, ["--data", str(data), "--model", model, "--json"])
    scored = json.loads(result.stdout.splitlines()[-1])
    entities = scored["scores"]["entities"]
    assert (entities["score"], entities["articles"]) == (100.0, 1)
    assert entities["by"] == {"LOC": 100.0, "PERSON": 100.0}


def name_set(code, count, entities=ENTITIES):
    labels = ["PERSON", "ORG", "LOC"]
    return [
        {"id": f"{code}-{i}", "lang": code, "text": TEXT, "entities": entities, "labels": labels}
        for i in range(count)
    ]


def test_sets_of_names_are_scored_by_language_against_the_floor_of_theirs(folder, model, tmp_path):
    data = folder({"ner/multi/sv_tc_train.jsonl": name_set("sv", 1), "ner/a.jsonl": [row("1", entities=[])]})
    lines = "".join(json.dumps(row) + "\n" for row in name_set("sv", 3) + name_set("in", 2, ENTITIES[:1]))
    (data / "ner/multi/sv_tc_dev.jsonl.xz").write_bytes(lzma.compress(lines.encode()))
    gold = read_gold(data, held_out=frozenset(), everything=False, languages={"en", "sv", "id"})
    assert gold.left_out == ["ner/multi/sv_tc_train.jsonl: trained on"]
    assert {code: len(part.articles) for code, part in gold.parted()} == {"en": 1, "sv": 3, "id": 2}
    of_any = spacy.load(model)
    of_any.lang = "xx"
    of_any.to_disk(tmp_path / "any")
    result = run("--data", data, "--model", tmp_path / "any", "--json")
    scored = json.loads(result.stdout.splitlines()[-1])
    assert (scored["scores"]["names"]["score"], scored["scores"]["names"]["articles"]) == (0.0, 1)
    assert [
        (line["language"], line["set"], line["names"], line["floor"]) for line in scored["languages"]
    ] == [
        ("en", None, 0.0, None),
        ("sv", "sv_tc", 100.0, 86.0),
        ("id", None, 66.67, None),
    ]


def test_a_packed_file_that_is_none_is_named(folder):
    data = folder({"ner/multi/sv_tc_dev.jsonl.xz": name_set("sv", 1)})
    with pytest.raises(GoldError, match=r"ner/multi/sv_tc_dev.jsonl.xz: not packed with xz"):
        read_gold(data, held_out=frozenset(), everything=False)


def test_a_line_of_any_file_may_name_its_language_as_lang(folder):
    rows = [{"id": "1", "text": PORTS, "attributions": ATTRIBUTED, "lang": "de"}]
    data = folder({"quotes/german_dev.jsonl": rows, "ner/a.jsonl": [row("2", entities=ENTITIES)]})
    gold = read_gold(data, held_out=frozenset(), everything=False)
    assert (list(gold.articles), gold.left_out) == (["2"], ["1 articles in other languages: de"])

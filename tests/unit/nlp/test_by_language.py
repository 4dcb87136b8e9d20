"""Each article is read by its language's pipeline, also in languages that are off by default."""

import json
from dataclasses import replace
from functools import cache

import pytest
import spacy

import worker.nlp.by_language
import worker.nlp.pipeline
from tests.unit.intake.language_samples import NEWS
from worker import languages
from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance
from worker.channels import OUTPUTS, Channel
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.languages import known_languages, languages_of_model
from worker.nlp.by_language import QUOTING, TOKENIZER, Pipelines, blank
from worker.nlp.encoder.component import Encoder
from worker.nlp.fingerprint import ModelError, stamp
from worker.nlp.pipeline import SHIPPED, load
from worker.nlp.saved_tokenizers import SAVED, saved_tokenizer
from worker.nlp.topics.by_vector import UNCALIBRATED_THRESHOLD, trusted_topics
from worker.records.messages import RawMessage, Reason, Rejected
from worker.settings import Settings

TABLE = dict(known_languages())


@pytest.fixture
def reads_all(monkeypatch):
    """All languages that the model reads are on."""
    table = {code: replace(row, is_on=True) for code, row in TABLE.items()}
    for module in (languages, worker.nlp.by_language):
        monkeypatch.setattr(module, "known_languages", lambda: table)


@cache
def _pipelines(_model_reads):
    return Pipelines(None, list(TABLE))


def pipelines():
    """Those of all languages, loaded once."""
    return _pipelines(languages_of_model())


def enricher(**variables):
    """What a child process works with, made once of the same settings and table."""
    return _enricher(languages_of_model(), **variables)


@cache
def _enricher(_model_reads, **variables):
    settings = Settings.from_env({f"DATELINE_{name}": value for name, value in variables.items()})
    return make_enricher(EnrichmentConfig.from_settings(settings))


def message(**fields):
    return RawMessage("news.articles.raw.v1", 0, 0, 1_700_000_000_000, None, json.dumps(fields).encode())


def records(outcome):
    assert not isinstance(outcome, Rejected), outcome
    return {channel: [json.loads(m.value) for m in outcome if m.channel is channel] for channel in OUTPUTS}


def farm(folder, language, **patterns):
    """Another team's pipeline that finds these names."""
    nlp = spacy.blank(language)
    rules = [{"label": label, "pattern": name} for name, label in patterns.items()]
    nlp.add_pipe("entity_ruler").add_patterns(rules)
    nlp.meta["name"], nlp.meta["version"] = "farm", "2.1.0"
    nlp.to_disk(folder)
    return str(folder)


def test_a_german_article_goes_through_and_every_record_of_it_says_so(reads_all):
    text = "Lena Okafor sprach am Montag in Nairobi. Okafor sagte, dass der Hafen geschlossen bleibt."
    enrich = enricher()
    written = records(enrich(message(id="1", text=text, source="wire.example")))
    (article,) = written[Channel.ENRICHED]
    assert (article["language"], article["text"], article["extra"]) == ("de", text, {})
    name, _, version = enrich.about.replace("en_", "de_").partition("/")
    assert article["pipeline"] == {"name": name, "version": version}
    (person,) = [entity for entity in article["entities"] if entity["type"] == "PERSON"]
    assert (person["id"], person["name"]) == ("person:lena-okafor", "Lena Okafor")
    assert [mention["text"] for mention in person["mentions"]] == ["Lena Okafor", "Okafor"]
    for mention in person["mentions"]:
        assert text[mention["start"] : mention["end"]] == mention["text"]
    said = [(quote["text"], quote["kind"], quote["speaker"]["entity"]) for quote in article["quotes"]]
    assert said == [("dass der Hafen geschlossen bleibt", "indirect", "person:lena-okafor")]
    assert len(written[Channel.QUOTES]) == 1
    assert {topic["code"] for topic in article["topics"]} <= {code for _, code in trusted_topics()}
    assert {record["article"]["language"] for record in written[Channel.ENTITIES]} == {"de"}
    assert [record["language"] for record in written[Channel.SEARCH]] == ["de"]


@pytest.mark.parametrize(
    ("text", "matching", "others"),
    [
        (
            "Am Montag sprach in Köln die Ärztin Änne Weiß. „Wir schließen die Straße“, sagte Weiß.",
            ('speaker:"ÄNNE WEISS"', '"wir schliessen die STRASSE" language:de', 'entity:"Köln" ärztin'),
            ("speaker:Köln", "straßen", "straße language:es"),
        ),
        (
            "El ministro Íñigo Núñez habló el lunes en Cádiz. «Los niños no irán mañana», dijo Núñez.",
            ('speaker:"ÍÑIGO NÚÑEZ"', '"los NIÑOS no irán" language:es', '"Cádiz núñez"~4 entity:Cádiz'),
            ("speaker:Cádiz", "ninos", "niños language:de"),
        ),
    ],
    ids=["German", "Spanish"],
)
def test_rules_match_an_article_s_words_names_and_speakers_in_its_language(reads_all, text, matching, others):
    written = records(enricher()(message(id="1", text=text)))
    facts = Facts(written[Channel.ENRICHED][0])
    for asked in (*matching, *others):
        assert holds(condition_from_text(asked), facts, Allowance()) is (asked in matching), asked


@pytest.mark.parametrize("code", TABLE)
def test_every_known_language_is_read_with_its_own_rules_for_words(reads_all, code):
    nlp = pipelines().of(code)
    assert nlp.lang == TABLE[code].folder
    assert pipelines().of(code) is nlp
    doc = nlp(nlp.make_doc(NEWS[code]))
    assert doc.text == NEWS[code]
    assert doc.lang_ == TABLE[code].folder
    assert len(doc) > 25
    has_table = (worker.nlp.by_language._DATA / nlp.lang / QUOTING).is_file()
    said = ["quotes", "speakers"] if has_table or code == "en" else []
    more = said if code == "en" else ["values", *said]
    assert nlp.pipe_names == ["encoder", "entities", *more, "topics"]


def test_norwegian_has_its_code_and_swahili_the_rules_for_any_language():
    assert (TABLE["no"].folder, blank(TABLE["no"]).lang) == ("nb", "nb")
    assert (TABLE["sw"].spacy, blank(TABLE["sw"]).lang) == ("xx", "sw")


@pytest.mark.parametrize("code", ["de", "fr", "id", "pl", "sw"])
def test_a_string_without_spaces_is_one_word_however_long(code):
    """spaCy would take quadratic time to cut it."""
    assert len(blank(TABLE[code])("a-" * 100_000)) == 1


@pytest.mark.long
@pytest.mark.parametrize("code", SAVED)
def test_a_saved_tokenizer_is_spacy_s(code):
    folder = worker.nlp.by_language._DATA / TABLE[code].folder
    assert (folder / TOKENIZER).read_bytes() == saved_tokenizer(code)
    theirs = spacy.blank(code)
    for text in (NEWS[code], "L'État a-t-il dit aujourd'hui 10 km, 5€ et U.S. (M. Dupont)? Rp5.000/kg 12-5"):
        assert [token.text for token in blank(TABLE[code])(text)] == [token.text for token in theirs(text)]


def test_quotes_and_their_speakers_are_found_where_a_language_has_a_table(reads_all):
    data = worker.nlp.by_language._DATA
    for code, row in TABLE.items():
        has_table = (data / row.folder / QUOTING).is_file()
        names = pipelines().of(code).component_names
        assert ("quotes" in names) is (has_table or code == "en"), code
        assert ("speakers" in names) is (has_table or code == "en"), code


def test_encoders_are_shared_and_languages_are_made_when_they_are_asked_for(reads_all):
    made = Pipelines(None, list(TABLE))
    assert list(made._ready) == ["en"]
    english, german, swedish = (made.of(code) for code in ("en", "de", "sv"))
    assert german.get_pipe("encoder") is swedish.get_pipe("encoder") is not english.get_pipe("encoder")
    assert list(made._ready) == ["en", "de", "sv"]


@pytest.mark.parametrize(
    ("code", "text", "topic"),
    [
        (
            "de",
            "Der FC Lindau hat am Samstag das Pokalfinale mit 3:1 gewonnen. Der Stürmer Jonas Petri schoss "
            "in der zweiten Halbzeit zwei Tore, der Trainer lobte die Mannschaft nach dem Spiel.",
            "medtop:15000000",
        ),
        (
            "fr",
            "Le club de Brest a remporté la finale de la coupe trois buts à un. L'attaquant a marqué deux "
            "fois en deuxième mi-temps, et l'entraîneur a félicité ses joueurs après le match.",
            "medtop:15000000",
        ),
        (
            "it",
            "Il produttore di pneumatici ha venduto lo stabilimento di Novara per 40 milioni di euro. Le "
            "azioni della società sono salite del 6 % in borsa, e l'utile è cresciuto nell'ultimo trimestre.",
            "medtop:04000000",
        ),
    ],
)
def test_an_article_in_another_language_has_topics_as_english_ones_have(reads_all, code, text, topic):
    (article,) = records(enricher()(message(id="1", text=text, language=code)))[Channel.ENRICHED]
    (first, *_) = article["topics"]
    assert (first["code"], first["broader"]) == (topic, [])
    assert first["confidence"] >= (0.4 if code == "fr" else UNCALIBRATED_THRESHOLD)


@pytest.mark.parametrize("code", [code for code in TABLE if code != "en"])
def test_a_language_has_the_topics_that_hold_in_it_and_no_others(reads_all, code):
    nlp = pipelines().of(code)
    doc = nlp(nlp.make_doc(NEWS[code]))
    assert set(doc.cats) == {topic for language, topic in trusted_topics() if language == code}
    assert all(0 <= confidence <= 1 for confidence in doc.cats.values())


def test_an_encoder_of_its_own_serves_all_languages_that_name_it(monkeypatch, tmp_path):
    """Where English keeps its own encoder, the others share a second one."""
    shipped = tmp_path / "model"
    shipped.mkdir()
    for part in SHIPPED.iterdir():
        (shipped / part.name).symlink_to(part)
    (shipped / "many").symlink_to(SHIPPED / "encoder")
    (shipped / "meta.json").unlink()
    (shipped / "meta.json").write_bytes((SHIPPED / "meta.json").read_bytes())
    version = stamp(shipped)
    table = TABLE | {code: replace(TABLE[code], encoder="many", is_on=True) for code in ("de", "pl")}
    for module in (languages, worker.nlp.by_language):
        monkeypatch.setattr(module, "known_languages", lambda: table)
    for module in (worker.nlp.by_language, worker.nlp.pipeline):
        monkeypatch.setattr(module, "SHIPPED", shipped)
    made = Pipelines(None, ["en", "de", "pl"])
    german, polish = (made.of(code).get_pipe("encoder") for code in ("de", "pl"))
    assert isinstance(german, Encoder)
    assert german is polish is not made.of("en").get_pipe("encoder")
    assert german.model == shipped / "many" / "model.onnx"
    assert made.about == f"en_news/{version}"


def test_the_same_articles_have_the_same_bytes_whatever_languages_came_between(reads_all):
    one, other = enricher(), _enricher.__wrapped__(())
    articles = [message(id=code, text=NEWS[code]) for code in ("de", "en", "fr", "ru", "sw")]
    forwards = [one(article) for article in articles]
    backwards = [other(article) for article in reversed(articles)][::-1]
    assert forwards == backwards == [one(article) for article in articles]


HOSTILE = [
    "“" * 1200, "l'" * 600, "анак-" * 250, "Й" * 900 + " й\u0306" * 50, "\u200f\u00ad\u2028 " * 200,
    "😀 " * 200, "Lena\u0301 Okafor\u0323\u0301 " * 30, "لينا أوكافور " * 50, "李娜在港口说" * 50,
    "$ ' ( … " * 50,
]  # fmt: skip


@pytest.mark.parametrize("code", ["de", "fr", "id", "ru", "sw"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:8]))
def test_no_text_fails_in_another_language_and_its_spans_slice_back(reads_all, code, text):
    (article,) = records(enricher()(message(text=text, language=code)))[Channel.ENRICHED]
    assert article["text"] == text
    for entity in article["entities"]:
        for mention in entity["mentions"]:
            assert text[mention["start"] : mention["end"]] == mention["text"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            "tr",
            "Belediye meclisi limanın bir hafta daha kapalı kalmasına karar verdi. “Rıhtım güvenli değil.”",
        ),
        ("el", "Το συμβούλιο αποφάσισε τη Δευτέρα ότι το λιμάνι θα μείνει κλειστό για μία εβδομάδα ακόμη."),
        ("ar", "قرر مجلس المدينة يوم الاثنين أن يبقى الميناء مغلقا لأسبوع آخر بعد أن دمرت العاصفة رافعاته."),
    ],
)
def test_languages_that_nothing_reads_become_dead_letters(code, text):
    # An Arabic text as short as this may be Persian as well: without a field it can't be told.
    for fields in ({"text": text, "language": code}, *([{"text": text}] if code != "ar" else [])):
        rejected = enricher()(message(**fields))
        assert isinstance(rejected, Rejected)
        assert rejected.reason is Reason.UNSUPPORTED_LANGUAGE
        assert rejected.error.startswith(f"the article's language is {code!r}, the pipeline's 'en', ")


def test_a_dead_letter_names_all_languages_that_are_allowed(reads_all):
    rejected = enricher(LANGUAGES="en,de")(message(text=NEWS["fr"], language="fr"))
    assert rejected.error == "the article's language is 'fr', the pipeline's 'en', 'de'"


def test_tags_of_a_language_lead_to_it(reads_all):
    enrich = enricher()
    for tag in ("no", "nb", "nn-NO", "nb_NO"):
        (article,) = records(enrich(message(text=NEWS["no"], language=tag)))[Channel.ENRICHED]
        assert (article["language"], article["pipeline"]["name"]) == (tag, "no_news")


# Another team's pipeline


def test_another_pipeline_reads_its_own_language_and_ours_the_rest(reads_all, tmp_path):
    model = farm(tmp_path / "farm", "de", Kai="ORG")
    enrich = enricher(MODEL=model, LANGUAGES="en,de,fr")
    written = {
        code: records(enrich(message(text=NEWS[code], language=code)))[Channel.ENRICHED][0]
        for code in ("en", "de", "fr")
    }
    assert {code: article["pipeline"]["name"] for code, article in written.items()} == {
        "en": "en_news",
        "de": "de_farm",
        "fr": "fr_news",
    }
    assert [entity["name"] for entity in written["de"]["entities"]] == ["Kai"]
    assert "Lena Okafor" in [entity["name"] for entity in written["fr"]["entities"]]
    (alone,) = records(enricher()(message(text=NEWS["en"], language="en")))[Channel.ENRICHED]
    assert written["en"] | {"id": alone["id"]} == alone
    assert [part.partition("/")[0] for part in enrich.about.split()] == ["de_farm", "en_news"]


def test_another_english_pipeline_leaves_the_other_languages_to_ours(reads_all, tmp_path):
    made = Pipelines(farm(tmp_path / "farm", "en", quay="ORG"), ["en", "de"])
    assert made.of("en").meta["name"] == "farm"
    assert made.of("de").pipe_names == ["encoder", "entities", "values", "quotes", "speakers", "topics"]


def test_a_pipeline_for_any_language_reads_all_that_are_allowed(tmp_path):
    made = Pipelines(farm(tmp_path / "farm", "xx"), ["en", "tr"])
    assert made.of("en") is made.of("tr")


def test_a_norwegian_pipeline_reads_norwegian(tmp_path):
    made = Pipelines(farm(tmp_path / "farm", "nb"), ["en", "no"])
    assert (made.of("no").lang, made.of("en").lang) == ("nb", "en")


@pytest.mark.parametrize("code", ["en", "de", "tr"])
def test_one_pipeline_alone_reads_the_one_language_that_is_allowed(tmp_path, code):
    """As before there were several: DATELINE_LANGUAGE says what the pipeline reads, whatever its own code."""
    model = farm(tmp_path / "farm", "de", Porthaven="ORG")
    for variables in ({"MODEL": model, "LANGUAGE": code}, {"LANGUAGE": code}):
        enrich = enricher(**variables)
        (article,) = records(enrich(message(text="A day in Porthaven.", language=code)))[Channel.ENRICHED]
        own = f"{code}_news" if code in languages_of_model() else "en_news"
        assert article["pipeline"]["name"] == ("de_farm" if "MODEL" in variables else own)
        assert enrich.about.partition("/")[0] == ("de_farm" if "MODEL" in variables else "en_news")


@pytest.mark.parametrize(
    ("language", "allowed", "error"),
    [
        (
            "tr",
            ["en", "tr", "el"],
            r"takes en, .* and tr, which DATELINE_MODEL=.* reads, and nothing here reads el",
        ),
        ("tr", ["en", "tr", "ar", "el"], "DATELINE_LANGUAGES=en,tr,ar,el takes .* nothing here reads ar, el"),
        ("tr", ["en", "fr"], "reads tr, which DATELINE_LANGUAGES=en,fr lacks"),
    ],
)
def test_what_nothing_reads_is_said_at_the_start(tmp_path, language, allowed, error):
    with pytest.raises(ModelError, match=error):
        Pipelines(farm(tmp_path / "farm", language), allowed)


def test_the_table_says_of_no_language_that_the_model_reads_what_it_does_not():
    assert TABLE[load().meta["lang"]].encoder == "encoder"
    for row in TABLE.values():
        assert row.encoder is None or (SHIPPED / row.encoder / "model.onnx").is_file()
        assert row.encoder is not None or not row.is_on, row.code

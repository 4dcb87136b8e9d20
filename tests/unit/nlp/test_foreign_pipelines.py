"""With another team's pipeline in DATELINE_MODEL, entities are its own and all other tags are as usual."""

import importlib
import json
import textwrap

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from worker.channels import Channel
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.nlp.fingerprint import fingerprint
from worker.nlp.pipeline import load
from worker.records.messages import RawMessage
from worker.settings import Settings

TEXT = (
    "LUSAKA - Maize prices fell by a third in March as the harvest came in, the central bank said.\n\n"
    "“Farmers cannot live on this,” said Chipo Mwale, who leads the Growers Union. “We want a floor.”\n\n"
    "Mwale called the import tax “a joke”. The economy of Zambia grew by 4 per cent, and copper exports rose."
)
RULES = [
    {"label": "PERSON", "pattern": "Chipo Mwale"},
    {"label": "PERSON", "pattern": "Mwale"},
    {"label": "ORG", "pattern": "Growers Union"},
    {"label": "CROP", "pattern": "Maize"},
]


@Language.component("metals", assigns=["doc.ents"])
def tag_metals(doc: Doc) -> Doc:
    """A component of the other team."""
    metals = [Span(doc, token.i, token.i + 1, label="PRODUCT") for token in doc if token.lower_ == "copper"]
    doc.ents = [*doc.ents, *metals]
    return doc


@Language.component("own_topics", assigns=["doc.cats"])
def tag_own_topics(doc: Doc) -> Doc:
    doc.cats = {"medtop:16000000": 0.97}
    return doc


def saved(folder, *components: str, language: str = "en") -> str:
    nlp = spacy.blank(language)
    nlp.add_pipe("entity_ruler").add_patterns(RULES)
    for name in components:
        nlp.add_pipe(name)
    nlp.meta["name"], nlp.meta["version"] = "farm", "2.1.0"
    nlp.to_disk(folder)
    return str(folder)


def enriched(model: str) -> dict:
    """The enriched record, through the settings as in a worker's child."""
    config = EnrichmentConfig.from_settings(Settings.from_env({"DATELINE_MODEL": model}))
    body = json.dumps({"id": "1", "text": TEXT, "language": "en"}).encode()
    messages = make_enricher(config)(RawMessage("news.articles.raw.v1", 0, 0, 0, None, body))
    return json.loads(next(m.value for m in messages if m.channel is Channel.ENRICHED))


def test_entities_are_the_other_pipeline_s_and_the_rest_is_ours(tmp_path):
    theirs, ours = enriched(saved(tmp_path / "farm", "metals")), enriched("")
    assert {(e["name"], e["type"]) for e in theirs["entities"]} == {
        ("Chipo Mwale", "PERSON"),
        ("Growers Union", "ORG"),
        ("copper", "PRODUCT"),
        ("Maize", "MISC"),  # a label that the contract does not know
    }
    assert theirs["pipeline"] == {
        "name": "en_farm",
        "version": f"2.1.0+{fingerprint(tmp_path / 'farm')}",
        "completed_by": ours["pipeline"],
    }
    assert theirs["topics"] == ours["topics"] != []
    assert [(q["text"], q["kind"]) for q in theirs["quotes"]] == [
        (q["text"], q["kind"]) for q in ours["quotes"]
    ]
    spoken = {q["text"]: q["speaker"] and q["speaker"]["entity"] for q in theirs["quotes"]}
    assert spoken["Farmers cannot live on this,"] == spoken["We want a floor."] == "person:chipo-mwale"


def test_components_are_run_after_the_other_team_s(tmp_path):
    nlp = load(saved(tmp_path / "farm", "metals"))
    assert nlp.pipe_names == ["entity_ruler", "metals", "encoder", "quotes", "speakers", "topics"]


def test_a_component_with_topics_keeps_them(tmp_path):
    topics = enriched(saved(tmp_path / "farm", "own_topics"))["topics"]
    assert [(topic["code"], topic["confidence"]) for topic in topics] == [("medtop:16000000", 0.97)]


def test_a_pipeline_in_another_language_gets_what_needs_no_english(tmp_path):
    nlp = load(saved(tmp_path / "farm", language="de"))
    assert nlp.pipe_names == ["entity_ruler", "quotes", "speakers"]
    text = (
        "„Davon kann niemand leben“, sagte Chipo Mwale, die den Verband leitet. "
        "„Wir wollen einen Mindestpreis“, fügte sie hinzu."
    )
    assert len(nlp(text)._.quotes) == 2


def test_a_name_that_is_taken_gives_way(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler", "encoder").add_patterns(RULES)
    nlp.to_disk(tmp_path / "odd")
    assert load(tmp_path / "odd").pipe_names == [
        "encoder",
        "dateline_encoder",
        "quotes",
        "speakers",
        "topics",
    ]


def test_an_installed_package_goes_by_its_name(tmp_path, monkeypatch):
    package, about = tmp_path / "farm_news", tmp_path / "farm_news-2.1.0.dist-info"
    package.mkdir()
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: farm_news\nVersion: 2.1.0\n")
    (about / "entry_points.txt").write_text("[spacy_factories]\nfarm_crops = farm_news:make_crops\n")
    (package / "__init__.py").write_text(
        textwrap.dedent("""
            import spacy
            from spacy.language import Language
            from spacy.tokens import Span

            @Language.factory("farm_crops", assigns=["doc.ents"])
            def make_crops(nlp, name):
                return tag

            def tag(doc):
                doc.ents = [Span(doc, t.i, t.i + 1, label="ORG") for t in doc if t.text == "Union"]
                return doc

            def load(**options):
                nlp = spacy.blank("en")
                nlp.add_pipe("farm_crops")
                return nlp
        """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    article = enriched("farm_news")
    assert [entity["name"] for entity in article["entities"]] == ["Union"]
    assert article["pipeline"]["version"] == f"0.0.0+{fingerprint(package)}"


@pytest.mark.parametrize("model", ["no_such_package", "/no/such/folder"])
def test_a_pipeline_that_is_not_there_is_named(model):
    with pytest.raises(Exception, match=model):
        enriched(model)

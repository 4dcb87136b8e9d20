"""What a query finds, and the error of one that can't be used."""

import pytest

from tests.unit.search.search_documents import SECOND, document, find, index, quote, searching
from worker.query.language import QueryError
from worker.search.answer import MAX_RANKED, Sort, quotes
from worker.search.conditions import MAX_SEARCH_DEPTH, MAX_TERMS, read_query
from worker.search.file import opened_for_search

TEXT = (
    "Ada Okafor of the Port Workers' Union said: “We strike on Monday.” Okafor spoke in Lima. "
    "The co-op backed her, an official said."
)
ARTICLE = document(
    TEXT,
    headline="Dockers of Callao to walk out",
    source="Wire.example",
    language="en-GB",
    authors=["Bo Lind"],
    people=["Ada Okafor"],
    organisations=["Port Workers' Union"],
    places=["Lima", "Callao"],
    other_names=["Dockers' Day"],
    countries=["PE"],
    entity_ids=["person:ada-okafor", "gpe:lima"],
    topics=["strike"],
    topic_codes=["medtop:20000521", "medtop:20000509", "medtop:09000000"],
    speakers=["Ada Okafor", "an official"],
    quotes=[
        quote("We strike on Monday.", "Ada Okafor", "person:ada-okafor"),
        quote("The co-op backed her", "an official"),
    ],
)


@pytest.fixture(scope="module")
def one_article(tmp_path_factory):
    return index(tmp_path_factory.mktemp("index") / "index.sqlite", [ARTICLE])


@pytest.mark.parametrize(
    "query",
    [
        "strike", "STRIKE", '"we strike on monday"', '"walk out"', "callao", '"workers union"',
        '"port workers\' union"', "co-op", '"co op"', "“we strike on monday”", '"strike? *"',
        '"monday strike"~1', '"official lima"~6',
        "entity:okafor", 'entity:"ADA  okafor"', "entity:lima", "entity:dockers", "person:ada",
        "place:callao", 'organisation:"workers union"', "author:lind",
        "speaker:Okafor", 'speaker:"an official"',
        "speaker:official", "speaker_id:person:ada-okafor", "id:gpe:lima", "type:PERSON", "type:gpe",
        "country:pe", "link:iso3166:PE", "topic:labour", "topic:medtop:20000521", "topic:09000000",
        "source:wire.EXAMPLE", "language:en", "lang:en-gb", "headline:walk", 'headline:"dockers of callao"',
        "NOT entity:NATO", "strike (nothing OR lima) -ship", "NOT (strike nothing)",
        f"since:{SECOND}", f"until:{SECOND + 1}", f"NOT until:{SECOND}", f"nothing OR since:{SECOND}",
        f"strike NOT (lima since:{SECOND + 1})",
    ],
)  # fmt: skip
def test_it_is_found(one_article, query):
    assert find(one_article, query) == ["a1"]


def test_norwegian_is_found_in_both_its_forms(tmp_path):
    written = {"nb-NO": "a1", "nn": "a2", "no": "a3", "en": "a4"}
    documents = [document("A day.", language=language) | {"id": name} for language, name in written.items()]
    found = index(tmp_path / "index.sqlite", documents)
    assert sorted(find(found, "language:no")) == ["a1", "a2", "a3"]
    assert find(found, "language:nb") == ["a1"]


@pytest.mark.parametrize(
    "query",
    [
        "stri",
        '"strike monday"', '"monday strike"~0', '"strike strike"~50', '"out ada"', '"official lima"~5',
        "entity:NATO", "entity:okaf", 'entity:"okafor ada"', '"callao strike"', 'place:"lima callao"',
        "person:lima", "organisation:okafor", "author:ada", "speaker:lima", "speaker_id:person:ada",
        "id:person:okafor", "type:ORG", "country:cl", "topic:conflict", "source:wire", "language:de",
        "lang:en-us", "headline:strike", "NOT strike", "strike nothing", "-(strike OR nothing)",
        f"since:{SECOND + 1}", f"until:{SECOND}", f"strike (nothing OR until:{SECOND})",
    ],
)  # fmt: skip
def test_it_is_not_found(one_article, query):
    assert find(one_article, query) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("strike", ["We strike on Monday."]),
        ("okafor", []),
        ("speaker:official", ["The co-op backed her"]),
        ("NOT speaker:official", ["We strike on Monday."]),
        ("speaker:official strike", []),
        ("speaker_id:person:ada-okafor", ["We strike on Monday."]),
        ("topic:labour -monday", ["The co-op backed her"]),
        ("entity:okafor", ["We strike on Monday.", "The co-op backed her"]),
        ("headline:walk backed", ["The co-op backed her"]),
        ("speaker:okafor OR co-op", ["We strike on Monday.", "The co-op backed her"]),
        ('"monday strike"~1', ["We strike on Monday."]),
        (f"strike since:{SECOND + 1}", []),
    ],
)
def test_quotes_have_the_words_and_the_speaker_and_their_article_all_else(one_article, query, said):
    with opened_for_search(one_article) as connection:
        hits = quotes(connection, read_query(query, int), limit=10, sort=Sort.RELEVANCE)
    assert [hit.quote["text"] for hit in hits] == said


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("strike entty:NATO", 7, "no field is called 'entty': there are author, country"),
        ("strike topic:politcs", 7, "topic: no topic is called 'politcs'; did you mean politics?"),
        ("a topic:conflict[confidence>=0.8]", 17, "takes no options in a search, got 'confidence'"),
        ("link:wikidata:Q1", 0, "a country in a search"),
        ("link:iso3166:Peru", 0, "link: iso3166 takes two letters such as UA, got 'Peru'"),
        ("a country:Peru", 2, "country: takes two letters such as UA, got 'Peru'"),
        ("language:english", 0, "language: takes an ISO 639 code such as en or en-GB, got 'english'"),
        ("type:town", 0, "type: takes PERSON, ORG"),
        ("id:okafor", 0, "id: takes an entity's type and its name's slug"),
        ("speaker_id:okafor", 0, "speaker_id: takes an entity's type"),
        ("strike or lima", 7, "write OR to join"),
        ("strik*", 5, "no wildcards"),
        ('a "--"', 2, "letters or digits"),
        ("speaker:-- b", 0, "speaker: takes letters or digits"),
        ("strike since:soon", 7, "invalid literal"),
        ("a OR (", 6, "ends where"),
        (" ".join("a" * (MAX_TERMS + 1)), 2 * MAX_TERMS, "200 terms"),
        ("(a OR (b " * 11 + "c" + "))" * 11, 0, "20 deep"),
    ],
)
def test_a_query_that_is_none_is_refused_with_its_place(query, position, says):
    with pytest.raises(QueryError) as error:
        read_query(query, int)
    assert says in str(error.value)
    assert error.value.position == position


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("quay colour:red b", "colour"),
        ("a type:town[x=y] b", "x=y"),
        ("a type:town b", "type:town"),
        ("stem:walks[field=text] b", "field=text"),
        ("strike since:soon b", "since:soon"),
        ("growth>=3 b", "growth>=3"),
        ("(a OR (b " * 11 + "c" + "))" * 11, "(a OR (b " * 11 + "c" + "))" * 11),
    ],
)
def test_all_that_is_wrong_in_a_query_is_marked(query, marked):
    with pytest.raises(QueryError) as error:
        read_query(query, int)
    assert query[error.value.position : error.value.end] == marked


@pytest.mark.parametrize(
    "query",
    [
        " ".join(f"a{n}" for n in range(MAX_TERMS)),
        " OR ".join(f"-a{n}" for n in range(MAX_TERMS)),
        " ".join(f"-a{n}" for n in range(MAX_TERMS)),
        "(a OR (b " * (MAX_SEARCH_DEPTH // 2 - 1) + "c" + "))" * (MAX_SEARCH_DEPTH // 2 - 1),
        "NOT (a OR b " * (MAX_SEARCH_DEPTH // 3) + "c" + ")" * (MAX_SEARCH_DEPTH // 3),
        "(a OR (NOT since:5 " * (MAX_SEARCH_DEPTH // 3) + "c" + "))" * (MAX_SEARCH_DEPTH // 3),
        '"' + "word " * 3_000 + '"',
        '"' + " ".join(f"word{n}" for n in range(1_000)) + '"~999',
        "source:" + "x" * 19_000,
        'entity:"\udcff strike"',
        "\U0001f600strike",
    ],
    ids=lambda query: query[:12].encode("ascii", "replace").decode(),
)
def test_the_largest_queries_are_answered(one_article, query):
    assert find(one_article, query) in (["a1"], [])


def test_relevance_has_the_headline_first_then_more_of_the_words_then_the_newest(tmp_path):
    other = "and many other words of no concern " * 5
    path = index(
        tmp_path / "index.sqlite",
        [
            document(f"a missile {other}", id="headline", headline="missile", version=1000),
            document(f"a missile missile missile {other}", id="often", version=2000),
            document(f"a missile {other}", id="once", version=3000),
            document(f"a missile {other}", id="once, newer", version=4000),
            document(other, id="never", version=5000),
        ],
    )
    assert find(path, "missile") == ["headline", "often", "once, newer", "once"]
    assert find(path, "missile", sort=Sort.NEWEST) == ["once, newer", "once", "often", "headline"]
    assert find(path, "NOT missile") == ["never"]
    assert find(path, "since:2 NOT missile OR headline:missile") == ["never", "headline"]


def test_of_very_many_the_newest_are_ranked(tmp_path):
    documents = [
        document("a port" + " of call" * (n % 3), id=f"a{n}", version=SECOND * 1000 + n * 1000)
        for n in range(MAX_RANKED + 50)
    ]
    documents[0] |= {"headline": "port"}
    path = index(tmp_path / "index.sqlite", documents)
    with searching(path) as find_in_it:
        assert len(find_in_it("port", limit=5000)) == MAX_RANKED
        assert "a0" not in find_in_it("port", limit=5000)
        assert find_in_it("port", limit=1) == [f"a{MAX_RANKED + 49 - (MAX_RANKED + 49) % 3}"]
        # A phrase that is everywhere ranks none.
        assert find_in_it('"a port"', limit=2) == [f"a{MAX_RANKED + 49}", f"a{MAX_RANKED + 48}"]

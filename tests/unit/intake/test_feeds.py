"""Articles by the names and in the shapes that feeds and news interfaces use."""

import json

import pytest

from tests.unit.intake.feed_samples import (
    BOTH,
    EVENT_REGISTRY,
    FEEDPARSER,
    FRAGMENT,
    GNEWS,
    GRAPH,
    HEADLINES,
    MORE,
    NEWSDATA,
    OF_URL,
    SHAPES,
    TEXT,
    URL,
    WHEN,
    WORDPRESS,
)
from worker.intake.decode import decode
from worker.intake.feeds.markup import line_of_markup, text_of_field
from worker.intake.feeds.names import NAMES, given_id
from worker.intake.feeds.people import split_names
from worker.intake.language import language_tag
from worker.intake.limits import Limits
from worker.records.article import Article
from worker.records.messages import RawMessage, Reason, Rejected


def read(document, content_type=None):
    headers = () if content_type is None else (("content-type", content_type.encode()),)
    value = json.dumps(document).encode()
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, None, value, headers)
    return decode(message, limits=Limits(), default_language="en")


def refused(document):
    rejected = read(document)
    assert isinstance(rejected, Rejected)
    assert rejected.reason is Reason.INVALID
    return rejected.error


# Whole shapes


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("content_type", [None, "application/json", "application/ld+json"])
def test_every_feed_s_shape_gives_a_whole_article(name, content_type):
    document, text, identity, authors, source, time = SHAPES[name]
    article = read(document, content_type)
    assert isinstance(article, Article), article
    assert (article.text, article.url, article.headline) == (text, URL, HEADLINES.get(name, "Quay shut"))
    assert (article.id, list(article.authors), article.source) == (identity, authors, source)
    assert (article.published_at, article.language.partition("-")[0]) == (time, "en")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("NewsAPI", {"source": {"id": None}, "description": "No ships.", "urlToImage": None}),
        (
            "JSON Feed",
            {"summary": "No ships.", "tags": ["port"], "authors": [{"avatar": "https://port.example/z.png"}]},
        ),
        (
            "WordPress",
            {"date": "2025-04-01T09:30:00", "author": 3, "guid": {"rendered": "https://port.example/?p=40"},
             "content": {"protected": False}, "excerpt": {"rendered": "<p>No ships.</p>"},
             "_embedded": {"author": [{"id": 3, "slug": "z"}]}},
        ),
        (
            "Feedly",
            {"content": {"direction": "ltr"}, "alternate": [{"type": "text/html"}],
             "origin": {"streamId": "feed/1"}},
        ),
        (
            "JSON-LD graph",
            {"@context": "https://schema.org", "@graph": [GRAPH["@graph"][i] for i in (0, 2, 3)],
             "@type": ["Article", "NewsArticle"], "author": {"@id": "https://port.example/#z"},
             "publisher": {"@id": "https://port.example/#org"},
             "inLanguage": {"@type": "Language", "name": "English"}},
        ),
    ],
)  # fmt: skip
def test_what_became_a_field_is_moved_and_all_else_kept(name, kept):
    assert read(SHAPES[name][0]).extra == kept


# What was read before


@pytest.mark.parametrize(
    "more",
    [
        {"content": "C", "description": "D", "summary": "S", "maintext": "M", "articleBody": "A",
         "content_html": "<p>H"},
        {"fields": {"body": "B"}, "excerpt": {"rendered": "E"}},
        {"guid": "g", "uri": "u", "_id": "i", "uuid": "v", "article_id": 5, "stories_id": 7},
    ],
)  # fmt: skip
@pytest.mark.parametrize("own", [{"text": f"{TEXT} <b>"}, {"body": TEXT}, {"html": f"<p>{TEXT}</p>"}])
def test_an_article_with_a_text_of_its_own_keeps_text_id_and_unknown_fields(own, more):
    before, after = read(own), read(own | more)
    assert (after.text, after.id, after.extra) == (before.text, before.id, more)
    assert read(own | more | {"url": URL}).id == OF_URL


def test_a_url_by_another_name_does_not_change_the_id_of_what_was_read_before():
    article = read({"text": TEXT, "link": URL, "lang": "eng", "author": "Zawadi Mwangi", "pubDate": WHEN})
    assert (article.url, article.id) == (URL, read({"text": TEXT}).id)
    assert (article.language, article.authors, article.published_at) == ("en", ("Zawadi Mwangi",), WHEN)
    assert article.extra == {}


@pytest.mark.parametrize(
    "own",
    [
        {"headline": "", "title": "T"}, {"headline": "", "title": ""}, {"title": None}, {"headline": "H",
         "title": "T"},
        {"headline": "H", "title": {"rendered": "T"}}, {"authors": [None, "", " "]}, {"authors": ["Ada", 5,
         "By Lin and Wei"]},
        {"published_at": "soon"}, {"language": " "}, {"html": "<p>B</p>"}, {"body": "B"}, {"source": "S",
         "publisher": "P"},
        {"extra": {"author": "A", "title": "T"}},
    ],
)  # fmt: skip
def test_own_names_mean_what_they_meant(own):
    article = read({"text": TEXT, **own})
    assert article.headline == (own.get("headline") or own.get("title") or None)
    assert article.authors == (("Ada", "5", "By Lin and Wei") if own.get("authors", [None])[0] else ())
    assert article.source == own.get("source")
    expected = {
        "soon": {"published_at": "soon"}, "B": {"body": "B"}, "P": {"publisher": "P"}, "A": {"author": "A",
        "title": "T"},
    }  # fmt: skip
    said = [
        own.get("published_at"),
        own.get("body"),
        own.get("publisher"),
        own.get("extra", {}).get("author"),
    ]
    kept = next((expected[word] for word in said if word in expected), {})
    if own.get("headline") == "H":
        kept = {"title": own["title"]}
    assert article.extra == kept


# Texts


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"content": "", "description": TEXT}, TEXT),
        ({"content": None, "summary": TEXT}, TEXT),
        ({"text": " ", "html": " ", "content": TEXT}, TEXT),
        ({"text": None, "content": TEXT, "body": ""}, TEXT),
        ({"content": 5, "description": ["x"], "summary": TEXT}, TEXT),
        ({"description": TEXT, "content_text": MORE}, MORE),
        ({"content_text": TEXT, "content_html": f"<p>{MORE}</p>"}, TEXT),
        ({"content": f"{TEXT}\n\n{MORE}"}, f"{TEXT}\n\n{MORE}"),
        ({"content": "Fish &amp; chips &lt;now&gt;"}, "Fish & chips <now>"),
        ({"content": "If a < b and c > d, then <stop>."}, "If a < b and c > d, then <stop>."),
        ({"content_text": "In HTML <p> begins a paragraph."}, "In HTML <p> begins a paragraph."),
        ({"content": [{"type": "text/plain", "value": "a <b> c"}]}, "a <b> c"),
        ({"content": [{"type": "image/png", "value": "iVBOR"}, {"type": "xhtml", "value": FRAGMENT}]}, BOTH),
        ({"content": [{"value": ""}, {"value": TEXT}]}, TEXT),
        ({"description": f"<div><a href='x'>{TEXT}</a></div>"}, TEXT),
        ({"html": "<p></p>", "description": TEXT}, TEXT),
        ({"title": "T", "content": {"rendered": "", "protected": True},
         "excerpt": {"rendered": f"<p>{TEXT}</p>"}}, TEXT),
        ({"content": "<script>x()</script><table><tr><td>One</td></tr></table>"}, "One"),
    ],
)  # fmt: skip
def test_the_text_is_the_first_that_is_one(document, text):
    assert read(document).text == text


def test_markup_is_told_from_angle_brackets_and_keeps_its_paragraphs():
    assert text_of_field("3 < 4") == "3 < 4"
    assert text_of_field("A<br>B<!-- c -->") == "A\nB"
    assert text_of_field("<p>A\nB</p>\nC<ul><li>D<li>E</ul>") == "A B\nC\nD\nE"
    assert line_of_markup(" A <b>very</b> big &quot;day&quot; ") == 'A very big "day"'


def test_a_word_stays_in_its_sentence_whatever_element_it_has():
    sentence = (
        "“On <time>Monday</time>,” said <a href='/m'>Zawadi <b>Mwangi</b></a>, at <span>a</span> <q>dock</q>."
    )
    assert text_of_field(f"<p>{sentence}</p>") == "“On Monday,” said Zawadi Mwangi, at a “dock”."


def test_what_is_no_sentence_of_an_article_is_left_out():
    around = "<style>p{}</style><figure><img src='q'><figcaption>Quay</figcaption></figure><script>x</script>"
    assert text_of_field(f"{around}<p>{TEXT}</p><form><button>Share</button></form>{around}") == TEXT


def test_a_page_in_a_feed_s_text_is_read_as_a_page():
    page = f"<html><body><nav><a href='/'>Home</a></nav><article>{FRAGMENT * 3}</article></body></html>"
    assert text_of_field(page).startswith(BOTH)
    assert "Home" not in text_of_field(page)


# People


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zawadi Mwangi", ["Zawadi Mwangi"]),
        ("By Zawadi Mwangi", ["Zawadi Mwangi"]),
        ("BY ZAWADI MWANGI AND TOM HALE", ["ZAWADI MWANGI AND TOM HALE"]),
        ("Zawadi Mwangi and Tom Hale", ["Zawadi Mwangi", "Tom Hale"]),
        ("Zawadi Mwangi, Tom Hale and Ana de la Cruz", ["Zawadi Mwangi", "Tom Hale", "Ana de la Cruz"]),
        ("Zawadi Mwangi; Tom Hale", ["Zawadi Mwangi", "Tom Hale"]),
        ("Mwangi, Zawadi; Hale, Tom", ["Mwangi, Zawadi", "Hale, Tom"]),
        ("Mwangi, Zawadi", ["Mwangi, Zawadi"]),
        ("Zawadi Mwangi, Coast Correspondent", ["Zawadi Mwangi, Coast Correspondent"]),
        (
            "Zawadi Mwangi in Mombasa and Tom Hale in Leeds",
            ["Zawadi Mwangi in Mombasa and Tom Hale in Leeds"],
        ),
        ("Hale and Sons", ["Hale and Sons"]),
        ("Coast Wire and Lake News Agency", ["Coast Wire and Lake News Agency"]),
        ("Tom Hale, Jr.", ["Tom Hale, Jr."]),
        ("Byron Hale", ["Byron Hale"]),
        ("z@port.example (Zawadi Mwangi)", ["Zawadi Mwangi"]),
        ("Zawadi Mwangi <z@port.example>", ["Zawadi Mwangi"]),
        ("z@port.example", []),
        ("https://social.example/coastwire", []),
        (" ", []),
        ("By ", ["By"]),
        ("x" * 5000, ["x" * 5000]),
    ],
)
def test_several_names_in_one_string_are_split_where_that_is_certain(text, names):
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("given", "authors", "kept"),
    [
        ({"author": {"name": "Zawadi Mwangi"}}, ["Zawadi Mwangi"], {}),
        ({"author": {"givenName": "Zawadi", "familyName": "Mwangi", "age": 5}}, ["Zawadi Mwangi"],
         {"author": {"age": 5}}),
        ({"author": ["Zawadi Mwangi", {"name": "Tom Hale"}, 5]}, ["Zawadi Mwangi", "Tom Hale"],
         {"author": [5]}),
        ({"author": 5, "byline": "By Zawadi Mwangi"}, ["Zawadi Mwangi"], {"author": 5}),
        ({"author": "z@port.example"}, [], {"author": "z@port.example"}),
        ({"authors": [{}], "author": "Zawadi Mwangi"}, ["Zawadi Mwangi"], {"authors": [{}]}),
        ({"authors": [None, {}]}, [], {"authors": [None, {}]}),
        ({"authors": [], "dc:creator": "Zawadi Mwangi"}, ["Zawadi Mwangi"], {}),
        ({"authors": {"name": "Zawadi Mwangi"}}, ["Zawadi Mwangi"], {}),
        ({"authors": ["Zawadi Mwangi"], "author": "Coast Wire"}, ["Zawadi Mwangi"], {"author": "Coast Wire"}),
        ({"authors": [7, {"name": "Tom Hale"}]}, ["7", "Tom Hale"], {}),
    ],
)  # fmt: skip
def test_authors_may_be_strings_or_objects_by_several_names(given, authors, kept):
    article = read({"text": TEXT, **given})
    assert (list(article.authors), article.extra) == (authors, kept)


@pytest.mark.parametrize("authors", [5, True, [True], [["Ada Obi"]]])
def test_authors_of_another_type_are_refused_by_name(authors):
    assert "authors" in refused({"content": TEXT, "authors": authors})


# Sources, languages, times, addresses, ids


@pytest.mark.parametrize(
    ("given", "source", "kept"),
    [
        ({"source": {"name": "Coast Wire"}}, "Coast Wire", {}),
        (
            {"source": {"title": "Coast Wire", "uri": "port.example"}},
            "Coast Wire",
            {"source": {"uri": "port.example"}},
        ),
        ({"source": {"id": 3}, "publisher": {"name": "Coast Wire"}}, "Coast Wire", {"source": {"id": 3}}),
        ({"source": {"id": 3}}, None, {"source": {"id": 3}}),
        ({"source": {"id": 3}, "extra": {"source": "x"}}, None, {"source": {"id": 3}}),
        ({"source": "", "site_name": "Coast Wire"}, "Coast Wire", {}),
        ({"publisher": ["x"]}, None, {"publisher": ["x"]}),
    ],
)
def test_the_source_may_be_an_object(given, source, kept):
    article = read({"text": TEXT, **given})
    assert (article.source, article.extra) == (source, kept)


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        ("en", "en"), ("en-GB", "en-GB"), ("en_US", "en_US"), ("EN", "EN"), ("eng", "en"), ("ENG", "en"),
         ("eng-GB", "en-GB"),
        ("English", "en"), (" english ", "en"), ("English (UK)", "en"), ("American English", "en-US"),
         ("deu", "de"),
        ("ger", "de"), ("German", "de"), ("fre", "fr"), ("Swahili", "sw"), ("swa", "sw"), ("yue", "yue"),
        ("Klingonese", None), ("", None), ("xx", None), ("und", None), ("enx1", None),
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_tag_its_codes_and_its_name(given, tag):
    assert language_tag(given) == tag


@pytest.mark.parametrize(
    ("given", "language", "kept"),
    [
        ({"language": "English"}, "en", {}),
        ({"language": "eng"}, "en", {}),
        ({"language": "und"}, "en", {}),
        ({"language": "Klingonese"}, "Klingonese", {}),
        ({"lang": "spa"}, "es", {}),
        ({"lang": "n/a"}, "en", {"lang": "n/a"}),
        ({"inLanguage": ["en-KE"]}, "en-KE", {}),
        ({"language": "", "language_code": "en"}, "en", {}),
        ({"lang": {"code": "fr"}}, "en", {"lang": {"code": "fr"}}),
    ],
)
def test_a_language_by_another_name_counts_if_it_is_one(given, language, kept):
    article = read({"text": TEXT, **given})
    assert (article.language, article.extra) == (language, kept)


@pytest.mark.parametrize(
    ("given", "time", "kept"),
    [
        ({"pubDate": "soon", "publishedAt": WHEN}, WHEN, {"pubDate": "soon"}),
        ({"published_at": "soon", "pubDate": WHEN}, WHEN, {"published_at": "soon"}),
        ({"date": "soon"}, None, {"date": "soon"}),
        ({"published_parsed": [2025, 4, 1, 6, 30, 0, 1, 91, 0]}, WHEN, {}),
        ({"published_parsed": [2025, 14, 1, 6, 30, 0]}, None, {"published_parsed": [2025, 14, 1, 6, 30, 0]}),
        ({"published": {"at": WHEN}}, None, {"published": {"at": WHEN}}),
    ],
)
def test_a_time_by_another_name_counts_if_it_can_be_read(given, time, kept):
    article = read({"text": TEXT, **given})
    assert (article.published_at, article.extra) == (time, kept)


def test_a_wordpress_date_without_a_zone_is_the_site_s_own_and_not_read():
    article = read({"title": {"rendered": "T"}, "content": {"rendered": TEXT}, "date": "2025-04-01T09:30:00"})
    assert (article.published_at, article.extra) == (None, {"date": "2025-04-01T09:30:00"})
    zoned = read({"content": {"rendered": TEXT}, "date": "2025-04-01T09:30:00+03:00"})
    assert zoned.published_at == WHEN


@pytest.mark.parametrize("link", ["/quay", "Read more", 5, ["x"], "ftp://port.example/q"])
def test_what_is_no_address_is_not_taken_for_the_url(link):
    article = read({"text": TEXT, "link": link})
    assert (article.url, article.extra) == (None, {"link": link})


def test_of_several_links_the_alternate_one_is_the_url():
    links = [{"rel": "self", "href": "https://port.example/feed"}, {"rel": "alternate", "href": URL}]
    assert read({"content": TEXT, "links": links}).url == URL


@pytest.mark.parametrize(
    ("given", "identity"),
    [
        ({"id": "a", "guid": "b"}, "a"),
        ({"id": "", "guid": "https://port.example/?p=4"}, "https://port.example/?p=4"),
        ({"guid": {"#text": "b", "@isPermaLink": "false"}}, "b"),
        ({"_id": {"$oid": "64b"}}, "64b"),
        ({"stories_id": 12}, "12"),
        ({"guid": True, "uuid": "c"}, "c"),
        ({"source": {"id": "coast"}, "url": URL}, OF_URL),
        ({"url": URL, "@id": "#article", "@type": "NewsArticle"}, OF_URL),
    ],
)
def test_the_id_is_the_first_that_names_the_article(given, identity):
    assert read({"content": TEXT, **given}).id == identity


def test_the_id_of_a_record_is_the_same_without_decoding_it():
    for document in (NEWSDATA, GNEWS, EVENT_REGISTRY, WORDPRESS, FEEDPARSER):
        assert str(given_id(document)) == read(document).id
    assert given_id({"text": TEXT, "guid": "g"}) is None


# Errors


def test_an_error_names_what_was_found_and_what_to_do():
    error = refused({"headlin": "Quay shut", "txt": TEXT, "story": {"head": "H"}})
    assert error.endswith("fields found: 'headlin', 'txt', 'story'")
    assert "DATELINE_FIELDS=text=PATH" in error


def test_an_error_is_short_however_many_and_long_the_names_are():
    error = refused({f"{i}-{'n' * 300}": 1 for i in range(500)})
    assert len(error) < 1000
    assert error.endswith(" and 488 more")


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"content": TEXT, "headline": {}}, "headline"),
        ({"content": TEXT, "headline": 5}, "headline"),
        ({"content": TEXT, "title": ["T"]}, "headline"),
        ({"content": TEXT, "url": {}}, "url"),
        ({"content": TEXT, "source": []}, "source"),
        ({"content": TEXT, "language": {}}, "language"),
        ({"content": TEXT, "text": 5}, "text"),
        ({"content": TEXT, "html": []}, "html"),
        ({"content": TEXT, "id": []}, "id"),
        ({"content": TEXT, "published_at": {}}, "published_at"),
        ({"body": {"no": "text"}}, "text"),
    ],
)
def test_the_own_names_are_as_strict_as_they_were(document, named):
    assert named in refused(document)


# The table


def test_every_field_s_own_name_comes_first_and_no_name_stands_twice():
    for field, names in NAMES.items():
        assert str(names[0]) == field
        assert len(set(map(str, names))) == len(names)

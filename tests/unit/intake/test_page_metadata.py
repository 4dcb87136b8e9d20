"""What a page says about its article: when, who, where and in which language it was published."""

import json

import pytest

from worker.intake.decode import Limits, decode
from worker.intake.webpage import read_page
from worker.records.messages import RawMessage

BODY = (
    "<p>The lock at Hornu was closed on Tuesday, after a barge had struck its lower gate and bent it.</p>"
    "<p>“We heard it in the kitchen,” said Odile Framont, who keeps the lock with her two sons.</p>"
    "<p>Eleven barges wait above the lock, four of them with grain that has to be in Antwerp on Friday.</p>"
)


def page(head="", before=""):
    return (
        f"<html><head><title>Barge strikes lock</title>{head}</head>"
        f"<body><article>{before}{BODY}</article></body></html>"
    )


def described(**said):
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle'} | said)}</script>"


def meta(name, content, attribute="name"):
    return f"<meta {attribute}='{name}' content='{content}'>"


TIME = "2024-05-07T06:30:00Z"
OTHER = "2024-05-09T09:00:00Z"


@pytest.mark.parametrize(
    ("head", "before"),
    [
        (described(datePublished=TIME, dateModified=OTHER), ""),
        (described(datePublished="", dateCreated=TIME), ""),
        (described(datePublished=TIME) + meta("article:published_time", OTHER, "property"), ""),
        (described(datePublished="soon") + meta("article:published_time", TIME, "property"), ""),
        (described(datePublished="0001-01-01T00:00:00Z") + meta("pubdate", TIME), ""),
        ("<script type='application/ld+json'>{'broken</script>" + meta("pubdate", TIME), ""),
        (
            meta("article:published_time", "", "property") + meta("article:published_time", TIME, "property"),
            "",
        ),
        (meta("og:published_time", TIME, "property"), ""),
        (meta("datePublished", TIME, "itemprop"), ""),
        (meta("PubDate", TIME), ""),
        (meta("date", TIME), ""),
        (meta("DC.date.issued", TIME), ""),
        (meta("article:modified_time", OTHER, "property") + meta("publish-date", TIME), ""),
        (meta("date", "2024-05-07 06:30:00") + meta("parsely-pub-date", TIME), ""),
        ("", f"<p><time itemprop=datePublished datetime={TIME}>yesterday</time></p>"),
        ("", f"<p><span itemprop=datePublished content={TIME}>yesterday</span></p>"),
        ("", f"<p><time pubdate datetime={TIME}>yesterday</time></p>"),
        ("", f"<p><time class=published datetime={TIME}>yesterday</time></p>"),
    ],
)
def test_the_first_time_of_publication_that_can_be_read_is_the_page_s(head, before):
    assert read_page(page(head, before)).published_at == TIME


def test_a_time_with_a_zone_comes_before_one_without():
    head = described(datePublished="2024-05-07T08:30:00") + meta("pubdate", "2024-05-07T08:30:00+02:00")
    assert read_page(page(head)).published_at == "2024-05-07T08:30:00+02:00"


def test_a_time_that_can_not_be_read_is_kept():
    assert read_page(page(meta("pubdate", "in spring"))).published_at == "in spring"


def test_a_time_within_a_sentence_is_none_of_publication():
    html = page().replace("Tuesday", f"<time datetime={OTHER}>Tuesday</time>")
    assert read_page(html).published_at is None


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ("Ada Obi", ("Ada Obi",)),
        ({"@type": "Person", "name": "Ada Obi"}, ("Ada Obi",)),
        ([{"name": "Ada Obi"}, {"name": "Bo Lindqvist"}], ("Ada Obi", "Bo Lindqvist")),
        ({"@id": "#ada"}, ("Ada Obi",)),
        ({"@type": "Organization", "name": "Canal &amp; Harbour Times"}, ("Canal & Harbour Times",)),
        ("https://a.example/ada", ()),
        (7, ()),
    ],
)
def test_authors_are_read_from_json_ld(author, authors):
    graph = [
        {"@type": "Person", "@id": "#ada", "name": "Ada Obi"},
        {"@type": "NewsArticle", "author": author},
    ]
    html = page(f"<script type='application/ld+json'>{json.dumps({'@graph': graph})}</script>")
    assert read_page(html).authors == authors


def test_section_language_address_and_publisher_are_read_from_json_ld():
    said = described(
        articleSection="Canals", inLanguage="fr-BE", publisher={"name": "Canal Times"},
        mainEntityOfPage={"@id": "https://a.example/lock"},
    )  # fmt: skip
    read = read_page(page(said))
    assert (read.section, read.language, read.url) == ("Canals", "fr-BE", "https://a.example/lock")


def test_of_several_articles_that_of_the_page_s_headline_is_meant():
    other = {"@type": "NewsArticle", "headline": "Cup won", "datePublished": OTHER}
    own = {"@type": ["Article", "Thing"], "headline": "Barge strikes lock", "datePublished": TIME}
    html = page(f"<script type='application/ld+json'>{json.dumps([other, own])}</script>")
    assert read_page(html).published_at == TIME


@pytest.mark.parametrize("language", ["French", {"name": "French"}, 7, "", "x" * 80, "fr-" + "x" * 80])
def test_what_is_no_code_of_a_language_is_none(language):
    assert read_page(page(described(inLanguage=language))).language is None


@pytest.mark.parametrize(
    "script",
    ["[" * 5000, "null", "7", '{"@graph": 7}', '{"@type": ["NewsArticle"], "author": [[]]}', "{" * 300_000],
)
def test_json_ld_of_any_kind_is_no_obstacle(script):
    assert read_page(page(f"<script type='application/ld+json'>{script}</script>")).text


def test_a_hidden_byline_is_read_though_hidden_text_is_not():
    html = page(before="<div style='display:none'><span itemprop='author'>Ada Obi</span></div>")
    assert read_page(html).authors == ("Ada Obi",)


def test_the_section_of_a_page_is_in_extra_and_its_time_in_utc():
    head = described(articleSection="Canals", datePublished="2024-05-07T08:30:00+02:00")
    message = RawMessage("raw", 0, 0, 0, None, page(head).encode(), (("content-type", b"text/html"),))
    article = decode(message, limits=Limits(), default_language="en")
    assert (article.extra, article.published_at) == ({"section": "Canals"}, TIME)

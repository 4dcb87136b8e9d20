"""Which fields of a ninjs item become the article's, and that the others are kept."""

import json

import pytest

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.records.messages import RawMessage, Reason, Rejected

ITEM = {
    "uri": "urn:example:77",
    "firstcreated": "2026-03-01T08:00:00Z",
    "versioncreated": "2026-03-01T09:30:00Z",
    "language": "en",
    "headlines": [
        {"role": "sub", "value": "Second ship refused"},
        {"role": "main", "value": "Port of Beira closed"},
    ],
    "bodies": [
        {"role": "summary", "contenttype": "text/plain", "value": "Beira's port is closed."},
        {"role": "main", "contenttype": "text/plain", "value": "The port of Beira was closed on Monday."},
    ],
    "bylines": [{"byline": "Celeste Mondlane"}],
    "infosources": [{"name": "Sofala Wire"}],
    "urgency": 3,
}


PARAGRAPH = "The dredger that keeps the channel open ran aground, and the pilots sent four ships back to sea."
CAMEL = {
    "uri": "urn:example:78",
    "language": "en",
    "headlines": [{"role": "drol:main", "value": "Dredger aground"}],
    "bodies": [{"role": "main", "contentType": "text/plain", "value": PARAGRAPH}],
}
# As Superdesk writes 1.x.
SUPERDESK = {
    "guid": "tag:desk.example:2026:41",
    "type": "text",
    "version": "2",
    "versioncreated": "2026-03-01T09:30:00+0000",
    "firstcreated": "2026-03-01T08:00:00+0000",
    "headline": "Dredger aground",
    "slugline": "DREDGER",
    "source": "Sofala Wire",
    "body_html": f"<p>{PARAGRAPH}</p>",
    "description_text": "A dredger ran aground.",
    "pubstatus": "usable",
    "evolvedfrom": "tag:desk.example:2026:40",
    "associations": {
        "featured": {"guid": "tag:desk.example:2026:39", "type": "picture", "body_text": "A ship"}
    },
    "extra": {"desk": "coast"},
}


def read(item, content_type=b"application/vnd.iptc.newsinjson"):
    headers = (("content-type", content_type),)
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, None, json.dumps(item).encode(), headers)
    return decode(message, limits=Limits(), default_language="en")


def test_the_main_headline_and_body_are_the_articles():
    article = read(ITEM)
    assert (article.id, article.headline, article.text, article.authors, article.source) == (
        "urn:example:77",
        "Port of Beira closed",
        "The port of Beira was closed on Monday.",
        ("Celeste Mondlane",),
        "Sofala Wire",
    )


def test_other_headlines_bodies_and_times_are_kept():
    article = read(ITEM)
    assert article.published_at == "2026-03-01T08:00:00Z"
    assert article.extra == {
        "headlines": [{"role": "sub", "value": "Second ship refused"}],
        "bodies": [{"role": "summary", "contenttype": "text/plain", "value": "Beira's port is closed."}],
        "versioncreated": "2026-03-01T09:30:00Z",
        "infosources": [{"name": "Sofala Wire"}],
        "urgency": 3,
    }


def test_the_times_of_2_x_count_in_their_own_order_also_where_no_array_is_left():
    times = {"contentcreated": "2026-03-01", "versioncreated": "2026-03-02"}
    item = {"uri": "u", "headlines": [{"value": "H"}], "text": "Words.", **times}
    assert read(item).published_at == "2026-03-01T00:00:00Z"


def test_an_item_s_title_is_its_headline_where_it_has_no_other():
    assert read({"uri": "u", "title": "T", "bodies": [{"value": "Words."}]}).headline == "T"
    assert read(ITEM | {"title": "T"}).extra["title"] == "T"


def test_an_unreadable_time_is_kept():
    article = read(ITEM | {"firstcreated": "last spring"})
    assert article.published_at is None
    assert article.extra["published_at"] == "last spring"


@pytest.mark.parametrize("content_type", [b"application/vnd.iptc.newsinjson", b"application/json", b""])
def test_an_item_is_told_by_its_fields_whatever_its_content_type(content_type):
    for item, headline in (
        (ITEM, "Port of Beira closed"),
        (CAMEL, "Dredger aground"),
        (SUPERDESK, "Dredger aground"),
    ):
        article = read(item, content_type)
        assert (article.id, article.headline) == (item.get("uri") or item["guid"], headline)


@pytest.mark.parametrize(
    "mark",
    [
        {"standard": {"name": "ninjs", "version": "1.6"}},
        {"$standard": {"schema": "https://www.iptc.org/std/ninjs/ninjs-schema_1.4.json"}},
        {"uri": "u", "bodies": []},
        {"uri": "u", "pubstatus": "usable"},
        {"uri": "u", "versionCreated": "2026-03-01T09:30:00Z"},
        {"guid": "g", "representationtype": "complete"},
    ],
)
def test_any_mark_of_ninjs_is_enough(mark):
    assert read({"body_text": PARAGRAPH, **mark}).text == PARAGRAPH


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "a", "uri": "u", "text": PARAGRAPH, "versioncreated": "2026-03-01T09:30:00Z"},
        {"id": "a", "guid": "g", "body": PARAGRAPH, "pubstatus": "usable"},
        {"id": "a", "text": PARAGRAPH, "body_html": "<p>Other words.</p>"},
    ],
)
def test_a_raw_article_with_a_field_of_ninjs_stays_one(fields):
    assert read(fields, b"application/json").id == "a"


def test_superdesk_s_item_is_read_and_what_it_adds_is_kept():
    article = read(SUPERDESK)
    assert (article.text, article.source, article.published_at) == (
        PARAGRAPH,
        "Sofala Wire",
        "2026-03-01T08:00:00Z",
    )
    kept = ("type", "version", "versioncreated", "slugline", "description_text", "pubstatus", "evolvedfrom")
    assert article.extra == {name: SUPERDESK[name] for name in (*kept, "associations")} | {"desk": "coast"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"body_text": "Text.", "body_html": f"<p>{PARAGRAPH}</p>"}, "Text."),
        ({"body_text": "  ", "body_html": f"<p>{PARAGRAPH}</p>"}, PARAGRAPH),
        ({"body_xhtml": f"<div><p>{PARAGRAPH}</p></div>"}, PARAGRAPH),
        ({"body_text_short": "Short.", "body_text": "Text."}, "Text."),
        ({"body_html_main": f"<p>{PARAGRAPH}</p>", "body_text_caption": "A ship."}, PARAGRAPH),
        ({"body_markdown": "*Text.*"}, "*Text.*"),
        ({"description_text": "A dredger ran aground."}, "A dredger ran aground."),
        ({"description_html": f"<p>{PARAGRAPH}</p>"}, PARAGRAPH),
        ({"descriptions": [{"role": "caption", "value": "A ship."}], "bodies": []}, "A ship."),
        ({"description_text": "A dredger.", "body_text": "Text."}, "Text."),
    ],
)
def test_the_text_of_an_item_without_bodies_is_found(fields, text):
    assert read({"uri": "u", "versioncreated": "2026-03-01T09:30:00Z", **fields}).text == text


def body(value, content_type=None, role=None):
    return {"role": role, "contentType": content_type, "value": value}


HTML = f"<section><p>{PARAGRAPH}</p></section>"


@pytest.mark.parametrize(
    ("bodies", "text"),
    [
        ([body(HTML, "text/html; charset=utf-8")], PARAGRAPH),
        ([body(HTML, "application/xhtml+xml")], PARAGRAPH),
        ([body(HTML, "TEXT/HTML")], PARAGRAPH),
        ([body(HTML, None, "html")], PARAGRAPH),
        ([body(HTML)], PARAGRAPH),
        ([body("<3 is no tag", None)], "<3 is no tag"),
        ([body("<b>kept</b>", "text/plain")], "kept"),
        ([body("Words.", "text/markdown")], "Words."),
        ([body("JVBERi0=", "application/pdf", "main"), body("Words.", "text/plain", "text")], "Words."),
        ([body("<x>No.</x>", "application/xml"), body("Words.")], "Words."),
        ([body("<?xml version='1.0'?><x>No.</x>"), body("Words.")], "Words."),
        ([body("Sum.", "text/plain", "summary"), body(HTML, "text/html", "html")], PARAGRAPH),
        ([body("Sum.", None, "brol:caption"), body("Words.", None, "http://cv.example/main")], "Words."),
        ([body("Sum.", "text/plain", "summary")], "Sum."),
        ([body("Words."), body("Main.", None, "main"), body("Article.", None, "article")], "Main."),
        ([body(""), body("Words.")], "Words."),
    ],
)  # fmt: skip
def test_of_several_bodies_the_article_s_that_can_be_read_counts(bodies, text):
    article = read({"uri": "u", "bodies": bodies})
    assert article.text == text
    others = [{k: v for k, v in one.items() if v is not None} for one in bodies]
    assert len(article.extra.get("bodies", [])) == len(others) - 1


NITF = (
    "<?xml version='1.0'?><nitf><head><docdata><doc-id id-string='x-1'/><date.issue norm='20260228T080000Z'/>"
    "</docdata></head><body><body.head><hedline><hl1>In the NITF</hl1></hedline><byline>By Ana Sitoe</byline>"
    f"</body.head><body.content><p>{PARAGRAPH}</p><p>The tide comes at six.</p></body.content></body></nitf>"
)


@pytest.mark.parametrize(
    "content_type", ["text/vnd.IPTC.NITF", "application/nitf+xml", "text/xml", "application/xml", None]
)
def test_a_body_in_nitf_is_read_by_its_structure(content_type):
    article = read({"uri": "u", "bodies": [body(NITF, content_type)]})
    assert article.text == f"{PARAGRAPH}\nThe tide comes at six."
    assert (article.id, article.headline, article.authors) == ("u", "In the NITF", ("Ana Sitoe",))
    assert article.published_at == "2026-02-28T08:00:00Z"


def test_what_the_item_says_itself_goes_before_what_its_nitf_says():
    fields = {"bodies": [body(NITF, "text/vnd.iptc.nitf")], "by": "Desk", "versionCreated": "2026-03-01"}
    article = read(CAMEL | fields)
    assert (article.id, article.headline, article.authors) == (CAMEL["uri"], "Dredger aground", ("Desk",))
    assert article.published_at == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize("bodies", [[body(NITF), body("Words.")], [body("Words."), body(NITF)]])
def test_a_body_as_text_goes_before_one_in_nitf(bodies):
    assert read({"uri": "u", "bodies": bodies}).text == "Words."


def test_a_body_of_1_x_may_be_nitf():
    assert read({"uri": "u", "body_nitf": NITF}).text.startswith(PARAGRAPH)


@pytest.mark.parametrize(
    "nitf", ["<nitf><body>", "<nitf/>", "<!DOCTYPE nitf [<!ENTITY a 'a'>]><nitf>&a;</nitf>"]
)
def test_where_nitf_is_broken_another_body_is_read_or_the_error_says_why(nitf):
    assert (
        read({"uri": "u", "bodies": [body(nitf, "text/vnd.iptc.nitf", "main"), body("Words.")]}).text
        == "Words."
    )
    refused = read({"uri": "u", "bodies": [body(nitf, "text/vnd.iptc.nitf")]})
    assert isinstance(refused, Rejected)


def test_where_no_body_can_be_read_the_error_names_their_types():
    refused = read({"uri": "u", "bodies": [body("JVBERi0=", "application/pdf"), body("R0lG", "image/gif")]})
    assert (refused.reason, "application/pdf, image/gif" in refused.error) == (Reason.INVALID, True)


@pytest.mark.parametrize(
    ("fields", "published_at"),
    [
        ({"versionCreated": "2026-03-02", "firstCreated": "2026-03-01T08:00:00Z"}, "2026-03-01T08:00:00Z"),
        ({"versionCreated": "2026-03-01T09:30:00Z", "contentCreated": "1961-05-01"}, "2026-03-01T09:30:00Z"),
        ({"contentCreated": "1961-05-01T08:00:00+01:00"}, "1961-05-01T07:00:00Z"),
        ({"versioncreated": "2026-03-02", "contentcreated": "2026-03-01T07:00:00Z"}, "2026-03-01T07:00:00Z"),
        ({"published_at": "2026-03-01T08:00:00Z"}, "2026-03-01T08:00:00Z"),
        ({}, None),
    ],
)  # fmt: skip
def test_the_time_is_that_of_the_first_version_else_of_this_one(fields, published_at):
    assert read(CAMEL | fields).published_at == published_at


PEOPLE = {"people": [{"name": "B. Obi", "rel": "about"}, {"name": "A. Obi", "rel": "isrol:author"}]}


@pytest.mark.parametrize(
    ("fields", "authors", "kept"),
    [
        ({"by": "Celeste Mondlane, Beira"}, ("Celeste Mondlane, Beira",), {}),
        ({"byline": "Celeste Mondlane", "by": "Staff"}, ("Celeste Mondlane",), {"by": "Staff"}),
        ({"byline": " ", "by": "Staff"}, ("Staff",), {"byline": " "}),
        ({"bylines": [{"by": "A. Obi", "title": "Editor"}]}, ("A. Obi",), {"bylines": [{"title": "Editor"}]}),
        ({"bylines": [{"name": "A. Obi"}, {"byline": "B. Obi"}]}, ("A. Obi", "B. Obi"), {}),
        ({"authors": [{"name": "A. Obi", "role": "writer"}]}, ("A. Obi",), {"authors": [{"role": "writer"}]}),
        ({"authors": ["A. Obi", " ", "B. Obi"]}, ("A. Obi", "B. Obi"), {}),
        ({"by": "Staff", "authors": [{"name": "A. Obi"}]}, ("Staff",), {"authors": [{"name": "A. Obi"}]}),
        (PEOPLE, ("A. Obi",), PEOPLE),
        ({"person": PEOPLE["people"]}, ("A. Obi",), {"person": PEOPLE["people"]}),
    ],
)  # fmt: skip
def test_authors_are_the_first_that_are_named(fields, authors, kept):
    article = read(CAMEL | fields)
    assert (article.authors, article.extra) == (authors, kept)


HUB = {"role": "distributor", "name": "Hub"}


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"infoSources": [{"name": "Wire"}]}, "Wire"),
        ({"infoSources": [HUB, {"role": "isrol:originator", "name": "Wire"}]}, "Wire"),
        ({"infoSources": [HUB, {"role": "enhancer", "name": "Lab"}]}, "Hub"),
        ({"infosource": [{"name": "Wire", "rel": "provider"}]}, "Wire"),
        ({"source": "Desk", "infoSources": [{"name": "Wire"}]}, "Desk"),
        ({"infoSources": [{"uri": "https://wire.example"}]}, None),
    ],
)  # fmt: skip
def test_the_source_is_who_the_news_comes_from(fields, source):
    assert read(CAMEL | fields).source == source


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"bodies": "Words."}, "bodies takes an array of objects, got a string"),
        ({"bodies": [{"value": ["Words."]}]}, "bodies takes text, HTML or NITF, got an array"),
        ({"infoSources": [1]}, "infoSources takes an array of objects, got an array"),
        ({"uri": 7}, "uri takes a string, got a number"),
        ({"language": {}}, "language takes a string, got an object"),
        ({"pubStatus": 1}, "pubStatus takes usable, withheld, canceled, got a number"),
    ],
)
def test_a_field_of_the_wrong_type_is_named_as_the_item_writes_it(fields, error):
    assert read(CAMEL | fields).error == error


def test_fields_under_names_that_mean_something_else_are_kept():
    article = read(
        CAMEL | {"id": 5, "headline": "Another", "published_at": "x", "versionCreated": "2026-03-01"}
    )
    assert article.id == CAMEL["uri"]
    assert article.extra == {"id": 5, "headline": "Another", "published_at": "x"}

"""Articles whose fields stand where DATELINE_FIELDS says."""

import json

import pytest

from tests.unit.intake.feed_samples import FRAGMENT, MORE, TEXT, URL, WHEN
from worker.enrichment_config import EnrichmentConfig
from worker.field_paths import FieldPath, read_field_paths
from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.records.messages import RawMessage, Reason, Rejected
from worker.settings import Settings, SettingsError


def placed(document, paths):
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, None, json.dumps(document).encode(), ())
    return decode(message, limits=Limits(), default_language="en", field_paths=read_field_paths(paths))


STORY = {
    "story": {"head": "Quay shut", "body": [{"value": TEXT}, {"value": MORE}], "web.url": URL},
    "guid": "g-1",
}


def test_paths_lead_to_what_the_table_does_not_know():
    article = placed(STORY, r"headline=story.head,text=story.body.0.value,url=story.web\.url")
    assert (article.headline, article.text, article.url, article.id) == ("Quay shut", TEXT, URL, "g-1")
    assert article.extra == {"story": {"body": [{"value": MORE}]}}


@pytest.mark.parametrize(
    ("document", "paths", "field", "value"),
    [
        ({"text": TEXT, "headline": "A", "h": "B"}, "headline=h", "headline", "B"),
        ({"text": TEXT, "headline": "A", "h": ""}, "headline=h", "headline", "A"),
        ({"text": TEXT, "headline": "A"}, "headline=h.x.0", "headline", "A"),
        ({"text": TEXT, "x": "<p>" + MORE + "</p>"}, "html=x", "text", MORE),
        ({"content": TEXT, "x": MORE}, "text=x", "text", MORE),
        ({"content": TEXT, "by": "Zawadi Mwangi and Tom Hale"}, "authors=by", "authors", ("Zawadi Mwangi",
         "Tom Hale")),
        ({"content": TEXT, "who": [{"name": "Tom Hale"}]}, "authors=who", "authors", ("Tom Hale",)),
        ({"content": TEXT, "pub": {"name": "Coast Wire"}}, "source=pub", "source", "Coast Wire"),
        ({"content": TEXT, "k": 40}, "id=k", "id", "40"),
        ({"content": TEXT, "l": "English"}, "language=l", "language", "en"),
        ({"content": TEXT, "t": WHEN, "pubDate": "2020-01-01"}, "published_at=t", "published_at", WHEN),
        ({"content": TEXT, "t": "soon", "pubDate": WHEN}, "published_at=t", "published_at", WHEN),
        ({"a": [TEXT, MORE]}, "text=a.1,headline=a.0", "headline", TEXT),
        ({"a": [TEXT, MORE]}, "text=a.1,headline=a.0", "text", MORE),
        ({"uri": "n", "bodies": [{"value": TEXT}], "desk": {"by": "Coast Wire"}}, "source=desk.by",
         "source", "Coast Wire"),
        ({"uri": "n", "bodies": [{"value": FRAGMENT, "contenttype": "text/html"}], "t": MORE}, "text=t",
         "text", MORE),
    ],
)  # fmt: skip
def test_a_path_that_leads_to_something_wins(document, paths, field, value):
    assert getattr(placed(document, paths), field) == value


def test_what_a_path_displaces_is_kept():
    document = {"text": TEXT, "headline": "A", "title": "B", "h": {"t": "C"}, "x": MORE}
    assert placed(document, "headline=h.t,text=x").extra == {"text": TEXT, "headline": "A", "title": "B"}


def test_a_path_to_the_wrong_type_is_refused_by_the_field_s_name():
    rejected = placed(STORY, "headline=story,text=guid")
    assert isinstance(rejected, Rejected)
    assert rejected.reason is Reason.INVALID
    assert "headline takes a string" in rejected.error


def test_paths_and_the_id_of_what_was_read_before():
    document = {"text": TEXT, "guid": "g", "p": "Coast Wire"}
    assert placed(document, "source=p").id == placed(document, "").id


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", ()),
        (" ", ()),
        ("text=a", (("text", ("a",)),)),
        (" id = a.b , text=c.0 ", (("id", ("a", "b")), ("text", ("c", "0")))),
        (r"text=a\.b.c\,d.e\\f", (("text", ("a.b", "c,d", "e\\f")),)),
        ("text=a=b", (("text", ("a=b",)),)),
    ],
)
def test_paths_are_read(text, paths):
    assert read_field_paths(text) == tuple(FieldPath(*path) for path in paths)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("story.head", "is not FIELD=PATH"),
        ("text=a,", "'' is not FIELD=PATH"),
        ("body=a", "'body' is no field of an article; these are id, url, headline, text"),
        ("text=", "the path of text, '', has an empty name"),
        ("text=a..b", "the path of text, 'a..b', has an empty name"),
        ("text=a.", "has an empty name"),
        ("text=a,text=b", "text is given twice"),
        (r"text=a\b", "stands before none of"),
        ("text=" + ".".join("a" * 21), "has 21 names, the limit is 20"),
    ],
)
def test_paths_that_cannot_be_used_are_told_at_start_by_the_variable_s_name(text, why):
    with pytest.raises(SettingsError) as error:
        Settings.from_env({"DATELINE_FIELDS": text})
    assert str(error.value).startswith("DATELINE_FIELDS got ")
    assert why in str(error.value)


def test_paths_go_to_the_processes_as_plain_values():
    config = EnrichmentConfig.from_settings(Settings.from_env({"DATELINE_FIELDS": "text=a.b"}))
    assert config.field_paths == (FieldPath("text", ("a", "b")),)

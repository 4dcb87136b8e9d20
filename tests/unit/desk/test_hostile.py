"""Whatever stands in a record is text on the page: it makes no element, attribute or link of its own."""

import asyncio
import json
import re
from typing import Any

import pytest
from aiohttp import ClientResponse

from tests.unit.desk.desks import (
    FakeSource,
    Page,
    client_of,
    enriched,
    entity,
    letter,
    lineage,
    listed_story,
    look,
    placed,
    span,
    story,
    told,
)
from tests.unit.desk.rule_desks import FakeChanges, alert, plan_of
from worker.desk.alert_record import PlacedAlert
from worker.desk.alerting.feed import AlertFeed
from worker.desk.live import Live
from worker.desk.pages import safe_link
from worker.desk.ring import PlacedArticle
from worker.desk.source import PageFields

BREAKOUTS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "</div></article></main><h1>owned</h1>",
    "</textarea></title></style><b>",
    "--><script>alert(1)</script><!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    "{{ 'a' * 9 }}{% raw %}{{ state.__class__ }}",
    "${alert(1)} `${1}` <%= 1 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<template><slot name=x>",
    "\u2028\u2029<script>\u202ealert(1)",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "+ADw-script+AD4-",
    "＜script＞",
    "a\r\nSet-Cookie: x=1\r\n\r\n<script>",
    "\ud7ff\ue000\U0010ffff<b>",
]
LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example/",
    "/operation",
    "http:",
    "http://",
    "https:///x",
    "file:///etc/passwd",
    "ftp://a.example/",
    "http://[",
    "http://a.example/\u202egpj.exe",
    "about:blank",
    "blob:http://a/1",
]


def hostile_article(payload: str) -> PlacedArticle:
    """An article with the payload in every field that takes text."""
    text = f"{payload} said {payload} and {payload}."
    mention = span(text, payload)
    speaker = {**mention, "entity": payload, "name": payload, "of": payload}
    fields = enriched(
        id=payload,
        url=payload,
        headline=payload,
        text=text,
        source=payload,
        language=payload,
        published_at=payload,
        authors=[payload],
        extra={payload: payload},
        entities=[
            {
                **entity(text, payload, "PERSON", id_=payload),
                "romanized": payload,
                "links": {payload: payload},
            },
            {**entity(text, payload, "DATE", id_=None)},
        ],
        quotes=[
            {
                **mention,
                "kind": "direct",
                "cue": mention,
                "speaker": speaker,
                "report": mention,
                "confidence": 0.5,
            }
        ],
        topics=[{"code": "medtop:04000000", "name": payload, "confidence": 0.4, "broader": [payload]}],
        pipeline={"name": payload, "version": payload},
    )
    return PlacedArticle(0, 0, 1_768_298_700_000, json.dumps(fields).encode(), payload)


def hostile_variants(payload: str) -> list[dict[str, Any]]:
    """Variants with the payload in every text, and with spans and places that are none."""
    (first, other) = lineage(
        payload, payload, id=payload, record_source=payload, speaker=payload, seen_at=payload
    )["variants"]
    nowhere = {"kind": payload, "was": payload, "now": payload}
    spans = [
        {**nowhere, "start": 0, "end": 1, "of_start": 0, "of_end": 1},
        {**nowhere, "start": -3, "end": 1, "of_start": 9, "of_end": 2},
    ]
    return [
        first,
        {**other, "wording": payload, "edits": spans},
        {**other, "of": 7},
        {**other, "of": -1, "edits": []},
    ]


def hostile_source(payload: str) -> FakeSource:
    source = FakeSource()
    names = {"id": payload, "name": payload, "articles": 2}
    source.listed = [
        listed_story(
            id=payload,
            status=payload,
            language=payload,
            headline=payload,
            first=payload,
            last_seen_at=payload,
        )
    ]
    times = {"at": payload, "time": payload}
    source.told_story = {
        "story": story(
            id=payload,
            status=payload,
            language=payload,
            headline=payload,
            people=[names],
            places=[names],
            quotes=[{"text": payload, "speaker": payload, "speaker_id": payload, "article": payload}],
            quote_lineage=[
                lineage(payload, payload, id=payload, record_source=payload, speaker=payload, seen_at=payload)
                | {"variants": hostile_variants(payload)}
            ],
            first_seen_at=payload,
            last_seen_at=payload,
        ),
        "timeline": [
            told(payload, payload, payload, **times, dated_by=payload, record_source=payload, new=payload),
            told("copy", "reprint", payload, **times),
        ],
    }
    source.kept_letters = [letter(time=payload, reason=payload, error=payload, origin=payload)]
    source.rows = [(payload, payload)]
    source.bytes = [payload]
    source.look = look(
        time=payload,
        brokers=payload,
        group=payload,
        state=payload,
        workers=[
            {
                "host": payload,
                "process": payload,
                "client_id": payload,
                "address": payload,
                "version": payload,
                "pipeline": payload,
                "partitions": {payload: [0]},
            }
        ],
        troubles=[{"kind": payload, "text": payload}],
        dead_letters={"since": payload, "total": 1, "whole": False, "reasons": {payload: 1}},
    )
    source.look["stages"][0].update(stage=payload, topic=payload)
    source.kept_rules = {"r": hostile_rule(payload)}
    source.told_alerts = {(0, 7): hostile_alert(payload, 7), (0, 8): hostile_alert(payload, 8, is_story=True)}
    source.error = {"at": 0, "first": 1, "line": None, "hex": 0, "char": 0}
    source.plan = plan_of(
        1,
        summary=payload,
        lines=[payload],
        letters=[dict.fromkeys(("place", "time", "reason", "error", "to"), payload) | {"bytes": 1}],
    )
    return source


def hostile_rule(payload: str) -> PageFields:
    """A rule with the payload in every field, and an error of its latest record too."""
    stored = {"id": payload, "name": payload, "owner": payload, "expires_at": payload}
    texts = ("when", "version", "last_hit", "error", "cooldown", "changed_by", "changed_at")
    plain = {"id": "r", "hits": 1, "expired": False, "paused": False, "rule": stored}
    plain["at_limits"] = [dict.fromkeys(("said", "article", "at"), payload)]
    return dict.fromkeys(texts, payload) | plain


def hostile_alert(payload: str, offset: int, *, is_story: bool = False) -> PlacedAlert:
    """An alert with the payload in every field, about the hostile article or a story."""
    text = f"{payload} said {payload} and {payload}."
    spans = [
        {"field": "text", **span(text, payload)},
        {"field": "headline", "start": 0, "end": len(payload), "text": payload},
        {"field": "text", "start": 900, "end": 901, "text": payload},
    ]
    names = dict.fromkeys(("id", "headline", "source", "language", "url", "published_at"), payload)
    story = {"id": payload, "version": 1, "headline": payload, "articles": 2, "sources": 2, "reprints": 0}
    fields = alert(
        id=f"{offset}{payload}",
        rule=dict.fromkeys(("id", "version", "name", "owner"), payload),
        article=names,
        why=[{"condition": payload, "found": payload, "spans": spans}],
        at=payload,
        entities=[payload],
    )
    value = json.dumps(fields | ({"story": story} if is_story else {})).encode()
    return PlacedAlert(0, offset, 0, value)


def shape(html: str) -> list[tuple[str, list[str]]]:
    """The elements of a page with the names of their attributes."""
    return [(tag, sorted(attributes)) for tag, attributes in Page(html).elements]


async def pages_with(payload: str) -> dict[str, str]:
    live = Live()
    live.take_story("5f0c", payload, 2, None)
    live.take_assignment(payload, "5f0c")
    live.take_article(hostile_article(payload))
    live.set_reads(False, payload)
    source = hostile_source(payload)
    feed, changes = AlertFeed(live), FakeChanges(source)
    for each in source.told_alerts.values():
        feed.take(each)
    async with client_of(live, source, alerts=feed, changes=changes) as client:
        found = {}
        for path in (
            "/",
            "/articles/0/0",
            "/stories",
            "/stories/x",
            "/dead-letters",
            "/dead-letters/0/0",
            "/operation",
            "/alerts",
            "/alerts/0/7",
            "/alerts/0/8",
            "/rules",
            "/rules/r",
            "/rules/r?wrote=x",
            "/dead-letters/redrive?at=2/7",
        ):
            answer = await client.get(path)
            assert answer.status == 200, (path, await answer.text())
            found[path] = await answer.text()
        for name, path in ASKED:
            found[f"{path}?{name}"] = await (await client.get(path, params={name: payload})).text()
        token = re.search(r'name="form-token" value="(\w+)"', found["/rules/r"])[1]
        form = dict.fromkeys(
            ("id", "name", "owner", "cooldown", "expires_at", "seen", "paused", "is"), payload
        )
        # Quoted, so that each is a query; as it is it may be an error, or none.
        query = '"' + payload.replace("\\", "\\\\").replace('"', '\\"') + ' x" OR speaker:x'
        for path in ("/try-rule", "/rules"):
            fields = {**form, "id": f"!{payload}", "when": query, "form-token": token}
            found[f"POST {path}"] = await (await client.post(path, data=fields)).text()
        there = {
            **form,
            "id": "r",
            "seen": f"!{payload}",
            "name": payload,
            "when": query,
            "form-token": token,
            "cooldown": "",
            "expires_at": "",
        }
        found["POST /rules conflict"] = await (await client.post("/rules", data=there)).text()
        await client.post(
            "/dead-letters/redrive", data={"reason": payload, "until": "9", "form-token": token}
        )
        found["/dead-letters/redrive/latest"] = await (
            await client.get("/dead-letters/redrive/latest")
        ).text()
        async with client.get("/alerts/stream?after=" + feed.last_event_id()) as stream:
            feed.take(hostile_alert(payload, 9))
            found["row"] = await row_told(stream)
    return found


ASKED = (
    ("q", "/"),
    ("reason", "/dead-letters"),
    ("by", "/stories"),
    ("rule", "/alerts"),
    ("match", "/rules"),
    ("deleted", "/rules"),
    ("when", "/new-rule"),
    ("over", "/rules/r"),
    ("wrote", "/rules/r"),
    ("reason", "/dead-letters/redrive"),
    ("at", "/dead-letters/redrive"),
)


async def row_told(stream: ClientResponse) -> str:
    """The row of the first alert that a stream tells of."""
    async with asyncio.timeout(5):
        while True:
            block = (await stream.content.readuntil(b"\n\n")).decode()
            if "event: alert\n" in block:
                (data,) = [line for line in block.split("\n") if line.startswith("data: ")]
                return json.loads(data.removeprefix("data: "))["html"]


_PLAIN: dict[str, list[tuple[str, list[str]]]] = {}


@pytest.mark.parametrize("payload", BREAKOUTS)
async def test_no_text_makes_an_element_or_an_attribute(payload):
    if not _PLAIN:
        _PLAIN.update({path: shape(html) for path, html in (await pages_with("plain")).items()})
    for path, html in (await pages_with(payload)).items():
        if path != "/?q":  # whether a query is one depends on its text
            assert shape(html) == _PLAIN[path], path
        found = Page(html)
        assert not {tag for tag, _ in found.elements} & {"img", "iframe", "base", "b", "style"}
        for tag, attributes in found.elements:
            assert not [
                name for name in attributes if name.startswith("on") or name in ("style", "autofocus")
            ], tag
        scripts = {script["src"].split("?")[0] for script in found.all("script")}
        assert scripts <= {"/static/desk.js", "/static/changes.js"}
        for link in found.links():
            assert link.startswith(("/", "#"))
            assert not link.startswith("//")
        assert "aaaaaaaaa" not in html  # no template was run


@pytest.mark.parametrize("payload", BREAKOUTS)
async def test_the_text_of_an_article_stays_what_it_is(payload):
    found = Page((await pages_with(payload))["/articles/0/0"])
    from worker.desk.marking import shown_text

    assert found.text["text"] == shown_text(f"{payload} said {payload} and {payload}.")


@pytest.mark.parametrize("payload", BREAKOUTS)
async def test_events_carry_it_as_json_in_one_line(payload):
    live = Live()
    with live.viewer(None) as viewer:
        await viewer.take(seconds=0)
        live.take_article(hostile_article(payload))
        event = await viewer.take(seconds=0)
    lines = event.split(b"\n")
    assert [line.split(b":")[0] for line in lines] == [b"id", b"event", b"data", b"", b""]
    article = json.loads(lines[2].removeprefix(b"data: "))
    assert article["headline"] == payload
    assert article["place"] == "0/0"


@pytest.mark.parametrize("url", LINKS)
async def test_only_web_addresses_become_links(url):
    live = Live()
    live.take_article(placed(0, url=url))
    async with client_of(live, FakeSource()) as client:
        found = Page(await (await client.get("/articles/0/0")).text())
    assert safe_link(url) is None
    for link in found.links():
        assert link.startswith(("/", "#"))
        assert link in ("/", "/stories", "/dead-letters", "/operation") or link != url


@pytest.mark.parametrize(
    "url", ["https://a.example/x?y=1&z=2#f", "http://a.example", "https://a.example/“é”"]
)
def test_web_addresses_do(url):
    assert safe_link(url) == url


async def test_raw_json_is_no_page():
    live = Live()
    live.take_article(hostile_article("<script>alert(1)</script>"))
    async with client_of(live, FakeSource()) as client:
        answer = await client.get("/articles/0/0.json")
    assert answer.content_type == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_script_makes_no_html_of_text_and_runs_none():
    from worker.desk.pages import Pages

    files = Pages().files
    script = files["desk.js"].decode() + files["changes.js"].decode()
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "http:",
        "https:",
    ):
        assert word not in script.replace("http://www.w3.org/2000/svg", "")


def test_no_template_leaves_anything_unescaped():
    from pathlib import Path

    import worker.desk

    for path in (Path(worker.desk.__file__).parent / "templates").glob("*.html"):
        template = path.read_text(encoding="utf-8")
        for word in ("|safe", "| safe", "autoescape", "Markup"):
            assert word not in template, path.name

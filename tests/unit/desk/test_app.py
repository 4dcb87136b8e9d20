"""Every page in every state, as a client gets it."""

import asyncio
import json

import pytest

from tests.unit.desk.desks import (
    Page,
    client_of,
    letter,
    lineage,
    listed_story,
    look,
    placed,
    story,
    told,
)
from worker.desk.app import ANSWER_HEADERS
from worker.desk.lineage import quote_pieces
from worker.desk.live import MOST_VIEWERS, Live
from worker.desk.source import SourceError

PAGES = [
    "/",
    "/articles/0/0",
    "/stories",
    "/stories/5f0c",
    "/dead-letters",
    "/dead-letters/2/7",
    "/operation",
    "/alerts",
    "/rules",
    "/rules/quays",
    "/dead-letters/redrive?at=2/7",
    "/dead-letters/redrive?reason=invalid",
]
OWN = ["/new-rule"]


@pytest.fixture
async def client(live, source):
    async with client_of(live, source) as client:
        yield client


async def page(client, path, status=200):
    answer = await client.get(path)
    assert answer.status == status, await answer.text()
    return Page(await answer.text())


@pytest.mark.parametrize(
    "path", [*PAGES, "/articles/0/0.json", "/none", "/static/desk.js", "/articles/9/9", "/stream?q=("]
)
async def test_every_answer_has_the_headers_that_keep_it_in(client, path):
    answer = await client.get(path)
    assert {name: answer.headers[name] for name in ANSWER_HEADERS} == ANSWER_HEADERS
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", [*PAGES, *OWN, "/none"])
async def test_no_page_has_inline_script_or_style_or_asks_another_host(client, path):
    found = Page(await (await client.get(path)).text())
    scripts = [script["src"].split("?")[0] for script in found.all("script")]
    own = ["/static/changes.js"] if path in ("/alerts", "/rules/quays", "/new-rule") else []
    assert scripts == ["/static/desk.js", *own]
    assert not found.all("style")
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert tag not in ("iframe", "object", "embed", "base")
        for name in ("src", "action") + (("href",) if tag == "link" else ()):
            assert (attributes.get(name) or "/").startswith("/")


@pytest.mark.parametrize("path", [*PAGES, *OWN])
async def test_every_page_has_one_heading_a_title_labels_and_a_way_past_the_top(client, path):
    found = await page(client, path)
    assert len(found.all("h1")) == 1
    assert found.all("html") == [{"lang": "en"}]
    assert found.links()[0] == "#main"
    labelled = {label["for"] for label in found.all("label")}
    fields = (*found.all("input"), *found.all("select"), *found.all("textarea"))
    assert {each["id"] for each in fields if each.get("type") != "hidden"} == labelled
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(table.get("scope") for table in found.all("th"))


async def test_live_lists_articles_newest_first_with_what_they_are(client, live):
    live.take_article(placed(1, id="b", headline="Second", source=None))
    live.take_story("5f0c", "Quay", 2, None)
    live.take_assignment("quay-1", "5f0c")
    found = await page(client, "/")
    assert [link for link in found.links() if link.startswith("/articles/")] == [
        "/articles/0/1",
        "/articles/0/0",
    ]
    for shown in ("Harbour Post", "shipping", "2 quotes", "Story of 2 articles"):
        assert shown in found.whole
    assert "/stories/5f0c" in found.links()


async def test_an_empty_desk_says_that_it_waits(source):
    async with client_of(Live(), source) as client:
        found = await page(client, "/")
        assert "No articles yet." in found.text["empty"]
        assert "reads what there is" in found.text["state-text"]


async def test_a_filter_shows_what_it_wants_alone(client, live):
    live.take_article(placed(1, id="b", text="Nothing of note."))
    found = await page(client, "/?q=speaker:%22Ada+Obi%22")
    assert [link for link in found.links() if link.startswith("/articles/")] == ["/articles/0/0"]
    assert "None of the last 2 articles matches." in (await page(client, "/?q=zebra")).text["empty"]


async def test_a_topic_on_live_leads_to_the_articles_that_have_it(client, live):
    live.take_article(placed(1, id="b", topics=[]))
    (first, _) = [link for link in (await page(client, "/")).links() if "topic" in link]
    found = await page(client, first)
    assert [link for link in found.links() if link.startswith("/articles/")] == ["/articles/0/0"]


@pytest.mark.parametrize(
    ("query", "marked", "says"),
    [
        ("harbour AND (quay", "␣", "ends where"),
        ("sorce:x", "sorce", "no field is called"),
        ('a <b>" c', '" c', "never closed"),
        ("quay*", "*", "no wildcards"),
        ("topic:nothing ferry", "topic:nothing", "topic"),
        ("a " * 299 + "a", "a " * 60 + "…", "200 conditions"),
        ("quay NOT sources>=3 ferry", "sources>=3", "a filter asks of articles"),
    ],
)
async def test_an_error_in_a_filter_is_shown_at_its_place(client, query, marked, says):
    answer = await client.get("/", params={"q": query})
    html = await answer.text()
    found = Page(html)
    assert says in found.text["q-problem"]
    from markupsafe import escape

    assert f"<mark>{escape(marked)}</mark>" in html
    (field,) = found.all("input")
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == (query, "true", "q-problem")
    assert (await client.get("/stream", params={"q": query})).status == 400


async def test_an_article_shows_its_text_to_the_code_point_with_marks_and_where_it_is_from(client):
    found = await page(client, "/articles/0/0")
    from tests.unit.desk.desks import TEXT

    assert found.text["text"] == TEXT
    marks = {attributes.get("class") for attributes in found.all("span") if "data-quotes" in attributes}
    assert {"quote", "cue"} <= marks
    assert "https://harbour.example/quay" in found.links()
    assert "news.articles.raw.v1/0/0" in found.whole
    for number in ("q1", "q2"):
        assert number in {attributes.get("id") for attributes in found.all("span")}
        assert f"#{number}" in found.links()


async def test_an_article_that_is_not_kept_here_is_read_from_its_topic(client, source):
    source.articles[1, 44] = placed(44, partition=1, headline="An old one")
    assert "An old one" in (await page(client, "/articles/1/44")).whole
    assert (await client.get("/articles/1/44.json")).content_type == "application/json"
    assert "no longer kept" in (await page(client, "/articles/1/45", 404)).whole


async def test_the_json_of_an_article_is_the_record_byte_for_byte(client):
    assert await (await client.get("/articles/0/0.json")).read() == placed(0).value


async def test_the_list_of_stories_says_how_they_grow(client, source):
    source.listed = [listed_story(), listed_story(id="77", headline=None, growth=0, articles=1)]
    found = await page(client, "/stories?by=growth")
    assert "+2 in the last hour" in found.whole
    assert "(no headline)" in found.whole
    assert (await page(client, "/stories?by=nonsense&status=nonsense")).all("select")
    source.listed = []
    assert "No story changed" in (await page(client, "/stories")).whole


async def test_a_story_without_a_headline_is_called_by_the_opening_of_its_first_article(client, source, live):
    live.take_article(placed(1, id="bare", headline=None))
    first = {"id": "bare", "source": None, "url": None, "wire": None}
    source.listed = [listed_story(headline=None, first="bare", sources=0, growth=1, articles=1)]
    found = await page(client, "/stories")
    assert "“The quay is open,”" in found.whole
    for noise in ("(no headline)", "bare", "0 sources", "in the last hour</strong>"):
        assert noise not in found.whole
    source.told_story = {"story": story(headline=None, first=first), "timeline": [told("bare")]}
    assert "“The quay is open,”" in (await page(client, "/stories/5f0c")).whole
    live.take_back("bare")
    assert "(no headline)" in (await page(client, "/stories/5f0c")).whole


async def test_a_quote_that_all_have_in_the_same_words_is_compared_with_nothing(client, source):
    (variant, _) = lineage("The quay is open", "The quay is open")["variants"]
    same = lineage("x", "y") | {"variants": [variant], "unlisted": 0, "articles": 4}
    source.told_story = {"story": story(quote_lineage=[same]), "timeline": [told("quay-1")]}
    found = await page(client, "/stories/5f0c")
    assert "in the same words in 4 articles" in found.whole
    assert "Harbour Post" in found.whole
    assert not found.all("table")


async def test_an_article_says_when_it_came_where_nobody_says_when_it_was_published(client, live):
    live.take_article(placed(1, id="undated", published_at=None))
    assert "came 2026-01-13 10:05 UTC" in (await page(client, "/articles/0/1")).whole
    assert "came 2026" not in (await page(client, "/articles/0/0")).whole


async def test_a_topic_leads_to_the_articles_that_have_it(client):
    (link,) = [link for link in (await page(client, "/articles/0/0")).links() if "04000000" in link]
    found = await page(client, link)
    assert 'topic:"medtop:04000000"' in [field.get("value") for field in found.all("input")]
    assert "/articles/0/0" in found.links()


async def test_a_story_folds_its_reprints_whatever_came_first(client, source):
    timeline = [
        told("copy-0", "reprint", "quay-1"),
        told("quay-1"),
        told("copy-1", "reprint", "copy-0"),
        told("more", "extends", "quay-1", new="40% of it is new"),
        told("ring-a", "reprint", "ring-b"),
        told("ring-b", "reprint", "ring-a"),
        told("lost", "reprint", "gone"),
    ]
    source.told_story = {"story": story(), "timeline": timeline}
    html = await (await client.get("/stories/5f0c")).text()
    found = Page(html)
    assert "2 copies" in [part.strip() for part in found.whole.split("\n")]
    folded = html[html.index("<details>") : html.index("</details>")]
    assert ("copy-0" in folded, "copy-1" in folded, "more" in folded) == (True, True, False)
    assert "/articles/0/0" in found.links()  # the one of them that is kept
    for article in ("ring-a", "ring-b", "lost"):
        assert article in found.whole
    assert "40% of it is new" in found.whole


async def test_a_copy_that_was_published_before_what_it_copies_stands_for_itself(client, source):
    timeline = [
        told("early", "reprint", "quay-1", time="2026-01-13T10:00:00Z"),
        told("quay-1", time="2026-01-13T10:04:00Z", dated_by="came"),
        told("late", "reprint", "early", time="2026-01-13T10:05:00Z"),
    ]
    source.told_story = {"story": story(), "timeline": timeline}
    html = await (await client.get("/stories/5f0c")).text()
    folded = html[html.index("<details>") : html.index("</details>")]
    assert ("early" in folded, "late" in folded) == (False, True)
    listed = html[html.index("timeline") : html.index("Who is in it")]
    assert listed.index("10:00") < listed.index("10:04") < listed.index("10:05")
    assert listed.count("(came in)") == 1


async def test_a_story_shows_where_a_quote_was_altered_beside_the_words_that_it_was_altered_from(client):
    html = await (await client.get("/stories/5f0c")).text()
    assert "The quay is open until <del>Friday</del> at noon" in html
    assert "The quay is open until <ins>Monday</ins> at noon" in html
    said = " ".join(Page(html).whole.split())
    assert "in 5 articles, 1 of them in words that are not listed" in said
    for line in ("1. first", "2. altered", "and 3 more"):
        assert line in said


@pytest.mark.parametrize("former", [True, False])
async def test_a_story_without_repeated_quotes_shows_no_lineage(client, source, former):
    card = story(quote_lineage=[])
    if former:
        del card["quote_lineage"]  # as it was written before it was kept
    source.told_story = {"story": card, "timeline": [told("quay-1")]}
    assert "lineage" not in await (await client.get("/stories/5f0c")).text()


@pytest.mark.parametrize(
    ("spans", "pieces"),
    [
        ([], [("one two", False)]),
        ([(0, 3)], [("", False), ("one", True), (" two", False)]),
        ([(0, 3), (2, 7), (9, 12)], [("", False), ("one", True), ("", False), (" two", True), ("", False)]),
        ([(5, 2), (-4, 0), (7, 7)], [("one two", False)]),
    ],
)
def test_pieces_of_a_quote_are_the_quote_whatever_the_spans(spans, pieces):
    assert [*quote_pieces("one two", spans)] == pieces
    assert "".join(piece for piece, _ in pieces) == "one two"


async def test_a_story_that_is_not_there_is_not_found(client, source):
    source.told_story = None
    await page(client, "/stories/none", 404)


async def test_dead_letters_are_listed_by_reason_and_one_is_shown_with_its_bytes(client, source):
    found = await page(client, "/dead-letters?reason=invalid")
    assert "/dead-letters/2/7" in found.links()
    assert "text is missing" in found.whole
    assert "decode" in found.whole
    assert "has the reason" in (await page(client, "/dead-letters?reason=other")).whole
    source.kept_letters = [letter(stage="trends")]
    assert "trends" in (await page(client, "/dead-letters")).whole
    source.kept_letters = []
    assert "No dead letters" in (await page(client, "/dead-letters")).whole
    one = await page(client, "/dead-letters/2/7")
    assert "00000000  7b 7d" in one.whole
    assert "The first 2 of 9 bytes" in one.whole


async def test_operation_shows_what_status_shows(client, source):
    found = await page(client, "/operation")
    for shown in (
        "news.dateline",
        "enrich",
        "1,200",
        "5 min",
        "12.3",
        "ops-1/4711",
        "Nothing needs a person.",
    ):
        assert shown in found.whole
    source.look = look(
        workers=[],
        troubles=[{"kind": "no-worker", "text": "stage enrich: no worker reads it"}],
        dead_letters={"since": "", "total": 0, "whole": True, "reasons": {}},
    )
    found = await page(client, "/operation")
    assert "no worker reads it" in found.whole
    assert "Nothing needs a person." not in found.whole


@pytest.mark.parametrize("path", [path for path in PAGES[2:] if path != "/alerts"])
async def test_when_the_brokers_are_away_a_page_says_so_and_asks_again(client, source, path):
    source.away = SourceError("no answer from the Kafka brokers at kafka-1:9092.")
    answer = await client.get(path)
    found = Page(await answer.text())
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "no answer from the Kafka brokers" in found.whole
    assert [main["data-refresh"] for main in found.all("main")] == ["5"]


async def test_what_lasts_is_not_asked_again(client, source):
    source.away = SourceError("The demo sends no letters back.", is_lasting=True)
    found = await page(client, "/dead-letters/redrive?reason=invalid", 503)
    assert "data-refresh" not in found.all("main")[0]


async def test_operation_says_what_the_desk_knows_where_nobody_can_tell_of_groups(client, source):
    source.away = SourceError("The demo has no groups.", is_lasting=True)
    found = await page(client, "/operation")
    assert "The demo has no groups." in found.whole
    assert "en_test" in found.whole
    assert "1 article at hand" in found.whole
    for of_the_group in ("Stages", "Nothing needs a person", "The last hour"):
        assert of_the_group not in found.whole


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/dead-letters/redrive?reason=invalid", "/dead-letters"),
        ("/dead-letters/9/9", "/dead-letters"),
        ("/stories/5f0c", "/stories"),
        ("/rules/quays", "/rules"),
        ("/articles/9/9", "/"),
        ("/stories", "/"),
        ("/people/person:ada-obi", "/"),
        ("/none", "/"),
    ],
)
async def test_a_page_that_fails_leads_back_to_the_part_that_it_belongs_to(client, source, path, back):
    source.away = SourceError("no answer.")
    answer = await client.get(path)
    assert answer.status in (404, 503)
    assert Page(await answer.text()).links()[-1] == back


async def test_live_shows_what_it_has_while_the_brokers_are_away(client, live):
    live.set_reads(False, "Nothing new comes in for now: no answer.")
    found = await page(client, "/")
    assert found.text["state-text"] == "Nothing new comes in for now: no answer."
    assert "/articles/0/0" in found.links()


async def test_a_failure_of_the_desk_itself_tells_the_visitor_nothing_of_it(client, source):
    source.look = {"time": None}
    found = await page(client, "/operation", 500)
    assert "Undefined" not in found.whole
    assert "Its log says more" in found.whole


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("PUT", "/articles/0/0"), ("DELETE", "/stories/5f0c"), ("POST", "/dead-letters")],
)
async def test_nothing_can_be_changed(client, method, path):
    assert (await client.request(method, path)).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e%2fapp.py",
        "/articles/x/1",
        "/articles/0/-1",
        f"/articles/0/{'9' * 40}",
    ],
)
async def test_paths_that_name_nothing_are_not_found(client, path):
    assert (await client.get(path)).status == 404


async def events(answer, number):
    """The first so many events of a stream that are no comments."""
    found = []
    async with asyncio.timeout(5):
        while len(found) < number:
            block = (await answer.content.readuntil(b"\n\n")).decode()
            if "event: " in block:
                fields = dict(line.split(": ", 1) for line in block.strip().split("\n"))
                found.append((fields["event"], json.loads(fields["data"]), fields.get("id")))
    return found


async def test_a_stream_tells_of_articles_as_they_come_and_goes_on_where_it_was(client, live):
    async with client.get("/stream?q=quay") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        await events(answer, 1)  # the state
        live.take_article(placed(1, id="b"))
        ((name, article, last),) = await events(answer, 1)
        assert (name, article["place"]) == ("article", "0/1")
    live.take_article(placed(2, id="c"))
    async with client.get("/stream", headers={"Last-Event-ID": last}) as answer:
        assert [article["place"] for _, article, _ in (await events(answer, 1))] == ["0/2"]
    async with client.get("/stream?after=other-9") as answer:
        assert (await events(answer, 1))[0][0] == "restarted"


async def test_one_viewer_too_many_is_told_to_come_back(client, live):
    held = [live.viewer(None) for _ in range(MOST_VIEWERS)]
    for one in held:
        one.__enter__()
    answer = await client.get("/stream")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "As many pages are open" in await answer.text()


async def test_a_viewer_that_leaves_is_forgotten(client, live):
    answer = await client.get("/stream")
    await events(answer, 1)
    assert live.viewers == 1
    answer.close()
    async with asyncio.timeout(5):
        while live.viewers:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_list_of_thousands_stays_short(client, live):
    for offset in range(1, 2_500):
        live.take_article(placed(offset, id=f"a-{offset}"))
    found = await page(client, "/")
    assert len([link for link in found.links() if link.startswith("/articles/")]) == 50
    assert len(live.ring) == 2_000

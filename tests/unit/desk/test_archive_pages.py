"""People, organisations and search, as a client gets them from an index in a file."""

import asyncio
import time
from urllib.parse import quote as percent_encoded

import pytest
from yarl import URL

from tests.unit.desk.archives import archive_in, archived
from tests.unit.desk.desks import FakeSource, Page, client_of, placed
from tests.unit.desk.test_hostile import BREAKOUTS, shape
from tests.unit.search.search_documents import quote
from worker.commands.desk.archive import MOST_QUERIES, QUERY_THREADS, IndexArchive
from worker.desk.access import Access, loopback_hosts
from worker.desk.live import Live
from worker.nlp.entities.slug import slug

PATHS = [
    "/people",
    "/people?kind=org",
    "/people/person:ada-obi",
    "/search",
    "/search?q=quay",
    "/archive?id=quay-1",
]


@pytest.fixture
def archive(tmp_path):
    archive = archive_in(tmp_path)
    yield archive
    archive.close()


@pytest.fixture
async def client(archive):
    live = Live()
    live.set_reads(True)
    async with client_of(live, FakeSource(), archive=archive) as client:
        client.live = live
        yield client


async def page(client, path, status=200, **query):
    answer = await client.get(path, params=query, allow_redirects=False)
    said = await answer.text()
    assert answer.status == status, said
    return Page(said)


def rows(found):
    """The links to people, in their order."""
    return [link for link in found.links() if link.startswith("/people/")]


async def test_people_of_the_last_day_come_by_articles_or_by_quotes(client):
    found = await page(client, "/people")
    assert rows(found) == ["/people/person%3Aada-obi"]
    assert "4 articles indexed." in found.whole
    week = await page(client, "/people", period="week")
    assert rows(week) == ["/people/person%3Aada-obi", "/people/person%3Alena-rast"]
    named = await page(client, "/people", period="week", name="RAST")
    assert rows(named) == ["/people/person%3Alena-rast"]
    assert rows(await page(client, "/people", kind="org")) == ["/people/org%3Aport-of-amsel"]


async def test_where_nobody_is_named_in_the_period_the_next_longer_one_is_shown_and_said(client):
    found = await page(client, "/people", name="adu")
    assert rows(found) == ["/people/person%3Amo-adu"]
    assert "Nobody of this name in the last day; these are from the last 30 days." in found.whole
    assert "No name has “xyz” in it." in (await page(client, "/people", name="xyz")).whole


async def test_namesakes_are_told_apart_by_their_ids(tmp_path):
    two = archived(people=["Jo Ng"], entity_ids=["person:jo-ng", "person:jo-ng-2"])
    archive = archive_in(tmp_path, [two])
    async with client_of(Live(), FakeSource(), archive=archive) as client:
        found = await page(client, "/people")
    assert {"/people/person%3Ajo-ng", "/people/person%3Ajo-ng-2"} == set(rows(found))
    assert "person:jo-ng-2" in found.whole


async def test_a_person_page_has_quotes_by_day_with_articles_topics_and_what_others_say(client):
    found = await page(client, "/people/person:ada-obi")
    said, others = found.whole.split("Others, with this name in what they said")
    assert "The quay is open," in said
    assert "Ada Obi kept her word," not in said
    assert "Ada Obi kept her word," in others
    assert "Lena Rast" in others
    assert "and 1 copy" in said  # the reprint is folded
    assert "shipping" in said
    assert [each["data-at"] for each in found.all("li") if "data-at" in each]
    assert "/archive?id=quay-1" in found.links()
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400 * ago)) for ago in (0.05, 2)]
    for day in days:
        assert day in others
    await page(client, "/people/person:nobody", 404)


async def test_search_finds_articles_and_quotes_and_marks_the_words(client):
    found = await page(client, "/search", q="quay")
    assert "2 articles, 1 copy folded under" in found.whole
    assert len(found.all("mark")) >= 2
    quotes = await page(client, "/search", q='speaker:"Lena Rast" word', what="quotes")
    assert "Ada Obi kept her" in quotes.whole
    assert "1 quote" in quotes.whole
    assert "Nothing matches." in (await page(client, "/search", q="zzz")).whole


async def test_an_error_in_a_search_is_shown_at_its_place(client):
    found = await page(client, "/search", q="topic:nothing AND x")
    assert found.text["q-problem"]
    assert [each for each in found.all("input") if each.get("aria-invalid") == "true"]
    long = await page(client, "/search", q="x" * 2_001)
    assert "a search takes 2,000 characters, got 2,001" in long.whole


async def test_an_article_by_its_id_is_the_marked_one_while_that_is_at_hand(client):
    found = await page(client, "/archive", id="quay-1")
    assert found.text["text"].startswith("“The quay is open,” said Ada Obi")
    marked = [each for name, each in found.elements if name == "span" and each.get("data-quotes")]
    assert {each["data-quotes"] for each in marked} == {"1", "2"}
    client.live.take_article(placed(7, id="quay-1"))
    answer = await client.get("/archive", params={"id": "quay-1"}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/articles/0/7")
    await page(client, "/archive", 404, id="none")
    await page(client, "/archive", 404)


async def test_a_desk_without_an_index_has_no_such_pages_and_no_links_to_them():
    live = Live()
    live.take_article(placed(0))
    async with client_of(live, FakeSource()) as client:
        for path in PATHS:
            assert (await client.get(path)).status == 404
        for path in ("/", "/articles/0/0"):
            links = (await page(client, path)).links()
            assert not [link for link in links if link.startswith(("/people", "/search", "/archive"))]


async def test_without_the_token_nothing_of_the_index_is_shown(archive):
    access = Access(hosts=loopback_hosts([]), token="correct-horse-battery")
    async with client_of(Live(), FakeSource(), access, archive=archive) as client:
        for path in PATHS:
            answer = await client.get(path)
            assert answer.status == 401
            assert "Ada" not in await answer.text()


async def test_names_of_an_article_lead_to_their_pages(client):
    client.live.take_article(placed(0))
    assert "/people/person%3Aada-obi" in (await page(client, "/articles/0/0")).links()


async def test_other_names_of_an_article_lead_to_a_search_for_them(client):
    client.live.take_article(placed(0))
    (link,) = [link for link in (await page(client, "/articles/0/0")).links() if "port-amsel" in link]
    answer = await client.get(URL(link, encoded=True))
    assert 'id:"gpe:port-amsel"' in [field.get("value") for field in Page(await answer.text()).all("input")]


async def test_a_place_in_a_story_leads_to_a_search_for_it(client):
    found = await page(client, "/stories/5f0c")
    assert "/search?q=id%3A%22gpe%3Aport-amsel%22" in found.links()


async def test_who_is_in_a_story_leads_to_their_pages(client):
    assert "/people/person%3Aada-obi" in rows(await page(client, "/stories/5f0c"))


async def test_a_person_leads_to_a_rule_about_them(client):
    (link,) = [link for link in (await page(client, "/people/person:ada-obi")).links() if "new-rule" in link]
    answer = await client.get(URL(link, encoded=True))
    assert Page(await answer.text()).text["when"] == 'id:"person:ada-obi"'


async def test_a_list_that_failed_is_not_asked_for_by_each_reader_but_is_again_in_a_moment(
    tmp_path, monkeypatch
):
    archive = IndexArchive(tmp_path / "none.sqlite")
    asked = []
    ask = archive._ask

    async def count(answer):
        asked.append(1)
        return await ask(answer)

    monkeypatch.setattr(archive, "_ask", count)
    async with client_of(Live(), FakeSource(), archive=archive) as client:
        for _ in range(5):
            assert (await client.get("/people")).status == 503
        assert len(asked) == 1
        monkeypatch.setattr("worker.commands.desk.archive.FAILED_SECONDS", 0)
        archive_in(tmp_path).close()
        (tmp_path / "index.sqlite").rename(tmp_path / "none.sqlite")
        assert (await client.get("/people")).status == 200


async def test_before_there_is_an_index_pages_say_so_and_come_back(tmp_path):
    archive = IndexArchive(tmp_path / "none.sqlite")
    archive.tell(why="The index is not kept up to date for now: no answer.")
    async with client_of(Live(), FakeSource(), archive=archive) as client:
        answer = await client.get("/people")
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "5"
        assert "The desk has no index yet. The index is not kept" in await answer.text()
        assert (await client.get("/search")).status == 200


async def test_a_query_that_takes_too_long_ends(tmp_path):
    people = [f"Jo {number}" for number in range(2_000)]
    crowd = archived(people=people, entity_ids=[f"person:{slug(name)}" for name in people])
    archive = archive_in(tmp_path, [crowd], query_seconds=0)
    async with client_of(Live(), FakeSource(), archive=archive) as client:
        answer = await client.get("/people", params={"period": "all"})
        assert answer.status == 503
        assert "Retry-After" not in answer.headers
        assert "This takes more than 0 seconds." in await answer.text()


async def test_no_more_than_so_many_search_at_a_time_and_the_pages_go_on_meanwhile(archive):
    import threading

    hold = threading.Event()
    asked = [asyncio.create_task(archive._ask(lambda _: hold.wait(20))) for _ in range(MOST_QUERIES)]
    await asyncio.sleep(0.05)
    async with client_of(Live(), FakeSource(), archive=archive) as client:
        busy = await client.get("/search", params={"q": "quay"})
        assert busy.status == 503
        assert "Too many are searching" in await busy.text()
        assert (await client.get("/")).status == 200
        hold.set()
        await asyncio.gather(*asked)
        assert (await client.get("/search", params={"q": "quay"})).status == 200
    assert archive._threads._max_workers == QUERY_THREADS


async def test_a_list_is_counted_once_for_all_who_look(archive, monkeypatch):
    asked = []
    ask = archive._ask

    async def count(answer):
        asked.append(1)
        return await ask(answer)

    monkeypatch.setattr(archive, "_ask", count)
    for _ in range(2):
        await asyncio.gather(
            *(archive.named("person", period="day", part="", by_quotes=False) for _ in range(20))
        )
    assert len(asked) == 1


def hostile_document(payload):
    return archived(
        payload,
        url=payload,
        headline=payload,
        text=f"{payload} said {payload} and {payload}.",
        source=payload,
        language=payload,
        published_at=payload,
        authors=[payload],
        people=[payload],
        organisations=[payload],
        places=[payload],
        other_names=[payload],
        entity_ids=[f"person:{slug(payload)}", f"person:{slug(payload)}-2", f"gpe:{payload}"],
        topics=[payload],
        topic_codes=[payload],
        speakers=[payload],
        quotes=[quote(payload, payload, f"gpe:{payload}"), quote(payload, payload, None)],
    )


async def hostile_pages(folder, payload):
    archive = archive_in(folder, [hostile_document(payload)])
    archive.tell(why=payload)
    found = {}
    async with client_of(Live(), FakeSource(), archive=archive) as client:
        for path, query in {
            "/people": {"name": ""},
            f"/people/{percent_encoded(f'gpe:{payload}', safe='')}": {},
            "/search": {"q": "said"},
            "/search?": {"q": "since:1000d", "what": "quotes"},
            "/archive": {"id": payload},
        }.items():
            answer = await client.get(URL(path.rstrip("?"), encoded=True).update_query(query))
            assert answer.status == 200, (path, await answer.text())
            found["person" if path.startswith("/people/") else path] = await answer.text()
        for name in ("name", "q"):
            said = await client.get("/people" if name == "name" else "/search", params={name: payload})
            found[f"?{name}"] = await said.text()
    archive.close()
    return found


_PLAIN: dict[str, str] = {}


@pytest.mark.parametrize("payload", BREAKOUTS)
async def test_no_text_of_an_indexed_article_makes_an_element_or_an_attribute(tmp_path, payload):
    if not _PLAIN:
        (tmp_path / "plain").mkdir()
        _PLAIN.update(await hostile_pages(tmp_path / "plain", "plain"))
    for path, html in (await hostile_pages(tmp_path, payload)).items():
        found = Page(html)
        if not path.startswith("?"):
            assert shape(html) == shape(_PLAIN[path]) or path in ("/archive", "/search", "/search?"), path
        assert not {tag for tag, _ in found.elements} & {
            "img",
            "iframe",
            "base",
            "b",
            "style",
            "textarea",
            "svg",
        }
        for _, attributes in found.elements:
            assert not [
                name for name in attributes if name.startswith("on") or name in ("style", "autofocus")
            ]
        assert [script["src"].split("?")[0] for script in found.all("script")] == ["/static/desk.js"]
        for link in found.links():
            assert link.startswith(("/", "#"))
            assert not link.startswith("//")
        assert "aaaaaaaaa" not in html

"""Rules on the desk: listed, tried while they are typed, and changed where that is allowed."""

import asyncio
import ipaddress
import re

import pytest

from tests.unit.desk.desks import Page, client_of
from tests.unit.desk.rule_desks import FakeChanges, a_rule, placed_alert, rule_fields
from worker.alerts.typed_rules import PAUSED_SINCE, paused_rule
from worker.desk.access import COOKIE, Access, loopback_hosts
from worker.desk.alerting.feed import AlertFeed
from worker.desk.changes.guard import MOST_CHANGE_FORM_BYTES, TOKEN_FIELD
from worker.desk.changes.rule_form import id_from_name
from worker.desk.source import SourceError
from worker.records.rules import rule_version

FORM = {"id": "ferries", "name": "Ferries", "owner": "city desk", "when": "ferry", "cooldown": "1h"}
SEEN = rule_version(a_rule())
CHANGES = [
    "/rules",
    "/rules/quays/pause",
    "/rules/quays/resume",
    "/rules/quays/delete",
    "/dead-letters/redrive",
]


@pytest.fixture
def changes(source):
    return FakeChanges(source)


@pytest.fixture
async def reader(live, source):
    """A desk that allows no changes."""
    async with client_of(live, source) as client:
        yield client


@pytest.fixture
async def writer(live, source, changes):
    async with client_of(live, source, changes=changes) as client:
        yield client


async def token_of(client, path="/new-rule", **options):
    html = await (await client.get(path, **options)).text()
    return re.search(rf'name="{TOKEN_FIELD}" value="([0-9a-f]+)"', html)[1]


async def post(client, path, fields, **options):
    fields = {TOKEN_FIELD: await token_of(client), **fields}
    return await client.post(path, data=fields, allow_redirects=False, **options)


async def page(client, path, status=200):
    answer = await client.get(path)
    assert answer.status == status, await answer.text()
    return Page(await answer.text())


async def test_rules_are_listed_with_what_they_ask_their_state_and_their_alerts(reader, source):
    source.kept_rules |= {
        "paused": rule_fields(paused_rule(a_rule(id="paused", name="Paused one"))),
        "ended": rule_fields(a_rule(id="ended", expires_at="2020-01-01T00:00:00Z"), changed_by="ada"),
        "bad": rule_fields(version=None, when=None, rule=None, hits=None, error="not JSON: x")
        | {"id": "bad"},
    }
    found = await page(reader, "/rules")
    for shown in (
        "Quays",
        'speaker:"Ada Obi"',
        "active",
        "paused",
        "ended",
        "no rule",
        "not JSON",
        "changed by ada",
    ):
        assert shown in found.whole
    assert "/rules/quays" in found.links()
    only = await page(reader, "/rules?match=PAUSED")
    assert [link for link in only.links() if link.startswith("/rules/")] == ["/rules/paused"]
    assert "No rule has" in (await page(reader, "/rules?match=zebra")).whole
    source.kept_rules, source.has_hits = {}, False
    assert "No rules yet." in (await page(reader, "/rules")).whole


async def test_a_rule_that_was_at_a_limit_says_at_which_and_on_what(reader, source):
    over = {"said": "over its budget of 20,000 steps", "article": "quay-1", "at": "2026-01-13T10:05:00.000Z"}
    source.kept_rules = {"quays": rule_fields(at_limits=[over])}
    for path in ("/rules", "/rules/quays"):
        source.has_limits = True
        found = await page(reader, path)
        assert "over its budget of 20,000 steps: quay-1, 2026-01-13 10:05 UTC" in found.whole
        assert "limit is not known" not in found.whole
        source.has_limits = False
        assert "whether a rule was at a limit is not known" in (await page(reader, path)).whole


async def test_a_rule_shows_its_form_its_state_and_its_latest_alerts(live, source):
    feed = AlertFeed(live)
    feed.take(placed_alert())
    async with client_of(live, source, alerts=feed) as client:
        found = await page(client, "/rules/quays")
        assert found.text["when"] == 'speaker:"Ada Obi"'
        assert "/alerts/0/0" in found.links()
        assert SEEN in found.whole
        assert "There is no rule zebra" in (await page(client, "/rules/zebra", 404)).whole
        await page(client, "/rules/-x", 404)


async def test_without_the_right_the_form_tries_and_has_nothing_that_saves(reader):
    for path in ("/new-rule", "/rules/quays"):
        found = await page(reader, path)
        assert [form["action"] for form in found.all("form")] == ["/try-rule"]
        assert TOKEN_FIELD not in {each.get("name") for each in found.all("input")}
        assert "--allow-changes" in found.text["not-allowed"]
    answer = await reader.post("/try-rule", data={"when": 'speaker:"Ada Obi"'})
    assert answer.status == 200
    assert "1 of 1 articles" in Page(await answer.text()).whole


@pytest.mark.parametrize("path", CHANGES)
async def test_without_the_right_the_server_refuses_whatever_is_sent(reader, writer, changes, path):
    token = await token_of(writer)
    answer = await reader.post(
        path, data={**FORM, TOKEN_FIELD: token, "seen": SEEN, "reason": "x", "until": "9"}
    )
    assert answer.status == 403
    assert "--allow-changes" in await answer.text()
    assert changes.done == []


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("token", ["", "0" * 64, "\udcff"])
async def test_a_form_without_its_token_changes_nothing(writer, changes, path, token):
    fields = {
        **FORM,
        TOKEN_FIELD: token.encode(errors="replace").decode(),
        "seen": SEEN,
        "reason": "x",
        "until": "9",
    }
    answer = await writer.post(path, data=fields)
    assert answer.status == 403
    assert "before the desk was started anew" in await answer.text()
    assert changes.done == []


@pytest.mark.parametrize("path", [*CHANGES, "/try-rule"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_of_another_site_changes_nothing_and_tries_nothing(writer, changes, path, headers):
    answer = await post(writer, path, {**FORM, "seen": SEEN, "reason": "x", "until": "9"}, headers=headers)
    assert answer.status == 403
    assert "not sent from a page of this desk" in await answer.text()
    assert changes.done == []


async def test_a_token_is_that_of_its_visitor_and_of_this_process(live, source, changes):
    here = [ipaddress.ip_network("127.0.0.0/8")]
    access = Access(hosts=None, proxy_header="X-User", proxies=here)
    async with client_of(live, source, access, changes=changes) as client:
        ada = await token_of(client, headers={"X-User": "ada"})
        for name, status in (("bob", 403), ("ada", 303)):
            answer = await client.post(
                "/rules", data={**FORM, TOKEN_FIELD: ada}, headers={"X-User": name}, allow_redirects=False
            )
            assert answer.status == status
    assert changes.done == [("put", "ferries", "ada")]
    assert source.kept_rules["ferries"]["changed_by"] == "ada"


async def test_behind_a_token_changes_take_its_cookie_too(live, source, changes):
    access = Access(hosts=None, token="correct-horse-battery")
    async with client_of(live, source, access, changes=changes) as client:
        assert (await client.post("/rules", data=FORM)).status == 401
        cookies = {COOKIE: access.cookie()}
        token = await token_of(client, cookies=cookies)
        fields = {**FORM, TOKEN_FIELD: token}
        answer = await client.post("/rules", data=fields, cookies=cookies, allow_redirects=False)
        assert answer.status == 303
    async with client_of(live, source, access, changes=changes) as client:
        assert (await client.post("/rules", data=fields)).status == 401


async def test_a_rule_is_put_and_its_page_says_what_the_topic_has(writer, source, changes):
    answer = await post(writer, "/rules", FORM)
    assert answer.status == 303
    assert changes.done == [("put", "ferries", "")]
    put = source.kept_rules["ferries"]
    assert answer.headers["Location"] == f"/rules/ferries?wrote={put['version']}"
    assert put["cooldown"] == "1h"
    assert (
        f"version {put['version']} is the rule now" in (await page(writer, answer.headers["Location"])).whole
    )
    source.kept_rules["ferries"] = rule_fields(a_rule(id="ferries"))
    assert "somebody else has changed it since" in (await page(writer, answer.headers["Location"])).whole


async def test_what_somebody_wrote_in_the_same_moment_is_said(writer, changes):
    changes.overtaken = ("aaaabbbbccccdddd",)
    answer = await post(writer, "/rules", FORM)
    assert "aaaabbbbccccdddd" in (await page(writer, answer.headers["Location"])).whole


@pytest.mark.parametrize(
    ("field", "text", "says", "marked"),
    [
        ("when", "ferry AND (quay", "ends where", "␣"),
        ("when", "sorce:x", "no field is called", "sorce"),
        ("when", "a\nAND sorce:x", "no field is called", "sorce"),
        ("when", "", "takes a query", None),
        ("when", "x " * 10_001, "20,000 characters", None),
        ("when", " ".join(f'"{"w " * 99}x{n}"~5' for n in range(3)), "takes 200 words in phrases", None),
        ("when", "sources>=3 AND strike", "a story has no text", "strike"),
        ("cooldown", "soon", "takes none, or a time such as", None),
        ("cooldown", "400d", "takes 1s to 366d", None),
        ("cooldown", "30d/entity", "(7d) at most", None),
        ("id", "no good", "takes 1 to 100 letters", None),
        ("name", "", "takes at least one character", None),
        ("owner", "x" * 400, "takes 300 characters at most", None),
        ("expires_at", "soon", "takes an ISO 8601 date", None),
        ("", "", "for each story takes a condition about stories", None),
    ],
)
async def test_what_is_wrong_is_said_at_its_place_and_nothing_is_written(
    writer, changes, field, text, says, marked
):
    fields = FORM | ({field: text} if field else {"cooldown": "1h/story"})
    answer = await post(writer, "/rules", fields)
    html = await answer.text()
    assert answer.status == 422
    assert says in Page(html).text[f"{field or 'rule'}-problem"]
    if marked:
        assert f"<mark>{marked}</mark>" in html
    # What was typed is not lost.
    assert Page(html).text.get("when", "").strip() == fields["when"].strip()
    assert changes.done == []


async def test_an_error_in_one_field_hides_none_of_another(writer):
    answer = await post(writer, "/rules", FORM | {"when": "(", "name": "", "cooldown": "soon"})
    problems = Page(await answer.text()).text
    assert {"when-problem", "name-problem", "cooldown-problem"} <= problems.keys()
    assert "rule-problem" not in problems


async def test_two_who_change_the_same_rule_do_not_overwrite_each_other(writer, source, changes):
    mine = {**FORM, "id": "quays", "seen": SEEN, "is": "known"}
    theirs = a_rule(when={"phrase": {"text": "dredger"}})
    source.kept_rules["quays"] = rule_fields(theirs, changed_by="bob")
    answer = await post(writer, "/rules", mine)
    html = await answer.text()
    assert answer.status == 409
    assert changes.done == []
    found = Page(html)
    assert "Nothing was written" in found.text["said"]
    for shown in ("dredger", "bob"):
        assert shown in found.whole
    assert found.text["when"] == "ferry"
    seen = next(each["value"] for each in found.all("input") if each.get("name") == "seen")
    assert seen == rule_version(theirs)
    assert (await post(writer, "/rules", {**mine, "seen": seen})).status == 303


async def test_a_new_rule_does_not_replace_one_of_its_id_and_a_deleted_one_is_not_put_again_unseen(
    writer, source
):
    there = await post(writer, "/rules", {**FORM, "id": "quays"})
    assert there.status == 409
    assert "is there already" in await there.text()
    del source.kept_rules["quays"]
    gone = await post(writer, "/rules", {**FORM, "id": "quays", "seen": SEEN, "is": "known"})
    assert gone.status == 409
    assert "has deleted this rule" in await gone.text()


async def test_a_rule_is_paused_resumed_and_deleted(writer, source, changes):
    paused = await post(writer, "/rules/quays/pause", {"seen": SEEN})
    assert paused.status == 303
    assert source.kept_rules["quays"]["rule"]["expires_at"] == PAUSED_SINCE
    found = await page(writer, paused.headers["Location"])
    assert "paused" in found.whole
    assert "/rules/quays/resume" in [form["action"] for form in found.all("form")]
    now = source.kept_rules["quays"]["version"]
    assert (await post(writer, "/rules/quays/resume", {"seen": now})).status == 303
    assert source.kept_rules["quays"]["version"] == SEEN
    gone = await post(writer, "/rules/quays/delete", {"seen": SEEN})
    assert gone.headers["Location"] == "/rules?deleted=quays"
    assert "The rule quays is deleted." in (await page(writer, "/rules?deleted=quays")).whole
    assert [name for name, _, _ in changes.done] == ["pause", "resume", "delete"]


async def test_a_paused_rule_that_is_saved_stays_paused_unless_it_gets_an_end(writer, source):
    source.kept_rules["quays"] = rule_fields(paused_rule(a_rule()))
    seen = source.kept_rules["quays"]["version"]
    form = {**FORM, "id": "quays", "seen": seen, "paused": "1", "is": "known"}
    assert (await post(writer, "/rules", form)).status == 303
    assert source.kept_rules["quays"]["paused"] is True


async def test_a_rule_that_is_there_is_not_said_to_be_deleted(reader):
    assert "is deleted" not in (await page(reader, "/rules?deleted=quays")).whole


@pytest.mark.parametrize("change", ["pause", "resume", "delete"])
async def test_a_rule_that_is_not_as_it_was_is_not_changed(writer, changes, change):
    answer = await post(writer, f"/rules/quays/{change}", {"seen": "0" * 16})
    assert answer.status == 409
    assert "no longer as it was" in await answer.text()
    assert changes.done == []


async def test_what_the_topic_refuses_and_brokers_that_are_away_are_said(writer, changes):
    changes.refuses = "the topic would have 250,001 rules"
    answer = await post(writer, "/rules", FORM)
    assert (answer.status, "250,001 rules" in await answer.text()) == (422, True)
    answer = await post(writer, "/rules/quays/pause", {"seen": SEEN})
    assert (answer.status, "250,001 rules" in await answer.text()) == (409, True)
    changes.away = SourceError("no answer from the Kafka brokers at kafka-1:9092.")
    answer = await post(writer, "/rules", FORM)
    found = Page(await answer.text())
    assert answer.status == 503
    assert "no answer from the Kafka" in found.text["said"]
    assert found.text["when"] == "ferry"  # what was typed is not lost


@pytest.mark.parametrize("change", ["pause", "resume", "delete"])
async def test_a_change_that_brokers_did_not_answer_is_not_sent_again_by_the_page(writer, changes, change):
    changes.away = SourceError("no answer from the Kafka brokers at kafka-1:9092.")
    answer = await post(writer, f"/rules/quays/{change}", {"seen": SEEN})
    assert answer.status == 503
    assert "data-refresh" not in Page(await answer.text()).all("main")[0]
    assert "Retry-After" not in answer.headers


async def test_the_longest_query_has_room_and_a_larger_form_does_not(writer, changes):
    longest = "\N{SNOWMAN}x " * 5_000
    answer = await post(writer, "/rules", FORM | {"when": f"{longest}ferry"})
    assert answer.status == 422  # too long a query, but not too large a form
    for path in (*CHANGES, "/try-rule"):
        larger = await post(writer, path, FORM | {"when": "x" * MOST_CHANGE_FORM_BYTES})
        assert larger.status == 413, path
    assert changes.done == []


async def test_what_is_no_form_is_refused(writer):
    for options in (
        {"json": FORM},
        {"data": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    ):
        assert (await writer.post("/try-rule", **options)).status == 415


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "nonsense", "idna"])
async def test_a_form_in_another_charset_is_refused(writer, charset):
    headers = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    assert (await writer.post("/try-rule", data=b"when=x", headers=headers)).status == 415


async def test_a_form_that_is_not_utf_8_is_refused(writer):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await writer.post("/try-rule", data=b"when=\xff", headers=headers)).status == 400
    assert (await writer.post("/try-rule", data=b"when=%ff", headers=headers)).status == 200


async def test_without_a_script_the_form_is_tried_and_can_be_saved_from_what_comes_back(writer, changes):
    fields = {**FORM, "id": "quays", "seen": SEEN, "is": "known", TOKEN_FIELD: await token_of(writer)}
    tried = Page(await (await writer.post("/try-rule", data=fields)).text())
    assert "1 of 1 articles" in tried.whole
    inputs = tried.all("input")
    kept = {each["name"]: each["value"] for each in inputs if each.get("name")} | {"when": tried.text["when"]}
    assert "readonly" in next(each for each in inputs if each["name"] == "id")
    assert (await writer.post("/rules", data=kept, allow_redirects=False)).status == 303
    assert changes.done == [("put", "quays", "")]


async def test_no_get_changes_anything(writer, changes):
    for path in CHANGES[1:4]:
        assert (await writer.get(path)).status == 405
    await writer.get("/dead-letters/redrive?reason=invalid")
    assert changes.done == []
    assert changes.redriven == []


async def test_a_redrive_says_first_what_it_would_send_where(writer, source, changes):
    html = await (await writer.get("/dead-letters/redrive?reason=invalid")).text()
    found = Page(html)
    assert "2 letters would be sent back" in found.text["plan"]
    assert "news.articles.raw.v1/0" in found.whole
    assert {"/dead-letters/2/7", "/dead-letters/2/8"} <= set(found.links())
    hidden = {each["name"]: each["value"] for each in found.all("input")}
    assert hidden["reason"] == "invalid"
    assert int(hidden["until"]) == source.planned[0].until_ms
    answer = await writer.post("/dead-letters/redrive", data=hidden, allow_redirects=False)
    assert answer.headers["Location"] == "/dead-letters/redrive/latest"
    assert changes.redriven == source.planned
    assert "2 letters sent back" in (await page(writer, "/dead-letters/redrive/latest")).whole


async def test_one_letter_is_sent_back_by_its_place(writer, source, changes):
    found = await page(writer, "/dead-letters/redrive?at=2/7")
    hidden = {each["name"]: each["value"] for each in found.all("input")}
    await writer.post("/dead-letters/redrive", data=hidden)
    assert [selection.place for selection in changes.redriven] == [(2, 7)]


async def test_a_plan_that_sends_nothing_has_nothing_to_confirm(writer, source):
    source.plan |= {
        "sent": 0,
        "left": 1,
        "letters": [],
        "lines": ["2/7 of x is left: sent back 3 times already"],
    }
    found = await page(writer, "/dead-letters/redrive?at=2/7")
    assert not found.all("button")
    assert "sent back 3 times already" in found.whole


async def test_a_plan_is_shown_without_the_right_and_can_not_be_confirmed(reader):
    found = await page(reader, "/dead-letters/redrive?reason=invalid")
    assert "2 letters would be sent back" in found.text["plan"]
    assert not found.all("form")
    assert "--allow-changes" in found.text["not-allowed"]


@pytest.mark.parametrize(
    "query", ["", "?reason=x&at=2/7", "?at=2", "?at=x/y", "?at=-1/2", f"?at=1/{'9' * 40}", "?at=²/7"]
)
async def test_an_address_that_names_no_letters_is_refused(writer, source, query):
    assert (await writer.get(f"/dead-letters/redrive{query}")).status == 400
    assert source.planned == []


@pytest.mark.parametrize("until", ["", "soon", "-1", "9" * 400])
async def test_what_nobody_looked_at_is_not_sent(writer, changes, until):
    assert (await post(writer, "/dead-letters/redrive", {"reason": "x", "until": until})).status == 400
    assert changes.redriven == []


async def test_a_long_redrive_goes_on_by_itself_and_no_other_begins_meanwhile(monkeypatch, writer, changes):
    monkeypatch.setattr("worker.desk.changes.redrive_pages.WAIT_SECONDS", 0.05)
    await page(writer, "/dead-letters/redrive/latest", 404)
    changes.may_end.clear()
    first = await post(writer, "/dead-letters/redrive", {"reason": "invalid", "until": "99"})
    assert first.status == 303
    under_way = await page(writer, "/dead-letters/redrive/latest")
    assert "Under way" in under_way.whole
    assert under_way.all("main")[0]["data-refresh"] == "5"
    assert (await post(writer, "/dead-letters/redrive", {"reason": "invalid", "until": "99"})).status == 409
    changes.may_end.set()
    async with asyncio.timeout(5):
        while not changes.done:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert "2 letters sent back" in (await page(writer, "/dead-letters/redrive/latest")).whole
    assert len(changes.redriven) == 1


async def test_a_redrive_that_ends_early_says_why_and_that_nothing_is_sent_twice(writer, changes):
    changes.away = SourceError("1 letter sent back; then: another redrive has taken over.")
    await post(writer, "/dead-letters/redrive", {"reason": "invalid", "until": "99"})
    found = await page(writer, "/dead-letters/redrive/latest")
    assert "another redrive has taken over" in found.whole
    assert "sends none of them twice" in found.whole


async def test_a_letter_shows_the_place_of_its_error_in_its_bytes(reader, source):
    source.bytes = ['00000000  7b 22 69 64 22 3a 20 22  61 2d 31 22 7d 00 ff 7e  {"id": "a-1"}..~']
    source.error = {"at": 14, "first": 0, "line": 0, "hex": 53, "char": 74}
    html = await (await reader.get("/dead-letters/2/7")).text()
    assert "00 <mark>ff</mark> 7e" in html
    assert ".<mark>.</mark>~" in html
    assert "The error is at byte 14, which is marked." in html
    source.error = {"at": 16, "first": 0, "line": None, "hex": 0, "char": 0}
    assert "byte 16, behind the last" in await (await reader.get("/dead-letters/2/7")).text()


async def test_the_loopback_desk_asks_for_its_own_name_in_changes_too(live, source, changes):
    async with client_of(live, source, Access(hosts=loopback_hosts([])), changes=changes) as client:
        token = await token_of(client)
        answer = await client.post(
            "/rules", data={**FORM, TOKEN_FIELD: token}, headers={"Host": "evil.example"}
        )
        assert answer.status == 403
    assert changes.done == []


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Ferries, late", "ferries-late"),
        ("Grèves au port (été)", "greves-au-port-ete"),
        ("--- 7 ---", "7"),
        ("港", ""),
        ("x" * 99 + " y", "x" * 99),
    ],
)
def test_an_id_is_made_of_the_name(name, made):
    assert id_from_name(name) == made


async def test_a_rule_without_an_id_gets_one_from_its_name(writer, source):
    answer = await post(writer, "/rules", FORM | {"id": "", "name": "Late ferries"})
    assert answer.status == 303
    assert source.kept_rules["late-ferries"]["rule"]["name"] == "Late ferries"


async def test_a_name_of_which_no_id_can_be_made_asks_for_one(writer, source):
    answer = await post(writer, "/rules", FORM | {"id": "", "name": "港"})
    assert answer.status == 422
    assert "takes 1 to 100 letters" in Page(await answer.text()).text["id-problem"]


async def test_an_id_from_a_name_replaces_no_rule_unseen(writer, source):
    before = source.kept_rules["quays"]
    answer = await post(writer, "/rules", FORM | {"id": "", "name": "Quays"})
    assert answer.status == 409
    assert source.kept_rules["quays"] == before

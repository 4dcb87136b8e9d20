"""What visitors of the desk change on Apache Kafka: read back, once, and never over somebody else's."""

import asyncio
import re
from contextlib import asynccontextmanager

import aiokafka
import pytest
from aiokafka import AIOKafkaProducer

from tests.faults.account import header, read_topic
from tests.kafka.commands.test_dead_letters import letter_of, put, raw, sent_back
from tests.kafka.commands.test_desk import settings_of
from tests.unit.desk.desks import client_of
from tests.unit.desk.rule_desks import a_rule
from worker.alerts.typed_rules import PAUSED_SINCE, paused_rule
from worker.channels import Channel, topic_name
from worker.commands.desk import topic_changes
from worker.commands.desk.topic_changes import TopicChanges
from worker.commands.desk.topic_source import TopicSource
from worker.commands.rules.write import put_rules
from worker.desk.changes.guard import TOKEN_FIELD
from worker.desk.changes.sink import ChangeRefused, RuleConflict
from worker.desk.live import Live
from worker.desk.source import RedriveSelection
from worker.records.messages import Reason
from worker.records.rules import rule_from_bytes, rule_version

SEEN = rule_version(a_rule())
FORM = {"id": "ferries", "name": "Ferries", "owner": "city desk", "when": "ferry", "cooldown": "1h"}


async def rule_records(brokers, prefix):
    records = await read_topic(brokers, topic_name(Channel.RULES, prefix))
    return [(record.key, record.value, header(record, "changed-by")) for record in records]


@asynccontextmanager
async def desk(brokers, prefix, *, allow_changes=True):
    settings = settings_of(brokers, prefix)
    source = TopicSource(settings, kept_seconds=0)
    changes = TopicChanges(settings, source.forget) if allow_changes else None
    async with client_of(Live(), source, changes=changes) as client:
        yield client


async def form_of(client, path):
    """The hidden fields of the page's last form."""
    answer = await client.get(path)
    html = await answer.text()
    assert answer.status == 200, html
    return dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html[html.rindex("<form") :])
    )


async def test_a_rule_goes_through_its_life_and_the_topic_has_each_step(brokers, topics):
    async with desk(brokers, topics) as client:
        hidden = await form_of(client, "/new-rule")
        put_it = await client.post("/rules", data={**hidden, **FORM})
        html = await put_it.text()
        assert put_it.status == 200, html
        assert "is the rule now" in html
        for step, state in (("pause", "paused"), ("resume", "active")):
            hidden = await form_of(client, "/rules/ferries")
            html = await (await client.post(f"/rules/ferries/{step}", data=hidden)).text()
            assert f">{state}<" in html, html
        hidden = await form_of(client, "/rules/ferries")
        html = await (await client.post("/rules/ferries/delete", data=hidden)).text()
        assert "The rule ferries is deleted." in html
    values = [value for _, value, _ in await rule_records(brokers, topics)]
    assert [value and rule_from_bytes(value).expires_at for value in values] == [
        None,
        PAUSED_SINCE,
        None,
        None,
    ]
    assert values[3] is None


async def test_who_changed_a_rule_is_named_and_a_paused_one_gets_its_end_back(brokers, topics):
    changes = TopicChanges(settings_of(brokers, topics))
    ends = a_rule(expires_at="2099-01-01T00:00:00Z")
    await changes.put_rule(ends, seen="", by="ada")
    paused = await changes.pause_rule("quays", seen=rule_version(ends), by="bob")
    again = paused_rule(a_rule(name="Quays and piers"))
    renamed = await changes.put_rule(again, seen=paused.version, by="")
    await changes.resume_rule("quays", seen=renamed.version, by="ada")
    records = await rule_records(brokers, topics)
    assert [by for _, _, by in records] == ["ada", "bob", None, "ada"]
    assert rule_from_bytes(records[3][1]).expires_at == "2099-01-01T00:00:00Z"
    source = TopicSource(settings_of(brokers, topics))
    assert (await source.rule("quays"))["changed_by"] == "ada"
    assert [rule["changed_by"] for rule in (await source.rules())["rules"]] == ["ada"]


async def test_what_somebody_else_wrote_since_is_not_overwritten(brokers, topics):
    settings = settings_of(brokers, topics)
    changes = TopicChanges(settings)
    await changes.put_rule(a_rule(), seen="", by="")
    theirs = a_rule(name="Theirs")
    await put_rules(settings, [theirs], dry_run=False)
    before = await rule_records(brokers, topics)
    for change in (
        changes.put_rule(a_rule(name="Mine"), seen=SEEN, by=""),
        changes.pause_rule("quays", seen=SEEN, by=""),
        changes.delete_rule("quays", seen=SEEN, by=""),
        changes.put_rule(a_rule(name="New"), seen="", by=""),
    ):
        with pytest.raises(RuleConflict) as conflict:
            await change
        assert conflict.value.now == rule_version(theirs)
    with pytest.raises(RuleConflict):
        await changes.delete_rule("none", seen="", by="")
    with pytest.raises(ChangeRefused, match="not paused"):
        await changes.resume_rule("quays", seen=rule_version(theirs), by="")
    assert await rule_records(brokers, topics) == before


async def test_of_two_at_one_desk_who_save_at_once_one_is_told(brokers, topics):
    changes = TopicChanges(settings_of(brokers, topics))
    await changes.put_rule(a_rule(), seen="", by="")
    done = await asyncio.gather(
        *(changes.put_rule(a_rule(name=name), seen=SEEN, by=name) for name in ("ada", "bob")),
        return_exceptions=True,
    )
    assert [type(each).__name__ for each in done].count("RuleConflict") == 1
    assert len(await rule_records(brokers, topics)) == 2


async def test_what_another_desk_writes_between_reading_and_writing_is_found(brokers, topics, monkeypatch):
    settings = settings_of(brokers, topics)
    changes = TopicChanges(settings)
    await changes.put_rule(a_rule(), seen="", by="")
    theirs = a_rule(name="Theirs")
    write = topic_changes.write_changes

    async def write_late(*arguments):
        await put_rules(settings, [theirs], dry_run=False)
        await write(*arguments)

    monkeypatch.setattr(topic_changes, "write_changes", write_late)
    done = await changes.put_rule(a_rule(name="Mine"), seen=SEEN, by="")
    assert done.overtaken == (rule_version(theirs),)
    assert done.is_last


async def test_a_change_that_changes_nothing_writes_nothing(brokers, topics):
    changes = TopicChanges(settings_of(brokers, topics))
    first = await changes.put_rule(a_rule(), seen="", by="")
    for seen in (SEEN, ""):  # saved twice: by the form that is there now, and by the one that was
        assert await changes.put_rule(a_rule(), seen=seen, by="") == first
    assert len(await rule_records(brokers, topics)) == 1


async def test_letters_go_back_once_and_those_that_came_after_the_plan_do_not(brokers, topics):
    letters = [letter_of(raw(topics, n, b"article %d" % n)) for n in range(3)]
    await put(brokers, topics, letters)
    await put(brokers, topics, [letter_of(raw(topics, 9, b"other"), Reason.TOO_LARGE)])
    async with desk(brokers, topics) as client:
        plan = await (await client.get("/dead-letters/redrive?reason=invalid")).text()
        assert "3 letters would be sent back" in plan
        hidden = await form_of(client, "/dead-letters/redrive?reason=invalid")
        assert await sent_back(brokers, topics) == []
        await asyncio.sleep(0.01)
        await put(brokers, topics, [letter_of(raw(topics, 12, b"too late"))])
        html = await (await client.post("/dead-letters/redrive", data=hidden)).text()
        assert "3 letters sent back" in html, html
        again = await (await client.post("/dead-letters/redrive", data=hidden)).text()
        assert "0 letters sent back; 3 had been sent back before" in again
        one = await form_of(client, "/dead-letters/redrive?at=0/3")
        assert "1 letter sent back" in await (await client.post("/dead-letters/redrive", data=one)).text()
        assert "sent back" in await (await client.get("/dead-letters")).text()
    back = [record.value for record in await sent_back(brokers, topics)]
    assert back == [b"article 0", b"article 1", b"article 2", b"other"]


async def test_two_desks_that_send_the_same_letters_back_at_once_send_each_once(brokers, topics):
    await put(brokers, topics, [letter_of(raw(topics, n, b"article %d" % n)) for n in range(300)])
    settings = settings_of(brokers, topics)
    selection = RedriveSelection(reason="invalid")
    await asyncio.gather(
        *(TopicChanges(settings).redrive(selection, by="") for _ in range(2)), return_exceptions=True
    )
    await TopicChanges(settings).redrive(selection, by="")
    back = [record.value for record in await sent_back(brokers, topics)]
    assert sorted(back) == sorted(b"article %d" % n for n in range(300))


async def test_without_the_right_no_producer_is_ever_made(brokers, topics, monkeypatch):
    await put(brokers, topics, [letter_of(raw(topics, 0, b"{")), letter_of(raw(topics, 1, b"\xff"))])
    await put_rules(settings_of(brokers, topics), [a_rule()], dry_run=False)
    made = []
    original = AIOKafkaProducer.__init__

    def noting(self, *arguments, **options):
        made.append(options)
        original(self, *arguments, **options)

    monkeypatch.setattr(aiokafka.AIOKafkaProducer, "__init__", noting)
    async with desk(brokers, topics, allow_changes=False) as client:
        for path in (
            "/", "/stories", "/alerts", "/rules", "/rules/quays", "/new-rule", "/dead-letters",
            "/dead-letters/0/0", "/dead-letters/redrive?reason=invalid", "/dead-letters/redrive?at=0/1",
        ):  # fmt: skip
            assert (await client.get(path)).status == 200, path
        assert (await client.post("/try-rule", data=FORM)).status == 200
        for path in (
            "/rules", "/rules/quays/pause", "/rules/quays/resume", "/rules/quays/delete",
            "/dead-letters/redrive",
        ):  # fmt: skip
            fields = {**FORM, TOKEN_FIELD: "x", "seen": SEEN, "reason": "invalid", "until": "9" * 13}
            assert (await client.post(path, data=fields)).status == 403, path
    assert made == []
    async with desk(brokers, topics) as client:
        await client.post("/rules", data={**await form_of(client, "/new-rule"), **FORM})
    assert len(made) == 1


async def test_the_place_of_an_error_is_marked_in_a_letters_bytes(brokers, topics):
    value = b'{"text": "' + b"x" * 3000 + b'", oops}'
    await put(
        brokers, topics, [letter_of(raw(topics, 0, value)), letter_of(raw(topics, 1, b"fine until \xff"))]
    )
    source = TopicSource(settings_of(brokers, topics))
    far = await source.letter(0, 0)
    at = value.index(b"oops")
    line = far["value"][far["error"]["line"]]
    assert (far["error"]["at"], line[far["error"]["char"]]) == (at, "o")
    assert line[far["error"]["hex"] :].startswith("6f")
    assert far["error"]["first"] > 0
    near = await source.letter(0, 1)
    assert near["error"]["at"] == 11
    assert near["value"][0][near["error"]["hex"] :].startswith("ff")

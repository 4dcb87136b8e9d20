"""`dateline rules` against Apache Kafka: rules put, found, tried, moved and taken away."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.faults.account import read_topic
from tests.kafka.alerts.alert_stream import Stream, article
from tests.kafka.delivery.administration import add_partitions, administration
from worker.channels import Channel, topic_name
from worker.commands.rules import pausing
from worker.commands.rules.typed import typed_rule
from worker.commands.rules.write import put_rules
from worker.commands.shell.terminal import Problem
from worker.records.rules import rule_version
from worker.settings import Settings

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
ALERT = json.loads((EXAMPLES / "alerts.v1/speaker-and-topic.json").read_bytes())
HOUR_MS = 3_600_000


@pytest.fixture
async def stream(brokers, prefix, create_topics):
    await create_topics(brokers, prefix, partitions=3)
    return Stream(brokers, prefix)


async def written(stream: Stream) -> list[tuple[bytes, bytes | None]]:
    """The rules' topic, every record of it, by key."""
    records = await read_topic(stream.brokers, stream.topic(Channel.RULES))
    return sorted(((one.key, one.value) for one in records), key=lambda record: record[0])


async def raise_alerts(stream: Stream, times_ms: dict[str, list[int]]) -> None:
    """Alerts of these rules, written at these times."""
    async with AIOKafkaProducer(bootstrap_servers=stream.brokers) as producer:
        sent = [
            await producer.send(
                stream.topic(Channel.ALERTS),
                json.dumps(ALERT).encode(),
                key=rule_id.encode(),
                timestamp_ms=time_ms,
            )
            for rule_id, times in times_ms.items()
            for time_ms in times
        ]
        await asyncio.gather(*sent)


def line(rule_id: str, when: str = "storm", **fields) -> str:
    return json.dumps({"id": rule_id, "name": rule_id, "owner": "desk", "when": when, **fields})


async def test_a_rule_is_put_once_shown_as_it_is_typed_and_deleted(dateline, stream):
    typed = [
        "harbour",
        "--name",
        "The harbour",
        "--owner",
        "city desk",
        "--when",
        "porthaven OR topic:labour",
    ]
    assert dateline("rules", "put", *typed, "--dry-run").stderr == "1 new; nothing was written\n"
    assert await written(stream) == []
    first = dateline("rules", "put", *typed)
    assert (first.stdout.split()[:2], first.stderr) == (["new", "harbour"], "1 new\n")
    assert dateline("rules", "put", *typed).stdout == first.stdout.replace("new      ", "unchanged")
    assert dateline("rules", "put", *typed, "--cooldown", "1h/entity").stderr == "1 changed\n"
    assert len(await written(stream)) == 2

    shown = dateline("rules", "get", "harbour")
    assert shown.stdout == (
        "dateline rules put harbour \\\n  --name 'The harbour' \\\n  --owner 'city desk' \\\n"
        "  --when 'porthaven OR topic:labour' \\\n  --cooldown 1h/entity\n"
    )
    stored = json.loads(dateline("rules", "get", "harbour", "--json").stdout)
    assert stored["cooldown"] == {"seconds": 3600, "per": "entity"}
    assert "no rule 'harbor'; there is harbour" in dateline("rules", "get", "harbor", code=1).stderr

    refused = dateline("rules", "delete", "harbour", "nope", code=1)
    assert refused.stderr == "dateline: no rule 'nope'\nnothing was deleted\n"
    assert len(await written(stream)) == 2
    dateline("rules", "delete", "harbour", "nope", "--ignore-missing")
    assert (await written(stream))[-1] == (b"harbour", None)


async def test_rules_of_files_are_put_all_or_none(dateline, stream, tmp_path):
    one, many = tmp_path / "one.json", tmp_path / "many.jsonl"
    one.write_bytes((EXAMPLES / "alert-rules.v1/full.json").read_bytes())
    many.write_text(f"{line('a')}\n{line('b', 'storm (')}\n")
    refused = dateline("rules", "put", str(one), str(many), code=1).stderr.splitlines()
    assert refused[0].startswith(f"dateline: {many}:2: when: the query ends where")
    assert refused[1:] == ["  storm (", "         ^", "nothing was written"]
    assert await written(stream) == []
    done = dateline("rules", "put", str(one), "-", stdin=line("a").encode())
    assert [said.split()[1] for said in done.stdout.splitlines()] == ["dock-strikes", "a"]


async def test_rules_are_listed_with_their_hits_and_with_what_is_wrong(dateline, stream):
    now = int(time.time() * 1000)
    rules = [line("a"), line("b", owner="Other", cooldown={"seconds": 90}), line("c", "topic:labour")]
    dateline("rules", "put", "-", stdin="\n".join(rules).encode())
    await stream.put_values(
        {"c": b'{"id": "c", "name": "c", "owner": "d", "when": {"topic": {"code": "x"}}}'}
    )
    await stream.put_values({"no id": b"{}", "gone": b"{}"})
    await stream.put_values({"gone": None})
    await raise_alerts(stream, {"a": [now - 30 * HOUR_MS, now - HOUR_MS, now - 5_000], "other": [now]})

    done = dateline("rules", "list")
    lines = done.stdout.splitlines()
    assert [row.split()[0] for row in lines] == ["id", "a", "b", "b'no", "no", "c", "no"]
    assert lines[1].split()[-2] == "2"
    assert lines[1].endswith(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((now - 5_000) / 1000)))
    assert lines[2].split()[3:] == ["storm", "90s", "0"]
    assert lines[4] == (
        "  no rule: the key is no rule id: b'no id'; `dateline rules delete 'no id'` deletes it"
    )
    assert lines[6].startswith("  no rule: when.topic.code: takes a code such as medtop:16000000")
    assert lines[6].endswith(" stays in force")
    assert done.stderr == "3 rules in force, 2 whose latest value is no rule\n"

    def hits(*words):
        said = dateline("rules", "list", "--json", *words).stdout
        return {one["id"]: one["hits"] for one in map(json.loads, said.splitlines())}

    assert hits("--since", "beginning") == {"a": 3, "b": 0, "b'no id'": 0, "c": 0}
    assert hits("--since", "1m", "--owner", "DESK") == {"a": 1, "c": 0}
    assert dateline("rules", "get", "c").stderr.startswith("its latest value is no rule: when.topic.code: ")
    for typed in ("b'no id'", "no id"):
        await stream.put_values({"no id": b"{}"})
        dateline("rules", "delete", typed)
        assert "no rule id" not in dateline("rules", "list").stdout


async def test_an_export_is_imported_elsewhere_and_only_what_changes_is_written(dateline, stream, tmp_path):
    kept, file = tmp_path / "kept.jsonl", tmp_path / "file.jsonl"
    file.write_text("\n".join(line(f"r{number:03}") for number in range(300)))
    assert dateline("rules", "import", str(file)).stderr == "300 new\n"
    dateline("rules", "export", str(kept))
    assert dateline("rules", "export").stdout.encode() == kept.read_bytes()
    assert [json.loads(one)["id"] for one in kept.read_text().splitlines()] == [
        f"r{n:03}" for n in range(300)
    ]
    again = dateline("rules", "import", str(kept))
    assert (again.stdout, again.stderr) == ("", "300 unchanged\n")
    assert len(await written(stream)) == 300

    file.write_text("\n".join([line("r000", "port"), line("r001"), line("new")]))
    await stream.put_values({"r002": b"{}"})
    planned = dateline("rules", "import", str(file), "--delete-others", "--dry-run")
    assert planned.stderr == "1 new, 1 changed, 1 unchanged, 298 deleted; nothing was written\n"
    assert len(await written(stream)) == 301
    done = dateline("rules", "import", str(file), "--delete-others")
    assert done.stdout == planned.stdout
    kinds = [one.split()[0] for one in done.stdout.splitlines()]
    assert kinds == ["changed", "new", *["deleted"] * 298]
    assert [json.loads(one)["id"] for one in dateline("rules", "export").stdout.splitlines()] == [
        "new", "r000", "r001",
    ]  # fmt: skip

    file.write_text("\n".join([line("r000"), "{}", line("r000"), line("x", "(")]))
    refused = dateline("rules", "import", str(file), "--delete-others", code=1)
    for number in (2, 3, 4):
        assert f"{file}:{number}: " in refused.stderr
    assert len(await written(stream)) == 301 + len(done.stdout.splitlines())


async def test_a_file_without_rules_deletes_none(dateline, stream, tmp_path):
    dateline("rules", "put", "-", stdin="\n".join([line("a"), line("b")]).encode())
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    for words in ((), ("--dry-run",)):
        refused = dateline("rules", "import", str(empty), "--delete-others", *words, code=1)
        assert refused.stderr == (
            "dateline: the file holds no rule; --delete-others would delete all 2: "
            "`dateline rules delete` does that by name\n"
        )
    assert len(await written(stream)) == 2
    assert dateline("rules", "import", str(empty)).stderr == "nothing to do\n"
    dateline("rules", "delete", "a", "b")
    assert dateline("rules", "import", str(empty), "--delete-others").stderr == "nothing to do\n"


async def test_what_keeps_a_rule_from_matching_is_said_when_it_is_put(dateline, stream):
    typed = ["old", "--name", "Old", "--owner", "desk", "--when", "storm", "--expires-at", "2020-01-01"]
    put = dateline("rules", "put", *typed).stderr.splitlines()
    assert put == [
        "dateline: old expired already, at 2020-01-01T00:00:00Z: it matches nothing that comes",
        "1 new",
    ]
    listed = dateline("rules", "list")
    assert " 2020-01-01T00:00:00Z expired " in listed.stdout
    assert listed.stderr == "0 rules in force, 1 expired\n"

    async with administration(stream.brokers) as admin:
        await add_partitions(admin, stream.topic(Channel.RULES), 3)
    said = dateline("rules", "import", "-", stdin=line("new").encode()).stderr.splitlines()
    assert said == [
        f"dateline: {stream.topic(Channel.RULES)} has 3 partitions and takes 1: with more, the versions of a "
        "rule have no order, and no worker of a cluster starts",
        "1 new",
    ]


async def test_rules_are_paused_and_resumed_with_the_end_that_they_had(dateline, stream):
    rules = [line("a", expires_at="2099-01-01T00:00:00Z"), line("b")]
    dateline("rules", "put", "-", stdin="\n".join(rules).encode())
    before = await written(stream)

    unknown = dateline("rules", "pause", "a", "aa", code=1)
    assert unknown.stderr == "dateline: no rule 'aa'; there is a\nnothing was written\n"
    assert dateline("rules", "pause", "a", "--dry-run").stderr == "1 changed; nothing was written\n"
    assert await written(stream) == before
    assert dateline("rules", "pause", "a", "b", "a").stderr == "2 changed\n"
    assert dateline("rules", "list").stdout.count(" paused ") == 2
    again = dateline("rules", "pause", "b")
    assert (again.stdout.split()[:2], again.stderr) == (["unchanged", "b"], "1 unchanged\n")

    renamed = json.loads(dateline("rules", "get", "a", "--json").stdout) | {"name": "Another"}
    assert dateline("rules", "put", "-", stdin=json.dumps(renamed).encode()).stderr.splitlines() == [
        "dateline: a is paused: it matches nothing until it is resumed",
        "1 changed",
    ]
    assert dateline("rules", "resume", "a", "b", code=0).stderr == "2 changed\n"
    ends = [json.loads(dateline("rules", "get", name, "--json").stdout).get("expires_at") for name in "ab"]
    assert ends == ["2099-01-01T00:00:00Z", None]
    assert dateline("rules", "resume", "a").stderr == "1 unchanged\n"
    assert len(await written(stream)) == 2 + 2 + 1 + 2


@pytest.mark.parametrize("comes", ["before", "after"])
async def test_who_pauses_a_rule_is_told_of_what_somebody_else_writes_in_the_same_moment(
    stream, monkeypatch, capsys, comes
):
    settings = Settings(brokers=stream.brokers, topic_prefix=stream.prefix)
    mine, theirs = (typed_rule("a", name=name, owner="desk", when="storm") for name in ("Mine", "Theirs"))
    await put_rules(settings, [mine], dry_run=False)
    write = pausing.write_changes

    async def write_together(*arguments):
        if comes == "before":
            await put_rules(settings, [theirs], dry_run=False)
        await write(*arguments)
        if comes == "after":
            await put_rules(settings, [theirs], dry_run=False)

    monkeypatch.setattr(pausing, "write_changes", write_together)
    capsys.readouterr()
    version = rule_version(theirs)
    if comes == "before":
        await pausing.pause_rules(settings, ["a"], dry_run=False)
        told = f"dateline: a: replaces what somebody else wrote in the same moment: {version}"
        assert capsys.readouterr().err.splitlines()[-1] == told
    else:
        with pytest.raises(Problem) as problem:
            await pausing.pause_rules(settings, ["a"], dry_run=False)
        assert problem.value.message == f"a: somebody else has written it since: it is {version} now"


async def test_rules_are_tried_on_the_enriched_topic_by_the_articles_own_times(dateline, stream):
    now = int(time.time() * 1000)
    late_first = [now - minutes * 60_000 for minutes in (5, 50, 20, 90)]
    await stream.publish(4, "A storm closed the port.", times_ms=late_first)
    await stream.publish(2, "Calm seas.")
    async with AIOKafkaProducer(bootstrap_servers=stream.brokers) as producer:
        topic = topic_name(Channel.ENRICHED, stream.prefix)
        await producer.send_and_wait(topic, None, key=b"retracted")
        await producer.send_and_wait(
            topic, article(99, "An old storm."), key=b"a99", timestamp_ms=now - 3 * HOUR_MS
        )
    dateline("rules", "put", "-", stdin="\n".join([line("wet", "storm"), line("dry", "calm")]).encode())

    def tried(*words, code=0):
        done = dateline("rules", "test", "--json", *words, code=code)
        alerts = [json.loads(one) for one in done.stdout.splitlines()]
        return [(one["rule"]["id"], one["article"]["id"]) for one in alerts], done.stderr

    assert tried("--id", "wet") == (
        [("wet", "a3"), ("wet", "a1"), ("wet", "a2"), ("wet", "a0")],
        "6 articles against 1 rule: 4 alerts\n",
    )
    assert tried("--when", "storm", "--cooldown", "1h") == (
        [("when", "a3"), ("when", "a2")],
        "6 articles against 1 rule: 2 alerts, 2 more kept back by cooldowns\n",
    )
    assert tried("--since", "beginning", "--limit", "1") == (
        [("wet", "a99")],
        "7 articles against 2 rules: 7 alerts\n",
    )
    assert tried("--id", "wett", code=1) == ([], "dateline: no rule 'wett'; there is wet\n")
    card = dateline("rules", "test", "--id", "wet", "--limit", "1").stdout.splitlines()
    assert card[0].startswith("A storm closed the port.  20")
    assert card[1:] == ["  wet  wet", "    storm", "      A [[storm]] closed the port."]

    async with AIOKafkaProducer(bootstrap_servers=stream.brokers) as producer:
        await producer.send_and_wait(topic, b'{"id": "foreign"}', key=b"foreign", partition=1)
    found, said = tried("--id", "dry", code=1)
    assert len(found) == 2
    assert "/1/" in said.splitlines()[0]
    assert "no enriched article: " in said.splitlines()[0]


async def test_rules_and_alerts_are_tapped_as_a_person_reads_them(dateline, stream):
    dateline("rules", "put", str(EXAMPLES / "alert-rules.v1/minimal.json"))
    await raise_alerts(stream, {"dock-strikes": [int(time.time() * 1000)]})
    assert dateline("tap", "rules", "--no-follow").stdout.endswith(
        ' harbour The harbour at Porthaven (city desk): "Porthaven harbour"\n'
    )
    assert (
        " dock-strikes Dock strikes in Peru: Dockers of Callao to walk out  ["
        in dateline("tap", "alerts", "--no-follow").stdout
    )

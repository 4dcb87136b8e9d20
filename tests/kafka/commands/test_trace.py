"""`dateline trace` against Apache Kafka and the real worker: every way that an article can go."""

import json
from typing import Any

import pytest

from tests.faults.account import settled
from tests.faults.workers import REAL
from tests.kafka.alerts.alert_stream import Stream, per_rule, rule
from worker.channels import Channel

URL = "https://wire.example/2026/storm-hits-porthaven"
TEXT = "A storm hit Porthaven on Monday. “We have waited long enough,” said Lena Okafor, who leads the port."
PARTITIONS = 3


@pytest.fixture
def feed(dateline, tmp_path):
    """`feed({"id": "wire-1"}, words=("--retract", "wire-3"))`: the places of what `feed --json` sent."""

    def send(*articles: dict[str, Any], words: tuple[str, ...] = ()) -> list[str]:
        path = tmp_path / "articles.jsonl"
        path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
        done = dateline("feed", *([str(path)] if articles else []), *words, "--json")
        sent = [json.loads(line) for line in done.stdout.splitlines()]
        assert [one["id"] for one in sent] == [article.get("id") for article in articles] or not articles
        return [f"{one['topic']}/{one['partition']}/{one['offset']}" for one in sent]

    return send


@pytest.fixture
def traced(dateline):
    """`traced("wire-1")`: what `trace --json` has of it."""

    def trace(asked: str, *words: str, code: int = 0) -> dict[str, Any]:
        done = dateline("trace", asked, *words, "--json", code=code)
        found: dict[str, Any] = json.loads(done.stdout)
        assert f"in {found['seconds']:.1f} s" in done.stderr
        return found

    return trace


def ends(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(publish["origin"], publish["became"]) for publish in found["publishes"]]


async def test_every_way_of_an_article_is_told(
    dateline, brokers, prefix, create_topics, start_worker, feed, traced, tmp_path
):
    await create_topics(brokers, prefix, partitions=PARTITIONS)
    stream = Stream(brokers, prefix)
    await stream.put(rule("storms", "storm"), rule("hourly", "storm", cooldown=per_rule(3600)))
    worker = start_worker(prefix, command=REAL, PROCESSES=1)
    worker.wait_until_ready(240)

    article = {"id": "wire-1", "url": URL, "text": TEXT}
    (first,) = feed(article)
    (second,) = feed(article)
    (letter,) = feed({"id": "wire-2", "headline": "No text"})
    (published,) = feed({"id": "wire-3", "text": "The ferry ran late on Monday."})
    (retracted,) = feed(words=("--retract", "wire-3"))
    plain = tmp_path / "plain.txt"
    plain.write_text("The ferry to Porthaven ran late on Monday, its owner said.", encoding="utf-8")
    (without_id,) = feed(words=(str(plain),))
    await settled(brokers, prefix, [Channel.ENRICHED], within=120)
    dateline("dead-letters", "redrive")
    await settled(brokers, prefix, [Channel.ENRICHED], within=120)
    await stream.fired(expected=3, seconds=90)

    # An article that was published twice: each publish, with its alerts and what a cooldown kept back.
    found = traced("wire-1")
    assert ends(found) == [(first, "enriched"), (second, "enriched")]
    one = found["publishes"][0]
    assert set(one["records"]) == {"enriched", "search", "entities", "quotes", "sketches"}
    assert one["pipelines"][0].startswith("en_news/")
    became = {
        (match["rule"]["id"], match["became"], len(match["alerts"]))
        for publish in found["publishes"]
        for match in publish["matches"]
    }
    assert became == {("storms", "alert", 1), ("hourly", "alert", 1), ("hourly", "kept back", 0)}
    assert all(part["records"] < 100 for part in found["searched"])
    assert {part["topic"]: len(part["partitions"]) for part in found["searched"]}[
        stream.topic(Channel.SEARCH)
    ] == 1

    # By its url, its file, its place, and the places of what came of it.
    assert ends(traced(URL.replace("https", "http") + "/?utm_source=x")) == ends(found)
    assert ends(traced(str(plain))) == ends(traced(without_id)) == [(without_id, "enriched")]
    alert = next(match["alerts"][0] for match in one["matches"] if match["rule"]["id"] == "storms")
    assert ends(traced(f"alerts/{alert['partition']}/{alert['offset']}")) == [(first, "enriched")]
    assert ends(traced(second)) == [(second, "enriched")]
    own_id = traced(without_id)["publishes"][0]["article"]
    assert ends(traced(own_id)) == [(without_id, "enriched")]

    # A dead letter, what it was sent back as, and the letter that this became: from either end, and by id.
    by_id = traced("wire-2")
    assert [became for _, became in ends(by_id)] == ["dead letter", "dead letter"]
    again = by_id["publishes"][0]["letters"][0]["sent_back_as"]
    assert by_id["publishes"][1]["first_origin"] == letter
    assert [(letter, "dead letter"), (again[0], "dead letter")] == ends(by_id)
    assert ends(traced(letter)) == ends(traced(again[0])) == ends(by_id)

    assert ends(traced("wire-3")) == [(published, "enriched"), (retracted, "retracted")]

    # What waits for a worker, and what is nowhere.
    assert worker.stop() == 0
    (waiting,) = feed({"id": "wire-4", "text": TEXT})
    assert ends(traced("wire-4")) == ends(traced(waiting)) == [(waiting, "waiting")]
    assert dateline("trace", "wire-4").stdout.startswith("article wire-4, 1 raw record\n")
    nowhere = dateline("trace", "wire-5", code=1)
    assert nowhere.stdout == ""
    assert "dateline: the id wire-5 was not found in what was searched" in nowhere.stderr
    assert "not searched: what was published earlier (--since)" in nowhere.stderr
    beyond = dateline("trace", f"{first.rpartition('/')[0]}/999999", code=1)
    assert "what is committed of the partition ends before offset" in beyond.stderr

    text = dateline("trace", "wire-1").stdout
    assert "article wire-1, 2 raw records" in text
    assert "matched hourly" in text
    assert "kept back by its cooldown" in text

    # What can't be traced is one line.
    several = tmp_path / "several.jsonl"
    several.write_text(json.dumps(article) + "\n" + json.dumps(article) + "\n", encoding="utf-8")
    for asked, said in ((several, "holds several articles: name one by its id"), (tmp_path, "is a folder")):
        (line,) = dateline("trace", str(asked), code=1).stderr.splitlines()
        assert said in line
    assert {event["origin"] for event in worker.events("dead letter")} == {letter, again[0]}
    assert [event["article"] for event in worker.events("article retracted")] == ["wire-3"]
    assert not any("mode.timers" in line for line in worker.said().splitlines())

"""What became of a raw record, told from the records of all topics in whatever order they were read."""

import random

import orjson
import pytest

from tests.unit.commands.trace.trace_records import (
    DEAD,
    ENRICHED,
    RAW,
    alert,
    delivered,
    enriched,
    ledger,
    letter,
    match,
    note,
    output,
    raw,
    record,
    sent_back,
)
from worker.channels import Channel
from worker.commands.trace.publish import Fate, MatchFate
from worker.records.messages import BatchFault, FailedStep, Reason

ORIGIN = f"{RAW}/0/7"
FAR = delivered(raw=100, enriched=100, matches=100)


@pytest.mark.parametrize(
    ("records", "known", "fate"),
    [
        ([raw(), enriched()], FAR, Fate.ENRICHED),
        ([enriched()], {}, Fate.ENRICHED),
        ([output(Channel.SEARCH, (1, 1))], {}, Fate.ENRICHED),
        ([raw(value=None), enriched(value=None)], FAR, Fate.RETRACTED),
        ([raw(), letter()], FAR, Fate.DEAD),
        # At-least-once, an article of which one record was refused: the others stay beside its letter.
        (
            [raw(), enriched(), letter(step=FailedStep.PUBLISH, reason=Reason.PUBLISH_REJECTED)],
            FAR,
            Fate.DEAD,
        ),
        # The article came out; its rules were not asked.
        ([raw(), enriched(), letter(of=enriched(), step=FailedStep.ALERT)], FAR, Fate.ENRICHED),
        ([letter(of=enriched(), step=FailedStep.ALERT)], FAR, Fate.DEAD),
        # It was counted by nobody: its note was none, or what came of it was refused.
        ([raw(), enriched(), letter(of=note(), step=FailedStep.TRENDS)], FAR, Fate.ENRICHED),
        ([raw(), enriched(), letter(of=note(), step=FailedStep.PUBLISH)], FAR, Fate.ENRICHED),
        ([raw()], delivered(raw=7), Fate.WAITING),
        ([raw()], delivered(raw=8), Fate.NOT_FOUND),
        ([raw()], {}, Fate.UNKNOWN),
    ],
)
def test_a_raw_record_has_one_fate(records, known, fate):
    assert ledger(records, delivered=known).publish(ORIGIN).fate is fate


@pytest.mark.parametrize(
    ("records", "options", "fate"),
    [
        ([match(), alert()], {"delivered": FAR}, MatchFate.ALERT),
        ([match(), alert(rule="floods")], {"delivered": FAR}, MatchFate.KEPT_BACK),
        ([match()], {"delivered": FAR, "reaches_end": False}, MatchFate.UNKNOWN),
        ([match(cooldown=False)], {"delivered": FAR}, MatchFate.UNKNOWN),
        ([match()], {"delivered": delivered(matches=2)}, MatchFate.WAITING),
        ([match()], {}, MatchFate.UNKNOWN),
    ],
)
def test_a_match_becomes_an_alert_or_is_kept_back(records, options, fate):
    publish = ledger([raw(), enriched(), *records], **options).publish(ORIGIN)
    assert [one.fate for one in publish.matches] == [fate]
    assert publish.is_explained is (fate in (MatchFate.ALERT, MatchFate.KEPT_BACK))


def test_an_alert_without_its_match_is_told_too():
    publish = ledger([enriched(), alert()]).publish(ORIGIN)
    assert [one.offset for one in publish.alerts] == [9]


def test_the_order_of_reading_and_reading_twice_change_nothing():
    records = [raw(), enriched(), match(), alert(), letter(of=enriched(), step=FailedStep.ALERT)]
    mixed = [*records, *records]
    random.Random(1).shuffle(mixed)
    one, other = (ledger(each, delivered=FAR).publish(ORIGIN) for each in (records, mixed))
    assert {record.topic for record in one.records} == {record.topic for record in other.records}
    assert len(one.records) == len(other.records) == 4


def test_an_article_waits_for_its_rules_until_the_group_is_past_its_enriched_record():
    for offset, matched in ((5, False), (6, True)):
        publish = ledger([raw(), enriched()], delivered=delivered(raw=9, enriched=offset)).publish(ORIGIN)
        assert (publish.matched, publish.is_explained) == (matched, matched)


def test_a_letter_and_what_it_was_sent_back_as_know_each_other():
    again = f"{RAW}/0/8"
    records = [raw(), letter(), sent_back(), enriched(of=again, after_ms=61_000)]
    books = ledger(records, delivered=FAR)
    assert books.origins == [ORIGIN, again]
    (returned,) = books.publish(ORIGIN).letters
    assert returned.as_raw == (again,)
    publish = books.publish(again)
    assert (publish.fate, publish.redriven_from) == (Fate.ENRICHED, f"{DEAD}/0/3")
    assert publish.first_origin == ORIGIN


def test_what_came_of_it_tells_that_it_was_sent_back_if_the_raw_record_is_gone():
    written = enriched(of=f"{RAW}/0/8")
    headers = (*written.headers, *sent_back().headers)
    books = ledger([letter(), record(Channel.ENRICHED, (3, 5), headers=headers)])
    assert books.publish(ORIGIN).letters[0].as_raw == (f"{RAW}/0/8",)
    assert books.publish(f"{RAW}/0/8").redriven_from == f"{DEAD}/0/3"


def test_a_receipt_says_that_a_letter_was_sent_back_if_the_record_is_gone():
    sent = letter()
    receipt = {
        "topic": DEAD,
        "partition": 0,
        "letters": [{"first": 2, "last": 4, "latest": sent.timestamp}],
        "count": 3,
        "at": "2026-01-31T08:01:00.000Z",
        "by": "dateline/0.1.0 ops",
    }
    books = ledger([sent, record(Channel.REDRIVEN, (0, 0), orjson.dumps(receipt))])
    (returned,) = books.publish(ORIGIN).letters
    assert (returned.as_raw, returned.has_receipt) == ((), True)
    assert [one.at for one in books.receipts_of(returned.letter)] == [receipt["at"]]


@pytest.mark.parametrize(("offsets", "covered"), [("5 to 9", [5, 7, 9]), ("up to 9", [0, 9])])
def test_a_letter_stands_for_every_record_of_its_batch_that_was_not_read(offsets, covered):
    unread = letter(of=raw((0, 9), b"", key=None), fault=BatchFault("too much", offsets=offsets))
    books = ledger([unread], delivered=FAR)
    for offset in covered:
        assert books.publish(f"{RAW}/0/{offset}").fate is Fate.DEAD, offset
    assert books.publish(f"{RAW}/0/10").fate is Fate.NOT_FOUND
    assert books.publish(f"{RAW}/1/{covered[0]}").fate is Fate.NOT_FOUND


def test_a_publisher_s_headers_name_neither_the_origin_nor_the_article_of_its_letter():
    forged = raw(headers=(("origin", f"{RAW}/9/9".encode()), ("ce_subject", b"another")))
    publish = ledger([letter(of=forged)]).publish(ORIGIN)
    assert (publish.fate, publish.article) == (Fate.DEAD, None)


def test_a_letter_of_the_enriched_topic_belongs_to_the_raw_record_of_the_article():
    books = ledger([letter(of=enriched(), step=FailedStep.ALERT)])
    assert books.origins == [ORIGIN]
    assert books.publish(ORIGIN).article == "a-1"
    assert books.publish(ORIGIN).letters[0].letter.origin == f"{ENRICHED}/3/5"


@pytest.mark.parametrize("value", [b"", b"\xff", b"null", b"[]", b'{"alert": 7}', b'{"alert": {"rule": []}}'])
def test_what_somebody_else_wrote_among_the_matches_ends_nothing(value):
    books = ledger([raw(), output(Channel.MATCHES, (0, 0), value), output(Channel.ALERTS, (0, 0), value)])
    assert len(books.publish(ORIGIN).records) == 2


def test_a_record_that_names_no_raw_record_is_passed_over():
    assert ledger([record(Channel.ENRICHED, (0, 0)), record(Channel.PROGRESS, (0, 0))]).origins == []

"""The log names the article and the raw record of what was delivered: letters and retractions at `info`."""

import logging

import pytest

from worker.channels import Channel
from worker.delivery.kafka.sending import OutgoingRecord
from worker.delivery.lanes.dead_letter import dead_letter
from worker.delivery.lanes.delivery_log import log_delivery
from worker.delivery.lanes.inbox import Arrival
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason, Rejected

RAW = RawMessage("raw", 2, 7, 1000, b"wire-1", b"{}", (("ce_subject", b"forged"), ("origin", b"forged")))
HEADERS = (("ce_subject", b"wire-1"), ("origin", b"raw/2/7"))
ENRICHED = RawMessage("enriched", 0, 3, 1000, b"wire-1", b"{}", HEADERS)
NAMED = {"article": "wire-1", "origin": "raw/2/7"}


def out(channel, value=b"{}"):
    return OutMessage(channel, b"wire-1", value, HEADERS)


def letter(message):
    return dead_letter(message, Rejected(Reason.INVALID, "text is missing", FailedStep.DECODE))


RETRACTION = [out(Channel.ENRICHED, None), out(Channel.SEARCH, None)]


@pytest.mark.parametrize(
    ("channel", "message", "outputs", "level", "event", "fields"),
    [
        (
            Channel.RAW,
            RAW,
            [letter(RAW)],
            "INFO",
            "dead letter",
            {"article": None, "origin": "raw/2/7", "key": "wire-1", "reason": "invalid"},
        ),
        (
            Channel.ENRICHED,
            ENRICHED,
            [letter(ENRICHED)],
            "INFO",
            "dead letter",
            NAMED | {"key": "wire-1", "reason": "invalid"},
        ),
        (Channel.RAW, RAW, RETRACTION, "INFO", "article retracted", NAMED),
        (
            Channel.RAW,
            RAW,
            [out(Channel.ENRICHED), out(Channel.QUOTES), out(Channel.QUOTES)],
            "DEBUG",
            "delivered",
            NAMED | {"input": "raw/2/7", "records": {"articles.enriched.v1": 1, "quotes.v1": 2}},
        ),
        (
            Channel.ENRICHED,
            ENRICHED,
            [],
            "DEBUG",
            "delivered",
            NAMED | {"input": "enriched/0/3", "records": {}},
        ),
    ],
)
def test_an_input_is_logged_with_its_article_and_its_raw_record(
    caplog, channel, message, outputs, level, event, fields
):
    records = [OutgoingRecord(message.offset, output) for output in outputs]
    for logged in ("WARNING", "INFO", "DEBUG"):
        caplog.clear()
        caplog.set_level(logged)
        log_delivery(channel, [Arrival(message, message.offset, 1)], records)
        is_due = logging.getLevelNamesMapping()[level] >= logging.getLevelNamesMapping()[logged]
        assert [(line.levelname, line.message, line.fields) for line in caplog.records] == (
            [(level, event, fields)] if is_due else []
        )

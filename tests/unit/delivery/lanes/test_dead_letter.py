"""A dead letter is its input, byte for byte, and headers that say why and where it was."""

import pytest

from tests.unit.delivery.lanes.lane_fakes import message
from worker.channels import Channel
from worker.delivery.kafka.errors import FatalError
from worker.delivery.lanes.dead_letter import dead_letter, refused, truncated
from worker.records.messages import FailedStep, OutMessage, Reason, Rejected

WHY = Rejected(Reason.ENRICHMENT_KILLED, "hung: more than 30 s of CPU time", FailedStep.ENRICH, attempts=3)


def test_key_value_and_headers_stay_as_they_came():
    headers = (("content-type", b"text/plain"), ("Content-Type", b"\xff"), ("ce_id", b"7"), ("null", None))
    letter = dead_letter(message(5, b"\x00\xffvalue", key=b"\xfe", headers=headers), WHY)
    assert letter.channel is Channel.DEAD
    assert (letter.key, letter.value) == (b"\xfe", b"\x00\xffvalue")
    assert letter.headers[:4] == headers


def test_the_reason_and_the_place_are_headers():
    ours = dict(dead_letter(message(5), WHY).headers)
    worker = ours.pop("dead-letter-worker")
    assert ours == {
        "dead-letter-reason": b"enrichment-killed",
        "dead-letter-error": b"hung: more than 30 s of CPU time",
        "dead-letter-stage": b"enrich",
        "dead-letter-topic": b"raw",
        "dead-letter-partition": b"0",
        "dead-letter-offset": b"5",
        "dead-letter-timestamp": b"1000",
        "dead-letter-attempts": b"3",
    }
    assert worker.startswith(b"dateline/")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), None),
        ((("dead-letter-redriven", b"2"),), b"2"),
        ((("dead-letter-reason", b"invalid"),), b"1"),
        ((("dead-letter-reason", b"invalid"), ("dead-letter-redriven", b"2")), b"3"),
        ((("dead-letter-redriven", b"two"),), b"1"),
        ((("dead-letter-redriven", b"9" * 500),), b"1"),
    ],
)
def test_a_letter_of_a_letter_says_how_often_it_was_sent_back(before, after):
    """`redrive` counts; what came back with its reason was copied by other means, and counts here."""
    letter = dead_letter(message(5, headers=(*before, ("own", b"header"))), WHY)
    names = [name for name, _ in letter.headers]
    assert len(names) == len(set(names))
    assert dict(letter.headers).get("dead-letter-redriven") == after
    assert dict(letter.headers)["dead-letter-reason"] == b"enrichment-killed"
    assert dict(letter.headers)["own"] == b"header"


def test_one_that_waits_says_until_when_in_the_worker_s_words_alone():
    theirs = message(5, headers=(("dead-letter-until", b"2000-01-01T00:00:00Z"),))
    for until in (None, "2026-02-01T05:00:00Z"):
        withheld = Rejected(Reason.WITHHELD, "embargoed", FailedStep.DECODE, until=until)
        headers = dict(dead_letter(theirs, withheld).headers)
        assert headers.get("dead-letter-until") == (until and until.encode())


def test_where_it_first_came_from_is_never_lost():
    first = dead_letter(message(5), WHY)
    copied = dead_letter(message(9, headers=first.headers), WHY)
    again = dead_letter(message(12, headers=copied.headers), WHY)
    for letter, offset in ((copied, b"9"), (again, b"12")):
        ours = dict(letter.headers)
        assert ours["dead-letter-first-origin"] == b"raw/0/5"
        assert ours["dead-letter-offset"] == offset
    assert dict(again.headers)["dead-letter-redriven"] == b"2"


def test_a_truncated_letter_that_was_copied_back_still_says_that_it_is_and_where_the_original_was():
    empty = truncated(dead_letter(message(5), WHY))
    again = dict(dead_letter(message(9, empty.value, headers=empty.headers), WHY).headers)
    assert again["dead-letter-truncated"] == b"4"
    assert again["dead-letter-first-origin"] == b"raw/0/5"


def test_when_and_from_where_it_was_sent_back_stays_and_is_bounded():
    sent = {"dead-letter-redriven": b"1", "dead-letter-redriven-at": b"2026-01-31T08:00:00.000Z"}
    sent |= {"dead-letter-redriven-from": b"f" * 5000, "dead-letter-first-origin": b"raw/0/1"}
    ours = dict(dead_letter(message(5, headers=tuple(sent.items())), WHY).headers)
    assert {name: ours[name] for name in sent} == sent | {"dead-letter-redriven-from": b"f" * 400}
    assert "dead-letter-other" not in dict(
        dead_letter(message(5, headers=(("dead-letter-other", b""),)), WHY).headers
    )


def test_names_that_are_no_utf8_stay_as_they_came():
    odd = (b"od\xffd".decode(errors="surrogateescape"), b"\xfe")
    letter = dead_letter(message(5, headers=(odd,)), WHY)
    assert letter.headers[0] == odd
    assert truncated(letter).headers[0] == odd


def test_neither_key_nor_value_gives_an_empty_value():
    assert dead_letter(message(5, None, key=None), WHY).value == b""
    assert dead_letter(message(5, None, key=b"key"), WHY).value is None


@pytest.mark.parametrize("text", ["\udcff" + "x" * 10_000, "x" + "ö" * 10_000, "x" + "\U0001f4f0" * 10_000])
def test_an_error_of_any_text_fits_into_a_header_by_bytes_and_ends_with_a_whole_character(text):
    letter = dead_letter(message(5), Rejected(Reason.INVALID, text, FailedStep.DECODE))
    error = dict(letter.headers)["dead-letter-error"]
    assert 1996 < len(error) <= 2000
    assert error.decode()


def test_refused_outputs_become_a_letter_a_refused_letter_loses_its_value_and_then_there_is_no_way():
    outputs = (OutMessage(Channel.ENRICHED, b"id", b"large", ()), OutMessage(Channel.SEARCH, b"id", b"s", ()))
    letter = refused(message(5), outputs, "too large")
    assert dict(letter.headers)["dead-letter-reason"] == b"publish-rejected"
    empty = refused(message(5), (letter,), "too large as well")
    assert (empty.key, empty.value) == (b"key", b"")
    assert dict(empty.headers)["dead-letter-error"] == b"too large"
    with pytest.raises(FatalError, match="raw/0/5"):
        refused(message(5), (empty,), "still")


def test_a_letter_refused_for_another_reason_keeps_that_reason():
    letter = dead_letter(message(5), WHY)
    empty = refused(message(5), (letter,), "too large")
    assert dict(empty.headers)["dead-letter-reason"] == b"enrichment-killed"
    assert dict(empty.headers)["dead-letter-truncated"] == b"4"


def test_large_headers_and_keys_go_with_the_value():
    large = dead_letter(message(5, key=b"k" * 5000, headers=(("h", b"h"),)), WHY)
    empty = truncated(large)
    assert empty.key is None
    assert all(name.startswith("dead-letter-") for name, _ in empty.headers)

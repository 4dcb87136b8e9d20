"""An alert fits its topic's 1 MiB, whatever the article and the rule have in them."""

from tests.unit.alerts.alert_articles import article
from worker.alerts.index import RuleIndex
from worker.alerts.matching import matches
from worker.records.codec import to_bytes
from worker.records.rules import rule_from

CONTROL = "\x01"
LONG = CONTROL * 1_000
ENTITIES = [
    {
        "id": f"person:{'字' * 90}{n:030}",
        "name": "N",
        "type": "PERSON",
        "salience": 0.1,
        "links": {},
        "mentions": [{"start": 0, "end": 1, "text": "a"}],
    }
    for n in range(1_000)
]


def test_control_characters_and_a_thousand_long_ids_leave_an_alert_below_a_mebibyte():
    about = article(("a" + CONTROL * 499 + " b ") * 5, entities=ENTITIES) | {
        "id": LONG,
        "headline": CONTROL * 10_000,
        "source": LONG,
        "url": CONTROL * 8_192,
        "language": CONTROL * 64,
    }
    phrases = [{"phrase": {"text": "a" + CONTROL * (200 + n) + " b"}} for n in range(49)]
    when = {"all": [*phrases, {"entity": {"type": "PERSON"}}]}
    rules = RuleIndex([rule_from({"id": "r1", "name": "n", "owner": "o", "when": when})])
    (match,) = matches(rules, about, time_ms=0)
    assert len(match.alert.entities) > 900
    assert 500_000 < len(to_bytes(match)) < 1 << 20
    assert 20 < len(match.alert.why) < 50

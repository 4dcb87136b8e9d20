"""Matches and alerts as messages: keyed by rule id, with headers that follow from their input's."""

from worker.channels import SPECS, Channel
from worker.records.alerts import Alert, AlertMatch
from worker.records.cloudevents import following
from worker.records.codec import to_bytes
from worker.records.messages import OutMessage, RawMessage


def match_message(message: RawMessage, match: AlertMatch, *, event_source: str) -> OutMessage:
    """The message of a match. `message`: the enriched record that matched."""
    return _message(Channel.MATCHES, "match", message, match, match.alert, event_source)


def alert_message(message: RawMessage, alert: Alert, *, event_source: str) -> OutMessage:
    """The message of an alert. `message`: the record of the match that became an alert."""
    return _message(Channel.ALERTS, "alert", message, alert, alert, event_source)


def _message(
    channel: Channel, part: str, message: RawMessage, record: Alert | AlertMatch, alert: Alert, source: str
) -> OutMessage:
    rule = alert.rule
    headers = following(
        message,
        source=source,
        ce_type=SPECS[channel].ce_type or "",
        part=f"{part}/{rule.id}/{rule.version}",
    )
    return OutMessage(channel, rule.id.encode(), to_bytes(record), headers)

"""Matches and alerts as messages: keyed by rule id, with headers that follow from their input's."""

from worker.channels import SPECS, Channel, schema_uri
from worker.records.alerts import Alert, AlertMatch, RuleOverrun
from worker.records.cloudevents import following, following_id
from worker.records.codec import to_bytes
from worker.records.messages import OutMessage, RawMessage

OVERRUN_KEY = "_over-budget/"
"""How the keys of overruns begin. No rule's id begins like this, so no state of a cooldown does."""

# What stands behind the rule in the key, by the limit; those of cooldowns share theirs.
_OVERRUN_OF = {"steps": "", "story": "/story"}


def match_message(message: RawMessage, match: AlertMatch, *, event_source: str) -> OutMessage:
    """The message of a match. `message`: the enriched record, or the story's, that matched."""
    return _message(Channel.MATCHES, "match", message, match, match.alert, event_source)


def alert_message(message: RawMessage, alert: Alert, *, event_source: str) -> OutMessage:
    """The message of an alert. `message`: the record of the match that became an alert."""
    return _message(Channel.ALERTS, "alert", message, alert, alert, event_source)


def overrun_message(message: RawMessage, overrun: RuleOverrun) -> OutMessage:
    """The message of an overrun, the latest of its rule in the stage that it comes from.

    `message`: the enriched record, or the match, that it is about.

    It stands beside the cooldowns' state, since the worker may write there and the rules' keeper may read it.
    """
    key = f"{OVERRUN_KEY}{overrun.rule}{_OVERRUN_OF.get(overrun.limit, '/cooldown')}"
    return OutMessage(Channel.STATE, key.encode(), to_bytes(overrun), (*following_id(message, key),))


def _message(
    channel: Channel, part: str, message: RawMessage, record: Alert | AlertMatch, alert: Alert, source: str
) -> OutMessage:
    rule = alert.rule
    headers = following(
        message,
        source=source,
        ce_type=SPECS[channel].ce_type or "",
        part=f"{part}/{rule.id}/{rule.version}",
        dataschema=schema_uri(channel),
    )
    return OutMessage(channel, rule.id.encode(), to_bytes(record), headers)

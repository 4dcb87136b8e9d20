"""Counters start from zero, so that their first increase shows as one."""

import pytest

from worker import metrics
from worker.channels import Channel
from worker.delivery.faust.gauges import count_from_zero


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("dead_letters_total", {"reason": "enrichment-failed"}),
        ("records_written_total", {"channel": "alerts.v1"}),
        ("rule_changes_total", {"outcome": "refused"}),
        ("lane_failures_total", {"nature": "fenced"}),
        ("cooldown_overruns_total", {"limit": "entities"}),
        ("cooldown_overruns_total", {"limit": "partition"}),
    ],
)
def test_what_a_counter_can_count_is_there_from_the_start(name, labels):
    count_from_zero([Channel.ALERTS])
    assert metrics.REGISTRY.get_sample_value(metrics.PREFIX + name, labels) is not None

"""What holds for every test."""

import signal

import pytest
from hypothesis import HealthCheck, settings

# The files that take longest by the clock. Where several run at a time they come first, so that none of them
# is left alone at the end. Behind one with a single test comes a short one: a process is given both at once.
LONGEST = (
    "tests/kafka/operations/test_security.py",
    "tests/kafka/commands/test_printed_commands.py",
    "tests/kafka/delivery/test_group.py",
    "tests/kafka/faults/test_sabotage.py",
    "tests/kafka/delivery/test_progress.py",
    "tests/kafka/alerts/test_alerts.py",
    "tests/kafka/commands/test_commands.py",
    "tests/kafka/commands/test_index.py",
    "tests/kafka/delivery/test_delivery.py",
    "tests/kafka/faults/test_clocks.py",
    "tests/kafka/operations/test_hostile_on_kafka.py",
    "tests/kafka/operations/test_metrics.py",
    "tests/kafka/operations/test_bombs_on_kafka.py",
    "tests/kafka/stories/test_stories_commands.py",
    "tests/kafka/stories/test_stories_on_kafka.py",
    "tests/kafka/delivery/test_new_outputs.py",
    "tests/topology/test_demo.py",
    "tests/topology/test_any_terminal.py",
    "tests/topology/test_printed_commands.py",
    "tests/unit/pool/test_pool.py",
)

# A run that was started in the background ignores SIGINT, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Hypothesis goes by the clock on the wall, and several tests share a processor.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files that take longest first; the order within a file stays."""
    place = {path: number for number, path in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONGEST)))

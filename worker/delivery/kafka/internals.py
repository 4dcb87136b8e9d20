"""What this project uses of aiokafka that aiokafka keeps to itself or does not annotate, in one place.

`tests/unit/delivery/test_pins.py` says when a new version of aiokafka has moved it.
"""

from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import Assignment


class TopicsAnswer(Protocol):
    """A broker's answer that lists topics. aiokafka sets its fields from a schema that no checker reads."""

    topics: list[Any]


class OffsetsAnswer(TopicsAnswer, Protocol):
    """A coordinator's answer with committed offsets."""

    error_code: int


def coordinator_of(consumer: AIOKafkaConsumer) -> GroupCoordinator:
    """The consumer's side of the group. There is one as soon as a consumer with a group has started."""
    coordinator = consumer._coordinator
    assert isinstance(coordinator, GroupCoordinator)
    return coordinator


def fetcher_of(consumer: AIOKafkaConsumer) -> Fetcher:
    """What fetches for the consumer. There is one as soon as the consumer has started."""
    fetcher = consumer._fetcher
    assert isinstance(fetcher, Fetcher)
    return fetcher


def assignment_of(consumer: AIOKafkaConsumer) -> Assignment | None:
    """What is assigned to the consumer, with its position in each partition; None while nothing is."""
    subscription = consumer._subscription.subscription
    assignment = subscription.assignment if subscription is not None else None
    assert assignment is None or isinstance(assignment, Assignment)
    return assignment


def position_in(assignment: Assignment, partition: TopicPartition) -> int | None:
    """Where the consumer stands in one of its partitions; None before it was told."""
    state = assignment.state_value(partition)
    return int(state.position) if state is not None and state.has_valid_position else None

"""What delivery leans on inside Faust and aiokafka. A new version that moves any of it fails here first."""

import inspect

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, errors
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher, PartitionRecords
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.producer.sender import Sender
from aiokafka.producer.transaction_manager import TransactionManager
from faust.app.base import App, BootStrategy
from faust.cli.worker import worker as worker_command
from faust.transport.consumer import Consumer
from faust.transport.drivers import aiokafka as driver
from faust.worker import Worker

from worker.delivery.kafka import error_codes


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (driver.AIOKafkaConsumerThread, ["_create_worker_consumer", "_fetch_records", "_ensure_consumer"]),
        (driver.Consumer, ["_new_consumer_thread", "_to_message", "verify_event_path", "highwater"]),
        (Consumer, ["commit", "on_partitions_assigned", "on_partitions_revoked", "seek_to_committed"]),
        (App, ["_crash", "_create_directories", "web_server_url"]),
        (Worker, ["_setup_logging", "install_signal_handlers"]),
        (BootStrategy, ["enable_web", "enable_kafka_producer"]),
        (Fetcher, ["fetched_records"]),
        (GroupCoordinator, ["_maybe_leave_group", "_push_error_to_user"]),
        (SubscriptionState, ["fetch_context"]),
        (Sender, ["sender_task"]),
    ],
)
def test_what_is_overridden_or_called_is_still_there(owner, names):
    missing = [name for name in names if not hasattr(owner, name)]
    assert not missing, f"{owner.__name__} has no {missing}"


@pytest.mark.parametrize(
    ("function", "says"),
    [
        # The fetched position of a partition is told by who reads next: these lines are why `after` is right.
        (Fetcher.fetched_records, "res_or_error.getall(max_records)"),
        (Fetcher._proc_fetch_request, "Errors.OffsetOutOfRangeError({tp: fetch_offset})"),
        (Fetcher._update_fetch_positions, "NoOffsetForPartitionError(tp)"),
        (Consumer.getmany, "to_message(tp, record)"),
        (Consumer._drain_messages, "get_read_offset = self._read_offset.__getitem__"),
        (AIOKafkaProducer.__init__, "self._max_request_size = max_request_size"),
        (AIOKafkaConsumer.stop, "self._coordinator.close()"),
        (GroupCoordinator.__init__, "self._coordination_task = create_task("),
        (worker_command._banner_data, 'f"{app.web_server_url}"'),
        (GroupCoordinator.__init__, "self._closing = create_future()"),
        (GroupCoordinator._GroupCoordinator__coordination_routine, "while not self._closing.done()"),
        (GroupCoordinator._push_error_to_user, "self._pending_exception = exc"),
        # assignor.py is asked as aiokafka's own are, which are classes.
        (CoordinatorGroupRebalance.perform_group_join, "metadata = assignor.metadata(topics)"),
        (
            CoordinatorGroupRebalance.perform_group_join,
            "self._coordinator.generation = response.generation_id",
        ),
        (GroupCoordinator._lookup_assignor, "if assignor.name == name:"),
        (GroupCoordinator._perform_assignment, "assignor.assign(self._cluster, member_metadata)"),
        (GroupCoordinator._on_join_complete, "assignor.on_assignment(assignment)"),
        (Fetcher.__init__, "self._fetch_task = create_task("),
        (AIOKafkaConsumer.__init__, "self._subscription = SubscriptionState("),
        # connection.py runs this code with another MetadataRequest among its globals.
        (AIOKafkaClient._metadata_update, "MetadataRequest("),
        (AIOKafkaClient._metadata_update, "async def _metadata_update(self, cluster_metadata, topics):"),
        # faulty.py says in the checksum what is to be said of a record, since it is handed on as it is.
        (PartitionRecords._consumer_record, "record.checksum,"),
        (PartitionRecords._unpack_records, "if record.offset < self.next_fetch_offset:"),
        (PartitionRecords._unpack_records, "self.next_fetch_offset = next_batch.next_offset"),
        # publisher.py asks what the coordinator refused; wire.py makes batches like the producer's.
        (AIOKafkaProducer.__init__, "self._txn_manager = TransactionManager("),
        (TransactionManager, "self._transaction_waiter = create_future()"),
        (MessageAccumulator.__init__, "self._batch_size = batch_size"),
        (MessageAccumulator.__init__, "self._compression_type = compression_type"),
        (MessageAccumulator.__init__, "self._txn_manager = txn_manager"),
    ],
)
def test_what_it_counts_on_is_still_done_that_way(function, says):
    assert says in inspect.getsource(function)


def test_error_codes_that_aiokafka_does_not_know_are_told_apart():
    for kind in error_codes.NEWER:
        assert errors.for_code(kind.errno) is kind

"""The offset that a group has committed, once no open transaction can change it."""

from aiokafka import AIOKafkaProducer, TopicPartition

from worker.channels import Channel
from worker.delivery.kafka.connection import client_options
from worker.delivery.kafka.offsets import committed_offset
from worker.settings import Settings


async def committed(brokers: str, prefix: str, partition: int = 0) -> int | None:
    """The group's committed offset of a partition of the raw topic; None if it committed none.

    A transaction ends before the broker has written that to the offsets topic: a reader that does not wait
    may see the offset of before.
    """
    settings = Settings.from_env({"DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": prefix})
    producer = AIOKafkaProducer(**client_options(settings))
    async with producer:
        raw = TopicPartition(settings.topic(Channel.RAW), partition)
        return await committed_offset(producer, settings.group_id, raw, "")

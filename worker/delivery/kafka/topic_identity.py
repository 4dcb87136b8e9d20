"""A topic's id, which tells it from a deleted topic of the same name (KIP-516, Kafka 3.1 and later).

The id is committed with every offset. Brokers forget the offsets of a deleted topic, but an offset that is
committed at that moment would count for the new topic, whose first records would then be skipped.
"""

from aiokafka.client import AIOKafkaClient

from worker.delivery.kafka.topic_request import describe_topic

UNKNOWN = ""


async def topic_id(client: AIOKafkaClient, topic: str) -> str:
    """The topic's id in hexadecimal; empty if no broker tells it."""
    return (await describe_topic(client, topic)).identity

"""Which topic of a name it is: one that was made anew has another id (KIP-516, Kafka 3.1 and later).

The id goes along with every committed offset. Brokers forget the offsets of a deleted topic, but what is
delivered in that moment is committed all the same: to the new one, whose first records would be passed over.
"""

from aiokafka.client import AIOKafkaClient

from worker.delivery.kafka.topic_request import describe_topic

UNKNOWN = ""


async def topic_id(client: AIOKafkaClient, topic: str) -> str:
    """The topic's id, in hexadecimal; empty where no broker tells."""
    return (await describe_topic(client, topic)).identity

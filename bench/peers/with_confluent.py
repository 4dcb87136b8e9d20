"""A loop over confluent-kafka with transactions: consume, enrich, produce, send offsets, commit.

After `examples/eos-transactions.py` of confluent-kafka-python. As there, the offsets of what was consumed go
into the transaction, under the consumer's group metadata, which fences a consumer that has lost partitions.
"""

from typing import Any

from confluent_kafka import Consumer, Message, Producer

from bench.peers.enriching import BATCH, PeerPlace, by_channel, make_enrich
from worker.channels import Channel
from worker.records.messages import RawMessage


def main() -> None:
    place, enrich = PeerPlace.from_environ(), make_enrich()
    topics = by_channel(place)
    consumer = Consumer(
        {
            "bootstrap.servers": place.brokers,
            "group.id": place.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": False,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": place.brokers,
            "transactional.id": f"{place.group}-{place.number}",
            "compression.type": "gzip",
        }
    )
    producer.init_transactions()
    consumer.subscribe([place.topic(Channel.RAW)])
    while True:
        messages = [one for one in consumer.consume(BATCH, timeout=0.1) if not one.error()]
        if not messages:
            continue
        producer.begin_transaction()
        for message in messages:
            for out in enrich(_raw(message)):
                producer.produce(topics[out.channel], out.value, key=out.key, headers=[*out.headers])
            producer.poll(0)
        producer.send_offsets_to_transaction(
            consumer.position(consumer.assignment()), consumer.consumer_group_metadata()
        )
        producer.commit_transaction()


def _raw(message: Message) -> RawMessage:
    headers: Any = message.headers() or ()
    return RawMessage(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        message.timestamp()[1],
        message.key(),
        message.value(),
        tuple(headers),
    )


if __name__ == "__main__":
    main()

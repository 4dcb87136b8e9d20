"""Error codes of Kafka's protocol that aiokafka does not know and would report as "unknown error".

Here are those that brokers can answer to this worker's requests. Names, and whether an error can be retried,
are those of `Errors` in Apache Kafka 4.1.
"""

from aiokafka import errors


def _kind(
    code: int, name: str, description: str, *, retriable: bool = False
) -> type[errors.BrokerResponseError]:
    fields = {"errno": code, "message": name, "description": description, "retriable": retriable}
    words = (word.capitalize() for word in name.split("_"))
    return type("".join(words), (errors.BrokerResponseError,), {**fields, "__module__": __name__})


FencedLeaderEpoch = _kind(
    74, "FENCED_LEADER_EPOCH", "The leader's epoch in the request is older than the broker's.", retriable=True
)
UnknownLeaderEpoch = _kind(
    75,
    "UNKNOWN_LEADER_EPOCH",
    "The leader's epoch in the request is newer than the broker's.",
    retriable=True,
)
UnsupportedCompressionType = _kind(
    76, "UNSUPPORTED_COMPRESSION_TYPE", "The broker does not know the records' compression."
)
OffsetNotAvailable = _kind(
    78, "OFFSET_NOT_AVAILABLE", "A leader that is new does not know its high watermark yet.", retriable=True
)
GroupMaxSizeReached = _kind(81, "GROUP_MAX_SIZE_REACHED", "The group has as many members as it may have.")
FencedInstanceId = _kind(
    82, "FENCED_INSTANCE_ID", "Another member of the group came with the same instance id."
)
InvalidRecord = _kind(
    87, "INVALID_RECORD", "The broker can't take a record, such as one without a key for a compacted topic."
)
UnstableOffsetCommit = _kind(
    88, "UNSTABLE_OFFSET_COMMIT", "A transaction that commits this offset has not ended.", retriable=True
)
NewerProducer = _kind(90, "PRODUCER_FENCED", "A newer producer has the same transactional id.")
UnknownTopicId = _kind(
    100, "UNKNOWN_TOPIC_ID", "The broker does not host a topic of this id.", retriable=True
)
TransactionAbortable = _kind(
    120, "TRANSACTION_ABORTABLE", "The transaction has to be aborted; another can follow it."
)

NEWER = (
    FencedLeaderEpoch,
    UnknownLeaderEpoch,
    UnsupportedCompressionType,
    OffsetNotAvailable,
    GroupMaxSizeReached,
    FencedInstanceId,
    InvalidRecord,
    UnstableOffsetCommit,
    NewerProducer,
    UnknownTopicId,
    TransactionAbortable,
)
errors.kafka_errors.update({kind.errno: kind for kind in NEWER})

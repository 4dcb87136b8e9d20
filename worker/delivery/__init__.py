"""Nothing lost, nothing twice, in one place: who delivers commits.

stage.py        one channel that the group reads, and what becomes of its records
lane.py         one input partition during one assignment: batches worked on side by side, delivered in order
lanes.py        all lanes of this worker: opened and closed at a rebalance, drained at the end
publisher.py    one batch's records and its offset as one: exactly once, or at least once
topic_identity.py  which topic of a name it is
topic_request.py   what brokers say of a topic beyond aiokafka's own requests
compacted.py    a compacted topic read as a whole, as member of no group
wire.py         header names that are not UTF-8, read and written
offsets.py      where a partition's next owner goes on from
refusals.py     errors told apart: one record's fault, fenced, may pass, or a reason to stop
error_codes.py  codes that aiokafka does not know
patience.py     how often and how long a lane tries again
dead_letter.py  an input kept whole, with the reason
consumer.py     Faust's consumer: reads for the lanes, commits nothing
application.py  the Faust app around them: starts, stops, and never hangs
preflight.py    what must be true of the cluster before the first record is read
connection.py   how every client connects
"""

"""Delivery guarantees: the component that writes a batch's output also commits its input offset.

kafka    what aiokafka lacks: connections, kinds of errors, committed offsets, topics read as a whole
lanes    the engine: a lane takes one input partition's records and delivers what comes of them
faust    the adapter to Faust: its consumer reads for the lanes, its app starts and ends them

Each room imports only those above it in this list.
"""

"""What can be changed from the desk: rules, and dead letters that are sent back.

`guard.py` says whose request may change something, `sink.py` who does it. Without a sink nothing can write.
"""

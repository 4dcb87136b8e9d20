"""The desk: pages on which a newsroom and an operator see the stream. It reads no topics itself.

`live.py` keeps the latest articles and tells viewers of new ones, `source.py` says what else the pages ask
for, `app.py` answers requests, `access.py` says which requests are answered.
"""

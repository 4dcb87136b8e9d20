"""Measures the desk: how long its pages take over many articles, and that hours of news cost it no memory.

python -m bench.desk.page
python -m bench.desk.soak
"""

"""The long proof of delivery: the fault harness of tests/faults, which `make faults` runs.

plan.py      runs it by a plan, one run after the other
report.py    puts the figures into docs/reliability.md
"""

"""The long proof of delivery: the fault harness of tests/faults, run for `make faults`.

plan.py      the runs, one after the other
report.py    their figures as docs/reliability.md has them
"""

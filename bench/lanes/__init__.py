"""What many partitions on one worker take: time to open lanes, sockets, threads, memory, throughput.

run.py       every combination of brokers, delivery modes and numbers of partitions; a table at the end
trial.py     one of them, from an empty topic to the table's row
"""

"""Real workers against a real cluster, things killed under them, and the account of what came out.

trivial.py   a worker whose enrichment costs nothing and does what the article tells it
workers.py   worker processes: started, killed, frozen
account.py   what went in against what came out, by origin
soak.py      many faults in a row, from a seeded schedule
"""

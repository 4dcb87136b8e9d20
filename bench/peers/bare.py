"""The pipeline alone: articles from a file, a line each, records made and dropped. No Kafka.

It prints, as JSON, when the first article was done and when the last, by the monotonic clock, and the CPU
seconds that it had used by then.
"""

import json
import os
import sys
import time
from pathlib import Path

from bench.footprint import footprint
from bench.peers.enriching import make_enrich
from worker.records.messages import RawMessage


def main() -> None:
    path, first, step = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    enrich, done = make_enrich(), []
    for number, line in enumerate(path.read_bytes().splitlines()[first::step]):
        key = str(json.loads(line)["id"]).encode()
        enrich(RawMessage("raw", 0, number, int(time.time() * 1000), key, line))
        done.append((time.monotonic(), time.process_time()))
    mib = footprint(os.getpid()).peak_mib
    print(json.dumps({"first": done[0], "last": done[-1], "articles": len(done), "mib": mib}))


if __name__ == "__main__":
    main()

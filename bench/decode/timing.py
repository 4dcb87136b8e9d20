"""Decodes documents over and over, for whoever writes requests to its standard input: run by `bench.decode`.

It is run as a file, by the code of whichever checkout is on its path, so it uses only what all of them have.
A request is a line of JSON, `{"value": base64, "content_type": ..., "times": ...}`; the answer is a line
with the CPU seconds for a document. The first answer, to an empty line, says that everything is loaded.
"""

import base64
import itertools
import json
import sys
import time

# Limits stand there in every checkout, and are defined elsewhere in this one.
from worker.intake.decode import Limits, decode  # type: ignore[attr-defined]
from worker.records.article import Article
from worker.records.messages import RawMessage

_NUMBERS = itertools.count()


def main() -> None:
    for line in sys.stdin:
        print(seconds_for(**json.loads(line)) if line.strip() else 0.0, flush=True)


def seconds_for(value: str, content_type: str | None, times: int) -> float:
    """CPU seconds for one document; each has a minute and second of its own, as articles have.

    The first one is not counted: some readers load something then.
    """
    headers = (("content-type", content_type.encode()),) if content_type else ()
    document = base64.b64decode(value)
    messages = []
    for _ in range(times + 1):
        minute, second = divmod(next(_NUMBERS) % 3600, 60)
        dated = document.replace(b"@M", b"%02d" % minute).replace(b"@S", b"%02d" % second)
        messages.append(RawMessage("news.articles.raw.v1", 0, 0, 1_900_000_000_000, None, dated, headers))
    limits = Limits()
    decoded = decode(messages.pop(), limits=limits, default_language="en")
    if not isinstance(decoded, Article):
        raise SystemExit(f"a document is measured that is no article: {decoded}")
    if decoded.published_at is None and b"@M" in document:
        raise SystemExit(f"a document is measured whose date is not read: {document[:200]!r}")
    began = time.process_time()
    for message in messages:
        decode(message, limits=limits, default_language="en")
    return (time.process_time() - began) / times


if __name__ == "__main__":
    main()

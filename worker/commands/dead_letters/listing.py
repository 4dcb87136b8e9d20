"""`dateline dead-letters list`: prints the letters as they are read, and their counts at the end."""

import sys

from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.lines import ReasonCounts, letter_fields, letter_line
from worker.commands.dead_letters.reader import letter_reader
from worker.commands.dead_letters.receipts import read_receipts
from worker.commands.shell.output import print_json, print_line
from worker.commands.shell.reading import all_topics
from worker.commands.shell.terminal import counted, progress
from worker.settings import Settings


async def list_letters(
    settings: Settings,
    filters: Filter,
    *,
    waiting: bool,
    limit: int | None,
    only_counts: bool,
    wants_json: bool,
) -> None:
    """Prints each letter as it is read, and keeps only the counts by reason."""
    receipts = await read_receipts(settings, await all_topics(settings))
    counts, printed = ReasonCounts(), 0
    most = 0 if only_counts else limit
    async with letter_reader(settings, filters) as reader:
        with progress(reader.total, results_on_stdout=not only_counts) as bar:
            async for letter in reader.letters():
                sent_back = receipts.has(letter)
                if waiting and sent_back:
                    continue
                counts.add(letter, sent_back=sent_back)
                bar.update(reader.passed, counted(counts.total, "letter"))
                if most is None or printed < most:
                    fields = letter_fields(letter, sent_back=sent_back)
                    if wants_json:
                        print_json(fields)
                    else:
                        print_line(letter_line(letter, sent_back=sent_back))
                    printed += 1
    if wants_json:
        if only_counts:
            print_json(counts.as_fields())
        return
    # Counts that follow letters go to standard error, so that a pipe gets lines of one kind.
    file = sys.stdout if only_counts else sys.stderr
    if not only_counts and printed:
        print_line(file=file)
    for line in counts.lines():
        print_line(line, file=file)

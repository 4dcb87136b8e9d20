"""`dateline dead-letters show`: what is known of a letter, its headers, and what its value holds."""

from rich.console import Console

from worker.channels import Channel
from worker.commands.dead_letters.contents import LetterContents, read_contents
from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.letter import Letter
from worker.commands.dead_letters.lines import letter_fields
from worker.commands.dead_letters.original import Obstacle, original_reader
from worker.commands.dead_letters.reader import letter_reader
from worker.commands.dead_letters.receipts import read_receipts
from worker.commands.dead_letters.stage_records import Rows
from worker.commands.shell.output import print_json, result_console, say
from worker.commands.shell.reading import all_topics
from worker.commands.shell.terminal import counted, progress
from worker.commands.shell.visible import visible, visible_bytes
from worker.commands.shown.cards import show_card
from worker.commands.shown.formats import as_fields, shown_name
from worker.delivery.lanes.dead_letter import REDRIVEN_AT, REDRIVEN_FROM
from worker.records.messages import RawMessage
from worker.settings import Settings

HEADER_BYTES = 300
KEY_BYTES = 300


async def show_letters(settings: Settings, filters: Filter, *, limit: int, wants_json: bool) -> int:
    """Shows letters, and returns how many there were."""
    topics = await all_topics(settings)
    receipts = await read_receipts(settings, topics)
    console, shown = result_console(), 0
    async with letter_reader(settings, filters) as reader, original_reader(settings, topics) as originals:
        with progress(reader.total, results_on_stdout=True) as bar:
            async for letter in reader.letters():
                bar.update(reader.passed, counted(shown, "letter"))
                sent_back = receipts.has(letter)
                if wants_json:
                    about = {"letter": letter_fields(letter, sent_back=sent_back)}
                    print_json(about | as_fields(letter.record))
                else:
                    original = await originals.of(letter)
                    await _show(console, letter, original, sent_back=sent_back, settings=settings)
                shown += 1
                if shown == limit:
                    break
    if not shown:
        say(
            f"dateline: no such letter in {settings.topic(Channel.DEAD)}; `dateline dead-letters list` names "
            "those that there are"
        )
    return shown


async def _show(
    console: Console, letter: Letter, original: RawMessage | Obstacle, *, sent_back: bool, settings: Settings
) -> None:
    shown = await letter_contents(letter, original, sent_back=sent_back, settings=settings)
    show_card(console, f"dead letter {letter.place}", shown.rows, note=letter.time)


async def letter_contents(
    letter: Letter, original: RawMessage | Obstacle, *, sent_back: bool, settings: Settings
) -> LetterContents:
    """What is known of a letter, its headers, and its value, which a process of its own reads."""
    rows = [*_about(letter, sent_back=sent_back), *_message(letter)]
    if isinstance(original, Obstacle):
        rows.append(("unreadable", original.why))
        original = letter.as_raw()
    # Another topic may be the raw one of workers with other settings.
    channels = {settings.topic(channel): channel for channel in Channel}
    channel = channels.get(letter.topic, Channel.RAW)
    contents = await read_contents(original, settings, channel=channel)
    return contents._replace(rows=rows + contents.rows)


def _about(letter: Letter, *, sent_back: bool) -> Rows:
    said = {part: visible(letter.text(f"dead-letter-{part}")) for part in ("stage", "attempts", "worker")}
    rows = [
        ("reason", visible(letter.reason)),
        ("error", visible(letter.error)),
        ("stage", f"{said['stage']}, attempts: {said['attempts']}, {said['worker']}"),
        ("origin", visible(letter.origin)),
    ]
    if letter.until:
        rows.append(("until", visible(letter.until)))
    if letter.first_origin != letter.origin:
        rows.append(("first origin", visible(letter.first_origin)))
    if letter.redriven:
        last = f", last {letter.text(REDRIVEN_AT)} from {letter.text(REDRIVEN_FROM)}"
        rows.append(("came back", visible(counted(letter.redriven, "time") + last)))
    return [*rows, ("sent back", "yes" if sent_back else "no")]


def _message(letter: Letter) -> Rows:
    record = letter.record
    size = counted(len(record.value), "byte") if record.value is not None else "null"
    if letter.truncated_from is not None:
        size = f"truncated from {letter.truncated_from:,} bytes"
    if letter.stands_for:
        size = f"none: stands for offsets {visible(letter.stands_for)}"
    headers = [
        f"{visible(shown_name(name))}: {visible_bytes(value, most=HEADER_BYTES)}"
        for name, value in letter.original_headers
    ]
    return [
        ("key", visible_bytes(record.key, most=KEY_BYTES)),
        *(("headers" if not index else "", text) for index, text in enumerate(headers)),
        ("value", size),
    ]

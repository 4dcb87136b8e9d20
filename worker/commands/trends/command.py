"""`dateline trends`: who and what is in the news, by hour or by day, and where that is a burst."""

import asyncio
import time

import click

from worker.channels import HOUR_MS
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.since import END, Since, begin_ms
from worker.commands.shell.variables import READER_SETTINGS, reads
from worker.commands.trends.show import Asked, TrendOrder, show_trends
from worker.trends.note import Kind
from worker.trends.windows import KEPT_DAYS, TrendWindow

_SHOWN_BY_DEFAULT = {TrendWindow.HOUR: 24, TrendWindow.DAY: KEPT_DAYS}


@reads(*READER_SETTINGS)
@click.command()
@click.argument("subject", required=False, metavar="[SUBJECT]")
@cluster_options
@click.option(
    "--by",
    "window",
    type=click.Choice([window.value for window in TrendWindow]),
    default=TrendWindow.HOUR.value,
    help="Count by hour or by day, in UTC [hour].",
)
@click.option(
    "--since",
    type=Since(),
    metavar="WHEN",
    help="From then on: 6h, 3d, beginning, a time [the last 24 hours, or eight days].",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Only these; may be repeated [all].",
)
@click.option("--bursts", "only_bursts", is_flag=True, help="Only subjects that have a burst.")
@click.option(
    "--order",
    type=click.Choice([order.value for order in TrendOrder]),
    default=TrendOrder.INDEPENDENT.value,
    help="What they are ordered by, the greatest first [independent].",
)
@click.option("--limit", type=WholeNumber(min=1), default=20, metavar="N", help="At most N subjects [20].")
@click.option("--json", "wants_json", is_flag=True, help="One JSON object a line: a subject.")
def command(
    subject: str | None,
    brokers: str | None,
    prefix: str | None,
    window: str,
    since: int | str | None,
    kinds: tuple[str, ...],
    only_bursts: bool,
    order: str,
    limit: int,
    wants_json: bool,
) -> None:
    """Show who and what is in the news: people, organisations, places and topics.

    \b
    It reads the topic of trends, which workers with DATELINE_OUTPUTS=...,stories,trends write, and joins no
    group. Each subject has a line: its articles, how many of them are copies, how often it had a burst, and
    a sign for each hour or day. With SUBJECT, its id or its name, each hour or day has a bar.

    \b
    Exit codes: 0 done, 1 no such subject, or a problem, 2 wrong usage, 130 interrupted.
    """
    if since == END:
        raise click.UsageError("--since end leaves nothing to show")
    settings = read_settings(brokers=brokers, prefix=prefix)
    now_ms, counted_by = time.time_ns() // 1_000_000, TrendWindow(window)
    # The window that goes on is one of those that are shown.
    default_ms = (_SHOWN_BY_DEFAULT[counted_by] - 1) * counted_by.hours * HOUR_MS
    asked = Asked(
        window=counted_by,
        since_ms=begin_ms(since, now_ms=now_ms, default_ms=default_ms),
        now_ms=now_ms,
        kinds=frozenset(kinds),
        subject=subject,
        only_bursts=only_bursts,
        order=TrendOrder(order),
        limit=limit,
    )
    asyncio.run(show_trends(settings, asked, wants_json=wants_json))

"""Options that several commands take, and the settings that result from them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from worker.commands.shell.numbers import Number
from worker.settings import Settings

_Function = TypeVar("_Function", bound=Callable[..., Any])


def cluster_options(function: _Function) -> _Function:
    """Adds `--brokers` and `--prefix`, which override DATELINE_BROKERS and DATELINE_TOPIC_PREFIX."""
    for option in (
        click.option(
            "--prefix", metavar="TEXT", help="What topics' names start with [DATELINE_TOPIC_PREFIX]."
        ),
        click.option(
            "--brokers", metavar="HOST:PORT,...", help="Kafka bootstrap servers [DATELINE_BROKERS]."
        ),
    ):
        function = option(function)
    return function


def read_settings(*, brokers: str | None = None, prefix: str | None = None, **others: Any) -> Settings:
    """The settings of the environment, overridden by the options that were given. Raises SettingsError."""
    return Settings.from_env(brokers=brokers, topic_prefix=prefix, **others)


rate_option = click.option(
    "--rate", type=Number(min=0, min_open=True), metavar="N", help="At most N records a second."
)

follow_links_option = click.option(
    "--follow-links", is_flag=True, help="Read links that lead out of a folder of PATH as well."
)

index_option = click.option(
    "--index",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("dateline-index.sqlite"),
    show_default=True,
    metavar="PATH",
    help="The index's file.",
)

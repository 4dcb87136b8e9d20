"""The command line, `dateline`: a folder for each subject, imported when its command is called.

`COMMANDS` names each command's module, which defines it as the click command `command`. `dateline --version`
and `dateline --help` import none of these modules, so they answer at once.
"""

import importlib
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Never

import click
from click.shell_completion import CompletionItem

from worker import __version__
from worker.commands.shell.encodings import replace_what_is_lacking
from worker.commands.shell.groups import CommandGroup
from worker.commands.shell.output import print_line, say


class Subcommand(NamedTuple):
    """A command of `dateline`: the module of `worker.commands` that holds it, and its line in `--help`."""

    module: str
    summary: str


COMMANDS = {
    "demo": Subcommand("demo.command", "The whole job on an embedded broker: sample articles in, tags out."),
    "worker": Subcommand("worker", "Read raw articles, enrich them, publish the results, until stopped."),
    "feed": Subcommand(
        "articles.feed", "Send articles to the raw topic: files, folders, JSON lines, standard input."
    ),
    "tap": Subcommand("tap", "Watch a topic's records."),
    "trace": Subcommand("trace.command", "What became of one article, from its raw records to its alerts."),
    "index": Subcommand("search.index", "Index the search topic in a file on this machine."),
    "search": Subcommand(
        "search.command", "Search that index: articles or quotes, with what matches highlighted."
    ),
    "dead-letters": Subcommand(
        "dead_letters.command", "What could not be enriched: list, show, export, send back."
    ),
    "rules": Subcommand(
        "rules.command", "Standing queries: put, get, list, pause, resume, delete, test, export, import."
    ),
    "enrich": Subcommand("articles.enrich", "Enrich files without Kafka: one enriched record a line out."),
    "stories": Subcommand(
        "stories.command", "Which articles of files are copies, and which tell of the same event."
    ),
    "trends": Subcommand(
        "trends.command", "Who and what is in the news, by hour or by day, and bursts of it."
    ),
    "score": Subcommand("score.command", "How good the tags are, on gold articles."),
    "topics": Subcommand("topics.command", "Create the topics, or check their settings."),
    "settings": Subcommand("settings", "Every setting in force, and whence it comes."),
    "check": Subcommand("check", "Settings, brokers, topics, model: is all well?"),
    "desk": Subcommand("desk.command", "Pages in a browser: articles as they come, stories, the group."),
    "status": Subcommand("status.command", "The group as the brokers see it, and what of it needs a person."),
}

INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + signal.SIGPIPE
SHIPPED_MODEL = Path(__file__).resolve().parents[1] / "model"


class Commands(CommandGroup):
    """Imports a command's module when it is called. Every failure ends as one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name].module}")
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completes the commands' names without importing any, so that Tab answers at once."""
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name].summary) for name in names]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader of the pipe has gone (`| head`). Python flushes again at exit, which must not fail.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(PIPE_CLOSED)
        return result

    # Narrower than click's own, which may also return: this one always ends the process.
    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **_extra: Any) -> Never:  # type: ignore[override]
        replace_what_is_lacking(sys.stdout)
        replace_what_is_lacking(sys.stderr)
        try:
            code = super().main(args, prog_name or "dateline", standalone_mode=False)
        except click.ClickException as error:
            _show(error)
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            code = INTERRUPTED
        except Exception as error:
            code = _report(error)
        sys.exit(code or 0)


def _show(error: click.ClickException) -> None:
    """Shows wrong usage as click does, which quotes the words that were typed as they are."""
    with io.StringIO() as said:
        error.show(file=said)
        if text := said.getvalue():
            say(text.removesuffix("\n"))


def _report(error: Exception) -> int:
    """Prints an error that no command handles as one line, after its traceback if the log level is debug."""
    if _wants_traceback():
        say(traceback.format_exc())
    if not isinstance(error, (OSError, ImportError, ValueError)):
        say(f"dateline: unforeseen {type(error).__name__}: {' '.join(str(error).split())}")
        return 1
    for line in str(error).splitlines() or [type(error).__name__]:
        say(f"dateline: {line}")
    return 1


def _wants_traceback() -> bool:
    from worker.settings import Settings, SettingsError

    try:
        return Settings.from_env().log_level == "debug"
    except SettingsError:
        return False


def _print_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    print_line(f"dateline {__version__}")
    try:
        meta = json.loads((SHIPPED_MODEL / "meta.json").read_bytes())
    except OSError:
        pass  # There is no pipeline to name; `dateline check` reports that.
    else:
        from worker.nlp.fingerprint import packed_identity

        print_line(f"pipeline {meta['lang']}_{meta['name']} {packed_identity(meta)}")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version of dateline and of its pipeline.",
)
def main() -> None:
    """Who said what, about whom, as the news arrives.

    Settings come from DATELINE_* variables: the help of each command names those that it reads, and
    `dateline settings` shows all of them. DATELINE_LOG_LEVEL=debug adds the traceback to an unforeseen error.
    """

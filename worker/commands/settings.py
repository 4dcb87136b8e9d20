"""`dateline settings`: every setting that is in force here, and whence it comes."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import click

from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.variables import reads
from worker.settings import Settings, is_secret, unknown_variables, variable_name

_OPTIONS = {"brokers": "--brokers", "topic_prefix": "--prefix"}


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """A setting's variable and value, and whence the value comes.

    `origin`: `default`, `variable`, `file`, `option` or `derived`; `source`: the variable or option that gave
    it, or what it is derived from. `value`: as the variable would have it; of a secret, whether there is one.
    """

    variable: str
    value: str
    origin: str
    source: str | None = None

    @property
    def whence(self) -> str:
        """The origin in words."""
        match self.origin:
            case "derived":
                return f"derived from {self.source}"
            case "default" | "variable":
                return self.origin
        return str(self.source)


@reads(*Settings.model_fields)
@click.command()
@cluster_options
@click.option("--json", "wants_json", is_flag=True, help="A JSON object a line.")
def command(brokers: str | None, prefix: str | None, wants_json: bool) -> None:
    """Show every setting in force here, and whence it comes; secrets are masked.

    A setting comes from its variable, from a file that a variable names, from an option, or by default; some
    are derived from others, or from this machine.

    \b
    Exit codes: 0 done, 1 a setting can't be used.
    """
    settings = read_settings(brokers=brokers, prefix=prefix)
    found = list(in_force(settings, os.environ, {"brokers": brokers, "topic_prefix": prefix}))
    for name in unknown_variables():
        say(f"{name} sets nothing: is it misspelt?")
    for output, since in settings.new_outputs.items():
        say(
            f"{output}, in DATELINE_OUTPUTS by default since {since}, is off where its topics or rights are "
            "missing; `dateline check` looks"
        )
    if wants_json:
        for each in found:
            print_json(asdict(each))
        return
    widths = [max(len(text) for text in column) for column in zip(*map(_cells, found), strict=True)]
    for each in found:
        cells = (cell.ljust(width) for cell, width in zip(_cells(each), widths, strict=True))
        print_line("  ".join(cells).rstrip())


def in_force(
    settings: Settings, environ: Mapping[str, str], options: Mapping[str, str | None]
) -> Iterator[SettingInForce]:
    """Each setting. `environ` and `options` are those that `settings` were read from."""
    for field in Settings.model_fields:
        variable, value = variable_name(field), settings.text(field)
        if options.get(field) is not None:
            yield SettingInForce(variable, value, "option", _OPTIONS[field])
        elif field == "group" and not value:
            yield SettingInForce(variable, settings.group_id, "derived", variable_name("topic_prefix"))
        elif field == "languages" and variable not in environ and variable_name("language") in environ:
            yield SettingInForce(variable, value, "derived", variable_name("language"))
        elif variable in environ:
            yield SettingInForce(variable, value, "variable", variable)
        elif is_secret(field) and environ.get(f"{variable}_FILE"):
            yield SettingInForce(variable, value, "file", f"{variable}_FILE")
        elif field == "processes":
            yield SettingInForce(variable, value, "derived", "the cores that this process may use")
        else:
            yield SettingInForce(variable, value, "default")


def _cells(setting: SettingInForce) -> tuple[str, str, str]:
    return setting.variable, setting.value, setting.whence

"""`dateline rules put|get|list|pause ...`: the arguments, the options and the exit codes."""

import asyncio
from typing import TYPE_CHECKING, Any

import click

from worker.commands.shell.completion import complete_path
from worker.commands.shell.groups import CommandGroup
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import cluster_options, follow_links_option, read_settings
from worker.commands.shell.since import Since
from worker.commands.shell.variables import PIPELINE_SETTINGS, READER_SETTINGS, reads

if TYPE_CHECKING:
    from worker.records.rules import Cooldown


def _cooldown(
    ctx: click.Context, param: click.Parameter, text: str | None
) -> tuple["Cooldown | None"] | None:
    """The cooldown in a tuple, since `none` is a cooldown too; None if the option is not given."""
    from worker.alerts.typed_rules import cooldown_from_text

    try:
        return None if text is None else (cooldown_from_text(text),)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def _moment(ctx: click.Context, param: click.Parameter, text: str | None) -> str | None:
    from worker.records.times import read_time

    if text is not None and read_time(text) is None:
        said = f"takes an ISO 8601 time such as 2026-12-31T00:00:00Z, got {text!r}"
        raise click.BadParameter(said, ctx, param)
    return text


cooldown_option = click.option(
    "--cooldown",
    callback=_cooldown,
    metavar="TIME",
    help="Silence after an alert: 90s, 30m, 1h/entity, 6h/story, none.",
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would change, and write nothing.")


@click.group(cls=CommandGroup)
def command() -> None:
    """Standing queries over the stream of enriched articles, which raise alerts.

    \b
    A rule's condition as text, the same that `dateline rules get` and `list` print:
      topic:labour[confidence>=0.6] AND (speaker:"Ada Okafor" OR link:iso3166:PE)
      "dockers strike"~6 AND NOT source:tabloid.example
    Fields: entity, id, type, link, speaker, speaker_id, topic, source, language, headline; words without
    a field stand in headline or text. A rule with story:new, sources>=3, reprints>=5 or growth>=10/1h is
    matched with stories instead of articles. Running workers follow every change.
    """


@reads(*READER_SETTINGS, "compression")
@command.command("put", short_help="Put rules in force: one that is typed, or from files.")
@click.argument("words", nargs=-1, required=True, metavar="ID | FILE...", shell_complete=complete_path)
@cluster_options
@click.option("--name", metavar="TEXT", help="What a person calls the rule.")
@click.option("--owner", metavar="TEXT", help="Whose it is.")
@click.option("--when", metavar="TEXT", help="The condition.")
@cooldown_option
@click.option(
    "--expires-at", callback=_moment, metavar="TIME", help="ISO 8601; articles that come later match no more."
)
@dry_run_option
def rules_put(
    words: tuple[str, ...], brokers: str | None, prefix: str | None, dry_run: bool, **typed: Any
) -> None:
    """Put rules in force, in place of those with the same ids.

    \b
    With --when one rule, of this ID. Without it rules from FILEs, - for standard input: JSON as the
    contract has it, one rule over as many lines as it likes, or one a line; `when` and `cooldown` may be
    text, as --when and --cooldown take it.
    All are checked first: nothing is written if one is bad. A rule that is in force already is not
    written again. When the command ends, all replicas have what was written.

    \b
    Exit codes: 0 all are in force; 1 a rule is refused, or a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.files import NoSuchFile, read_rules_in
    from worker.commands.rules.typed import typed_rule
    from worker.commands.rules.write import put_rules

    given = {name: value for name, value in typed.items() if value is not None}
    if "when" in given:
        missing = [f"--{name}" for name in ("name", "owner") if name not in given]
        if len(words) != 1 or missing:
            raise click.UsageError(f"--when goes with one ID, --name and --owner{_got(words, missing)}")
        (given["cooldown"],) = given.get("cooldown", (None,))
        rules = [typed_rule(words[0], **given)]
    else:
        if given:
            option = min(given).replace("_", "-")
            raise click.UsageError(f"--{option} goes with --when; files say all of their rules")
        try:
            rules = read_rules_in(words)
        except NoSuchFile as error:
            hint = "to put one rule of this id, give --when, --name and --owner"
            raise NoSuchFile(f"{error.message}; {hint}") from None
    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(put_rules(settings, rules, dry_run=dry_run))


def _got(words: tuple[str, ...], missing: list[str]) -> str:
    return f"; {' and '.join(missing)} missing" if missing else f", got {' '.join(words)}"


@reads(*READER_SETTINGS)
@command.command("get", short_help="One rule, as it is typed.")
@click.argument("rule_id", metavar="ID")
@cluster_options
@click.option("--json", "wants_json", is_flag=True, help="As it is stored, in one line.")
def rules_get(rule_id: str, brokers: str | None, prefix: str | None, wants_json: bool) -> None:
    """Print a rule in force as the command that puts it, or as JSON.

    \b
    Exit codes: 0 printed; 1 there is none, or a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.show import show_rule

    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(show_rule(settings, rule_id, wants_json=wants_json))


@reads(*READER_SETTINGS)
@command.command("list", short_help="The rules, and how often each was hit.")
@cluster_options
@click.option("--owner", metavar="TEXT", help="Only this owner's, in any letter case.")
@click.option("--match", metavar="TEXT", help="Only with this text in id, name, owner or condition.")
@click.option(
    "--since",
    type=Since(),
    default="1d",
    show_default=True,
    metavar="WHEN",
    help="Count hits from then on: beginning, 10m or 2h (ago), or an ISO time.",
)
@click.option("--json", "wants_json", is_flag=True, help="A JSON object a line, with all of the rule.")
def rules_list(brokers: str | None, prefix: str | None, since: int | str, **options: Any) -> None:
    """Print the rules by id, how many alerts each has raised, and when the last.

    \b
    A rule whose latest value in the topic is none is said to be so, and where the error is; workers
    hold on to the version before, as long as the topic has it.

    \b
    Exit codes: 0 done, also where there are none; 1 a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.listing import list_rules

    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(list_rules(settings, since, **options))


@reads(*READER_SETTINGS, "compression")
@command.command("delete", short_help="Take rules out of force.")
@click.argument("rule_ids", nargs=-1, required=True, metavar="ID...")
@cluster_options
@click.option("--ignore-missing", is_flag=True, help="Pass over ids that are not there.")
@dry_run_option
def rules_delete(rule_ids: tuple[str, ...], brokers: str | None, prefix: str | None, **options: Any) -> None:
    """Delete rules. Nothing is written if one of them is not there.

    ID is what `list` shows. A key in the topic that is no rule's id is deleted by the key itself too.

    \b
    Exit codes: 0 all are gone; 1 there is none of an id, or a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.write import delete_rules

    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(delete_rules(settings, rule_ids, **options))


@reads(*READER_SETTINGS, "compression")
@command.command("pause", short_help="Let rules match nothing until they are resumed.")
@click.argument("rule_ids", nargs=-1, required=True, metavar="ID...")
@cluster_options
@dry_run_option
def rules_pause(rule_ids: tuple[str, ...], brokers: str | None, prefix: str | None, dry_run: bool) -> None:
    """Pause rules: they match nothing, however old the articles are, and keep the end that they had.

    Nothing is written if one of them is not there. A rule that is paused already stays as it is. What was
    written is read back: it is said if somebody else has changed a rule in the same moment.

    \b
    Exit codes: 0 all are paused; 1 there is none of an id, somebody else has changed one since, or a
    problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.pausing import pause_rules

    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(pause_rules(settings, rule_ids, dry_run=dry_run))


@reads(*READER_SETTINGS, "compression")
@command.command("resume", short_help="Put paused rules in force again.")
@click.argument("rule_ids", nargs=-1, required=True, metavar="ID...")
@cluster_options
@dry_run_option
def rules_resume(rule_ids: tuple[str, ...], brokers: str | None, prefix: str | None, dry_run: bool) -> None:
    """Resume paused rules, each with the end that it had, or none.

    Nothing is written if one of them is not there, or can't be resumed. A rule that is not paused stays as
    it is. What was written is read back: it is said if somebody else has changed a rule in the same moment.

    \b
    Exit codes: 0 none is paused; 1 there is none of an id, somebody else has changed one since, or a
    problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.pausing import resume_rules

    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(resume_rules(settings, rule_ids, dry_run=dry_run))


@reads(*READER_SETTINGS, *PIPELINE_SETTINGS)
@command.command("test", short_help="What rules would have raised.")
@click.argument("paths", nargs=-1, metavar="[PATH...]", shell_complete=complete_path)
@cluster_options
@click.option("--id", "ids", multiple=True, metavar="ID", help="A rule in force.")
@click.option("--when", "conditions", multiple=True, metavar="TEXT", help="A condition.")
@click.option("--rule", "files", multiple=True, metavar="FILE", help="Rules in a file, as `put` takes it.")
@cooldown_option
@follow_links_option
@click.option(
    "--since",
    type=Since(),
    metavar="WHEN",
    help="Of the topic: beginning, 10m or 2h (ago), or an ISO time [1h].",
)
@click.option("--limit", type=WholeNumber(min=0), metavar="N", help="Print N alerts, but count them all.")
@click.option(
    "--json", "wants_json", is_flag=True, help="A JSON object a line: alerts as the contract has them."
)
def rules_test(
    paths: tuple[str, ...],
    brokers: str | None,
    prefix: str | None,
    ids: tuple[str, ...],
    conditions: tuple[str, ...],
    files: tuple[str, ...],
    cooldown: "tuple[Cooldown | None] | None",
    follow_links: bool,
    since: int | str | None,
    limit: int | None,
    wants_json: bool,
) -> None:
    """Show what rules would have raised on articles: in files, or else in the enriched topic.

    \b
    Rules: --id, --when and --rule, each as often as you like; without any of them all rules in force.
    --cooldown takes the place of their own. Of several --when the rules are called when-1, when-2.
    Articles: PATHs as `dateline enrich` takes them, enriched first, or JSON lines that it wrote; without
    a PATH what came to the enriched topic since --since, and for rules about stories to the stories'.
    It joins no group, and writes nothing.
    Cooldowns go by the articles' own times: when they came into the raw topic; of files when they were
    published, or now. Nothing was raised before the first article.

    \b
    Exit codes: 0 done, also without an alert; 1 an article could not be read, or a problem; 2 wrong
    usage; 130 interrupted.
    """
    from worker.commands.rules.articles import documents_to_test
    from worker.commands.rules.backtest import backtest, rules_to_test
    from worker.commands.rules.typed import typed_rule

    if paths and since is not None:
        raise click.UsageError("--since goes with the enriched topic; files are read whole")
    typed = [
        typed_rule(
            "when" if len(conditions) == 1 else f"when-{number}",
            name=when[:100],
            owner="command line",
            when=when,
        )
        for number, when in enumerate(conditions, start=1)
    ]
    settings = read_settings(brokers=brokers, prefix=prefix)
    since = Since().convert("1h", None, None) if since is None else since

    documents = documents_to_test(settings, paths, follow_links=follow_links) if paths else None

    async def run() -> int:
        index = await rules_to_test(settings, ids, files, typed, cooldown)
        return await backtest(settings, index, documents, since, limit=limit, wants_json=wants_json)

    if asyncio.run(run()):
        raise click.exceptions.Exit(1)


@reads(*READER_SETTINGS)
@command.command("export", short_help="All rules in force, a line each.")
@click.argument("file", default="-", metavar="[FILE]", shell_complete=complete_path)
@cluster_options
def rules_export(file: str, brokers: str | None, prefix: str | None) -> None:
    """Write all rules in force as JSON lines, sorted by id; the same rules give the same bytes.

    \b
    FILE is replaced when all is there. Without one, or with -, to standard output.

    \b
    Exit codes: 0 done; 1 a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.show import export_rules

    asyncio.run(export_rules(read_settings(brokers=brokers, prefix=prefix), file))


@reads(*READER_SETTINGS, "compression")
@command.command("import", short_help="Rules from a file, all or none.")
@click.argument("file", metavar="FILE", shell_complete=complete_path)
@cluster_options
@click.option("--delete-others", is_flag=True, help="Delete every rule that the file does not have.")
@dry_run_option
def rules_import(file: str, brokers: str | None, prefix: str | None, **options: Any) -> None:
    """Put the rules of a file (- for standard input) in force, and write only what changes.

    \b
    All are checked first: what is wrong is listed with its line, and nothing is written. Interrupted,
    the same command writes what is missing. With --delete-others the topic is then as the file.

    \b
    Exit codes: 0 done; 1 a rule is refused, or a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.rules.files import read_rules_in
    from worker.commands.rules.write import import_rules

    rules = read_rules_in([file])
    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(import_rules(settings, rules, **options))

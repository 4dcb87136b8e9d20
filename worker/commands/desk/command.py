"""`dateline desk`: pages on which a newsroom and an operator see the stream, in a browser."""

import asyncio
import gc
import ipaddress
import signal
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_line
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import READER_SETTINGS, reads
from worker.desk.access import LEAST_TOKEN_CHARS, Access, IpNetwork, is_loopback, loopback_hosts
from worker.settings import Settings

DEFAULT_PORT = 6067
_MOST_TOKEN_BYTES = 1_024


class NetworkParam(click.ParamType):
    """An option's value: an address, or a network as `10.0.0.0/8`."""

    name = "network"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> IpNetwork:
        try:
            return ipaddress.ip_network(value)
        except ValueError as error:
            self.fail(f"takes an address or a network such as 10.0.0.0/8, got {value!r}: {error}", param, ctx)


@reads(
    *READER_SETTINGS,
    "group",
    "outputs",
    "languages",
    "language",
    "fields",
    "article_memory_bytes",
    "log_format",
    "delivery",
    "compression",
    "deliver_seconds",
    "transaction_timeout_seconds",
    "max_clock_skew_seconds",
)
@click.command()
@cluster_options
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Where it listens.")
@click.option(
    "--port",
    type=WholeNumber(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    metavar="PORT",
    help="On which port; 0: on one that is free.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="What browsers may call it, beside the loopback interface's names; may be given several times.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PATH",
    help=f"Ask visitors for the token in this file, of {LEAST_TOKEN_CHARS} characters or more.",
)
@click.option(
    "--proxy-header",
    metavar="NAME",
    help="Answer only what has this header, in which a proxy in front names the visitor.",
)
@click.option(
    "--proxy-from",
    "proxies",
    type=NetworkParam(),
    multiple=True,
    metavar="ADDRESS | NETWORK",
    help="Where that proxy's requests come from [the loopback interface]; may be given several times.",
)
@click.option(
    "--allow-changes",
    is_flag=True,
    help="Let visitors put, pause and delete rules, and send dead letters back.",
)
@click.option(
    "--index",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Keep the search index in this file [one of this cluster in ~/.cache/dateline].",
)
@click.option("--no-index", is_flag=True, help="Keep no search index: no search, people and organisations.")
@click.option("--demo", is_flag=True, help="Show the samples of `dateline demo`, on an embedded broker.")
def command(
    brokers: str | None,
    prefix: str | None,
    host: str,
    port: int,
    names: tuple[str, ...],
    token_file: Path | None,
    proxy_header: str | None,
    proxies: tuple[IpNetwork, ...],
    index: Path | None,
    no_index: bool,
    allow_changes: bool,
    demo: bool,
) -> None:
    """Serve pages that show the stream: articles, stories, people, alerts, rules, search, and the group.

    \b
    It reads the topics as a member of no group, and writes to none of them without --allow-changes. It keeps
    a search index in a file of its own. It listens on the loopback interface unless --host says otherwise,
    which takes --token-file or --proxy-header. When the brokers are away, pages say so, and go on when they
    are back.

    \b
    Exit codes: 0 stopped by SIGTERM, 1 a problem, 2 wrong usage, 130 interrupted.
    """
    if demo and (brokers or prefix):
        raise click.UsageError("--demo has a broker of its own: it excludes --brokers and --prefix")
    if index is not None and no_index:
        raise click.UsageError("--index says where the index is, and --no-index that there is none")
    access = desk_access(host, names, token_file, proxy_header, proxies)
    with (
        _demo() if demo else _cluster(brokers, prefix) as settings,
        _index_file(settings, index, is_temporary=demo) as path,
    ):
        kept = None if no_index else path
        asyncio.run(_serve(settings, access, host, port, kept, is_embedded=demo, allow_changes=allow_changes))


@contextmanager
def _index_file(settings: Settings, said: Path | None, *, is_temporary: bool) -> Iterator[Path]:
    """The file of the index: the one that was named, or this cluster's, or for the demo one that goes."""
    if said is not None:
        yield said
    elif is_temporary:
        with tempfile.TemporaryDirectory(prefix="dateline-desk-") as folder:
            yield Path(folder) / "index.sqlite"
    else:
        from worker.commands.desk.keeper import default_index

        try:
            path = default_index(settings)
        except RuntimeError:
            raise click.UsageError("this user has no home for the index: --index names a file") from None
        yield path


def desk_access(
    host: str,
    names: Sequence[str],
    token_file: Path | None,
    proxy_header: str | None,
    proxies: Sequence[IpNetwork],
) -> Access:
    """Who gets answers. Raises UsageError where that would be anybody."""
    here_alone = is_loopback(host)
    if not here_alone and token_file is None and proxy_header is None:
        raise click.UsageError(
            f"--host {host} lets others than this machine in: it takes --token-file or --proxy-header"
        )
    if proxies and proxy_header is None:
        raise click.UsageError("--proxy-from says where --proxy-header may come from, and takes it")
    if proxy_header is not None and not proxies:
        if not here_alone:
            raise click.UsageError(
                f"--proxy-header on --host {host} takes --proxy-from: anybody else could send that header"
            )
        proxies = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))
    named = frozenset(name.lower() for name in names)
    return Access(
        hosts=loopback_hosts(names) if here_alone else named or None,
        token=None if token_file is None else _read_token(token_file),
        proxy_header=proxy_header,
        proxies=proxies,
    )


def _read_token(path: Path) -> str:
    """The token in a file, without white space around it. Raises UsageError."""
    with path.open("rb") as file:
        token = file.read(_MOST_TOKEN_BYTES + 1).decode(errors="surrogateescape").strip()
    if not LEAST_TOKEN_CHARS <= len(token) <= _MOST_TOKEN_BYTES:
        raise click.UsageError(
            f"--token-file {path} takes a token of {LEAST_TOKEN_CHARS} to {_MOST_TOKEN_BYTES:,} characters, "
            f"got {len(token):,}"
        )
    return token


@contextmanager
def _cluster(brokers: str | None, prefix: str | None) -> Iterator[Settings]:
    yield read_settings(brokers=brokers, prefix=prefix)


@contextmanager
def _demo() -> Iterator[Settings]:
    """An embedded broker with the samples, and a worker that enriches them."""
    # They bring the pipeline's command with them, which a desk on a cluster does not need.
    from worker.commands.demo.broker import embedded_broker
    from worker.commands.demo.worker import DemoWorker, demo_environment

    with embedded_broker() as address:
        settings = Settings.from_env(demo_environment(address))
        asyncio.run(_feed_demo(settings))
        with DemoWorker(settings):
            print_line(f"sample articles on an embedded broker at {address}; feed it more with")
            print_line(f"  dateline feed --brokers {address} PATH...")
            yield settings


async def _feed_demo(settings: Settings) -> None:
    from worker.commands.demo.samples import (
        SAMPLE_ARTICLES,
        SAMPLE_RULES,
        feed_samples,
        make_demo_topics,
        put_sample_rules,
    )
    from worker.commands.rules.files import read_rules_in
    from worker.commands.shell.cluster import producer

    async with producer(settings, acks="all") as feeder:
        await make_demo_topics(feeder, settings)
        await put_sample_rules(feeder, settings, read_rules_in([str(SAMPLE_RULES)]))
        await feed_samples(feeder, settings, str(SAMPLE_ARTICLES))


async def _serve(
    settings: Settings,
    access: Access,
    host: str,
    port: int,
    index: Path | None,
    *,
    is_embedded: bool,
    allow_changes: bool,
) -> None:
    # The server and its templates are slow to import, and `--help` needs neither.
    from worker.commands.desk.following import Follower, first_to_end
    from worker.commands.desk.sampling import sample_group
    from worker.commands.desk.topic_changes import TopicChanges
    from worker.commands.desk.topic_source import TopicSource
    from worker.desk.alerting.feed import AlertFeed
    from worker.desk.live import Live
    from worker.desk.operation.recent import RecentLooks
    from worker.desk.server import CannotListen, served
    from worker.desk.story_records import StoryRecords
    from worker.log import setup_logging

    setup_logging(settings)
    # Else the collector looks through all modules now and then, and holds everybody for 80 ms.
    gc.collect()
    gc.freeze()
    live, source = Live(), TopicSource(settings, is_embedded=is_embedded)
    alerts, records = AlertFeed(live), StoryRecords()
    # Nothing else of the desk writes to the brokers.
    changes = TopicChanges(settings, source.forget, is_embedded=is_embedded) if allow_changes else None
    follower = Follower(settings, live, alerts=alerts, records=records)
    works: list[Callable[[], Coroutine[Any, Any, None]]] = [follower.run]
    recent = RecentLooks()
    if not is_embedded:
        works.append(partial(sample_group, source, recent))
    archive = None
    if index is not None:
        from worker.commands.desk.archive import IndexArchive
        from worker.commands.desk.keeper import ArchiveKeeper

        archive = IndexArchive(index)
        works.append(ArchiveKeeper(settings, index, archive).run)
    try:
        async with served(
            live,
            source,
            access,
            host=host,
            port=port,
            alerts=alerts,
            stories=records,
            changes=changes,
            archive=archive,
            recent=recent,
        ) as (address, taken):
            shown = f"[{address}]" if ":" in address else address
            print_line(f"the desk is at http://{shown}:{taken}/ ; Ctrl-C ends it")
            working = asyncio.create_task(first_to_end(*(work() for work in works)))
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
            try:
                with suppress(asyncio.CancelledError):
                    await working
                # Cancelled by SIGTERM this returns; by Ctrl-C the task that runs this is cancelled too.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise asyncio.CancelledError
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
    except CannotListen as problem:
        raise Problem(str(problem)) from None
    finally:
        if archive is not None:
            archive.close()

"""Where the desk's index is, and what it does where it can't keep one."""

import asyncio
from contextlib import suppress

import pytest

from tests.unit.commands.desk.test_command import refused
from worker.commands.desk import keeper
from worker.commands.desk.archive import IndexArchive
from worker.commands.desk.keeper import ArchiveKeeper, default_index
from worker.commands.shell.terminal import Problem
from worker.search.file import IndexProblem, opened_for_writing
from worker.settings import Settings


def settings(**variables):
    return Settings.from_env({f"DATELINE_{name}": value for name, value in variables.items()})


def test_each_cluster_and_prefix_has_an_index_of_its_own_where_caches_are(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    here = default_index(settings(BROKERS="a:1"))
    assert here.parent == tmp_path / "dateline"
    assert here == default_index(settings(BROKERS="a:1"))
    assert (
        len({here, default_index(settings(BROKERS="b:1")), default_index(settings(TOPIC_PREFIX="x."))}) == 3
    )
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/ada")
    assert str(default_index(settings())).startswith("/home/ada/.cache/dateline/desk-")


def test_a_file_and_none_at_all_is_wrong_usage(capsys):
    code, said = refused(capsys, "--index", "x.sqlite", "--no-index")
    assert code == 2
    assert "--index says where the index is, and --no-index that there is none" in said


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Problem("no answer from a:1"), "not kept up to date for now: no answer from a:1."),
        (
            IndexProblem("x is being written by another `dateline index`"),
            "written by another `dateline index`.",
        ),
        (PermissionError(13, "Permission denied"), "Permission denied."),
    ],
)
async def test_what_keeps_it_from_indexing_is_told_and_tried_again(monkeypatch, tmp_path, error, says):
    archive = IndexArchive(tmp_path / "index.sqlite")
    tries = []

    async def ask(*_):
        tries.append(1)
        raise error

    monkeypatch.setattr(keeper, "partitions_of", ask)
    keeping = asyncio.create_task(
        ArchiveKeeper(settings(), tmp_path / "index.sqlite", archive, again_seconds=0.01).run()
    )
    async with asyncio.timeout(5):
        while len(tries) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert archive.state.why.endswith(says)


async def test_an_index_that_another_process_writes_can_be_searched(tmp_path):
    path = tmp_path / "index.sqlite"
    archive = IndexArchive(path)
    with opened_for_writing(path):
        assert await archive.count() == 0

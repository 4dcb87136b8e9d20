"""Clients of commands are closed whole, and brokers that do not answer are named with what may be wrong."""

import asyncio
import contextlib

import pytest

from worker.commands.shell import cluster
from worker.commands.shell.cluster import consumer, producer
from worker.commands.shell.terminal import Problem
from worker.settings import Settings


class TaskClient:
    """Has a task that ends when it is cancelled, as aiokafka's clients have, and is closed with it."""

    closed = 0

    def __init__(self, **_options):
        pass

    async def start(self):
        self._task = asyncio.create_task(self._run())

    async def stop(self):
        self._task.cancel()
        await self._task
        type(self).closed += 1

    async def _run(self):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


@pytest.mark.parametrize("opened", [consumer, producer])
async def test_a_problem_before_the_first_request_closes_the_client_and_stays_the_problem(
    opened, monkeypatch
):
    monkeypatch.setattr(TaskClient, "closed", 0)
    monkeypatch.setattr(cluster, "AIOKafkaConsumer", TaskClient)
    monkeypatch.setattr(cluster, "AIOKafkaProducer", TaskClient)
    with pytest.raises(Problem, match="holds several"):
        async with opened(Settings()):
            raise Problem("a.jsonl holds several articles")
    assert TaskClient.closed == 1


@pytest.mark.parametrize(
    ("error", "variables", "said"),
    [
        (OSError("[Errno -2] Name or service not known"), (), ": Name or service not known"),
        (ConnectionResetError(), ("DATELINE_BROKER",), "; DATELINE_BROKER sets nothing: misspelt?"),
        (
            ConnectionResetError(),
            ("DATELINE_SSL", "DATELINE_BROKER"),
            "; DATELINE_BROKER, DATELINE_SSL set nothing: misspelt?",
        ),
    ],
)
async def test_no_answer_names_the_brokers_the_cause_and_variables_that_set_nothing(
    error, variables, said, monkeypatch
):
    for name in variables:
        monkeypatch.setenv(name, "here:9092")
    monkeypatch.setattr(cluster._last_warning, "message", "")
    with pytest.raises(Problem) as problem:
        async with cluster.asking(Settings(brokers="there:9092")):
            raise error
    assert problem.value.message.startswith(
        "no answer from the Kafka brokers at there:9092 (DATELINE_BROKERS)"
    )
    assert problem.value.message.endswith(said)
    assert "Errno" not in problem.value.message

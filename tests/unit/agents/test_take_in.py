"""The agent of a stage hands every arrival on, in order."""

from types import SimpleNamespace

from worker.agents.take_in import take_in


async def test_every_arrival_is_put_in_order():
    class Stream:
        async def events(self):
            for numbers in ([0, 1], [2], [3, 4, 5]):
                yield SimpleNamespace(message=SimpleNamespace(arrivals=numbers))

    put = []
    await take_in(put=put.append)(Stream())
    assert put == [0, 1, 2, 3, 4, 5]

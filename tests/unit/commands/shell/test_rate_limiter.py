"""How many records a command sends a second."""

import asyncio

from worker.commands.shell.rate_limiter import RateLimiter


async def test_a_rate_is_kept_from_the_first_record_on():
    limiter, loop = RateLimiter(100), asyncio.get_running_loop()
    started = loop.time()
    for _ in range(21):
        await limiter.wait()
    assert 0.19 < loop.time() - started < 1

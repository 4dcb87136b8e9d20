"""What commands that publish articles do about this machine's clock: a record gets its time from there."""

from worker.commands.shell.terminal import Problem
from worker.delivery.kafka.clock import ClockOff, ClockUnread, check_clock
from worker.settings import Settings


async def refuse_a_wrong_clock(settings: Settings) -> str | None:
    """Returns why the clock can't be checked, None if it is right. Raises Problem if it is wrong.

    What is published with a clock that is far behind is deleted at once, by the topic's retention.
    """
    try:
        await check_clock(settings)
    except ClockOff as off:
        raise Problem(str(off)) from None
    except ClockUnread as error:
        return str(error)
    return None

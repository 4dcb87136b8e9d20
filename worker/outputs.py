"""The outputs that a worker writes: those of DATELINE_OUTPUTS, less new ones without topics or rights.

A release may add an output to the default. Whoever upgrades to it has neither the output's topics nor rights
to them yet, and must not be left without workers. So the brokers are asked once, before the worker is put
together, and thus before it joins its group. What they lack stays off until the next start. An output that
DATELINE_OUTPUTS names is not asked about: it is required.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.channels import Channel
from worker.delivery.kafka.preflight import lacking
from worker.settings import Output, Settings
from worker.topology import topic_use


@dataclass(frozen=True, slots=True)
class OutputsInForce:
    """The settings with the outputs that are written, and why each new output is not, if one is not."""

    settings: Settings
    off: Mapping[Output, str] = field(default_factory=dict)


def settle_outputs(settings: Settings) -> OutputsInForce:
    """Asks the brokers, if there is anything to ask.

    Raises FatalError, in one line, if they do not answer or refuse this worker.
    """
    new = settings.new_outputs
    if not new:
        return OutputsInForce(settings)
    required = topic_use(settings.without(new))
    uses = {output: topic_use(settings.without(new.keys() - {output})).beyond(required) for output in new}
    # Faust's loop is another: this one must leave no trace.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        lacks = runner.run(lacking(settings, uses))
    off = {
        output: f"{lack}; a restart then turns {output} on, as it is by default since {new[output]}"
        for output, lack in lacks.items()
    }
    return OutputsInForce(settings.without(off), off)


def new_channels(settings: Settings) -> dict[Channel, Output]:
    """The channels whose topics are needed for a new output alone, each with the output."""
    new = settings.new_outputs
    return {
        channel: output
        for output in new
        for channel in topic_use(settings).needed
        if channel not in topic_use(settings.without({output})).needed
    }

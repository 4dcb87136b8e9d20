"""A trivial worker of a version that has just added entities and alerts to what is on by default.

faust -A tests.kafka.delivery.new_outputs_worker worker
"""

from dataclasses import replace

from worker.channels import SPECS, Channel

NEW = (Channel.ENTITIES, Channel.ALERTS)
SPECS.update({channel: replace(SPECS[channel], default_since="9.9.0") for channel in NEW})

from tests.faults.trivial import app  # noqa: E402 (it is put together on import)

__all__ = ["app"]

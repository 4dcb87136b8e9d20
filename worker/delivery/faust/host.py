"""The Faust app as its consumer sees it: settings, how they compare with the group's, lanes, and the end."""

import faust
from faust.types import AppT

from worker.delivery.faust.shutdown import Shutdown
from worker.delivery.kafka.group.agreement import Agreement
from worker.delivery.lanes.lanes import Lanes
from worker.settings import Settings


class LaneHost(faust.App):
    """A Faust app whose consumer reads for lanes. `settings` are the worker's; `conf` are Faust's own."""

    settings: Settings
    agreement: Agreement
    lanes: Lanes
    shutdown: Shutdown


def host_of(app: AppT) -> LaneHost:
    """The app of a Faust service, which the worker always starts as a LaneHost."""
    assert isinstance(app, LaneHost)
    return app

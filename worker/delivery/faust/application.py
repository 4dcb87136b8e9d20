"""The Faust app around the lanes: it starts when the cluster is as it should be, and ends in good order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, NoReturn, Protocol

import faust
from faust.app.base import BootStrategy
from faust.types import TopicT
from yarl import URL

from worker import __version__, log
from worker.channels import Channel
from worker.delivery.faust.consumer import Consumer, Transport
from worker.delivery.faust.departure import Departure
from worker.delivery.faust.gauges import count_from_zero, set_gauges
from worker.delivery.faust.reader import rebalance_seconds
from worker.delivery.kafka.preflight import check_cluster
from worker.delivery.kafka.reach import Reach
from worker.delivery.kafka.refusals import describe, hopeless
from worker.delivery.lanes.lanes import Lanes
from worker.delivery.lanes.stage import HANDS_PER_PROCESS
from worker.delivery.lanes.watchdog import Limits, View, Watchdog
from worker.log import log_event
from worker.settings import Settings

events = logging.getLogger(__name__)


class Workforce(Protocol):
    """What does the work, such as the pool."""

    async def start(self) -> None: ...

    @property
    def ready(self) -> bool: ...

    @property
    def counts(self) -> Any: ...


class RulesInForce(Protocol):
    """Reads all rules before the first article, then follows their changes."""

    async def start(self) -> None: ...

    async def run(self) -> None: ...

    def status(self) -> dict[str, int]: ...


class Boot(BootStrategy):
    """Neither Faust's web server, which listens to the world, nor its producer, which nobody uses."""

    enable_web = False
    enable_kafka_producer = False


class Worker(faust.Worker):
    """Faust's worker, with our log lines and our way out."""

    app: "Application"

    def __init__(self, app: "Application", *args: Any, **kwargs: Any) -> None:
        super().__init__(app, *args, **{**kwargs, "redirect_stdouts": False})
        self.spinner = None

    def _setup_logging(self) -> None:
        log.setup_logging(self.app.own)

    def install_signal_handlers(self) -> None:
        self.app.departure.listen(self.loop)


class Application(faust.App):
    """A Faust app whose consumer reads for lanes. `own` are its settings; `conf` are Faust's."""

    BootStrategy = Boot
    logger = logging.getLogger("faust.application")

    def __init__(self, own: Settings, *, lanes: Lanes, workforce: Workforce, rules: RulesInForce) -> None:
        self.own, self.lanes, self.workforce, self.rules = own, lanes, workforce, rules
        self._before_start: list[Callable[[], Awaitable[None]]] = []
        self.departure = Departure(own.shutdown_seconds, drain=lanes.drain, leave_group=self._leave_group)
        lanes.end = self.departure.end
        count_from_zero(own.written)
        self.reach = Reach(own, self._heard_at)
        self.watchdog = Watchdog(_limits(own), look=self._view, end=self.departure.end)
        brokers = [URL(f"kafka://{broker}") for broker in own.brokers.split(",")]
        super().__init__(
            own.group_id,
            broker=brokers,
            Worker=Worker,
            # Faust reads variables such as WEB_PORT, which Kubernetes sets for its own ends.
            env_prefix="DATELINE_FAUST_",
            topic_disable_leader=True,
            topic_allow_declare=False,
            table_standby_replicas=0,
            stream_wait_empty=False,
            worker_redirect_stdouts=False,
            key_serializer="raw",
            value_serializer="raw",
        )
        self.transport = Transport(brokers, self)

    def run(self) -> NoReturn:
        """Runs the worker in this process until it is told to stop, then ends the process."""
        self.finalize()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self.Worker(loop=loop, quiet=True).execute_from_commandline()

    async def on_start(self) -> None:
        """Checks the cluster and starts the work force; the group is joined when there is one."""
        log_event(
            events,
            logging.INFO,
            "worker starts",
            version=__version__,
            brokers=self.own.brokers,
            group=self.own.group_id,
            delivery=self.own.delivery.value,
        )
        try:
            for serve in self._before_start:
                await serve()
            await check_cluster(self.own)
            await self.rules.start()
        except Exception as error:
            await self._end_here(hopeless(error) or describe(error))
        try:
            await self.workforce.start()
        except Exception as error:
            await self._end_here(str(error))
        self.add_future(self.rules.run())
        self.add_future(self.reach.run())
        self.add_future(self.watchdog.run())
        await super().on_start()

    def source(self, topic: str) -> TopicT:
        """A topic to read from, as raw bytes. Without `acks`: Faust's streams ack what they have passed on,
        whatever became of it, and their compiled half does so past every method that could be overridden."""
        return self.topic(topic, value_type=bytes, key_serializer="raw", value_serializer="raw", acks=False)

    def before_start(self, serve: Callable[[], Awaitable[None]]) -> None:
        """Registers what runs before the group is joined; an exception ends the worker."""
        self._before_start.append(serve)

    def status(self) -> dict[str, Any]:
        """How things stand, for the health page.

        Ready: assigned (perhaps nothing), the pool works, and the cluster answers. Healthy: it does not stand
        still while articles wait; `stalled` says why if it does, and the worker ends.
        """
        consumer = self._own_consumer
        assigned = consumer.partitions if consumer else None
        raw = self.own.topic(Channel.RAW)
        stopping, reachable = self.departure.begun, self.reach.hearing
        return {
            "ready": assigned is not None and self.workforce.ready and reachable and not stopping,
            "healthy": self.watchdog.stalled is None,
            "stalled": self.watchdog.stalled,
            "reachable": reachable,
            "stopping": stopping,
            "version": __version__,
            "group": self.own.group_id,
            "delivery": self.own.delivery.value,
            "assigned": None if assigned is None else sorted(p for topic, p in assigned if topic == raw),
            "rules": self.rules.status(),
            "pool": {"ready": self.workforce.ready, **asdict(self.workforce.counts)},
            **self.lanes.status(),
        }

    def measure(self) -> None:
        """Brings the metrics that say how things stand up to date."""
        set_gauges(self)

    @property
    def _own_consumer(self) -> Consumer | None:
        return self._consumer if isinstance(self._consumer, Consumer) else None

    def _heard_at(self) -> float:
        return self._own_consumer.heard_at if self._own_consumer else float("-inf")

    def _view(self) -> View:
        consumer = self._own_consumer
        partitions = consumer.partitions if consumer else None
        return View(
            answering=self.reach.answering,
            hearing=self.reach.hearing,
            assigned=partitions is not None,
            flowing=consumer is not None and (consumer.flow_active or partitions == set()),
            working=self.workforce.ready,
            stands=self.lanes.stands() if partitions else (),
        )

    def _crash(self, reason: BaseException) -> None:
        super()._crash(reason)
        self.departure.end(hopeless(reason) or f"unforeseen {describe(reason)}")

    def _create_directories(self) -> None:
        """None: there are no tables, and a container's files may be read-only."""

    async def _leave_group(self) -> None:
        if self._own_consumer:
            await self._own_consumer.leave_group()

    async def _end_here(self, reason: str) -> None:
        """Ends the process without going on with the start."""
        self.departure.end(reason)
        await asyncio.Event().wait()


def _limits(settings: Settings) -> Limits:
    return Limits(
        stall=settings.stall_seconds,
        article=settings.article_wall_seconds * settings.article_attempts,
        articles_ahead=HANDS_PER_PROCESS,
        rebalance=rebalance_seconds(settings) + settings.session_timeout_seconds,
    )

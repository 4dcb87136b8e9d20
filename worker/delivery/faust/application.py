"""The Faust app around the lanes: it starts once the cluster is as it should be, and always ends in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NoReturn, Protocol

import faust
from faust.app.base import BootStrategy
from faust.types import TopicT
from yarl import URL

from worker import __version__, log
from worker.channels import Channel, TopicUse
from worker.delivery.faust.consumer import Consumer, Transport
from worker.delivery.faust.gauges import count_from_zero, set_gauges
from worker.delivery.faust.host import LaneHost
from worker.delivery.faust.reader import rebalance_seconds
from worker.delivery.faust.shutdown import Shutdown
from worker.delivery.kafka.clock import BrokerClock
from worker.delivery.kafka.errors import describe, fatal_reason
from worker.delivery.kafka.group.agreement import Agreement
from worker.delivery.kafka.preflight import check_cluster
from worker.delivery.kafka.progress import claim_outputs
from worker.delivery.kafka.reachability import Reachability
from worker.delivery.lanes.lanes import Lanes
from worker.delivery.lanes.stage import ARTICLES_PER_PROCESS, RunnableStage
from worker.delivery.lanes.status import RulesStatus, WorkerStatus
from worker.delivery.lanes.trace import Traces
from worker.delivery.lanes.watchdog import StallLimits, Watchdog, WorkerProgress
from worker.log import log_event
from worker.pool.pool import PoolCounts
from worker.settings import Output, Settings

events = logging.getLogger(__name__)


class Workforce(Protocol):
    """What enriches articles: the process pool, or what stands in for it in tests."""

    async def start(self) -> None: ...

    @property
    def ready(self) -> bool: ...

    @property
    def counts(self) -> PoolCounts: ...


class RulesInForce(Protocol):
    """Reads all alert rules before the first article, then follows their changes."""

    async def start(self) -> None: ...

    async def run(self) -> None: ...

    def status(self) -> RulesStatus: ...


class BootWithoutWeb(BootStrategy):
    """Starts neither Faust's web server, which listens to the world, nor its producer, which nobody uses."""

    enable_web = False
    enable_kafka_producer = False


class FaustWorker(faust.Worker):
    """Faust's worker with this project's log lines and shutdown."""

    app: "Application"

    def __init__(self, app: "Application", *args: Any, **kwargs: Any) -> None:
        super().__init__(app, *args, **{**kwargs, "redirect_stdouts": False})
        self.spinner = None

    def _setup_logging(self) -> None:
        log.setup_logging(self.app.settings)

    def install_signal_handlers(self) -> None:
        self.app.shutdown.listen(self.loop)


class Application(LaneHost):
    """Runs the stages: their lanes, what they need around them, and the Faust app that reads for them."""

    BootStrategy = BootWithoutWeb
    logger = logging.getLogger("faust.application")

    def __init__(
        self,
        settings: Settings,
        *,
        stages: Iterable[RunnableStage],
        topic_use: TopicUse,
        workforce: Workforce,
        rules: RulesInForce,
        outputs_off: Mapping[Output, str],
        traces: Traces | None = None,
    ) -> None:
        self.settings, self.workforce, self.rules = settings, workforce, rules
        self.agreement = Agreement(settings, lambda: workforce.counts.about, off=outputs_off)
        self._outputs_off = outputs_off
        self._topic_use = topic_use
        self._before_start: list[Callable[[], Awaitable[None]]] = []
        self.shutdown = Shutdown(
            settings.shutdown_seconds,
            drain=self._drain,
            leave_group=self._leave_group,
            flush=None if traces is None else traces.flush,
        )
        self.clock = BrokerClock(settings)
        self.lanes = Lanes(settings, stages, end=self.shutdown.end, now_ms=self.clock.now_ms, traces=traces)
        self.reachability = Reachability(settings, self._heard_at)
        self.watchdog = Watchdog(_stall_limits(settings), look=self._progress, end=self.shutdown.end)
        count_from_zero(topic_use.writes)
        brokers = [URL(f"kafka://{broker}") for broker in settings.brokers.split(",")]
        super().__init__(
            settings.group_id,
            broker=brokers,
            Worker=FaustWorker,
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
        """Checks cluster, clock and who else writes, and makes all ready before Faust joins the group."""
        log_event(
            events,
            logging.INFO,
            "worker starts",
            version=__version__,
            brokers=self.settings.brokers,
            group=self.settings.group_id,
            delivery=self.settings.delivery.value,
        )
        for output, why in self._outputs_off.items():
            log_event(events, logging.WARNING, "a new output is off", output=output.value, why=why)
        try:
            for serve in self._before_start:
                await serve()
            await check_cluster(self.settings, self._topic_use)
            await self.clock.check()
            await claim_outputs(self.settings)
            await self.rules.start()
        except Exception as error:
            await self._end_here(fatal_reason(error) or describe(error))
        try:
            await self.workforce.start()
        except Exception as error:
            await self._end_here(str(error))
        self.add_future(self.rules.run())
        self.add_future(self.clock.run(self.shutdown.end))
        self.add_future(self.reachability.run())
        self.add_future(self.watchdog.run())
        await super().on_start()

    @property
    def web_server_url(self) -> URL:
        """Where the health page is. Faust's banner shows it, and would show Faust's own web server's."""
        if not self.settings.web_port:
            return URL("off (DATELINE_WEB_PORT=0)", encoded=True)
        host = self.settings.web_host or "localhost"
        return URL.build(scheme="http", host=host, port=self.settings.web_port)

    def source(self, topic: str) -> TopicT:
        """A topic to read from, as raw bytes, without acknowledgements.

        Faust's streams acknowledge a record when they pass it on, whatever becomes of it. The compiled half
        of Faust does so without calling any method that could be overridden.
        """
        return self.topic(topic, value_type=bytes, key_serializer="raw", value_serializer="raw", acks=False)

    def before_start(self, serve: Callable[[], Awaitable[None]]) -> None:
        """Registers what runs before the group is joined. An exception from it ends the worker."""
        self._before_start.append(serve)

    def status(self) -> WorkerStatus:
        """The worker's state now, for the health page and the metrics."""
        consumer = self._own_consumer
        assigned = consumer.partitions if consumer else None
        raw = self.settings.topic(Channel.RAW)
        stopping, reachable = self.shutdown.begun, self.reachability.consumer_connected
        return WorkerStatus(
            ready=assigned is not None and self.workforce.ready and reachable and not stopping,
            healthy=self.watchdog.stalled is None,
            stalled=self.watchdog.stalled,
            still_seconds=self.watchdog.still_seconds,
            reachable=reachable,
            stopping=stopping,
            version=__version__,
            group=self.settings.group_id,
            delivery=self.settings.delivery.value,
            assigned=None if assigned is None else sorted(p for topic, p in assigned if topic == raw),
            rules=self.rules.status(),
            clock=self.clock.status(),
            agreement=self.agreement.status,
            outputs_off=self._outputs_off,
            pool_ready=self.workforce.ready,
            pool=self.workforce.counts,
            lanes=self.lanes.status(),
        )

    def measure(self) -> None:
        """Sets the gauges to the worker's state now."""
        set_gauges(self.status(), self.settings)

    @property
    def _own_consumer(self) -> Consumer | None:
        return self._consumer if isinstance(self._consumer, Consumer) else None

    def _heard_at(self) -> float:
        return self._own_consumer.heard_at if self._own_consumer else float("-inf")

    def _progress(self) -> WorkerProgress:
        consumer = self._own_consumer
        partitions = consumer.partitions if consumer else None
        return WorkerProgress(
            cluster_answers=self.reachability.cluster_answers,
            consumer_connected=self.reachability.consumer_connected,
            assigned=partitions is not None,
            reading=consumer is not None and (consumer.flow_active or partitions == set()),
            pool_ready=self.workforce.ready,
            lanes=self.lanes.progress() if partitions else (),
        )

    def _crash(self, reason: BaseException) -> None:
        super()._crash(reason)
        self.shutdown.end(fatal_reason(reason) or f"unforeseen {describe(reason)}")

    def _create_directories(self) -> None:
        """Creates none: there are no tables, and a container's file system may be read-only."""

    async def _drain(self, seconds: float) -> bool:
        return await self.lanes.drain(seconds)

    async def _leave_group(self) -> None:
        if self._own_consumer:
            await self._own_consumer.leave_group()

    async def _end_here(self, reason: str) -> None:
        """Ends the process, and keeps the start from going on meanwhile."""
        self.shutdown.end(reason)
        await asyncio.Event().wait()


def _stall_limits(settings: Settings) -> StallLimits:
    return StallLimits(
        stall=settings.stall_seconds,
        article=settings.article_wall_seconds * settings.article_attempts,
        articles_ahead=ARTICLES_PER_PROCESS,
        rebalance=rebalance_seconds(settings) + settings.session_timeout_seconds,
    )

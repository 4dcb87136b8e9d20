"""Every metric of the worker: its name, its meaning, and what to do when its value is bad."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.metrics import MetricWrapperBase

PREFIX = "dateline_"
REGISTRY = CollectorRegistry()

SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2, 5, 15, 60, 300)
LONG_SECONDS = (0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 43200, 172800, 604800)
RECORDS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
BYTES = (1 << 10, 1 << 13, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26)
PARTITION = ("topic", "partition")


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """One metric as docs/metrics.md lists it. `name`: as in PromQL, without suffixes such as `_bucket`."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    advice: str


METRICS: list[MetricInfo] = []


def _declare(metric: MetricWrapperBase, kind: str, advice: str) -> None:
    name = metric._name + ("_total" if kind == "counter" else "")
    METRICS.append(MetricInfo(name, kind, tuple(metric._labelnames), metric._documentation, advice))


def _counter(name: str, meaning: str, *labels: str, advice: str = "") -> Counter:
    metric = Counter(PREFIX + name, meaning, labels, registry=REGISTRY)
    _declare(metric, "counter", advice)
    return metric


def _gauge(name: str, meaning: str, *labels: str, advice: str = "") -> Gauge:
    metric = Gauge(PREFIX + name, meaning, labels, registry=REGISTRY)
    _declare(metric, "gauge", advice)
    return metric


def _histogram(
    name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = SECONDS, advice: str = ""
) -> Histogram:
    metric = Histogram(PREFIX + name, meaning, labels, buckets=buckets, registry=REGISTRY)
    _declare(metric, "histogram", advice)
    return metric


# How the worker stands

BUILD_INFO = _gauge(
    "build_info", "1, with the worker's version, its pipeline and its delivery mode as labels",
    "version", "pipeline", "delivery", advice="more than one `delivery` in a group: see upgrading",
)  # fmt: skip
DIFFERING_SETTINGS = _gauge(
    "differing_settings",
    "settings that shape records, version and pipeline included, in which this worker differs from the one that "
    "has been longest in its group",
    advice="above 0 when no upgrade is under way: `settings` in `/readyz` names them, with both values",
)  # fmt: skip
OUTPUTS_OFF = _gauge(
    "outputs_off",
    "outputs on by default that this worker left off at its start, since their topics or rights are missing",
    advice="above 0 after an upgrade: `outputs_off` in `/readyz` says what is missing; create it and restart the "
    "workers, or name the outputs that you want in `DATELINE_OUTPUTS`",
)  # fmt: skip
READY = _gauge(
    "ready", "1 if partitions are assigned, the processes work and the cluster answers, else 0",
    advice="`/readyz` says which of the three it is",
)  # fmt: skip
HEALTHY = _gauge(
    "healthy", "0 once the watchdog has found that the worker makes no progress; it then ends",
    advice="the reason is in `/livez` and in the event `worker ends`",
)  # fmt: skip
REACHABLE = _gauge(
    "reachable", "1 if the cluster has answered the consumer within the last 10 s, else 0",
    advice="brokers or network",
)  # fmt: skip
STOPPING = _gauge("stopping", "1 once the worker was told to stop")
STILL_SECONDS = _gauge(
    "still_seconds", "how long the watchdog has seen no progress while articles wait",
    advice="at `dateline_still_limit_seconds`, with more where articles are in hand, the worker ends",
)  # fmt: skip
STILL_LIMIT_SECONDS = _gauge("still_limit_seconds", "DATELINE_STALL_SECONDS")
CLOCK_SKEW = _gauge(
    "clock_skew_seconds",
    "how far this machine's clock is ahead of the brokers', below 0 if it is behind; NaN until it is known",
    advice="beyond `dateline_clock_skew_limit_seconds` the worker ends: is NTP running, here and at the brokers?",
)  # fmt: skip
CLOCK_SKEW_LIMIT = _gauge("clock_skew_limit_seconds", "DATELINE_MAX_CLOCK_SKEW_SECONDS")
CLOCK_READ_FAILURES = _counter(
    "clock_read_failures", "times that the brokers' time could not be learned",
    advice="rising: the event `clock can't be checked` says why; the worker goes by what it learned last",
)  # fmt: skip

# Partitions

LAG = _gauge(
    "lag_records",
    "offsets between what is delivered and the last stable offset; 0 where only transaction markers are left",
    *PARTITION, advice="grows: more processes or workers; one partition alone: its lane fails, see the log",
)  # fmt: skip
DELIVERED_OFFSET = _gauge(
    "delivered_offset", "the committed offset", *PARTITION, advice="does not grow while there is lag: see lag"
)  # fmt: skip
LAST_STABLE_OFFSET = _gauge(
    "last_stable_offset", "the end of committed records, at most a few seconds old", *PARTITION,
    advice="does not grow while publishers write: one of them holds a transaction open",
)  # fmt: skip
INBOX_RECORDS = _gauge("inbox_records", "records read and not yet begun", *PARTITION)
IN_FLIGHT_RECORDS = _gauge("in_flight_records", "records begun and not yet delivered", *PARTITION)
LANES = _gauge(
    "lanes", "partitions this worker delivers", advice="0 on some workers: fewer partitions than workers"
)
LANES_PREPARING = _gauge(
    "lanes_preparing", "lanes that still read their stage's state, and deliver nothing before that",
    advice="above 0 for minutes: see `stage still reads its state` and `stage can't begin` in the log",
)  # fmt: skip
IN_FLIGHT_BYTES = _gauge(
    "in_flight_bytes", "bytes of articles begun, and of their results",
    advice="at its limit while processes are idle: raise DATELINE_IN_FLIGHT_BYTES",
)  # fmt: skip
IN_FLIGHT_LIMIT_BYTES = _gauge("in_flight_limit_bytes", "DATELINE_IN_FLIGHT_BYTES")

# Records

RECORDS_READ = _counter(
    "records_read", "records read; those read again after a rebalance or a start-over count again", *PARTITION
)
READ_BYTES = _counter("read_bytes", "bytes of keys, values and headers read")
READ_FAILURES = _counter(
    "read_failures", "reads that failed of what the broker sent; they are tried again",
    advice="rising: the event `records can't be read` names the partitions",
)  # fmt: skip
RECORDS_GONE = _counter(
    "records_gone", "records that the log no longer held when they were to be read",
    advice="lost for good: lag exceeded the retention, or the topic was truncated; the event names the offsets",
)  # fmt: skip
GAPS_MENDED = _counter(
    "gaps_mended",
    "times that a wrong read position was found and corrected",
    advice="report it, with the event",
)
RECORDS_DELIVERED = _counter(
    "records_delivered", "inputs delivered, whatever was written for them", *PARTITION
)
RECORDS_ENRICHED = _counter("records_enriched", "inputs delivered as outputs; retractions are among them")
DEAD_LETTERS = _counter(
    "dead_letters", "inputs delivered as dead letters", "reason",
    advice="by reason: see dead letters in operations.md",
)  # fmt: skip
RECORDS_WRITTEN = _counter("records_written", "output records delivered, dead letters included", "channel")
WRITTEN_BYTES = _counter("written_bytes", "bytes of these records' keys, values and headers", "channel")
ARTICLE_AGE = _histogram(
    "article_age_seconds",
    "time from a record's timestamp (the publisher's clock) to its delivery (this clock), of the oldest in each batch",
    buckets=LONG_SECONDS, advice="grows with lag",
)  # fmt: skip
ALERT_AGE = _histogram(
    "alert_age_seconds",
    "time from the timestamp of an article's raw record to the delivery of an alert about it, by both clocks",
    buckets=LONG_SECONDS, advice="more than `dateline_article_age_seconds`: the lanes of the enriched topic lag",
)  # fmt: skip
MATCH_SECONDS = _histogram(
    "match_seconds", "time to match an enriched article against the rules",
    advice="near 0.1: rules that match nearly everything; `dateline rules list` shows their hits",
)  # fmt: skip
RULES = _gauge("rules", "rules in force")
RULES_REFUSED = _gauge(
    "rules_refused", "rule ids whose newest record is not a valid rule; the version before it stays in force, if there is one",
    advice="`dateline rules list` says what is wrong with them",
)  # fmt: skip
RULE_OVERRUNS = _counter(
    "rule_overruns", "times that a rule took more work than its budget on an article, which it then does not match",
    advice="rising: the event `rule over its budget; ...` and `dateline rules list` name the rule",
)  # fmt: skip
COOLDOWN_OVERRUNS = _counter(
    "cooldown_overruns",
    "matches that raised no alert, or not about every entity, because their rule (`entities`) or its partition "
    "(`partition`) holds as many silences as it takes", "limit",
    advice="rising: the event `rule suspended until cooldowns end; ...` and `dateline rules list` name the rule",
)  # fmt: skip
STORY_SECONDS = _histogram(
    "story_seconds", "time to assign an article to a story",
    advice="near 0.05: the worker does nothing else meanwhile; look at `dateline_open_stories`",
)  # fmt: skip
STORIES_OPEN = _gauge(
    "open_stories", "stories that articles can join, in the worker that has their partition; else 0"
)
STORY_ARTICLES = _gauge("story_articles", "articles that are remembered for their copies, likewise")
STORY_LIMIT_HITS = _counter(
    "story_limits",
    "`stories` that were closed, and `articles` that were forgotten, before their time, for there being too many", "limit",
    advice="rising: later articles of the same events found stories anew, and later copies are not found",
)  # fmt: skip
STORY_RULE_LIMIT_HITS = _counter(
    "story_rule_limits",
    "`stories` that story rules forgot before their end, for there being too many, and `rules` that raised nothing, "
    "for there being too many that hold for one story", "limit",
    advice="rising: stories raise alerts anew, or rules none; `dateline rules list` names such rules",
)  # fmt: skip
TREND_ARTICLES = _gauge(
    "trend_articles",
    "articles that are remembered for trends, in the worker that has their partition; else 0",
)
TREND_COUNTS = _gauge("trend_count_records", "counts of subjects by hour and by day that are held, likewise")
TREND_UNCOUNTED = _counter(
    "trend_uncounted_articles",
    "articles that are in no count: `late`, their day is over for more than a week; `limit`, their day has too many", "reason",
    advice="`late` rising: old articles are fed, or publishers' dates are wrong",
)  # fmt: skip
TREND_DAYS_DROPPED = _counter(
    "trend_days_dropped", "days whose counts were closed early, for there being too many articles",
    advice="rising: late articles of these days are not counted, and bursts are held against fewer days",
)  # fmt: skip
RULE_READ_FAILURES = _counter(
    "rule_read_failures", "times that the rules' topic could not be read; what was read before stays in force",
    advice="rising: changes of rules take no effect; the event `rules can't be read; ...` says why",
)  # fmt: skip
RULE_CHANGES = _counter(
    "rule_changes", "records of the rules' topic read: `put`, `deleted`, `refused`", "outcome",
    advice="`refused`: the event `rule refused` names the rule and the place of the error",
)  # fmt: skip

# Batches

BATCH_RECORDS = _histogram(
    "batch_records", "inputs in one delivery", buckets=RECORDS,
    advice="near 1 under load: DATELINE_BATCH_WAIT_MS is short, or articles are large",
)  # fmt: skip
BATCH_BYTES = _histogram("batch_bytes", "bytes of the records of one delivery", buckets=BYTES)
BATCH_STEP = _histogram(
    "batch_step_seconds",
    "what a batch goes through: `inbox` (its oldest record, from being read), `memory` (waits for bytes in flight), "
    "`enrich` (the stage's work), `turn` (waits for the batches before it), `send` (until acknowledged), `offset`, `commit`",
    "step",
    advice="`inbox`, `enrich`: processes; `memory`: DATELINE_IN_FLIGHT_BYTES; `turn`: one slow article; the rest: brokers",
)  # fmt: skip

# Lanes

LANES_OPEN_SECONDS = _histogram(
    "lanes_open_seconds", "time to open all lanes of an assignment",
    advice="lanes not open by 45 % of DATELINE_SESSION_TIMEOUT_SECONDS open later; near it: fewer partitions a worker",
)  # fmt: skip
REBALANCES = _counter(
    "rebalances", "assignments received", advice="rising all the time: find out why workers come and go"
)
REBALANCE_SECONDS = _histogram(
    "rebalance_seconds", "how long partitions waited: from being revoked, or joining, until lanes were open",
    advice="waits for the slowest worker of the group",
)  # fmt: skip
LANE_FAILURES = _counter(
    "lane_failures", "deliveries that failed, by the nature of the error", "nature",
    advice="`record`: see dead letters `publish-rejected`; `retriable`: brokers; `fatal`: the worker ends and says why",
)  # fmt: skip
START_OVERS = _counter(
    "lane_start_overs", "times that a lane started over from the committed offset",
    advice="a few after a fault of the cluster are normal; all the time: see `delivery failed` in the log",
)  # fmt: skip

# Processes

ARTICLE_STEP = _histogram(
    "article_step_seconds", "what an article goes through in its process: `decode`, `enrich`, `derive`, with stories `sketch`", "step",
    advice="`enrich` is most of it, and grows with the text",
)  # fmt: skip
ARTICLE_CPU = _histogram(
    "article_cpu_seconds", "CPU time of an article in its process",
    advice="near DATELINE_ARTICLE_CPU_SECONDS: such articles are about to be killed",
)  # fmt: skip
POOL_WAIT = _histogram(
    "pool_wait_seconds", "time from when an article is handed to the processes until one takes it",
    advice="long while CPU is idle: more DATELINE_PROCESSES",
)  # fmt: skip
POOL_PROCESSES = _gauge("pool_processes", "processes alive", advice="below its limit for long: see the log")
POOL_PROCESSES_WANTED = _gauge("pool_wanted_processes", "DATELINE_PROCESSES")
POOL_BUSY = _gauge("pool_busy_processes", "processes with an article in hand")
POOL_WAITING = _gauge("pool_waiting_articles", "articles that wait for a process")
POOL_MEMORY = _gauge(
    "pool_resident_memory_bytes", "memory of all processes together; shared pages count in each"
)
POOL_LARGEST = _gauge(
    "pool_largest_resident_memory_bytes", "memory of the largest process",
    advice="grows without end: report it; a process is replaced at DATELINE_ARTICLE_MEMORY_BYTES above its pipeline",
)  # fmt: skip
POOL_ARTICLES = _counter(
    "pool_articles", "articles that came back: `done`, `failed` (a bug), `killed`", "outcome",
    advice="`failed`: report it; `killed`: see dead letters `enrichment-killed`",
)  # fmt: skip
POOL_DEATHS = _counter(
    "pool_deaths", "processes that died and were replaced: `crash`, `hang`, `memory`", "cause",
    advice="all the time: short of memory? The event `pool process died` says more",
)  # fmt: skip
POOL_KILLED = _counter(
    "pool_killed_articles", "articles that killed their process at every try, by the last cause", "cause",
    advice="see dead letters `enrichment-killed`",
)  # fmt: skip

# Traces

SPANS_MADE = _counter("spans_made", "spans made for OpenTelemetry; 0 unless traces are on")
SPANS_EXPORTED = _counter(
    "spans_exported", "spans that the OTLP endpoint took",
    advice="behind `dateline_spans_made_total` by more than the queue holds: spans are lost, articles are not. The "
    "log says why; an endpoint that is slow rather than away needs a sampler",
)  # fmt: skip

ProcessCollector(registry=REGISTRY)
"""The parent's own `process_*`: CPU, memory, open files, start time."""


def metrics_table() -> str:
    """The table of docs/metrics.md."""
    heads = ("name", "type", "labels", "what it says", "when it is bad")
    rows = [
        (f"`{one.name}`", one.kind, ", ".join(f"`{label}`" for label in one.labels), one.meaning, one.advice)
        for one in METRICS
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))

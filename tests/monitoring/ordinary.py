"""What two workers of one group expose on an ordinary day, minute by minute, as promtool takes it."""

from collections.abc import Callable, Iterator, Mapping

MINUTES = 110
RAW, ENRICHED = "news.articles.raw.v1", "news.articles.enriched.v1"
WORKERS = ("w1:6066", "w2:6066")
# A value for each minute, None where there is no sample.
Values = Callable[[int], float | None]
Series = dict[str, Values]

_STATE = {
    "up": 1, "dateline_ready": 1, "dateline_reachable": 1, "dateline_stopping": 0,
    "dateline_still_seconds": 0,
    "dateline_still_limit_seconds": 300, "dateline_clock_skew_seconds": 0.02,
    "dateline_clock_skew_limit_seconds": 60, "dateline_differing_settings": 0, "dateline_outputs_off": 0,
    "dateline_lanes_preparing": 0, "dateline_rules_refused": 0, "dateline_pool_processes": 2,
    "dateline_pool_wanted_processes": 2, "process_start_time_seconds": 1000, "process_open_fds": 60,
    "process_max_fds": 1024, "dateline_rebalances_total": 1,
}  # fmt: skip
_ZERO: dict[str, tuple[str, ...]] = {
    "dateline_clock_read_failures_total": (),
    "dateline_records_gone_total": (),
    "dateline_read_failures_total": (),
    "dateline_gaps_mended_total": (),
    "dateline_lane_start_overs_total": (),
    "dateline_rule_read_failures_total": (),
    "dateline_rule_overruns_total": (),
    "dateline_spans_made_total": (),
    "dateline_spans_exported_total": (),
    "dateline_cooldown_overruns_total": ('limit="entities"', 'limit="partition"'),
    "dateline_pool_deaths_total": ('cause="crash"', 'cause="hang"', 'cause="memory"'),
    "dateline_lane_failures_total": tuple(
        f'nature="{one}"' for one in ("record", "fenced", "abortable", "retriable", "fatal")
    ),
    "dateline_dead_letters_total": tuple(
        f'reason="{one}"'
        for one in ("undecodable", "too-large", "enrichment-failed", "enrichment-killed", "publish-rejected")
    ),
}


def always(value: float) -> Values:
    """The same value all the time."""
    return lambda minute: value


def rising(by: float, since: int = 0, until: int = MINUTES) -> Values:
    """A counter, or lag, that rises by so much a minute, for a while."""
    return lambda minute: by * min(max(minute - since, 0), until - since)


def between(start: int, end: int, value: float | None, otherwise: float | None) -> Values:
    """One value from the minute `start` until before `end`, and another at other times."""
    return lambda minute: value if start <= minute < end else otherwise


def name(metric: str, labels: str = "", worker: str = WORKERS[0]) -> str:
    """One series as Prometheus writes it."""
    more = f", {labels}" if labels else ""
    return f'{metric}{{job="dateline", instance="{worker}"{more}}}'


def place(topic: str, partition: int) -> str:
    return f'topic="{topic}", partition="{partition}"'


def build_info(worker: str, delivery: str = "exactly-once") -> str:
    return name("dateline_build_info", f'version="1", pipeline="p", delivery="{delivery}"', worker)


def ordinary() -> Series:
    """Every series of the two workers. Lag comes and goes, and a few articles become dead letters."""
    return {series: values for worker in WORKERS for series, values in _of(worker)}


def _of(worker: str) -> Iterator[tuple[str, Values]]:
    yield build_info(worker), always(1)
    for metric, value in _STATE.items():
        yield name(metric, worker=worker), always(value)
    for metric, labels in _ZERO.items():
        for label in labels or ("",):
            yield name(metric, label, worker), always(0)
    for topic in (RAW, ENRICHED):
        where = place(topic, WORKERS.index(worker))
        yield name("dateline_lag_records", where, worker), lambda minute: (7 * minute) % 5
        yield name("dateline_delivered_offset", where, worker), rising(120)
        yield name("dateline_records_delivered_total", where, worker), rising(120)
    yield name("dateline_dead_letters_total", 'reason="invalid"', worker), rising(1)
    for reason in ("withheld", "unsupported-language"):
        yield name("dateline_dead_letters_total", f'reason="{reason}"', worker), rising(20)
    for metric in ("dateline_article_age_seconds_bucket", "dateline_alert_age_seconds_bucket"):
        for le, by in (("60", 29), ("300", 30), ("1800", 30), ("+Inf", 30)):
            yield name(metric, f'le="{le}"', worker), rising(by)


def _written(values: Values) -> Iterator[str]:
    """The samples of a series in promtool's notation; the end of one is `stale`, as Prometheus notes it."""
    before: float | None = None
    for value in map(values, range(MINUTES + 1)):
        if value is None:
            yield "_" if before is None else "stale"
        else:
            yield f"{value:.10g}"
        before = value


def input_series(series: Mapping[str, Values], namespace: str) -> list[dict[str, str]]:
    """The series as promtool reads them, those of one group of workers among others'."""
    return [
        {"series": one.replace("{", f'{{namespace="{namespace}", ', 1), "values": " ".join(_written(values))}
        for one, values in series.items()
    ]

"""What the dashboard shows: rows of panels, each with its PromQL, metrics by their bare names."""

from dataclasses import dataclass

RATE = "$__rate_interval"


@dataclass(frozen=True, slots=True)
class Query:
    """One query and what its lines are called."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `unit` is Grafana's; `kind`: `timeseries`, or `stat` for a single number. `width`: of 24 columns."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    width: int = 8


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


def _stat(title: str, unit: str, expr: str) -> Panel:
    return Panel(title, unit, (Query(expr, ""),), kind="stat", width=4)


def _panel(title: str, unit: str, *queries: Query, width: int = 8) -> Panel:
    return Panel(title, unit, queries, width=width)


def _rate(metric: str, by: str) -> Query:
    return Query(f"sum by ({by}) (rate({metric}[{RATE}]))", "{{" + by + "}}")


def _rise(metric: str, legend: str) -> Query:
    """How much a counter rose, for what happens seldom."""
    return Query(f"sum(increase({metric}[{RATE}]))", legend)


def _rises_by(metric: str, by: str) -> Query:
    return Query(f"sum by ({by}) (increase({metric}[{RATE}]))", "{{" + by + "}}")


def _quantiles(histogram: str) -> tuple[Query, ...]:
    return tuple(
        Query(f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket[{RATE}])))", name)
        for share, name in ((0.5, "half below"), (0.95, "95 % below"), (0.99, "99 % below"))
    )


def _seconds_by_step(histogram: str) -> Query:
    """How many seconds a second are spent in each step."""
    return Query(f"sum by (step) (rate({histogram}_sum[{RATE}]))", "{{step}}")


def _mean(histogram: str) -> Query:
    return Query(f"sum(rate({histogram}_sum[{RATE}])) / (sum(rate({histogram}_count[{RATE}])) > 0)", "mean")


def _sum(gauge: str, legend: str) -> Query:
    return Query(f"sum({gauge})", legend)


def _by_worker(expr: str, legend: str = "{{instance}}") -> Query:
    return Query(expr, legend)


_RAW = '{topic=~".*articles[.]raw[.]v1"}'

ROWS = (
    Row("At a glance", (
        _stat("Workers", "none", "count(dateline_build_info)"),
        _stat("Ready", "none", "sum(dateline_ready)"),
        _stat("Articles delivered", "ops", f"sum(rate(dateline_records_delivered_total{_RAW}[{RATE}]))"),
        _stat("Articles that wait", "none", f"sum(dateline_lag_records{_RAW})"),
        _stat("Dead letters in an hour", "none", "sum(increase(dateline_dead_letters_total[1h]))"),
        _stat("Alert rules", "none", "max(dateline_rules)"),
    )),
    Row("Articles in and out", (
        _panel("Delivered, by worker", "ops",
               Query(f"sum by (instance) (rate(dateline_records_delivered_total{_RAW}[{RATE}]))", "{{instance}}")),
        _panel("Read and delivered, by topic", "ops",
               Query(f"sum by (topic) (rate(dateline_records_read_total[{RATE}]))", "{{topic}} read"),
               Query(f"sum by (topic) (rate(dateline_records_delivered_total[{RATE}]))", "{{topic}} delivered")),
        _panel("Written, by channel", "ops", _rate("dateline_records_written_total", "channel")),
        _panel("Enriched and retracted", "ops", Query(f"sum(rate(dateline_records_enriched_total[{RATE}]))", "inputs")),
        _panel("Bytes written, by channel", "Bps", _rate("dateline_written_bytes_total", "channel")),
        _panel("Bytes read", "Bps", Query(f"sum(rate(dateline_read_bytes_total[{RATE}]))", "all workers")),
    )),
    Row("Lag, and how long the oldest waits", (
        _panel("Lag, by topic", "none", Query("sum by (topic) (dateline_lag_records)", "{{topic}}")),
        _panel("Lag, by partition", "none",
               Query("max by (topic, partition) (dateline_lag_records)", "{{topic}} {{partition}}")),
        _panel("Time to work it off at this pace", "s", Query(
            "sum by (topic) (dateline_lag_records) "
            f"/ (sum by (topic) (rate(dateline_records_delivered_total[{RATE}])) > 0)", "{{topic}}")),
        _panel("Age of the oldest article in a batch, when delivered", "s", *_quantiles("dateline_article_age_seconds")),
        _panel("Committed offset and end of the log", "none",
               Query("sum by (topic) (dateline_delivered_offset)", "{{topic}} committed"),
               Query("sum by (topic) (dateline_last_stable_offset)", "{{topic}} end")),
        _panel("Read and not begun, begun and not delivered", "none",
               _sum("dateline_inbox_records", "read"), _sum("dateline_in_flight_records", "begun")),
    )),
    Row("Latency", (
        _panel("Age of an alert's article, when delivered", "s", *_quantiles("dateline_alert_age_seconds")),
        _panel("Wait for a process", "s", *_quantiles("dateline_pool_wait_seconds")),
        _panel("CPU time of an article", "s", *_quantiles("dateline_article_cpu_seconds")),
    )),
    Row("Stages", (
        _panel("Where batches spend their time", "s", _seconds_by_step("dateline_batch_step_seconds")),
        _panel("Where processes spend theirs", "s", _seconds_by_step("dateline_article_step_seconds")),
        _panel("Matching an article against the rules", "s", *_quantiles("dateline_match_seconds")),
        _panel("Inputs in a batch", "none", _mean("dateline_batch_records")),
        _panel("Bytes of a batch", "bytes", _mean("dateline_batch_bytes")),
        _panel("Bytes in flight", "bytes", _sum("dateline_in_flight_bytes", "in flight"),
               _sum("dateline_in_flight_limit_bytes", "limit")),
    )),
    Row("Alerts and their rules", (
        _panel("Rules in force and refused", "none", Query("max(dateline_rules)", "in force"),
               Query("max(dateline_rules_refused)", "refused")),
        _panel("Rules put, deleted and refused", "none", _rises_by("dateline_rule_changes_total", "outcome")),
        _panel("Rules over their budget, or suspended", "none",
               _rise("dateline_rule_overruns_total", "over its budget"),
               Query(f"sum by (limit) (increase(dateline_cooldown_overruns_total[{RATE}]))", "suspended: {{limit}}"),
               _rise("dateline_rule_read_failures_total", "rules can't be read")),
    )),
    Row("Stories", (
        _panel("Stories that articles can join, articles that are remembered", "none",
               Query("sum(dateline_open_stories)", "stories"), Query("sum(dateline_story_articles)", "articles")),
        _panel("Time to assign an article, 95 of 100", "s",
               Query(f"histogram_quantile(0.95, sum by (le) (rate(dateline_story_seconds_bucket[{RATE}])))",
                     "assign")),
        _panel("Closed or forgotten before their time", "none",
               _rises_by("dateline_story_limits_total", "limit")),
        _panel("Story rules at a limit", "none", _rises_by("dateline_story_rule_limits_total", "limit")),
        _panel("Articles and counts that trends hold", "none",
               Query("sum(dateline_trend_articles)", "articles"), Query("sum(dateline_trend_count_records)", "counts")),
        _panel("Articles that no trend counts, days closed early", "none",
               _rises_by("dateline_trend_uncounted_articles_total", "reason"),
               _rise("dateline_trend_days_dropped_total", "days closed early")),
    )),
    Row("Dead letters", (
        _panel("Dead letters, by reason", "none", _rises_by("dateline_dead_letters_total", "reason"), width=12),
        _panel("Share of all articles, by reason", "percentunit", Query(
            f"sum by (reason) (rate(dateline_dead_letters_total[{RATE}])) / on () group_left () "
            f"(sum(rate(dateline_records_delivered_total{_RAW}[{RATE}])) > 0)", "{{reason}}"), width=12),
    )),
    Row("Faults and recoveries", (
        _panel("Deliveries that failed, by nature", "none", _rises_by("dateline_lane_failures_total", "nature")),
        _panel("Lanes that started over", "none", _rise("dateline_lane_start_overs_total", "start-overs")),
        _panel("Rebalances", "none",
               _by_worker(f"increase(dateline_rebalances_total[{RATE}])")),
        _panel("How long a rebalance and opening the lanes took", "s",
               Query(f"histogram_quantile(0.95, sum by (le) (rate(dateline_rebalance_seconds_bucket[{RATE}])))",
                     "rebalance"),
               Query(f"histogram_quantile(0.95, sum by (le) (rate(dateline_lanes_open_seconds_bucket[{RATE}])))",
                     "lanes")),
        _panel("Lanes, and those that still read their state", "none",
               _by_worker("dateline_lanes"), _by_worker("dateline_lanes_preparing", "{{instance}} preparing")),
        _panel("Reads that failed, records gone, gaps mended", "none",
               _rise("dateline_read_failures_total", "reads failed"), _rise("dateline_records_gone_total", "records gone"),
               _rise("dateline_gaps_mended_total", "gaps mended")),
        _panel("How the workers stand (1: yes)", "none",
               Query("min(dateline_ready)", "all ready"), Query("min(dateline_healthy)", "all healthy"),
               Query("min(dateline_reachable)", "cluster answers all"), Query("max(dateline_stopping)", "one stops")),
        _panel("Without progress, as the watchdog sees it", "s", _by_worker("dateline_still_seconds"),
               Query("min(dateline_still_limit_seconds)", "limit")),
        _panel("Clocks", "s", _by_worker("dateline_clock_skew_seconds"),
               Query("min(dateline_clock_skew_limit_seconds)", "limit"),
               _rise("dateline_clock_read_failures_total", "not read")),
        _panel("Versions, pipelines and delivery modes", "none",
               Query("count by (version, pipeline, delivery) (dateline_build_info)",
                     "{{version}} {{pipeline}} {{delivery}}")),
        _panel("Settings that differ, outputs that are off", "none",
               Query("max(dateline_differing_settings)", "settings"), Query("max(dateline_outputs_off)", "outputs")),
        _panel("Spans made and exported", "ops",
               Query(f"sum(rate(dateline_spans_made_total[{RATE}]))", "made"),
               Query(f"sum(rate(dateline_spans_exported_total[{RATE}]))", "exported")),
    )),
    Row("Processes and memory", (
        _panel("Processes", "none", _sum("dateline_pool_wanted_processes", "wanted"),
               _sum("dateline_pool_processes", "alive"), _sum("dateline_pool_busy_processes", "busy")),
        _panel("Articles that wait for a process", "none", _by_worker("dateline_pool_waiting_articles")),
        _panel("Articles that came back, by outcome", "ops", _rate("dateline_pool_articles_total", "outcome")),
        _panel("Processes that died, by cause", "none", _rises_by("dateline_pool_deaths_total", "cause")),
        _panel("Articles that killed their process, by cause", "none",
               _rises_by("dateline_pool_killed_articles_total", "cause")),
        _panel("Memory of the processes", "bytes", _by_worker("dateline_pool_resident_memory_bytes"),
               _by_worker("dateline_pool_largest_resident_memory_bytes", "{{instance}} largest")),
        _panel("Memory of the parent", "bytes", _by_worker("process_resident_memory_bytes")),
        _panel("CPU of the parent", "percentunit", _by_worker(f"rate(process_cpu_seconds_total[{RATE}])")),
        _panel("Open files", "percentunit", _by_worker("process_open_fds / process_max_fds")),
    )),
)  # fmt: skip

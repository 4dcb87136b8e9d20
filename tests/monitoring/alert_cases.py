"""Each alert with a day on which it fires, and one close to it on which no alert does."""

from dataclasses import dataclass, field

from tests.monitoring.ordinary import (
    ENRICHED,
    RAW,
    WORKERS,
    Series,
    Values,
    always,
    between,
    build_info,
    name,
    place,
    rising,
)

W1, W2 = WORKERS
FAILURES = "dateline_lane_failures_total"
LETTERS = "dateline_dead_letters_total"
LAG, DELIVERED, COUNTED = (
    "dateline_lag_records",
    "dateline_delivered_offset",
    "dateline_records_delivered_total",
)
P0, P1 = place(RAW, 0), place(RAW, 1)


@dataclass(frozen=True)
class Case:
    """One day of the group: what differs from the ordinary, and every alert that fires on it."""

    what: str
    alert: str
    differs: Series
    fires: frozenset[str] = field(default=frozenset())


def fires(what: str, alert: str, differs: Series, *also: str) -> Case:
    return Case(what, alert, differs, frozenset({alert, *also}))


def silent(what: str, alert: str, differs: Series) -> Case:
    return Case(what, alert, differs)


def both(metric: str, values: Values, labels: str = "") -> Series:
    return {name(metric, labels, worker): values for worker in WORKERS}


def one(metric: str, values: Values, labels: str = "", worker: str = W1) -> Series:
    return {name(metric, labels, worker): values}


def away(worker: str, start: int, end: int) -> Series:
    """A worker that does not answer for a while: its target is down, and its series have no samples."""
    return {
        name("up", worker=worker): between(start, end, 0, 1),
        build_info(worker): between(start, end, None, 1),
    }


def late(metric: str, start: int, end: int) -> Series:
    """Half of what is delivered is late, for a while."""
    punctual = rising(30, until=start), rising(30, since=end)
    return {
        series: lambda minute: punctual[0](minute) + punctual[1](minute)
        for le in ("60", "300")
        for series in both(metric, always(0), f'le="{le}"')
    }


NO_WORKER = [
    fires("every worker is gone for ten minutes", "DatelineNoWorker",
          away(W1, 30, 40) | away(W2, 30, 40), "DatelineWorkerMissing"),
    silent("one worker alone is restarted after the other", "DatelineNoWorker", away(W1, 30, 32) | away(W2, 32, 34)),
    silent("all workers are away for two minutes", "DatelineNoWorker", away(W1, 30, 32) | away(W2, 30, 32)),
]  # fmt: skip
MISSING = [
    fires("one of two workers does not come back", "DatelineWorkerMissing", away(W2, 30, 60)),
    silent("a worker restarts", "DatelineWorkerMissing", away(W2, 30, 33)),
    silent("an autoscaler takes a worker away, and its target with it", "DatelineWorkerMissing", {
        name("up", worker=W2): between(0, 30, 1, None), build_info(W2): between(0, 30, 1, None),
    }),
    fires("lag grows while a worker is missing", "DatelineLagGrowsWorkersMissing",
          away(W2, 30, 80) | one(LAG, rising(90, 30, 80), P0), "DatelineWorkerMissing", "DatelineLagGrows"),
    fires("lag grows, and a worker has gone together with its target", "DatelineLagGrowsWorkersMissing",
          {name("up", worker=W2): between(0, 30, 1, None), build_info(W2): between(0, 30, 1, None)}
          | one(LAG, rising(30, 30, 55), P0)),
    silent("lag grows a little on a busy morning, and nobody is missing", "DatelineLagGrowsWorkersMissing",
           one(LAG, rising(30, 30, 55), P0)),
    silent("the last worker of a rolling restart was one too many", "DatelineLagGrowsWorkersMissing", {
        name("up", worker="w3:6066"): between(30, 36, 1, None),
        build_info("w3:6066"): between(30, 36, 1, None),
        name(LAG, P0): rising(30, 36, 55),
    }),
]  # fmt: skip
WORKER = [
    fires("a worker is not ready for a quarter of an hour", "DatelineWorkerNotReady",
          one("dateline_ready", between(30, 46, 0, 1))),
    silent("a worker that starts is not ready, and has no processes yet", "DatelineWorkerNotReady",
           both("dateline_ready", between(0, 4, 0, 1)) | both("dateline_pool_processes", between(0, 4, 0, 2))
           | both("dateline_reachable", between(0, 1, 0, 1)) | both("dateline_lanes_preparing", between(0, 4, 2, 0))
           | both("dateline_clock_skew_seconds", between(0, 2, float("nan"), 0.02))),
    silent("a worker that was told to stop takes its time", "DatelineWorkerNotReady",
           one("dateline_ready", between(30, 46, 0, 1)) | one("dateline_stopping", between(30, 46, 1, 0))),
    fires("a worker starts every five minutes", "DatelineWorkerRestarts",
          one("process_start_time_seconds", lambda minute: 1000 + minute // 5)),
    silent("a worker is upgraded, and again since that was wrong", "DatelineWorkerRestarts",
           one("process_start_time_seconds", lambda minute: 1000 + (minute > 30) + (minute > 50))),
    silent("another program of the machine starts every minute", "DatelineWorkerRestarts",
           {'process_start_time_seconds{job="other", instance="w1:9100"}': lambda minute: minute}),
    fires("the brokers are away for five minutes", "DatelineClusterUnreachable",
          both("dateline_reachable", between(30, 35, 0, 1))),
    silent("a broker is slow for a minute", "DatelineClusterUnreachable",
           both("dateline_reachable", between(30, 31, 0, 1))),
    fires("the watchdog has seen no progress for four minutes", "DatelineWatchdogNear",
          one("dateline_still_seconds", lambda minute: max(0, min(60 * (minute - 30), 240)) * (minute < 40))),
    silent("a long article takes a minute and a half", "DatelineWatchdogNear",
           one("dateline_still_seconds", between(30, 32, 90, 0))),
    fires("a clock runs behind", "DatelineClockSkew", one("dateline_clock_skew_seconds", rising(-1, 30, 70))),
    silent("the clock was never read", "DatelineClockSkew", one("dateline_clock_skew_seconds", always(float("nan")))),
    silent("a clock is off by a second", "DatelineClockSkew", one("dateline_clock_skew_seconds", always(-1))),
    fires("the clock's topic is missing", "DatelineClockUnchecked",
          one("dateline_clock_read_failures_total", rising(1, 30))),
    silent("the clock is not read for eight minutes", "DatelineClockUnchecked",
           one("dateline_clock_read_failures_total", rising(1, 30, 38))),
    fires("a worker of the other delivery mode joins", "DatelineTwoDeliveryModes", {
        name("up", worker="w3:6066"): always(1), build_info("w3:6066", "at-least-once"): between(30, 40, 1, None),
    }),
    silent("another group delivers in the other mode", "DatelineTwoDeliveryModes",
           {'dateline_build_info{job="other", instance="w3:6066", delivery="at-least-once"}': always(1)}),
    fires("an upgrade has stopped half way", "DatelineSettingsDiffer",
          one("dateline_differing_settings", between(30, 100, 2, 0))),
    silent("an upgrade rolls for half an hour", "DatelineSettingsDiffer",
           one("dateline_differing_settings", between(30, 60, 2, 0))),
    fires("the topics of a new output were not made", "DatelineOutputOff",
          one("dateline_outputs_off", between(30, 110, 1, 0))),
    silent("a worker is restarted once the topics are there", "DatelineOutputOff",
           one("dateline_outputs_off", between(30, 40, 1, 0))),
    fires("a worker joins and leaves again and again", "DatelineRebalances",
          both("dateline_rebalances_total", rising(0.5, 30))),
    silent("ten workers are restarted one after the other", "DatelineRebalances",
           both("dateline_rebalances_total", rising(2, 30, 40))),
    fires("a worker has more partitions than it may open files", "DatelineOpenFiles",
          one("process_open_fds", between(30, 50, 1000, 60))),
    silent("connections to the health page take files for a moment", "DatelineOpenFiles",
           one("process_open_fds", between(30, 32, 1000, 60))),
    silent("another program has few files left", "DatelineOpenFiles",
           {'process_open_fds{job="other", instance="x"}': always(99),
            'process_max_fds{job="other", instance="x"}': always(100)}),
]  # fmt: skip
PROGRESS = [
    fires("publishers send more than the workers do, for an hour", "DatelineLagGrows",
          both(LAG, rising(200, 30, 100), P0)),
    silent("a burst waits and is worked off", "DatelineLagGrows",
           one(LAG, lambda minute: max(0, 3000 - 90 * (minute - 30)) if minute >= 30 else 0, P0)),
    silent("lag grows by a few records", "DatelineLagGrows", one(LAG, rising(1, 30, 70), P0)),
    silent("a worker begins with all that is in the topic", "DatelineLagGrows",
           both(LAG, lambda minute: max(0, 10_000 - 90 * minute) if minute else None, P0)),
    fires("a partition delivers nothing", "DatelinePartitionStandsStill",
          one(LAG, rising(1, 30), P0) | one(DELIVERED, rising(120, 0, 30), P0)),
    fires("a partition stands still, whichever worker the watchdog leaves it to", "DatelinePartitionStandsStill",
          {name(LAG, P0, W1): lambda m: 0 if m < 30 else (50 if (m // 6) % 2 else None),
           name(LAG, P0, W2): lambda m: None if m < 30 or (m // 6) % 2 or not m % 6 else 50,
           name(DELIVERED, P0, W1): lambda m: 120 * m if m < 30 else (3600 if (m // 6) % 2 else None),
           name(DELIVERED, P0, W2): lambda m: None if m < 30 or (m // 6) % 2 or not m % 6 else 3600}),
    silent("an idle partition gets its first article after an hour", "DatelinePartitionStandsStill",
           one(LAG, between(60, 61, 1, 0), P0) | one(DELIVERED, lambda minute: 40 + (minute > 60), P0)
           | one(COUNTED, lambda minute: 40 + (minute > 60), P0)),
    silent("a quiet partition has an article in hand at each look", "DatelinePartitionStandsStill",
           one(LAG, always(1), P0) | one(DELIVERED, lambda minute: minute // 6, P0)),
    silent("a worker begins with a partition that waited", "DatelinePartitionStandsStill",
           one(LAG, lambda minute: max(0, 10_000 - 90 * (minute - 30)) if minute > 30 else None, P0)
           | one(DELIVERED, lambda minute: 120 * max(minute - 35, 0) if minute > 30 else None, P0)),
    fires("half the articles are late for an hour", "DatelineArticlesLate",
          late("dateline_article_age_seconds_bucket", 30, 90)),
    silent("articles of half an hour ago are sent back", "DatelineArticlesLate",
           late("dateline_article_age_seconds_bucket", 30, 32)),
    fires("half the alerts are late for an hour", "DatelineAlertsLate",
          late("dateline_alert_age_seconds_bucket", 30, 90)),
    silent("alerts about articles that were sent back", "DatelineAlertsLate",
           late("dateline_alert_age_seconds_bucket", 30, 32)),
    silent("nothing is published", "DatelineArticlesLate",
           late("dateline_article_age_seconds_bucket", 30, 30)
           | {name(metric, where, worker): rising(120, 0, 30)
              for metric in (DELIVERED, COUNTED) for topic in (RAW, ENRICHED)
              for worker in WORKERS for where in [place(topic, WORKERS.index(worker))]}
           | {name(LAG, place(topic, WORKERS.index(worker)), worker): always(0)
              for topic in (RAW, ENRICHED) for worker in WORKERS}
           | both("dateline_article_age_seconds_bucket", rising(30, 0, 30), 'le="+Inf"')
           | both(LETTERS, always(0), 'reason="invalid"') | both(LETTERS, always(0), 'reason="withheld"')
           | both(LETTERS, always(0), 'reason="unsupported-language"')),
    fires("the cooldowns' state can't be read", "DatelineStageCantBegin",
          one("dateline_lanes_preparing", between(30, 50, 2, 0))),
    silent("the cooldowns' state is long", "DatelineStageCantBegin",
           one("dateline_lanes_preparing", between(30, 35, 2, 0))),
    fires("retention was shorter than the lag", "DatelineRecordsGone",
          one("dateline_records_gone_total", between(0, 30, 0, 500))),
    silent("records were lost by a worker that has ended since", "DatelineRecordsGone",
           one("dateline_records_gone_total", always(500))),
    fires("a batch with a wrong checksum", "DatelineReadFailures",
          one("dateline_read_failures_total", rising(1, 30, 60))),
    silent("a fetch failed once", "DatelineReadFailures", one("dateline_read_failures_total", between(0, 30, 0, 1))),
    fires("a read position was wrong", "DatelineGapsMended", one("dateline_gaps_mended_total", between(0, 30, 0, 1))),
    silent("a gap was mended before Prometheus looked", "DatelineGapsMended",
           one("dateline_gaps_mended_total", always(1))),
]  # fmt: skip
DELIVERIES = [
    fires("replicas are missing for half an hour", "DatelineDeliveriesFail",
          both(FAILURES, rising(10, 30, 70), 'nature="retriable"')),
    silent("brokers are restarted one after the other", "DatelineDeliveriesFail",
           both(FAILURES, rising(10, 30, 38), 'nature="retriable"')),
    fires("two workers have the same transactional ids", "DatelineFenced",
          one(FAILURES, rising(1, 30), 'nature="fenced"')),
    silent("a worker was frozen, and learns of all its partitions that they went to another", "DatelineFenced",
           one(FAILURES, between(0, 30, 0, 64), 'nature="fenced"')
           | one("dateline_lane_start_overs_total", between(0, 30, 0, 64))),
    fires("outputs are refused and their articles searched for, again and again", "DatelineLanesStartOver",
          both("dateline_lane_start_overs_total", rising(3, 30, 70))),
    silent("every lane starts over after a fault", "DatelineLanesStartOver",
           both("dateline_lane_start_overs_total", between(0, 30, 0, 64))),
    fires("a publisher's new release sends what is no article", "DatelineDeadLetters",
          both(LETTERS, rising(20, 30), 'reason="undecodable"')),
    silent("three articles of a quiet feed are bad", "DatelineDeadLetters",
           both(COUNTED, rising(0.1), P0) | both(DELIVERED, rising(0.1), P0)
           | both(COUNTED, rising(0.1), P1) | both(LETTERS, always(0), 'reason="unsupported-language"')
           | both(LETTERS, between(0, 30, 0, 3), 'reason="invalid"')),
    silent("one article in a hundred is bad", "DatelineDeadLetters", both(LETTERS, rising(1.2), 'reason="invalid"')),
    fires("one article hits a bug", "DatelineDeadLettersOfBugs",
          one(LETTERS, between(0, 30, 0, 1), 'reason="enrichment-failed"')),
    fires("one output is larger than its topic takes", "DatelineDeadLettersOfBugs",
          one(LETTERS, between(0, 30, 0, 1), 'reason="publish-rejected"')),
    silent("an article is too large", "DatelineDeadLettersOfBugs",
           one(LETTERS, between(0, 30, 0, 1), 'reason="too-large"')),
    fires("nearly all articles are in another language", "DatelineOtherLanguages",
          both(LETTERS, rising(110, 10), 'reason="unsupported-language"')),
    silent("a third of the articles is in another language", "DatelineOtherLanguages",
           both(LETTERS, rising(40), 'reason="unsupported-language"')),
]  # fmt: skip
RULES_AND_PROCESSES = [
    fires("a rule can't be read", "DatelineRulesRefused", both("dateline_rules_refused", between(30, 110, 1, 0))),
    silent("a rule is put again without its mistake", "DatelineRulesRefused",
           both("dateline_rules_refused", between(30, 35, 1, 0))),
    fires("the rules' topic can't be read", "DatelineRuleChangesUnread",
          both("dateline_rule_read_failures_total", rising(1, 30, 60))),
    silent("reading the rules failed once", "DatelineRuleChangesUnread",
           both("dateline_rule_read_failures_total", between(0, 30, 0, 1))),
    fires("a rule meets ever new entities", "DatelineRulesSuspended",
          one("dateline_cooldown_overruns_total", rising(1, 30), 'limit="entities"')),
    silent("a rule was suspended by a worker that has ended since", "DatelineRulesSuspended",
           one("dateline_cooldown_overruns_total", always(9), 'limit="entities"')),
    fires("a rule is too costly for most articles", "DatelineRuleTooCostly",
          one("dateline_rule_overruns_total", rising(1, 30))),
    silent("one article is too much for a rule", "DatelineRuleTooCostly",
           one("dateline_rule_overruns_total", between(0, 30, 0, 1))),
    fires("the machine is short of memory", "DatelineProcessesDie",
          one("dateline_pool_deaths_total", rising(0.5, 30, 60), 'cause="memory"')),
    silent("one article kills its process at each of three tries", "DatelineProcessesDie",
           one("dateline_pool_deaths_total", between(0, 30, 0, 3), 'cause="crash"')),
    fires("a process does not come back", "DatelineTooFewProcesses",
          one("dateline_pool_processes", between(30, 50, 1, 2))),
    silent("processes are replaced again and again", "DatelineTooFewProcesses",
           one("dateline_pool_processes", lambda minute: 1 + (minute % 3 == 0))),
    fires("the endpoint of traces is away", "DatelineSpansLost", one("dateline_spans_made_total", rising(1000, 30))),
    silent("the endpoint of traces is a little behind", "DatelineSpansLost",
           one("dateline_spans_made_total", rising(1000)) | one("dateline_spans_exported_total", rising(990))),
]  # fmt: skip
NOTHING = [silent("an ordinary day", "", {})]
CASES = [*NOTHING, *NO_WORKER, *MISSING, *WORKER, *PROGRESS, *DELIVERIES, *RULES_AND_PROCESSES]

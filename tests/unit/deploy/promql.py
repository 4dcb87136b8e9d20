"""What a PromQL expression asks for: series with the labels that it filters or sums by."""

from collections.abc import Iterator

import promql_parser as promql

from worker import metrics

_SUFFIXES = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
# Prometheus' own, and those of the process.
_OTHERS = {
    "up",
    "process_start_time_seconds",
    "process_open_fds",
    "process_max_fds",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
}
# What Prometheus, and in Kubernetes its operator, says of every target.
TARGET_LABELS = {"namespace", "job", "instance"}


def _labels_of_series() -> dict[str, set[str]]:
    """The labels of each series that a worker can have, by its name."""
    known: dict[str, set[str]] = {one: set(TARGET_LABELS) for one in _OTHERS}
    for metric in metrics.METRICS:
        for suffix in _SUFFIXES[metric.kind]:
            own = {*metric.labels, *(["le"] if suffix == "_bucket" else [])}
            known[metric.name + suffix] = TARGET_LABELS | own
    return known


LABELS = _labels_of_series()


def problems(expression: str) -> list[str]:
    """What the expression asks for that no worker has; empty if all is there. ValueError: it is no PromQL."""
    return list(_unknown(promql.parse(expression)))


def asked(expression: str) -> set[str]:
    """The names of the series that it reads."""
    return {str(one.name) for one in _selectors(promql.parse(expression))}


def _children(expr: promql.Expr) -> list[promql.Expr]:
    if isinstance(expr, promql.BinaryExpr):
        return [expr.lhs, expr.rhs]
    if isinstance(expr, promql.Call):
        return list(expr.args)
    if isinstance(expr, promql.MatrixSelector):
        return [expr.vector_selector]
    return [expr.expr] if hasattr(expr, "expr") else []


def _selectors(expr: promql.Expr) -> Iterator[promql.VectorSelector]:
    if isinstance(expr, promql.VectorSelector):
        yield expr
    for child in _children(expr):
        yield from _selectors(child)


def _labels(expr: promql.Expr) -> set[str]:
    """The labels that any series below has."""
    return set().union(*(LABELS.get(str(one.name), set()) for one in _selectors(expr)))


def _grouped_by(expr: promql.Expr) -> list[str]:
    if isinstance(expr, promql.AggregateExpr) and expr.modifier:
        return list(expr.modifier.labels)
    if isinstance(expr, promql.BinaryExpr) and expr.modifier and expr.modifier.matching:
        return list(expr.modifier.matching.labels)
    return []


def _unknown(expr: promql.Expr) -> Iterator[str]:
    if isinstance(expr, promql.VectorSelector):
        name = str(expr.name)
        if name not in LABELS:
            yield f"no metric {name}"
        filters = {one.name for one in expr.matchers.matchers}
        yield from (f"{name} has no label {one}" for one in sorted(filters - LABELS.get(name, filters)))
    by = set(_grouped_by(expr))
    yield from (f"no label {one} in {expr}" for one in sorted(by - _labels(expr)))
    for child in _children(expr):
        yield from _unknown(child)

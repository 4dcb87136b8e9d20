"""What a worker took, for tests of the tables that measurements make."""

from bench.whole_worker import WorkerFigures

ONE = WorkerFigures(
    parent_ms=2.0,
    tree_ms=20.0,
    per_second=50.0,
    seconds=10.0,
    loaded_mib=100.0,
    end_mib=110.0,
    peak_mib=110.0,
    deliveries=0.1,
    matches=0.0,
    alerts=0.0,
    start_overs=0.0,
)

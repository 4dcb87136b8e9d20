"""The composition root: settings, topology, and the `app` of `faust -A worker.app worker`."""

from worker.settings import Settings
from worker.topology import build_app

app = build_app(Settings.from_env())

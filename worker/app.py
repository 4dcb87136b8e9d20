"""The composition root: settings, topology, and the `app` of `faust -A worker.app worker`."""

from worker.assembly import build_app
from worker.delivery.faust.application import Application
from worker.early import leave_when_told
from worker.settings import Settings, SettingsError


def _app() -> Application:
    leave_when_told()
    try:
        return build_app(Settings.from_env())
    except SettingsError as error:
        # Faust would show it below a traceback.
        raise SystemExit(f"dateline: {error}") from None


app = _app()

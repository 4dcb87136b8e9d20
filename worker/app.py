"""The composition root: settings, topology, and the `app` of `faust -A worker.app worker`."""

from worker.assembly import build_app
from worker.delivery.faust.application import Application
from worker.early_exit import exit_on_sigterm
from worker.settings import Settings, SettingsError


def _app() -> Application:
    exit_on_sigterm()
    try:
        return build_app(Settings.from_env())
    except SettingsError as error:
        # Faust would show it below a traceback.
        raise SystemExit(f"dateline: {error}") from None


app = _app()

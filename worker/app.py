"""The composition root: settings, topology, and the `app` of `faust -A worker.app worker`."""

import logging

from worker import log
from worker.assembly import build_app
from worker.delivery.faust.application import Application
from worker.delivery.kafka.errors import FatalError
from worker.early_exit import exit_on_sigterm
from worker.settings import Settings, SettingsError


def _app() -> Application:
    exit_on_sigterm()
    try:
        settings = Settings.from_env()
        log.setup_logging(settings)
        return build_app(settings)
    except SettingsError as error:
        # Faust would show it below a traceback.
        raise SystemExit(f"dateline: {error}") from None
    except FatalError as error:
        log.log_event(logging.getLogger(__name__), logging.CRITICAL, "worker ends", reason=str(error))
        raise SystemExit(1) from None


app = _app()

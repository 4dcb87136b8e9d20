"""`dateline worker`: runs the worker in this process until it is told to stop."""

import logging

import click

from worker.early_exit import exit_on_sigterm


class _Worker(click.Command):
    """Names its settings only when its help is asked for: they bring pydantic with them.

    A worker that is told to stop while that loads ends with 0 too, so nothing may load it before the handler.
    """

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from worker.commands.shell.variables import WORKER_SETTINGS, reads

        reads(*WORKER_SETTINGS)(self)
        super().format_epilog(ctx, formatter)


@click.command(cls=_Worker)
def command() -> None:
    """Read raw articles, enrich them, publish the results, until stopped.

    SIGTERM and Ctrl-C finish what is in flight, within DATELINE_SHUTDOWN_SECONDS; a second one leaves at
    once. Exit code 0: all of it was delivered. 1: it was not, or something is wrong and the last line says
    what.
    """
    exit_on_sigterm()
    from worker import log
    from worker.settings import Settings, unknown_variables

    # Before `worker.app`, which reads them on import: a mistake in them ends as one line, not a traceback.
    log.setup_logging(Settings.from_env())
    for name in unknown_variables():
        log.log_event(logging.getLogger(__name__), logging.WARNING, "variable sets nothing", variable=name)
    from worker.app import app

    app.run()

"""What a shell completes for arguments: topics and paths. Options and choices click completes by itself."""

import click
from click.shell_completion import CompletionItem

from worker.channels import Channel, short_name


def complete_topic(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The short names of the topics."""
    names = [short_name(channel) for channel in Channel]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_path(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders, which the shell finds."""
    return [CompletionItem(incomplete, type="file")]

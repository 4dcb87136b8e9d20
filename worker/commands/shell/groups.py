"""A command that has commands, which says what a misspelt one was meant to be."""

import click


class CommandGroup(click.Group):
    """Names the command that is most like one that there is not, as click does for options."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, there = args[0], self.list_commands(ctx)
        # An option in a command's place is click's to refuse.
        if name not in there and not ctx.resilient_parsing and not name.startswith("-"):
            from difflib import get_close_matches

            meant = get_close_matches(name, there, n=1)
            hint = f" Did you mean {meant[0]!r}?" if meant else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

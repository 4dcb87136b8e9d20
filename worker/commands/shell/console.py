"""Rich's console, which escapes whatever is printed on it. Rich loads slowly, so this is imported late."""

from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.segment import Segment

from worker.commands.shell.visible import visible


class ResultConsole(Console):
    """A console on which text is text: only Rich's own styles and movements control the terminal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.push_render_hook(_VisibleHook())

    def on_broken_pipe(self) -> None:
        raise


def spinner_for(console: Console) -> str:
    """The name of a spinner whose signs the console's encoding has."""
    return "line" if console.options.ascii_only else "dots"


class _VisibleHook(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Visible(renderable) for renderable in renderables]


class _Visible:
    """Renders what it is given, with the text escaped. Rich's control codes are segments of their own."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(visible(segment.text, keep_lines=True), segment.style)

"""What the parts of the desk that answer requests share."""

from collections.abc import Callable

from aiohttp import web

Renderer = Callable[..., web.Response]
"""Makes a page of a template's name and of values by their names."""


class Refusal(Exception):
    """A request is not done. The message is for people, and `status` for their programs."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

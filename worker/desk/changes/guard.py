"""Which requests may change something: if changes are allowed, from a page of this desk, with its token."""

from aiohttp import web

from worker.desk.access import Access, comes_from_here
from worker.desk.answers import Refusal

TOKEN_FIELD = "form-token"
MOST_CHANGE_FORM_BYTES = 256 << 10
"""The longest query, each of its characters as twelve of a form, and what stands beside it."""
NOT_ALLOWED = (
    "This desk changes nothing. Whoever runs it allows changes to rules, and letters to be sent back, with "
    "--allow-changes."
)
OLD_FORM = (
    "This form is from before the desk was started anew, or from another visitor's page. Look at it again."
)


class ChangeGuard:
    """Looks at requests that would change something."""

    def __init__(self, access: Access, *, is_allowed: bool) -> None:
        self._access, self.is_allowed = access, is_allowed

    def token(self, request: web.Request) -> str:
        """What a form of this visitor's page carries."""
        return self._access.form_token(request)

    def visitor(self, request: web.Request) -> str:
        """Who asks, as the proxy names them; empty where no proxy does."""
        return self._access.visitor(request)

    async def form(self, request: web.Request) -> dict[str, str]:
        """The fields of a form from a page of this desk. Raises Refusal."""
        if not comes_from_here(request):
            raise Refusal(403, "This form was not sent from a page of this desk.")
        is_utf8 = (request.charset or "utf-8").lower() == "utf-8"
        if request.content_type != "application/x-www-form-urlencoded" or not is_utf8:
            raise Refusal(415, "The desk takes forms alone, as its pages send them.")
        larger = request.clone(client_max_size=MOST_CHANGE_FORM_BYTES)
        try:
            fields = await larger.post()
        except UnicodeDecodeError:
            raise Refusal(400, "The form is not UTF-8.") from None
        return {name: value for name, value in fields.items() if isinstance(value, str)}

    async def change(self, request: web.Request) -> dict[str, str]:
        """The fields of a form that may change something. Raises Refusal."""
        if not self.is_allowed:
            raise Refusal(403, NOT_ALLOWED)
        fields = await self.form(request)
        if not self.has_token(request, fields):
            raise Refusal(403, OLD_FORM)
        return fields

    def has_token(self, request: web.Request, fields: dict[str, str]) -> bool:
        return self._access.is_form_token(request, fields.get(TOKEN_FIELD, ""))

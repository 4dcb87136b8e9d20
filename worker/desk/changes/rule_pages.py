"""The pages of rules: the list, one rule with its form, what a query would match, and the changes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from worker.desk.alerting.feed import AlertFeed
from worker.desk.answers import Refusal, Renderer
from worker.desk.changes.guard import NOT_ALLOWED, OLD_FORM, TOKEN_FIELD, ChangeGuard
from worker.desk.changes.rule_form import RuleForm, RuleProblems
from worker.desk.changes.sink import ChangeRefused, ConfirmedChange, DeskChanges, RuleConflict
from worker.desk.changes.trial import RuleTrials, TooManyTrials, TrialResult
from worker.desk.source import DeskSource, PageFields, SourceError
from worker.records.rules import Rule

LISTED_RULES = 500
RULE_ALERTS = 5
_RULE_ID = r"{id:[A-Za-z0-9][A-Za-z0-9._-]{0,99}}"
_CONFLICT = (
    "Somebody else has changed this rule since you opened it. Nothing was written. Their version stands "
    "above yours: save again to replace it with what stands in the form, or leave it as it is."
)
_GONE = (
    "Somebody else has deleted this rule since you opened it. Nothing was written. Save again to put it anew "
    "as it stands in the form."
)
_THERE = (
    "A rule of this id is there already. Nothing was written. Save again to replace it, or take another id."
)
_CHANGES: dict[str, str] = {"pause": "paused", "resume": "resumed", "delete": "deleted"}


class RulePages:
    """Answers requests about rules. Without `changes` none is changed, whatever a request asks."""

    def __init__(
        self,
        source: DeskSource,
        feed: AlertFeed,
        trials: RuleTrials,
        guard: ChangeGuard,
        changes: DeskChanges | None,
        render: Renderer,
    ) -> None:
        self._source, self._feed, self._trials = source, feed, trials
        self._guard, self._changes, self._render = guard, changes, render

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/rules", self._list),
            web.post("/rules", self._save),
            web.get("/new-rule", self._new),
            web.post("/try-rule", self._try),
            web.get(f"/rules/{_RULE_ID}", self._one),
            *(web.post(f"/rules/{_RULE_ID}/{name}", self._changing(name)) for name in _CHANGES),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        match = request.query.get("match", "").strip()[:200]
        read = await self._source.rules()
        rules = [rule for rule in read["rules"] if _has(rule, match)]
        deleted = request.query.get("deleted", "")
        return self._render(
            "rules.html",
            here="rules",
            match=match,
            rules=rules[:LISTED_RULES],
            wanted=len(rules),
            has_hits=read["has_hits"],
            has_limits=read["has_limits"],
            # Said of a rule that is not there, and of no other, whoever made the address.
            deleted=deleted if deleted and all(rule["id"] != deleted for rule in read["rules"]) else "",
            may_change=self._guard.is_allowed,
        )

    async def _new(self, request: web.Request) -> web.Response:
        form = RuleForm.of({"when": request.query.get("when", "")})
        return self._form(request, form, None)

    async def _one(self, request: web.Request) -> web.Response:
        rule = await self._rule(request.match_info["id"])
        return self._form(request, form_of(rule), rule, done=_done(request, rule))

    async def _try(self, request: web.Request) -> web.Response:
        """What the query would match: asked as one types, or by the form's button. Changes nothing."""
        fields = await self._guard.form(request)
        form = RuleForm.of(fields)
        problems: RuleProblems = {}

        def read() -> Rule | None:
            rule, found = form.read_to_try()
            problems.update(found)
            return rule

        tried = await self._tried(request, read)
        # The rule as it stands is not read from its topic for each letter that is typed.
        return self._form(
            request, form, None, problems=problems, tried=tried, is_known=fields.get("is") == "known"
        )

    async def _tried(self, request: web.Request, read: Callable[[], Rule | None]) -> TrialResult | None:
        def is_gone() -> bool:
            return request.transport is None or request.transport.is_closing()

        try:
            return await self._trials.run(read, is_gone)
        except TooManyTrials:
            raise Refusal(
                429, "As many queries are tried as the desk takes at a time. Try again in a moment."
            ) from None

    async def _save(self, request: web.Request) -> web.Response:
        if self._changes is None:
            raise Refusal(403, NOT_ALLOWED)
        fields = await self._guard.form(request)
        form, is_known = RuleForm.of(fields).with_id(), fields.get("is") == "known"
        again = partial(self._form, request, form, None, is_known=is_known)
        if not self._guard.has_token(request, fields):
            return again(said=OLD_FORM, status=403)
        # In a thread: a long text takes long to parse.
        rule, problems = await asyncio.to_thread(form.read)
        if rule is None:
            return again(problems=problems, status=422)
        try:
            done = await self._changes.put_rule(rule, seen=form.seen, by=self._guard.visitor(request))
        except RuleConflict as conflict:
            return await self._conflict(request, form, conflict)
        except ChangeRefused as refused:
            return again(problems={"": {"message": str(refused)}}, status=422)
        except SourceError as error:
            # What was typed is not lost. Saved again it is compared with the topic again.
            return again(said=str(error), status=503)
        raise web.HTTPSeeOther(_address(done))

    async def _conflict(self, request: web.Request, form: RuleForm, conflict: RuleConflict) -> web.Response:
        """The form as it was typed, beside the rule as somebody else has left it."""
        rule = await self._source.rule(form.id)
        said = _GONE if rule is None else _CONFLICT if form.seen else _THERE
        now = replace(form, seen=conflict.now)
        return self._form(request, now, rule, status=409, said=said, is_known=rule is not None, theirs=rule)

    def _changing(self, name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def change(request: web.Request) -> web.Response:
            if self._changes is None:
                raise Refusal(403, NOT_ALLOWED)
            fields = await self._guard.change(request)
            carry_out = getattr(self._changes, f"{name}_rule")
            rule_id = request.match_info["id"]
            try:
                done = await carry_out(rule_id, seen=fields.get("seen", ""), by=self._guard.visitor(request))
            except RuleConflict:
                raise Refusal(
                    409,
                    f"{rule_id} is no longer as it was when you looked at it, and was not {_CHANGES[name]}.",
                ) from None
            except ChangeRefused as refused:
                raise Refusal(409, str(refused)) from None
            raise web.HTTPSeeOther(_address(done))

        return change

    async def _rule(self, rule_id: str) -> PageFields:
        rule = await self._source.rule(rule_id)
        if rule is None:
            raise Refusal(404, f"There is no rule {rule_id}.")
        return rule

    def _form(
        self,
        request: web.Request,
        form: RuleForm,
        rule: PageFields | None,
        *,
        problems: RuleProblems | None = None,
        tried: TrialResult | None = None,
        said: str = "",
        done: dict[str, Any] | None = None,
        theirs: PageFields | None = None,
        is_known: bool | None = None,
        status: int = 200,
    ) -> web.Response:
        is_known = rule is not None if is_known is None else is_known
        response = self._render(
            "rule.html",
            here="rules",
            form=form,
            rule=rule,
            is_known=is_known,
            problems=problems or {},
            tried=tried,
            said=said,
            done=done,
            theirs=theirs,
            may_change=self._guard.is_allowed,
            not_allowed=NOT_ALLOWED,
            token_field=TOKEN_FIELD,
            token=self._guard.token(request) if self._guard.is_allowed else "",
            alerts=self._feed.latest(form.id, most=RULE_ALERTS) if rule is not None else [],
        )
        response.set_status(status)
        return response


def form_of(rule: PageFields) -> RuleForm:
    """The form that a rule begins with; that of a refused record alone has its id and nothing else."""
    stored = rule["rule"] or {}
    return RuleForm(
        id=rule["id"],
        name=stored.get("name", ""),
        owner=stored.get("owner", ""),
        when=rule["when"] or "",
        cooldown=rule["cooldown"],
        expires_at="" if rule["paused"] else stored.get("expires_at") or "",
        seen=rule["version"] or "",
        paused="1" if rule["paused"] else "",
    )


def _has(rule: PageFields, match: str) -> bool:
    """Whether the rule has this text somewhere, in any letter case."""
    stored = rule["rule"] or {}
    texts = (rule["id"], stored.get("name", ""), stored.get("owner", ""), rule["when"] or "")
    return any(match.casefold() in text.casefold() for text in texts)


def _address(done: ConfirmedChange) -> str:
    """The page that shows what a change has led to, which it finds out anew."""
    if not done.version:
        return f"/rules?{urlencode({'deleted': done.rule_id})}"
    said = {"wrote": done.version}
    if done.overtaken:
        said["over"] = done.overtaken[-1]
    return f"/rules/{quote(done.rule_id)}?{urlencode(said)}"


def _done(request: web.Request, rule: PageFields) -> dict[str, Any] | None:
    """What became of the version that a change wrote: the topic says so, and not the address."""
    wrote = request.query.get("wrote", "")
    if not wrote:
        return None
    return {
        "is_in_force": wrote == rule["version"] and not rule["error"],
        "version": wrote[:16],
        "over": request.query.get("over", "")[:16],
    }

"""Workers of one group write the same outputs, and say so where anything else that shapes records differs.

Each tells the group's leader its own settings when it joins. The leader gives partitions only to those whose
outputs are the eldest's, and tells everybody the eldest's settings. A leader of a version before this one
does neither; the next leader does.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from worker.delivery.kafka.group.member_settings import MemberSettings, eldest, read_member
from worker.log import log_event
from worker.settings import Output, Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AgreementStatus:
    """How this worker's settings compare with those of its group's eldest worker.

    `compared`: whether the group's leader has told them. `differ`: what shapes records and differs, by
    variable, or as `version`, `pipeline` and `outputs_off`.
    """

    compared: bool = False
    differ: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Agreement:
    """What this worker tells its group about its settings, and what the group's leader told last.

    `pipeline()`: the identity of the pipeline in its processes. `off`: the new outputs that it left off.
    """

    def __init__(
        self, settings: Settings, pipeline: Callable[[], str], *, off: Collection[Output] = ()
    ) -> None:
        self._settings, self._pipeline, self._off = settings, pipeline, off
        self._since: int | None = None
        self._asks_again = False
        self.refusal = ""
        """Why this worker may not write with this group; empty if it may."""
        self.status = AgreementStatus()

    def own(self) -> MemberSettings:
        """What this worker tells as it joins the group."""
        return MemberSettings.of(
            self._settings,
            pipeline=self._pipeline(),
            off=self._off,
            since=self._since,
            asks_again=self._asks_again,
        )

    def take(self, told: bytes | None, generation: int) -> None:
        """Takes what the leader told with the assignment, and logs what is news."""
        own, others = self.own(), read_member(told)
        self.refusal = ""
        if others is not None and own.writes_otherwise(others):
            self.refusal = _refusal(self._settings, own, others)
            return
        self._since = generation if self._since is None else self._since
        self._compare(own, others)

    def look_again(self, members: Iterable[MemberSettings]) -> None:
        """Compares with what the group's members have told by now.

        A member with a name that comes back is told what the leader knew before, so its former self may seem
        to be the eldest long after it has gone.
        """
        own = self.own()
        same = [member for member in members if member.prefix == own.prefix]
        if same:
            self._compare(own, eldest(same))

    def _compare(self, own: MemberSettings, others: MemberSettings | None) -> None:
        differing = own.differing(others) if others is not None else {}
        differ = {name: {"here": here, "group": there} for name, (here, there) in differing.items()}
        if differ and differ != self.status.differ:
            log_event(
                log,
                logging.WARNING,
                "settings differ from the group's, as during an upgrade",
                differ="; ".join(
                    f"{name}: {here!r} here, {there!r} in the group"
                    for name, (here, there) in differing.items()
                ),
            )
        self.status = AgreementStatus(compared=others is not None, differ=differ)

    def doubt(self) -> bool:
        """Whether to join once more before the refusal is believed.

        Brokers give a member with a name what it had before it was restarted, without asking the leader.
        """
        asked, self._asks_again = self._asks_again, True
        return bool(self._settings.group_instance) and not asked


def _refusal(settings: Settings, own: MemberSettings, others: MemberSettings) -> str:
    wanted = (own.outputs - others.known) | (others.outputs & frozenset(Output))
    return (
        f"the workers of the group {settings.group_id} write {_listed(others.outputs)}, and this one would "
        f"write {_listed(own.outputs)}: which outputs an article has would depend on its partition; set "
        f"DATELINE_OUTPUTS={_listed(wanted)}, or stop all workers of the group before it changes"
    )


def _listed(outputs: frozenset[str]) -> str:
    """The outputs in the order of the contract; those of later versions come last."""
    order = [output.value for output in Output]
    return ",".join(
        sorted(outputs, key=lambda name: (order.index(name) if name in order else len(order), name))
    )

"""What a member tells its group about itself: its outputs, and whatever else shapes its records."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from pydantic import BaseModel, ConfigDict, ValidationError, field_serializer

from worker import __version__
from worker.settings import Output, Settings, variable_name

_OUTPUTS = variable_name("outputs")
# The same pipeline may lie in other places, so its identity is compared instead.
_NOT_COMPARED = {_OUTPUTS, variable_name("model")}


class MemberSettings(BaseModel):
    """One member's, as it travels in the group's metadata. Members of later versions may tell more.

    `known`: the outputs that its version has, less new ones that it left off by itself, as if it were of a
    version before them; `outputs`: those that it writes. `values`: what else shapes its records, by variable,
    with its `version`, its `pipeline` and the `outputs_off`. `since`: the group's generation in which it
    first got an assignment; None for a newcomer.
    """

    model_config = ConfigDict(frozen=True)

    prefix: str
    known: frozenset[str]
    outputs: frozenset[str]
    values: Mapping[str, str]
    since: int | None = None
    asks_again: bool = False
    """Whether it joins once more to be compared anew: brokers ask the leader only of what has changed."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        pipeline: str,
        off: Collection[Output] = (),
        since: int | None = None,
        asks_again: bool = False,
    ) -> "MemberSettings":
        values = {name: value for name, value in settings.shaping.items() if name not in _NOT_COMPARED}
        return cls(
            prefix=settings.topic_prefix,
            known=frozenset(Output) - frozenset(off),
            outputs=frozenset(settings.outputs),
            values={**values, "version": __version__, "pipeline": pipeline, "outputs_off": ",".join(off)},
            since=since,
            asks_again=asks_again,
        )

    def writes_otherwise(self, other: "MemberSettings") -> bool:
        """Whether one of them writes an output that the other knows and does not write."""
        common = self.known & other.known
        return self.outputs & common != other.outputs & common

    def differing(self, other: "MemberSettings") -> dict[str, tuple[str, str]]:
        """What else shapes records and differs, of what both tell: the value here, and the other's."""
        common = sorted(self.values.keys() & other.values.keys())
        pairs = {name: (self.values[name], other.values[name]) for name in common}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @field_serializer("known", "outputs")
    def _in_order(self, names: frozenset[str]) -> list[str]:
        return sorted(names)

    def to_bytes(self) -> bytes:
        """As it travels."""
        return self.model_dump_json().encode()


def read_member(data: bytes | None) -> MemberSettings | None:
    """What a member told; None if it told nothing, as members of versions before this one do."""
    try:
        return MemberSettings.model_validate_json(data or b"")
    except ValidationError:
        return None


def eldest(members: Iterable[MemberSettings]) -> MemberSettings:
    """The member whose outputs hold for all. Whichever member asks, the answer is the same.

    Members that are there already come before newcomers, whoever leads the group. If such members differ,
    which takes a leader of a version before this one or a member that was cut off, the most of them win, then
    those that came first. If all are newcomers, the most of them win, then those with the most outputs.
    """
    members = list(members)
    known = frozenset[str].intersection(*(member.known for member in members))
    sides: dict[frozenset[str], list[MemberSettings]] = defaultdict(list)
    for member in members:
        sides[member.outputs & known].append(member)
    outputs = min(sides, key=lambda outputs: _claim(outputs, sides[outputs]))
    return min(sides[outputs], key=lambda member: (*_arrival(member), member.to_bytes()))


def _claim(outputs: frozenset[str], side: list[MemberSettings]) -> tuple[object, ...]:
    """The lowest claim wins."""
    there = [member for member in side if member.since is not None]
    first = min((member.since or 0 for member in there), default=0)
    return (-len(there), first, -len(side), -len(outputs), sorted(outputs))


def _arrival(member: MemberSettings) -> tuple[bool, int]:
    return member.since is None, member.since or 0

"""What a member may do in a guild or a channel: Discord's rules for roles, overwrites and timeouts.  Pure.

Source: Discord docs, Topics > Permissions.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from acord.core.errors import InvalidRequest
from acord.core.formatting import id_digits
from acord.core.types import SnowflakeLike
from acord.flags import (
    ALL_PERMISSIONS,
    CHANNEL_KINDS,
    CHANNEL_PERMISSIONS,
    DENIED_WITHOUT,
    DENIED_WITHOUT_IN_VOICE,
    STANDS_FOR_IN_THREADS,
    THREAD_TYPES,
    TIMED_OUT_KEEPS,
    Permissions,
)

__all__ = ["OverwriteLike", "RoleLike", "apply_implicit_denials", "compute_permissions"]

_ADMINISTRATOR: Final = Permissions.ADMINISTRATOR.value
_VIEW_CHANNEL: Final = Permissions.VIEW_CHANNEL.value


class _Role(Protocol):
    @property
    def id(self) -> int | str: ...
    @property
    def permissions(self) -> int | str: ...


class _Overwrite(Protocol):
    @property
    def id(self) -> int | str: ...
    @property
    def allow(self) -> int | str: ...
    @property
    def deny(self) -> int | str: ...


RoleLike: TypeAlias = _Role | Mapping[str, Any]
"""A role: a model, or the object as it came in JSON; ``id`` and ``permissions`` are read."""
OverwriteLike: TypeAlias = _Overwrite | Mapping[str, Any]
"""A permission overwrite: a model, or the object as it came; ``id``, ``allow`` and ``deny`` are read."""


def compute_permissions(
    member: SnowflakeLike,
    *,
    # The guild
    guild: SnowflakeLike,
    owner: SnowflakeLike | None = None,
    roles: Iterable[RoleLike],
    # The member
    member_roles: Iterable[SnowflakeLike],
    timed_out: bool = False,
    # The channel
    overwrites: Iterable[OverwriteLike] | None = None,
    channel_type: int | None = None,
    implicit: bool = True,
) -> Permissions:
    """The permissions of a member: in the guild, or in a channel where ``overwrites`` or ``channel_type`` is given.

    The owner and administrators have every permission with a name, and whatever other bits their
    roles have. Everybody else: the permissions of @everyone (the role whose id is the guild's) and
    of the member's own roles; then the channel's overwrites, first @everyone's, then those of all
    own roles together, then the member's, each time denying before allowing; then what a timeout
    leaves; then, unless ``implicit`` is false, what has no effect is taken away (`apply_implicit_denials`).

    ``roles`` are the guild's (more than the member's own do no harm; own ones that are missing were
    deleted and grant nothing). For a thread give its own type and the parent channel's overwrites.
    InvalidRequest where @everyone is not among the roles.

    Source: Discord docs, Topics > Permissions > Permission Overwrites, Implicit Permissions, Inherited
    Permissions (Threads), Permissions For Timed Out Members.
    """
    everyone = id_digits(guild, "guild")
    own = {id_digits(role, "member_roles") for role in member_roles}
    granted = {id_digits(_read(role, "id", "roles")): _bits(role, "permissions", "roles") for role in roles}
    if everyone not in granted:
        raise InvalidRequest("roles", None, "the guild's roles, with @everyone (its id is the guild's) among them")
    base = granted[everyone]
    for role in own:
        base |= granted.get(role, 0)
    me = id_digits(member, "member")
    if base & _ADMINISTRATOR or (owner is not None and me == id_digits(owner, "owner")):
        return Permissions(base | ALL_PERMISSIONS)
    value = base if overwrites is None else _overwritten(base, everyone, own, me, overwrites)
    if timed_out:
        value &= TIMED_OUT_KEEPS
    if implicit and (overwrites is not None or channel_type is not None):
        return apply_implicit_denials(value, channel_type)
    return Permissions(value)


def apply_implicit_denials(permissions: int, channel_type: int | None = None) -> Permissions:
    """The permissions without those that have no effect in a channel of this type.

    Without VIEW_CHANNEL none of those that concern a channel has. Without SEND_MESSAGES the kinds of
    sending have none, in voice and stage channels without CONNECT what takes being connected. In a
    thread SEND_MESSAGES has none, and SEND_MESSAGES_IN_THREADS stands for it.

    Discord names some of these and says that there are others: this is what follows from its text.

    Source: Discord docs, Topics > Permissions > Implicit Permissions.
    """
    value = int(permissions)
    if not value & _VIEW_CHANNEL:
        return Permissions(value & ~CHANNEL_PERMISSIONS)
    thread = channel_type in THREAD_TYPES
    for needed, others in DENIED_WITHOUT.items():
        stands = STANDS_FOR_IN_THREADS.get(needed, needed) if thread else needed
        if not value & stands:
            value &= ~others
    if thread:
        for needed in STANDS_FOR_IN_THREADS:
            value &= ~needed
    if channel_type is not None and CHANNEL_KINDS.get(channel_type, "T") != "T":
        for needed, others in DENIED_WITHOUT_IN_VOICE.items():
            if not value & needed:
                value &= ~others
    return Permissions(value)


def _overwritten(base: int, everyone: str, own: set[str], me: str, overwrites: Iterable[OverwriteLike]) -> int:
    steps = {id_digits(_read(o, "id", "overwrites")): o for o in overwrites}
    # All of a member's roles make one step: whatever one of them allows outweighs what another denies.
    for names in ((everyone,), own - {everyone}, (me,)):
        deny = allow = 0
        for name in names:
            if (step := steps.get(name)) is not None:
                deny |= _bits(step, "deny", "overwrites")
                allow |= _bits(step, "allow", "overwrites")
        base = base & ~deny | allow
    return base


def _read(thing: RoleLike | OverwriteLike, name: str, argument: str) -> Any:
    try:
        return thing[name] if isinstance(thing, Mapping) else getattr(thing, name)
    except (KeyError, AttributeError):
        raise InvalidRequest(argument, thing, f"objects with {name!r}") from None


def _bits(thing: RoleLike | OverwriteLike, name: str, argument: str) -> int:
    value = _read(thing, name, argument)
    try:
        found = int(value)
    except (TypeError, ValueError):
        found = -1
    if found < 0:
        raise InvalidRequest(
            f"{argument}.{name}", value, "a permission set: a number that is not negative, or its digits"
        )
    return found

"""What people choose in select menus, and the objects behind the ids that they chose.

Source: Discord docs, Components > Component Reference.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from acord.models.enums import ComponentType
from acord.sandbox.answers import Json
from acord.sandbox.mistakes import Mistake, among
from acord.sandbox.world.interaction_state import channel_view, resolve_users
from acord.sandbox.world.state import World

__all__ = ["chosen", "resolve"]


def chosen(world: World, channel: Json, select: Json, given: Iterable[Any]) -> list[str]:
    """The values of a select menu; `Mistake` for one that it does not offer, too few or too many."""
    values = [str(getattr(one, "id", one)) for one in given]
    name = select["custom_id"]
    offered = _offered(world, channel, select)
    for value in values:
        if value not in offered:
            raise Mistake(f"the menu {name!r} does not offer {value!r}: {among(offered)}")
    required = select.get("required") is not False
    least, most = select.get("min_values", 1) if required else 0, select.get("max_values", 1)
    if not least <= len(values) <= most:
        raise Mistake(f"the menu {name!r} takes {least} to {most} values, not {len(values)}")
    return values


def resolve(world: World, channel: Json, kind: int, ids: Sequence[str], into: Json) -> None:
    """Add to resolved data what a menu of this kind stands for by these ids."""
    guild = world.guilds.get(str(channel.get("guild_id")))
    match kind:
        case ComponentType.USER_SELECT | ComponentType.MENTIONABLE_SELECT:
            users = resolve_users(world, channel, [one for one in ids if one in world.users])
            for table, found in users.items():
                if found:
                    into.setdefault(table, {}).update(found)
        case ComponentType.CHANNEL_SELECT:
            for one in ids:
                into.setdefault("channels", {})[one] = channel_view(world, world.channels[one], "")
        case _:
            pass
    if kind in (ComponentType.ROLE_SELECT, ComponentType.MENTIONABLE_SELECT) and guild is not None:
        for one in ids:
            if one in guild.roles:
                into.setdefault("roles", {})[one] = guild.roles[one]


def _offered(world: World, channel: Json, select: Json) -> list[str]:
    guild = world.guilds.get(str(channel.get("guild_id")))
    users = list(guild.members) if guild else [one["id"] for one in channel.get("recipients", ())]
    roles = [one for one in guild.roles if one != guild.id] if guild else []
    match select["type"]:
        case ComponentType.STRING_SELECT:
            return [option["value"] for option in select["options"]]
        case ComponentType.USER_SELECT:
            return users
        case ComponentType.ROLE_SELECT:
            return roles
        case ComponentType.MENTIONABLE_SELECT:
            return users + roles
        case _:
            kinds = select.get("channel_types")
            return [
                one["id"]
                for one in world.channels.values()
                if guild and one.get("guild_id") == guild.id and (not kinds or one["type"] in kinds)
            ]

"""From what a person types after a command to the data of the interaction.

Source: Discord docs, Interactions > Receiving and Responding; Interactions > Application Commands.
"""

from collections.abc import Mapping
from typing import Any

from acord.models.enums import ApplicationCommandOptionType as Kind, ApplicationCommandType, ComponentType
from acord.sandbox.answers import Json
from acord.sandbox.mistakes import Mistake, among
from acord.sandbox.world.attachments import attach
from acord.sandbox.world.choices import resolve
from acord.sandbox.world.command_shapes import SUBCOMMANDS
from acord.sandbox.world.interaction_state import channel_view, resolve_users
from acord.sandbox.world.message_views import view
from acord.sandbox.world.offered import uploads
from acord.sandbox.world.state import World

__all__ = ["command_data", "menu_data"]

_NUMBERS = {int(Kind.INTEGER): int, int(Kind.NUMBER): float}


def menu_data(world: World, channel: Json, command: Json, target_id: str) -> Json:
    """Of a command in the menu of a user or a message."""
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "target_id": target_id}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if command["type"] == ApplicationCommandType.USER:
        data["resolved"] = resolve_users(world, channel, [target_id])
    else:
        found = world.message(channel["id"], target_id)
        data["resolved"] = {"messages": {target_id: view(world, found, None)}}
    return data


def command_data(
    world: World,
    channel: Json,
    command: Json,
    steps: list[str],
    given: Mapping[str, Any],
    *,
    user_id: str,
    focused: str | None = None,
) -> Json:
    """Of a slash command: ``steps`` lead to a subcommand, ``given`` are the values of its options.

    ``focused``: the option that is being typed; then the others may be missing or out of bounds.
    `Mistake` for what the command does not have, or does not take.
    """
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    at, where = data, f"/{command['name']}"
    options: list[Json] = command.get("options") or []
    for step in steps:
        below = {one["name"]: one for one in options if one["type"] in SUBCOMMANDS}
        if step not in below:
            raise Mistake(f"{where} has no subcommand {step!r}: {among(below)}")
        inner: Json = {"name": step, "type": below[step]["type"]}
        at["options"] = [inner]
        at, where = inner, f"{where} {step}"
        options = below[step].get("options") or []
    if below_names := [one["name"] for one in options if one["type"] in SUBCOMMANDS]:
        raise Mistake(f"{where} is not a command by itself: {among(f'{where} {one}' for one in below_names)}")
    reader = _Reader(world, channel, where, user_id, focused)
    if entered := reader.read(options, given):
        at["options"] = entered
    if reader.resolved:
        data["resolved"] = reader.resolved
    return data


class _Reader:
    def __init__(self, world: World, channel: Json, where: str, user_id: str, focused: str | None) -> None:
        self.world, self.channel, self.where, self.user_id, self.focused = world, channel, where, user_id, focused
        self.resolved: Json = {}

    def read(self, options: list[Json], given: Mapping[str, Any]) -> list[Json]:
        by_name = {option["name"]: option for option in options}
        for name in given:
            if name not in by_name:
                raise Mistake(f"{self.where} has no option {name!r}: {among(by_name)}")
        if self.focused is not None and not by_name.get(self.focused, {}).get("autocomplete"):
            completed = [name for name, option in by_name.items() if option.get("autocomplete")]
            raise Mistake(f"{self.where} does not complete an option {self.focused!r}: {among(completed)}")
        for name, option in by_name.items():
            if option.get("required") and name not in given and self.focused is None:
                raise Mistake(f"{self.where} needs the option {name!r}")
        return [self._entered(by_name[name], value) for name, value in given.items()]

    def _entered(self, option: Json, value: Any) -> Json:
        entered: Json = {"name": option["name"], "type": option["type"]}
        if option["name"] == self.focused:
            # What is being typed is text as yet, whatever it shall become.
            return entered | {"value": str(value), "focused": True}
        return entered | {"value": self._value(option, value)}

    def _value(self, option: Json, value: Any) -> Any:
        kind = option["type"]
        match kind:
            case Kind.STRING:
                return self._among_choices(option, self._bounded(option, str(value), len(str(value)), "length"))
            case Kind.INTEGER | Kind.NUMBER:
                if isinstance(value, bool) or not isinstance(value, (int, float)) or _NUMBERS[kind](value) != value:
                    raise Mistake(f"{self._of(option)} takes {Kind(kind).name.lower()} values, not {value!r}")
                return self._among_choices(option, self._bounded(option, value, value, "value"))
            case Kind.BOOLEAN:
                if not isinstance(value, bool):
                    raise Mistake(f"{self._of(option)} takes True or False, not {value!r}")
                return value
            case Kind.ATTACHMENT:
                return self._attached(value)
            case _:
                return self._object(option, str(getattr(value, "id", value)))

    def _object(self, option: Json, one: str) -> str:
        """The id of what a user, channel, role or mentionable option stands for, with the object resolved."""
        guild = self.world.guilds.get(str(self.channel.get("guild_id")))
        match option["type"]:
            case Kind.USER if one in self.world.users:
                self._resolved(resolve_users(self.world, self.channel, [one]))
            case Kind.ROLE if guild is not None and one in guild.roles:
                resolve(self.world, self.channel, ComponentType.ROLE_SELECT, [one], self.resolved)
            case Kind.MENTIONABLE if one in self.world.users or (guild is not None and one in guild.roles):
                resolve(self.world, self.channel, ComponentType.MENTIONABLE_SELECT, [one], self.resolved)
            case Kind.CHANNEL if guild is not None and self.world.channels.get(one, {}).get("guild_id") == guild.id:
                found = self.world.channels[one]
                kinds = option.get("channel_types")
                if kinds and found["type"] not in kinds:
                    raise Mistake(f"{self._of(option)} takes channels of the types {kinds}, not {found['type']}")
                self._resolved({"channels": {one: channel_view(self.world, found, self.user_id)}})
            case _:
                raise Mistake(
                    f"{self._of(option)} takes the id of a {Kind(option['type']).name.lower()}; none has {one!r}"
                )
        return one

    def _attached(self, value: object) -> str:
        (attached,) = attach(self.world, self.channel["id"], None, uploads([value]))
        self._resolved({"attachments": {attached["id"]: attached}})
        return str(attached["id"])

    def _resolved(self, tables: Json) -> None:
        for table, found in tables.items():
            self.resolved.setdefault(table, {}).update(found)

    def _bounded(self, option: Json, value: Any, size: float, unit: str) -> Any:
        low, high = option.get(f"min_{unit}"), option.get(f"max_{unit}")
        if (low is not None and size < low) or (high is not None and size > high):
            raise Mistake(f"{self._of(option)} takes a {unit} from {low} to {high}, not {size}")
        return value

    def _among_choices(self, option: Json, value: Any) -> Any:
        choices = {one["name"]: one["value"] for one in option.get("choices") or ()}
        if not choices or value in choices.values():
            return value
        # People pick a choice by its name; programs by its value.
        if value in choices:
            return choices[value]
        raise Mistake(f"{self._of(option)} has no choice {value!r}: {among(map(str, choices.values()))}")

    def _of(self, option: Json) -> str:
        return f"the option {option['name']!r} of {self.where}"

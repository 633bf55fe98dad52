"""What the page's buttons do."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from acord.sandbox import faults
from acord.sandbox.answers import Json
from acord.sandbox.mistakes import Mistake
from acord.sandbox.people import Interaction, Person
from acord.sandbox.responses import seen
from acord.sandbox.world import messages

if TYPE_CHECKING:
    from acord.sandbox.page.page import Page
    from acord.sandbox.sandbox import Sandbox

__all__ = ["Wrong", "act"]


class Wrong(Exception):
    """What was asked for cannot be done; says why."""


Action: TypeAlias = "Callable[[Sandbox, Page, Json], Json | None]"


def act(discord: "Sandbox", page: "Page", asked: Json) -> Json | None:
    """Do what was asked for. Raises `Wrong`, or the `Refusal` that a person would have met."""
    action = _ACTIONS.get(str(asked.get("do")))
    if action is None:
        raise Wrong(f"do is one of {', '.join(_ACTIONS)}")
    try:
        return action(discord, page, asked)
    except KeyError as exc:
        raise Wrong(f"{exc.args[0]} is missing, or unknown") from None
    except (Mistake, ValueError, LookupError, TypeError, AttributeError) as exc:  # JSON of another shape than meant
        raise Wrong(str(exc)) from None


# What people do


def _person(discord: "Sandbox", asked: Json) -> Person:
    return Person(discord.world, str(asked["as"]))


def _message(discord: "Sandbox", asked: Json) -> Any:
    kept = messages.find(discord.world, str(asked["channel"]), str(asked["message"]))
    return seen(discord.world, kept, str(asked["as"]))


def _send(discord: "Sandbox", page: "Page", asked: Json) -> None:
    _person(discord, asked).send(str(asked["channel"]), str(asked["content"]))


def _react(discord: "Sandbox", page: "Page", asked: Json) -> None:
    person, emoji = _person(discord, asked), str(asked["emoji"])
    there = discord.world.reactions.get(str(asked["message"]), {}).get(emoji, [])
    change = person.unreact if str(asked["as"]) in there else person.react
    change(_message(discord, asked), emoji)


def _press(discord: "Sandbox", page: "Page", asked: Json) -> None:
    page.follow(_person(discord, asked).press(_message(discord, asked), str(asked["custom_id"])))


def _select(discord: "Sandbox", page: "Page", asked: Json) -> None:
    values = [str(one) for one in asked["values"]]
    page.follow(_person(discord, asked).select(_message(discord, asked), str(asked["custom_id"]), *values))


def _command(discord: "Sandbox", page: "Page", asked: Json) -> None:
    path = [str(one) for one in asked["path"]]
    if not path:
        raise Wrong("there is no such command; the bot registers them")
    given = {str(name): str(value) for name, value in asked["options"].items()}
    options = {name: _value(discord, kind, given[name]) for name, kind in _kinds(discord, path) if name in given}
    unknown = ", ".join(given.keys() - options.keys())
    if unknown:
        raise Wrong(f"/{' '.join(path)} has no option {unknown}")
    page.follow(_person(discord, asked).run_command(str(asked["channel"]), " ".join(path), options))


def _kinds(discord: "Sandbox", path: list[str]) -> list[tuple[str, int]]:
    """Names and types of a command's options."""
    there: list[Json] = [one for one in discord.world.commands.values() if one["type"] == 1]
    for step in path:
        found = next((one for one in there if one["name"] == step), None)
        if found is None:
            raise Wrong(f"/{' '.join(path)} is no command")
        there = found.get("options") or []
    return [(str(one["name"]), int(one["type"])) for one in there]


def _value(discord: "Sandbox", kind: int, text: str) -> object:
    """What somebody typed, as the option's type has it; people, channels and roles go by name."""
    world, guild = discord.world, discord.world.guilds[discord.guild]
    match kind:
        case 4:
            return int(text)
        case 10:
            return float(text)
        case 5:
            return text.lower() in ("true", "yes", "1", "on")
        case 6 | 7 | 8 | 9:
            names = {str(one["username"]): one["id"] for one in world.users.values()}
            names |= {str(one["global_name"]): one["id"] for one in world.users.values() if one["global_name"]}
            rooms = {str(one.get("name")): one["id"] for one in world.channels.values()}
            roles = {str(one["name"]): one["id"] for one in guild.roles.values()}
            table = {6: names, 7: rooms, 8: roles, 9: names | roles}[kind]
            return table.get(text.lstrip("@#"), text)
        case _:
            return text


def _submit(discord: "Sandbox", page: "Page", asked: Json) -> None:
    interaction: Interaction = page.open[str(asked["interaction"])]
    page.follow(_person(discord, asked).submit(interaction, asked["values"]))
    del page.open[str(asked["interaction"])]


def _dismiss(discord: "Sandbox", page: "Page", asked: Json) -> None:
    page.open.pop(str(asked["interaction"]), None)


# What goes wrong


def _drop(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.drop()


def _reconnect(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.reconnect()


def _invalidate(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.invalidate(resumable=bool(asked.get("resumable")))


def _close(discord: "Sandbox", page: "Page", asked: Json) -> None:
    code = int(asked["code"])
    if not 4000 <= code <= 4999 and code not in (1000, 1001):
        raise Wrong("code is 1000, 1001 or 4000 to 4999")
    discord.gateway.close(code)


def _mute(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.mute_acks(not discord.gateway.faults.muted)


def _corrupt(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.corrupt()


def _fault(discord: "Sandbox", page: "Page", asked: Json) -> None:
    status = int(asked["status"])
    if status and not 400 <= status <= 599:
        raise Wrong("status is 400 to 599, or 0 for a broken connection")
    body: Any = {"message": f"{status}: Sandbox fault", "code": 0}
    discord.fault(str(asked["what"]), faults.answer(status, body) if status else faults.reset)


_ACTIONS: dict[str, Action] = {
    "send": _send,
    "react": _react,
    "press": _press,
    "select": _select,
    "command": _command,
    "submit": _submit,
    "dismiss": _dismiss,
    "drop": _drop,
    "reconnect": _reconnect,
    "invalidate": _invalidate,
    "close": _close,
    "mute": _mute,
    "corrupt": _corrupt,
    "fault": _fault,
}

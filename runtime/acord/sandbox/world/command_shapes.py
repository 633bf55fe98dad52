"""What a command may look like, beyond the types and lengths that the spec states.

Source: Discord docs, Interactions > Application Commands.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from acord.models.enums import ApplicationCommandOptionType, ApplicationCommandType
from acord.sandbox.answers import Json, invalid

__all__ = ["SUBCOMMANDS", "check", "filled"]

MOST_CHARACTERS = 8000  # of names, descriptions and values of one command together
SUBCOMMANDS = frozenset(
    {int(ApplicationCommandOptionType.SUB_COMMAND), int(ApplicationCommandOptionType.SUB_COMMAND_GROUP)}
)


def check(commands: Sequence[Json], *, single: bool = False) -> None:
    """50035 for the first of these commands that Discord would not take; ``single``: it is the whole body."""
    seen: set[tuple[int, str]] = set()
    for index, command in enumerate(commands):
        where = "" if single else f"{index}."
        kind = command["type"]
        if (kind, command["name"]) in seen:
            raise invalid(
                f"{where}name", "Application command names must be unique", "APPLICATION_COMMANDS_DUPLICATE_NAME"
            )
        seen.add((kind, command["name"]))
        if kind == ApplicationCommandType.CHAT:
            _name(command["name"], f"{where}name")
            if not command.get("description"):
                raise invalid(f"{where}description", "This field is required")
            _options(command.get("options") or (), f"{where}options", depth=0)
        else:
            _plain(command, where)
        if sum(map(len, _texts(command))) > MOST_CHARACTERS:
            text = f"Command exceeds maximum size ({MOST_CHARACTERS})"
            raise invalid(where.rstrip("."), text, "APPLICATION_COMMAND_TOO_LARGE")


def filled(asked: Json, guild_id: str | None) -> Json:
    """A command as Discord shows it, from a request that was checked; without id and version."""
    permissions = asked.get("default_member_permissions")
    command: Json = {
        "type": int(asked["type"]),
        "name": asked["name"],
        "name_localizations": asked.get("name_localizations"),
        "description": asked.get("description") or "",
        "description_localizations": asked.get("description_localizations"),
        "default_member_permissions": None if permissions is None else str(int(permissions)),
        "nsfw": bool(asked.get("nsfw")),
        "integration_types": asked.get("integration_types") or [0],
        "contexts": asked.get("contexts"),
    }
    if options := [_dense(one) for one in asked.get("options") or ()]:
        command["options"] = options
    if asked.get("handler") is not None:
        command["handler"] = asked["handler"]
    if guild_id is not None:
        return command | {"guild_id": guild_id}
    in_messages = asked.get("dm_permission")
    return command | {"dm_permission": True if in_messages is None else in_messages}


def _dense(option: Json) -> Json:
    """An option without the fields that are null."""
    dense = {key: value for key, value in option.items() if value is not None}
    for inner in dense.keys() & {"options", "choices"}:
        dense[inner] = [_dense(one) for one in dense[inner]]
    return dense


def _name(name: str, where: str) -> None:
    """Lower case where there is such a thing; letters, digits, and marks of scripts that write with them."""
    fits = all(one in "-_'" or unicodedata.category(one)[0] in "LNM" for one in name)
    if not fits or name != name.lower():
        raise invalid(where, "Command name is invalid", "APPLICATION_COMMAND_INVALID_NAME")


def _plain(command: Json, where: str) -> None:
    """Of a command in a menu: neither description nor options."""
    if command["type"] == ApplicationCommandType.PRIMARY_ENTRY_POINT:
        return
    if command.get("description"):
        text = "Context menu commands cannot have description"
        raise invalid(f"{where}description", text, "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED")
    if command.get("options"):
        text = "Context menu commands cannot have options"
        raise invalid(f"{where}options", text, "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_NOT_ALLOWED")


def _options(options: Sequence[Json], where: str, *, depth: int) -> None:
    names: set[str] = set()
    optional = False
    nested = [option for option in options if option["type"] in SUBCOMMANDS]
    if nested and len(nested) < len(options):
        text = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        raise invalid(where, text, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")
    for index, option in enumerate(options):
        at = f"{where}.{index}"
        _name(option["name"], f"{at}.name")
        if option["name"] in names:
            text = "Option name already exists"
            raise invalid(f"{at}.name", text, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_TAKEN")
        names.add(option["name"])
        if option["type"] in SUBCOMMANDS:
            _options(option.get("options") or (), f"{at}.options", depth=depth + 1)
            continue
        if option.get("required") and optional:
            text = "Required options must be placed before non-required options"
            raise invalid(at, text, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
        optional = optional or not option.get("required")
        _values(option, at)


def _values(option: Json, at: str) -> None:
    if option.get("autocomplete") and option.get("choices"):
        text = "Choices cannot be set when autocomplete is enabled"
        raise invalid(f"{at}.choices", text, "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE")
    for least, most in (("min_value", "max_value"), ("min_length", "max_length")):
        low, high = option.get(least), option.get(most)
        if low is not None and high is not None and low > high:
            raise invalid(f"{at}.{least}", f"{least} must not be greater than {most}", "BASE_TYPE_BAD_VALUE")
    choices = [choice["name"] for choice in option.get("choices") or ()]
    if len(set(choices)) < len(choices):
        text = "Choice names must be unique"
        raise invalid(f"{at}.choices", text, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAMES_DUPLICATE")


def _texts(thing: Json) -> Iterator[str]:
    yield thing["name"]
    yield thing.get("description") or ""
    for choice in thing.get("choices") or ():
        yield choice["name"]
        yield str(choice["value"])
    for option in thing.get("options") or ():
        yield from _texts(option)

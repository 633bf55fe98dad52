"""The program on each operation's page: complete, and run against the sandbox by the tests."""

import re

from acord.routes import OPERATIONS
from docs._make.layout import laid_out
from docs._make.recipes import ARGUMENTS, PATH, SETUPS, SPECIAL
from docs._make.sources import helper

__all__ = ["example"]

_IMPORTS = {
    "File": "from acord import File",
    "Permissions": "from acord import Permissions",
    "Token": "from acord import Token",
    "SKUType": "from acord.models import SKUType",
    "Account": "from acord.sandbox.calls import Account",
    "Person": "from acord.sandbox import Person",
    "add_sku": "from acord.sandbox.world.entitlements import add_sku",
    "datetime": "from datetime import UTC, datetime, timedelta",
}
_SCOPES = {  # what a bearer token of the example needs beside the operation's own
    "lobby": "sdk.social_layer",
    "group_dm": "gdm.join",
    "add_guild_member": "guilds.join",
    "command_permissions": "applications.commands.permissions.update",
}
WIDTH = 110


def example(name: str) -> str:
    """A program that carries out this operation on a sandbox of its own."""
    operation = OPERATIONS[name]
    arguments, _, needs = _arguments(name).partition(" # ")
    module = helper(name).module
    auth = ""
    if "bot" not in operation.auth and "none" not in operation.auth:
        auth = "bobs" if "bobs" in arguments or "lobby" in name else "alices"
    setup = _setup(f"{arguments} {needs} {auth}")
    if "SCOPES" in setup:
        more = [scope for word, scope in _SCOPES.items() if word in f"{name} {setup}"]
        scopes = ", ".join(f'"{scope}"' for scope in sorted({*operation.scopes, *more}))
        setup = setup.replace("SCOPES", f"frozenset({{{scopes}}})")
    call = f"await http.request({module}.{name}({arguments}){', auth=' + auth if auth else ''})"
    result = ["answer = " + call, "print(answer)"] if operation.answer else [call]
    text = laid_out("\n".join(filter(None, [setup, *result])), WIDTH - 8)
    body = text.split("\n")
    routes = sorted(set(re.findall(r"\b(\w+)\.\w+\(", text)) & _modules())
    imports = sorted(
        {line for word, line in _IMPORTS.items() if re.search(rf"\b{word}\b", text)}
        | {
            f"from acord.routes import {', '.join(routes)}",
            "from acord.sandbox import " + ("Person, Sandbox" if re.search(r"\bPerson\b", text) else "Sandbox"),
        }
        - {""}
    )
    imports = [line for line in imports if line != "from acord.sandbox import Person"]
    ours = _merged([line for line in imports if "acord" in line])
    stdlib = ["import asyncio", *(line for line in imports if "acord" not in line)]
    indented = "\n".join(" " * 8 + line for line in body)
    return (
        "\n".join(stdlib)
        + "\n\n"
        + "\n".join(ours)
        + "\n\n\nasync def main() -> None:\n    async with Sandbox() as discord, discord.http() as http:\n"
        + indented
        + "\n\n\nasyncio.run(main())\n"
    )


def _modules() -> set[str]:
    return {helper(name).module for name in OPERATIONS}


def _merged(lines: list[str]) -> list[str]:
    """One line for each module."""
    names: dict[str, list[str]] = {}
    for line in lines:
        module, _, what = line.removeprefix("from ").partition(" import ")
        names.setdefault(module, []).extend(what.split(", "))
    return [f"from {module} import {', '.join(sorted(set(what)))}" for module, what in sorted(names.items())]


def _arguments(name: str) -> str:
    more = ARGUMENTS.get(name, "")
    if name in SPECIAL:
        return SPECIAL[name].replace("*", more) if "*" in SPECIAL[name] else SPECIAL[name]
    operation = OPERATIONS[name]
    by_name = {one.name: PATH[one.name] for one in operation.parameters if one.location == "path"}
    order = re.findall(r"{(\w+)}", operation.path)
    return ", ".join(filter(None, [*(by_name[one] for one in order), more]))


def _setup(text: str) -> str:
    """The lines that make what ``text`` mentions, what they mention before them."""
    lines: list[str] = []
    seen: set[str] = set()

    def add(words: str) -> None:
        for name, made in SETUPS.items():
            if name in seen or not re.search(rf"(?<![\w.\"]){name}\b(?![\w\"=])", words):
                continue
            seen.add(name)
            add(made.replace(f"{name} =", ""))
            lines.append(made)

    add(text)
    return "\n".join(lines)

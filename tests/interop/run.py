"""Other libraries against the sandbox: log in, talk, be pressed, lose the connection; then every fault, one by one.

Run by `make interop`, which puts the libraries into environments of their own. Writes the table of who survives
what: `python -m tests.interop.run RESULTS.json TABLE.md [library ...]`.
"""

import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acord.sandbox import faults
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.sandbox import Sandbox

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PEERS = ROOT / ".venv" / "interop"
PATIENCE = 60.0
"""Seconds a bot has to come back."""


@dataclass
class Library:
    name: str
    command: list[str]
    folder: Path
    version: str


@dataclass
class Bot:
    """A bot in a process of its own, and what it said."""

    discord: Sandbox
    process: asyncio.subprocess.Process
    said: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    errors: list[str] = field(default_factory=list[str])
    readers: list[asyncio.Task[None]] = field(default_factory=list["asyncio.Task[None]"])

    def heard(self, what: str) -> int:
        return sum(one["what"] == what for one in self.said)

    async def until(self, condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
        try:
            await self.discord.until(lambda: condition() or self.process.returncode is not None, timeout=seconds)
        except TimeoutError:
            return False
        return bool(condition())

    async def answers(self, word: str, seconds: float = PATIENCE) -> bool:
        """Whether it answers Alice; she says it again every few seconds: what nobody heard is lost."""
        discord = self.discord
        wanted = f"!pong {word}"
        for n in range(max(1, int(seconds // 5))):
            discord.alice.send(discord.general, f"!ping {word} {n}")
            if await self.until(lambda: any(one.startswith(wanted) for one in discord.said(discord.general)), 5.0):
                return True
            if self.process.returncode is not None:
                return False
        return False


async def start(library: Library, discord: Sandbox) -> Bot:
    process = await asyncio.create_subprocess_exec(
        *library.command,
        discord.url,
        discord.gateway_url,
        discord.token,
        cwd=library.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    bot = Bot(discord, process)

    async def read(stream: asyncio.StreamReader | None, errors: bool) -> None:
        assert stream is not None
        while line := (await stream.readline()).decode(errors="replace"):
            if not errors and line.startswith("{"):
                bot.said.append(json.loads(line))
            else:
                bot.errors.append(line.rstrip())

    bot.readers = [asyncio.create_task(read(process.stdout, False)), asyncio.create_task(read(process.stderr, True))]
    return bot


async def stop(bot: Bot) -> None:
    if bot.process.returncode is None:
        bot.process.kill()
    await bot.process.wait()
    await asyncio.gather(*bot.readers)


# The everyday, in order; each gives whether it happened


async def logs_in(bot: Bot) -> bool:
    return await bot.until(lambda: bot.heard("ready") and bot.heard("commands"))


async def sees_its_guild(bot: Bot) -> bool:
    return any("The oak" in one.get("guilds", ()) for one in bot.said)


async def answers_a_message(bot: Bot) -> bool:
    return await bot.answers("hello")


async def is_pressed(bot: Bot) -> bool:
    discord = bot.discord
    discord.alice.send(discord.general, "!button")
    if not await bot.until(lambda: any(one.components for one in discord.messages(discord.general))):
        return False
    message = next(one for one in discord.messages(discord.general) if one.components)
    discord.alice.press(message, "press")
    return await bot.until(lambda: "You pressed it." in discord.said(discord.general))


async def runs_a_slash_command(bot: Bot) -> bool:
    discord = bot.discord
    discord.alice.run_command(discord.general, "greet", {"name": "Bob"})
    return await bot.until(lambda: "Hello Bob!" in discord.said(discord.general))


async def comes_back(bot: Bot) -> bool:
    bot.discord.gateway.drop()
    return await bot.answers("back")


EVERYDAY = [logs_in, sees_its_guild, answers_a_message, is_pressed, runs_a_slash_command, comes_back]

# What can go wrong, and whether the bot still answers afterwards


def _gateway(name: str, *arguments: Any) -> Callable[[Bot], Awaitable[None]]:
    async def go_wrong(bot: Bot) -> None:
        getattr(bot.discord.gateway, name)(*arguments)

    return go_wrong


def _rest(step: faults.Step, times: int = 1) -> Callable[[Bot], Awaitable[None]]:
    async def go_wrong(bot: Bot) -> None:
        bot.discord.fault("create_message", step, times=times)

    return go_wrong


async def _half_frame(bot: Bot) -> None:
    bot.discord.fault("MESSAGE_CREATE", faults.send(b"\x81\x7e\x10\x00{"), faults.reset)


async def _reserved_bit(bot: Bot) -> None:
    bot.discord.fault("MESSAGE_CREATE", faults.send(b"\xf1\x02{}"))


async def _muted(bot: Bot) -> None:
    bot.discord.gateway.mute_acks()
    links = list(bot.discord.gateway.links)
    await bot.until(lambda: bot.discord.gateway.links != links, 30.0)
    bot.discord.gateway.mute_acks(False)


def _limited(retry_after: float) -> faults.Step:
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": False}
    return faults.answer(429, body, {"Retry-After": str(retry_after), "X-RateLimit-Scope": "user"})


async def _cut(peer: faults.Peer) -> None:
    await faults.send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")(peer)
    await faults.reset(peer)


TROUBLE: list[tuple[str, Callable[[Bot], Awaitable[None]]]] = [
    ("the socket drops", _gateway("drop")),
    ("asked to reconnect (opcode 7)", _gateway("reconnect")),
    ("session invalid (opcode 9)", _gateway("invalidate")),
    ("closed with 4000", _gateway("close", 4000)),
    ("closed with 4009", _gateway("close", 4009)),
    ("closed with 1000", _gateway("close", 1000)),
    ("a corrupt message", _gateway("corrupt")),
    ("half a frame, then a reset", _half_frame),
    ("a reserved bit is set", _reserved_bit),
    ("heartbeats are not acknowledged", _muted),
    ("a request is answered 503", _rest(faults.answer(503, {"message": "503", "code": 0}))),
    ("a request is answered 502 with HTML", _rest(faults.answer(502, b"<html>", kind="text/html"))),
    ("a request's connection is reset", _rest(faults.reset)),
    ("an answer is cut in the middle", _rest(_cut)),
    ("a 429 that says when", _rest(_limited(0.5))),
]


async def everyday(library: Library, options: dict[str, Any]) -> dict[str, bool]:
    results: dict[str, bool] = {}
    async with Sandbox(**options) as discord:
        bot = await start(library, discord)
        try:
            for step in EVERYDAY:
                name = step.__name__.replace("_", " ")
                results[name] = await step(bot)
                show(library, name, results[name], bot)
                if not results[name] and step is logs_in:
                    break
        finally:
            await stop(bot)
    return results


async def troubles(library: Library, options: dict[str, Any]) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for name, go_wrong in TROUBLE:
        async with Sandbox(**options) as discord:
            bot = await start(library, discord)
            try:
                if await logs_in(bot) and await bot.answers("before"):
                    loop = asyncio.get_running_loop()
                    begun = loop.time()
                    await go_wrong(bot)
                    survived = await bot.answers("after")
                    results[name] = round(loop.time() - begun, 1) if survived else None
                    show(library, name, results[name], bot)
            finally:
                await stop(bot)
    return results


def show(library: Library, name: str, result: object, bot: Bot) -> None:
    print(f"{library.name:12} {name:40} {result}", flush=True)
    if result in (False, None):
        print("\n".join(f"    {line}" for line in bot.errors[-5:]), flush=True)


def libraries(names: list[str]) -> list[Library]:
    """Those that are installed, by their versions."""
    found = [Library("ACord", [sys.executable, str(HERE / "bot_acord.py")], ROOT, _acord())]
    python = PEERS / "python" / "bin" / "python"
    for name, package, script in (
        ("discord.py", "discord.py", "bot_discord_py.py"),
        ("hikari", "hikari", "bot_hikari.py"),
    ):
        if python.exists():
            asked = f"from importlib.metadata import version; print(version({package!r}))"
            version = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
            found.append(Library(name, [str(python), str(HERE / script)], ROOT, version))
    js = PEERS / "js"
    if (js / "node_modules" / "discord.js").exists() and (node := shutil.which("node")):
        version = json.loads((js / "node_modules" / "discord.js" / "package.json").read_text())["version"]
        found.append(Library("discord.js", [node, str(HERE / "bot_discord_js.mjs")], js, version))
    return [one for one in found if not names or one.name in names]


def _acord() -> str:
    from acord import __version__

    return __version__


def table(results: dict[str, Any]) -> str:
    """Markdown: who does what."""
    names = list(results["libraries"])
    head = ["", *(f"{name} {results['libraries'][name]['version']}" for name in names)]
    rows = [head, ["---"] * len(head)]
    for step in EVERYDAY:
        name = step.__name__.replace("_", " ")
        done = [results["libraries"][one]["everyday"].get(name) for one in names]
        rows.append([name, *("yes" if one else "no" for one in done)])
    for name, _ in TROUBLE:
        took = [results["libraries"][one]["troubles"].get(name) for one in names]
        rows.append([name, *("no" if one is None else f"{one} s" for one in took)])
    made = f"{results['date']}, Python {results['python']}; `make interop`"
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        "<!-- Written by `make interop`. -->\n"
        f"{lines}\n\nSeconds until the bot answered again after the fault; *no*: not within {PATIENCE:.0f} s. {made}.\n"
    )


async def run(names: list[str]) -> dict[str, Any]:
    """Everything, for the libraries of these names; all there are where none is given."""
    results: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "libraries": {},
    }
    # Heartbeats often enough that what depends on them is seen; identifies as fast as the bots want.
    options = {"gateway": GatewayOptions(heartbeat_interval=5.0)}
    for library in libraries(names):
        results["libraries"][library.name] = {
            "version": library.version,
            "everyday": await everyday(library, options),
            "troubles": await troubles(library, options),
        }
    return results


def main(results_path: str, table_path: str, *names: str) -> None:
    results = asyncio.run(run(list(names)))
    Path(results_path).write_text(json.dumps(results, indent=1) + "\n")
    Path(table_path).write_text(table(results))
    print(table(results))


if __name__ == "__main__":
    main(*sys.argv[1:])

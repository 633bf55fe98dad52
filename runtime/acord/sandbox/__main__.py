"""A Discord on loopback, for people: prints what to point a bot at, and what happens.

Run it: python -m acord.sandbox
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from acord.cli.text import harmless
from acord.sandbox.recorder import Frame, Request
from acord.sandbox.rest.answering import unhandled
from acord.sandbox.sandbox import Sandbox

PORT = 8765


def _arguments(argv: Sequence[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="A Discord on this machine: REST and gateway on one port of loopback.",
    )
    parser.add_argument("--port", type=_port, default=PORT, help=f"the port, 0 for a free one (default: {PORT})")
    parser.add_argument("--seed", type=int, default=0, help="decides everything that chance would (default: 0)")
    parser.add_argument("--no-limits", action="store_true", help="never answer 429")
    parser.add_argument("--record", metavar="FILE", help="at the end write every request and frame as JSON lines")
    parser.add_argument("--quiet", action="store_true", help="do not print what happens")
    parser.add_argument("--examples", action="store_true", help="list the operations with nothing behind them, and end")
    return parser.parse_args(argv)


def _port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
    if not 0 <= number < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return number


def _paint(code: str, text: str) -> str:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _line(entry: Request | Frame) -> str:
    if isinstance(entry, Request):
        status = "no answer" if entry.status is None else str(entry.status)
        colour = "32" if entry.status is not None and entry.status < 400 else "31"
        example = _paint("2", "  (an example: nothing is behind it)") if entry.generated else ""
        return f"{entry.at:9.3f}  {harmless(f'{entry.method} {entry.path}')}  {_paint(colour, status)}{example}"
    way = "-->" if entry.direction == "out" else "<--"
    text = f"gateway {entry.connection} {way} op {entry.op} {entry.t or ''}"
    return f"{entry.at:9.3f}  {_paint('2', harmless(text))}"


def _welcome(discord: Sandbox) -> None:
    print(f"{_paint('1', 'A Discord on this machine')}; Ctrl-C ends it.\n")
    print(f"  REST      {discord.url}/v10")
    print(f"  gateway   {discord.gateway_url}")
    print(f"  page      {discord.page_url}   (look at it, and talk to your bot)")
    print(f"  token     {discord.token}")
    print(f"  guild     {discord.guild}   channel {discord.general} (#general)\n")
    print("Point a bot at it:")
    print(_paint("36", f'  Client(token="{discord.token}", intents=..., http=HTTPClient(token="{discord.token}",'))
    print(_paint("36", f'         base_url="{discord.url}"))\n'))
    print("Or use it from another terminal:")
    print(_paint("36", f"  export DISCORD_TOKEN={discord.token} ACORD_BASE_URL={discord.url}"))
    print(_paint("36", "  python -m acord doctor\n"))
    if sys.stdin.isatty():
        print("What you type here Alice says in #general.\n")


async def _speak(discord: Sandbox) -> None:
    """Lines of the terminal are Alice's."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if text := line.decode("utf-8", "replace").strip():
            discord.alice.send(discord.general, text[:2000])


async def _main(arguments: argparse.Namespace) -> None:
    discord = Sandbox(port=arguments.port, seed=arguments.seed, limits=not arguments.no_limits)
    async with discord:
        _welcome(discord)
        speaking = asyncio.create_task(_speak(discord)) if sys.stdin.isatty() else None
        over = asyncio.Event()

        def tell(entry: Request | Frame) -> None:
            try:
                print(_line(entry), flush=True)
            except BrokenPipeError:  # who read has seen enough; bots are served all the same
                unwatch()

        unwatch: Callable[[], object] = bool if arguments.quiet else discord.record.watch(tell)
        with suppress(NotImplementedError):  # Windows ends a process without a word
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
        try:
            await over.wait()
        finally:
            if speaking is not None:
                speaking.cancel()
            if arguments.record:
                discord.record.write(arguments.record)


def main(argv: Sequence[str] | None = None, prog: str = "python -m acord.sandbox") -> int:
    """Serve until Ctrl-C or SIGTERM; 0 then, 1 with one line on stderr where port or file cannot be had."""
    arguments = _arguments(argv, prog)
    if arguments.examples:
        print(*unhandled(Sandbox().api.handlers), sep="\n")
        return 0
    try:
        if arguments.record:  # what cannot be written at the end is said before the work
            Path(arguments.record).open("a").close()
    except OSError as exc:
        print(f"{prog}: {harmless(arguments.record)}: {exc.strerror or exc}", file=sys.stderr)
        return 1
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_main(arguments))
    except OSError as exc:
        print(f"{prog}: {exc.strerror or exc} (port {arguments.port})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

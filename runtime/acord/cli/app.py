"""The commands, as typer reads them from the command line; what each does is another module's, loaded when it runs."""

import asyncio
import io
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.main import get_command

from acord.cli import text, versions
from acord.cli.failures import FAILED, INTERRUPTED, OK, USAGE, Failure, UsageFailure
from acord.core.errors import ACordError, InvalidRequest, Unauthorized

__all__ = ["app", "run"]

ENDING = """
\b
Token      $DISCORD_TOKEN or --token-file; never an argument
Elsewhere  --base-url or $ACORD_BASE_URL, as for the sandbox
Exit code  0 done, 1 refused, failed or unreachable, 2 wrong usage, 130 interrupted
Colours    none where NO_COLOR is set, or the output is no terminal
"""
CALLS = """
\b
acord call get_my_user
acord call create_message channel_id=1 content=hi --files cat.png
acord call GET /channels/1/messages limit=5
acord call list_messages channel_id=1 --all --out messages.jsonl
acord call POST /channels/1/brand-new-thing name=x count:=3
"""

app = typer.Typer(
    name="acord",
    help="Discord's API from a terminal: look at it, call it, listen to it, or run one of your own.",
    epilog=ENDING,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
gateway = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Watch the gateway.")
app.add_typer(gateway, name="gateway")

TokenFile = Annotated[
    Path | None, typer.Option("--token-file", metavar="FILE", help="The bot's token, instead of $DISCORD_TOKEN.")
]
BaseURL = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="Another Discord, instead of $ACORD_BASE_URL.")
]
Timeout = Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How long to wait for an answer.")]
AsJSON = Annotated[bool, typer.Option("--json", help="For programs: JSON.")]


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks, and what the library logs.")] = False,
) -> None:
    """Options of every command; `run` has acted upon them."""


@app.command()
def version(json: AsJSON = False) -> None:
    """Name the versions for a report of a fault."""
    print(text.json_text(versions.versions()) if json else versions.line())


@app.command()
def doctor(
    intents: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="What your bot asks for: names, all, or a number."),
    ] = None,
    guild: Annotated[str | None, typer.Option(metavar="ID", help="Look at the commands of this guild, too.")] = None,
    token_file: TokenFile = None,
    base_url: BaseURL = None,
    timeout: Timeout = 15.0,
    json: AsJSON = False,
) -> None:
    """Find what keeps a bot from working.

    Looked at are token, intents, guilds, gateway, session starts, commands, clock and extras.
    Each finding comes with its cure. Fails where there is a fault; no session is started.
    """
    from acord.cli.connect import Access
    from acord.cli.reporting import report
    from acord.cli.tail import intents_of

    wanted = intents_of(intents)
    if guild is not None and not guild.isdecimal():
        raise UsageFailure("--guild: expected an id, which is a number")
    if not asyncio.run(report(Access(token_file, base_url, timeout), intents=wanted, guild=guild, as_json=json)):
        raise typer.Exit(FAILED)


@app.command(epilog=CALLS)
def call(
    target: Annotated[
        list[str],
        typer.Argument(metavar="OPERATION|METHOD PATH [NAME=VALUE]", help="NAME:=JSON gives a value as JSON."),
    ],
    data: Annotated[str | None, typer.Option(metavar="JSON", help="The body; @FILE or - reads it.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="For the audit log.")] = None,
    files: Annotated[list[Path] | None, typer.Option("--files", metavar="FILE", help="Upload it; repeatable.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All pages: one item a line.")] = False,
    most: Annotated[int | None, typer.Option("--max-items", min=1, metavar="N", help="With --all: no more.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write there; all of it or nothing.")] = None,
    token_file: TokenFile = None,
    base_url: BaseURL = None,
    timeout: Timeout = 30.0,
    json: AsJSON = False,
) -> None:
    """Send a request, print the answer as JSON.

    Values are read as the operation's types.
    """
    from acord.cli.call import plan, send
    from acord.cli.connect import Access

    if most is not None and not everything:
        raise UsageFailure("--max-items goes with --all")
    try:
        planned = plan(target, data=data, files=files or (), reason=reason, pages=everything)
    except InvalidRequest as exc:
        raise UsageFailure(text.one_line(exc)) from exc
    # An operation may need no credential, or carry one in its path: who needs what is the client's to say.
    operation = planned.route.operation
    needed = operation is None or not {"none"} & set(operation.auth)
    access = Access(token_file, base_url, timeout, needed=needed)
    asyncio.run(send(access, planned, out=out, compact=json, pages=everything, most=most))


@app.command()
def routes(
    words: Annotated[list[str] | None, typer.Argument(metavar="[SEARCH]", help="All of these words occur.")] = None,
    json: AsJSON = False,
) -> None:
    """List what can be called, by resource."""
    from acord.cli import routes as listing
    from acord.cli.screen import console, show_json

    found = listing.search(" ".join(words or ()))
    if json:
        keys = ("name", "method", "path", "resource")
        show_json([dict(zip(keys, row, strict=True)) for row in found], compact=True)
    else:
        listing.show_list(found, console())


@app.command()
def route(name: Annotated[str, typer.Argument(help="As list_messages.")], json: AsJSON = False) -> None:
    """Show a route: arguments, limits, scopes."""
    from acord.cli import routes as listing
    from acord.cli.call import operation_of
    from acord.cli.screen import console, show, show_json

    operation = operation_of(name)
    if json:
        show_json(listing.as_json(operation), compact=True)
    else:
        out = console()
        for part in listing.describe(operation):
            show(part, out)
        show(operation.source or "Discord has no page about it", out, fold=False)


@gateway.command()
def tail(
    events: Annotated[str | None, typer.Option(metavar="NAMES", help="Only these, as MESSAGE_CREATE.")] = None,
    intents: Annotated[
        str, typer.Option(metavar="NAMES", help="GUILDS,GUILD_MESSAGES, all, unprivileged, or a number.")
    ] = "unprivileged",
    raw: Annotated[bool, typer.Option("--raw", help="The body of each event, as it came.")] = False,
    most: Annotated[int | None, typer.Option("--max", min=1, metavar="N", help="End after so many.")] = None,
    token_file: TokenFile = None,
    base_url: BaseURL = None,
    timeout: Timeout = 30.0,
    json: AsJSON = False,
) -> None:
    """Print events as they come, until Ctrl-C.

    Spends one of the day's session starts.
    """
    from acord.cli.connect import Access
    from acord.cli.tail import events_of, follow, intents_of

    wanted, named = intents_of(intents), events_of(events)
    assert wanted is not None
    access = Access(token_file, base_url, timeout)
    asyncio.run(follow(access, intents=wanted, events=named, raw=raw, as_json=json, most=most))


_PASSED_ON: dict[str, Any] = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@app.command(context_settings=_PASSED_ON)
def sandbox(context: typer.Context) -> None:
    """Run a Discord on this machine."""
    from acord.sandbox.__main__ import main

    raise typer.Exit(main(context.args, prog="acord sandbox"))


@app.command()
def generate(
    spec: Annotated[Path, typer.Argument(help="A YAML file with operations and schemas.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder of the package to write.")],
    package: Annotated[str, typer.Option(metavar="NAME", help="Its import name, if not its place's.")] = "",
) -> None:
    """Make helpers for endpoints of your own.

    Needs the extra `codegen`.
    """
    from acord.cli.generate import generate as make

    print(make(spec, out, package))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A spec folder, an OpenAPI document or an export.")],
    new: Annotated[str, typer.Argument(help="Another one.")],
    form: Annotated[Literal["text", "markdown", "json"], typer.Option("--format", help="How to print it.")] = "text",
    json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
    fail: Annotated[bool, typer.Option("--fail-on-breaking", help="Fail where something breaks code.")] = False,
) -> None:
    """Compare two descriptions of the API.

    Says what changed and what of it breaks code. Needs the extra `codegen`.
    """
    from acord.cli.generate import diff as compare

    if compare(old, new, "json" if json else form, fail_on_breaking=fail):
        raise typer.Exit(FAILED)


def run(argv: Sequence[str]) -> int:
    """Run one command.  Whatever goes wrong is one line on stderr; with ``--debug`` a traceback, too."""
    args = list(argv)
    end = args.index("--") if "--" in args else len(args)
    debug = "--debug" in args[:end]
    given = [one for one in args[:end] if one != "--debug"] + args[end:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a sign that the terminal lacks ends nothing
    quiet = logging.NullHandler()
    log = logging.getLogger("acord")
    if debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    log.addHandler(quiet)  # else Python prints warnings beside our one line
    try:
        return _run(given or ["--help"])
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Who reads has seen enough.  What is still buffered must not fail at the interpreter's end.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return OK
    except BaseException as exc:
        if isinstance(exc, (SystemExit, GeneratorExit)):
            raise
        if debug:
            print(_hidden("".join(traceback.format_exception(exc))), file=sys.stderr, end="")
        line, code = _said(exc)
        print(_hidden(f"acord: {line}"), file=sys.stderr)
        return code
    finally:
        log.removeHandler(quiet)


def _run(args: list[str]) -> int:
    for one in args:
        if one == "--token" or one.startswith("--token="):
            raise UsageFailure(
                "a token is no argument: the shell's history and the list of processes would show it; "
                "set DISCORD_TOKEN, or use --token-file"
            )
    # Not `app(args)`: that would print errors in its own way and end the process.
    command = get_command(app)
    try:
        with command.make_context("acord", args) as context:
            command.invoke(context)
    except typer.Exit as exc:
        return int(exc.exit_code)
    return OK


def _said(exc: BaseException) -> tuple[str, int]:
    """The line about an exception, and the exit code."""
    if isinstance(exc, typer.TyperException):
        return _usage(exc)
    if isinstance(exc, Failure):
        return text.one_line(exc), exc.code
    if isinstance(exc, Unauthorized):
        return f"{text.one_line(exc)}; the token was refused: `acord doctor` looks into it", FAILED
    if isinstance(exc, ACordError):
        return text.one_line(exc), USAGE if isinstance(exc, InvalidRequest) else FAILED
    if isinstance(exc, OSError):
        return f"{f'{exc.filename}: ' if exc.filename else ''}{text.harmless(exc.strerror or str(exc))}", FAILED
    return f"{type(exc).__name__}: {text.one_line(exc)} (a fault of acord's own: --debug shows where)", FAILED


def _usage(exc: Any) -> tuple[str, int]:
    said = text.harmless(" ".join(str(exc.format_message()).split()))
    context = getattr(exc, "ctx", None)
    path = context.command_path if context is not None else "acord"
    if not said or type(exc).__name__ == "NoArgsIsHelpError":
        return f"name a command; `{path} --help` lists them", USAGE
    return f"{said.rstrip('.')}; see `{path} --help`", USAGE


def _hidden(said: str) -> str:
    return text.hidden(said, [os.environ.get("DISCORD_TOKEN", "").strip()])

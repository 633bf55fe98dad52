"""`python -m acord`: the versions that a report should name, and `generate`."""

import argparse
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import acord

_SHOWN = ("pydantic", "httpx", "websockets", "msgspec")


def versions() -> str:
    """This library, Python and what it is built on, in one line."""

    def found(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return f"{name} (missing)"

    return f"acord {acord.__version__}, Python {platform.python_version()}, {', '.join(map(found, _SHOWN))}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 where it did what was asked, 1 with one line on stderr where it could not."""
    parser = argparse.ArgumentParser(prog="python -m acord", description="A typed, low-level client for Discord.")
    commands = parser.add_subparsers(dest="command")
    making = commands.add_parser("generate", help="make typed helpers and models for endpoints of your own")
    making.add_argument("spec", type=Path, help="a YAML file with operations and schemas")
    making.add_argument("--out", type=Path, required=True, help="the folder of the package to write")
    making.add_argument("--package", default="", help="its import name, where its place does not say it")
    args = parser.parse_args(argv)
    if args.command != "generate":
        print(versions())
        print("`python -m acord generate --help` says how to make helpers for endpoints of your own")
        return 0
    from acord.cli.generate import GenerateError, generate

    try:
        print(generate(args.spec, args.out, args.package))
    except GenerateError as exc:
        print(f"acord: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m acord` and the command `acord`.  What needs no extra runs from here; the rest is `acord.cli.app`'s."""

import json
import sys
from collections.abc import Sequence

from acord.cli import versions

_COMMANDS = ("version", "doctor", "call", "routes", "route", "gateway", "sandbox", "generate", "diff")
_GET = "the commands need the extra `cli`: pip install 'acord[cli]'"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted."""
    args = list(sys.argv[1:] if argv is None else argv)
    # Asked often, by scripts and in reports: it does not wait for a parser of arguments.
    if args in (["version"], ["--version"]):
        print(versions.line())
        return 0
    if args == ["version", "--json"]:
        print(json.dumps(versions.versions()))
        return 0
    if versions.has_cli():
        from acord.cli.app import run

        return run(args)
    return _without_extra(args)


def _without_extra(args: list[str]) -> int:
    if args[:1] == ["generate"]:
        from acord.cli.generate import main as generate

        return generate(args[1:])
    if args[:1] == ["sandbox"]:
        from acord.sandbox.__main__ import main as sandbox

        return sandbox(args[1:], prog="python -m acord sandbox")
    if not args or args[0] in ("-h", "--help"):
        print(versions.line())
        print(_GET)
        print("without it there are `python -m acord version`, `sandbox` and `generate`")
        return 0
    print(f"acord: {_GET}" if args[0] in _COMMANDS else f"acord: unknown command; {_GET}", file=sys.stderr)
    return 1 if args[0] in _COMMANDS else 2


if __name__ == "__main__":
    sys.exit(main())

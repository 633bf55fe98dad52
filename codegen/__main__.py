"""The generator's commands: ``python -m codegen import | generate | check | export | diff | update``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from codegen.errors import CodegenError

ROOT = Path(__file__).parent.parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every refusal is one line on stderr and exit code 1 (of `diff`: 3)."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    into = commands.add_parser("import", help="rewrite spec/ from Discord's OpenAPI document")
    into.add_argument("document", type=Path)
    into.add_argument("--published", metavar="DATE", help="the day the document was published (default: from its name)")
    into.add_argument("--api-version", default="", metavar="N", help="a second version, into a folder of its own")
    into.add_argument("--quiet", action="store_true", help="print the first line of the summary alone")
    for command in ("generate", "check"):
        sub = commands.add_parser(
            command, help={"generate": "spec/ -> generated/", "check": "is generated/ fresh?"}[command]
        )
        sub.set_defaults(quiet=False)
    out = commands.add_parser("export", help="spec/ -> discord.json (everything) and openapi.json (REST)")
    out.add_argument("--to", type=Path, default=ROOT / "dist", help="the folder to write them into (default: dist)")
    two = commands.add_parser("diff", help="what changed between two descriptions, and what of it breaks")
    for side in ("old", "new"):
        two.add_argument(side, help="a spec folder, a git revision of the spec, an OpenAPI document, an exported JSON")
    two.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    two.add_argument("--fail-on", choices=("breaking",), default="", help="exit code 2 where something breaks")
    new = commands.add_parser(
        "update", help="import, compare, generate, test and note in the changelog: all or nothing"
    )
    new.add_argument("document", type=Path)
    new.add_argument("--published", metavar="DATE", help="the day the document was published (default: from its name)")
    new.add_argument("--root", type=Path, default=ROOT, help="the project")
    new.add_argument("--report", type=Path, help="write what changed and what is to decide into this file, as Markdown")
    new.add_argument("--no-tests", action="store_true", help="do not run the fast tests on the result")
    for sub in commands.choices.values():
        sub.add_argument("--spec", type=Path, default=ROOT / "spec", help="the spec folder")
    for command in ("generate", "check"):
        commands.choices[command].add_argument("--out", type=Path, default=ROOT / "generated", help="the output folder")
        commands.choices[command].add_argument("--api-version", default="", metavar="N", help="a second version")
    args = parser.parse_args(argv)
    refused = 3 if args.command == "diff" else 1  # 1 says there that something changed
    try:
        if args.command == "import":
            return _import(args.document, args.spec, args.published, args.quiet, args.api_version)
        if args.command == "export":
            from codegen import export

            return export.main(args.spec, args.to)
        if args.command == "update":
            from codegen import update

            return update.main(args.document, args.root, args.published, tests=not args.no_tests, report=args.report)
        if args.command == "diff":
            from codegen.diff import run as differ

            return differ.main(args.old, args.new, args.spec, args.format, args.fail_on)
        from codegen import generate, versions

        with tempfile.TemporaryDirectory() as scratch:
            spec = args.spec
            if args.api_version:
                own = versions.folder(spec, args.api_version)
                if not own.is_dir():
                    raise CodegenError(f"{spec.name}/{own.name}/ is missing: import a document of that version first")
                if args.out.resolve() == (ROOT / "generated").resolve():
                    raise CodegenError("generated/ is of the first version: give the second one a folder by --out")
                spec = versions.composed(spec, own, Path(scratch))
            return generate.main(args.command, spec, args.out)
    except CodegenError as exc:
        print(f"codegen: {exc}", file=sys.stderr)
        return refused
    except BrokenPipeError:  # who reads has seen enough; what is still buffered must not fail at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as exc:
        print(f"codegen: {exc.filename or ''}: {exc.strerror or exc}", file=sys.stderr)
        return refused
    except KeyboardInterrupt:
        print("codegen: interrupted", file=sys.stderr)
        return 130


def _import(document: Path, spec: Path, published: str | None, quiet: bool, version: str) -> int:
    from codegen import versions, write
    from codegen.importer import run

    if version:
        with tempfile.TemporaryDirectory() as scratch:
            result, said = versions.imported(document, spec, version, Path(scratch), published)
        spec = versions.folder(spec, version)
    else:
        result = run.run(document, spec, published)
        said = str(write.apply(spec, result.files, run.OWNED))
    for line in result.summary[: 1 if quiet else None]:
        print(line)
    print(f"{spec.name}/: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

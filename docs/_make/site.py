"""Gathers the site's pages in build/: those written by hand, those generated, and the list of all for mkdocs."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from acord.events import EVENTS
from docs import figures
from docs._make import events, machine, objects, operations, signals
from docs._make.markdown import code, table, title
from docs._make.sources import ROOT

__all__ = ["gather"]

PROJECT = {"CHANGELOG.md": "changelog", "CONTRIBUTING.md": "contributing", "ARCHITECTURE.md": "architecture",
           "SECURITY.md": "security"}  # fmt: skip
TABLES = {"interop-table": "Other libraries on the sandbox", "gauntlet-table": "The gauntlet",
          "coverage-table": "Branches taken by tests"}  # fmt: skip
"""What other commands write into docs/, where they ran: `make interop` and the like."""


def gather(build: Path) -> Path:
    """Everything mkdocs needs, in ``build``; its configuration is what comes back."""
    pages = build / "docs"
    for ours in (pages, build / "package"):
        shutil.rmtree(ours, ignore_errors=True)
    _merged(build / "package" / "acord")
    shutil.copytree(ROOT / "docs", pages, ignore=shutil.ignore_patterns("_make", "__pycache__", "*.py", "*-table.md"))
    for made in (operations.pages(), events.pages(), objects.pages(), signals.pages(), _index()):
        for place, text in made.items():
            _write(pages / place, text)
    if (picture := figures.RESULTS / figures.PICTURE).exists():
        shutil.copy(picture, pages / "assets")
    brought: dict[str, str] = {}
    for table_file in sorted((ROOT / "docs").glob("*-table.md")):
        title = TABLES.get(table_file.stem, table_file.stem.removesuffix("-table").replace("-", " ").capitalize())
        text = table_file.read_text(encoding="utf-8")
        _write(pages / "explanation" / table_file.name, text if text.startswith("# ") else f"# {title}\n\n{text}")
        brought[f"explanation/{table_file.name}"] = title
    for name, page in PROJECT.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        _write(pages / "project" / f"{page}.md", _moved(text))
    for path in pages.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        if (filled := _filled(text)) != text:
            path.write_text(filled, encoding="utf-8")
    config: dict[str, Any] = {"INHERIT": "../mkdocs.yml", "docs_dir": "docs", "site_dir": "../site"}
    config["nav"] = [*_nav(brought)]
    file = build / "mkdocs.yml"
    file.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


def _merged(package: Path) -> None:
    """Both halves of acord in one folder, with the ``__init__`` that the reader of docstrings looks for."""
    for half in ("generated", "runtime"):
        ignored = shutil.ignore_patterns("__pycache__", "*.pyi")
        shutil.copytree(ROOT / half / "acord", package, ignore=ignored, dirs_exist_ok=True)
    for folder in ("core", "core/signals"):
        (package / folder / "__init__.py").touch()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _filled(text: str) -> str:
    """A page with its marked places filled: ``<!-- machine -->`` and the like."""
    if "<!-- machine -->" in text:
        text = text.replace("<!-- machine -->", machine.drawing())
    if "<!-- machine table -->" in text:
        rows = [tuple(map(code, row)) for row in machine.rows()]
        text = text.replace("<!-- machine table -->", table(("State", "What happens", "What is done", "Then"), rows))
    return figures.filled(text)


def _moved(text: str) -> str:
    """A page of the project's root in the site: its links go to the pages that the site has, or are text."""

    def moved(match: re.Match[str]) -> str:
        label, target = match.groups()
        name = target.partition("#")[0]
        if target.startswith(("http", "#")):
            return match.group()
        if name in PROJECT:
            return f"[{label}]({PROJECT[name]}.md)"
        if name.startswith("docs/") and (ROOT / name).is_file():
            return f"[{label}](../{target.removeprefix('docs/')})"
        return label if label.startswith("`") else f"`{name}`" if label == name else f"{label} (`{name}`)"

    return re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", moved, text)


def _index() -> dict[str, str]:
    rows = [
        ("[Operations](operations/index.md)", "every route of the REST API, with an example that runs"),
        ("[Events](events/index.md)", "everything the gateway sends"),
        ("[Objects](models/enums.md)", "what answers, bodies and events are made of"),
        ("[Opcodes](opcodes.md)", "of the gateway and of voice"),
        ("[Close codes](close-codes.md)", "with what is done after each"),
        ("[Error codes](error-codes.md)", "with cures"),
        ("[Intents](intents.md)", "with the events each lets through"),
        ("[Permissions](permissions.md)", "and where they count"),
        ("[Flags](flags.md)", "the other bit sets"),
    ]
    notation = [
        ("`string(1..80)`", "text of 1 to 80 characters; `integer(0..)` a number from 0 on"),
        ("`?string`", "may be `None`, which is sent as `null`"),
        ("`snowflake`", "an id: `int`, its digits, or anything with `.id`"),
        ("`Embed[..10]`", "a list of at most 10"),
        ("`map(string)`", "an object with free keys"),
        ("`A &#124; B`".replace("&#124;", "\\|"), "one of these"),
        ("`ChannelType{0, 5}`", "only these values of the enum"),
    ]
    text = "\n\n".join(
        [
            "# Reference",
            "Generated from the specification, as the code is.",
            table(("Page", ""), rows),
            "## How types are written",
            table(("Written", "Means"), notation),
        ]
    )
    return {"reference/index.md": text + "\n"}


def _nav(brought: dict[str, str]) -> Iterator[dict[str, Any]]:
    written: list[dict[str, Any]] = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    for entry in written:
        title, below = next(iter(entry.items()))
        if title != "Home":
            below += _unlisted(title.lower().replace(" ", ""), str(below))
        if title == "Explanation":
            below += [{name: path} for path, name in brought.items()]
        if title == "API":
            yield {"Reference": list(_reference())}
        yield {title: below}


def _unlisted(folder: str, named: str) -> Iterator[dict[str, str]]:
    """Pages of a folder that mkdocs.yml does not name yet."""
    for page in sorted((ROOT / "docs" / folder).glob("*.md")):
        if (path := f"{folder}/{page.name}") not in named:
            title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            yield {title: path}


def _reference() -> Iterator[Any]:
    yield "reference/index.md"
    yield {
        "Operations": [
            operations.LIST,
            *(
                {
                    title(resource): [
                        f"reference/operations/{resource}/index.md",
                        *({name: operations.path_of(name)} for name in names),
                    ]
                }
                for resource, names in operations.resources().items()
            ),
        ]
    }
    yield {"Events": [events.LIST, *({name: events.path_of(name)} for name in sorted(EVENTS))]}
    yield {"Objects": [{title(path.rpartition("/")[2].removesuffix(".md")): path}
                       for path in objects.pages()]}  # fmt: skip
    for heading, page in (
        ("Opcodes", "opcodes"),
        ("Close codes", "close-codes"),
        ("Error codes", "error-codes"),
        ("Intents", "intents"),
        ("Permissions", "permissions"),
        ("Flags", "flags"),
    ):
        yield {heading: f"reference/{page}.md"}

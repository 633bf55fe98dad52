"""Fills the marked places of README.md and the docs with what `make bench` wrote; no number is typed by hand.

    python -m docs.figures            fill README.md
    python -m docs.figures --check    say whether it is up to date; 1 where it is not

A place is ``<!-- figures NAME -->`` up to ``<!-- /figures -->``: ``front``, the rows a newcomer asks for first, or
``all``, the page of all rows. Both come from ``benchmarks/results/summary.json`` and ``summary.md``.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["PICTURE", "filled"]

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PICTURE: Final = "bars.svg"
PLACE = re.compile(r"(<!-- figures (\w+) -->\n)(.*?)(<!-- /figures -->)", re.DOTALL)
FRONT: Final = (
    "unread",
    "dicts",
    "dispatch",
    "typed-discord.py",
    "typed-hikari",
    "get",
    "gets",
    "objects",
    "gets-default",
    "limiter",
    "client-avoidable",
    "client-lost",
    "client-optimum",
    "import",
    "helper",
    "first-message",
    "ready",
)
NOTHING: Final = "Nothing was measured yet: `make bench`."


def front() -> str:
    """Some rows with their goals, and when, where and beside what they were measured."""
    path = RESULTS / "summary.json"
    if not path.exists():
        return NOTHING
    summary = json.loads(path.read_text(encoding="utf-8"))
    rows = [summary["rows"][key] for key in FRONT if summary["rows"].get(key, {}).get("figures")]
    table = [f"| {row['what']} | {row['said']['goal']} | {row['said']['measured']} |" for row in rows]
    machine = summary["machine"]
    names = ", ".join(f"{name} {version}" for name, version in summary["versions"].items())
    return "\n".join(
        (
            "| Smaller is better | Goal | Measured |",
            "| --- | --- | --- |",
            *table,
            "",
            f"`{summary['command']}` on {str(machine['date'])[:10]}, Python {machine['python']}, "
            f"{machine['cores']} cores; {names}.",
        )
    )


def every() -> str:
    """All rows and who keeps limits how, with the picture where the site has it."""
    path = RESULTS / "summary.md"
    if not path.exists():
        return NOTHING
    _, _, body = path.read_text(encoding="utf-8").partition("\n# ")
    return body.partition("\n\n")[2].replace(f"]({PICTURE})", f"](../assets/{PICTURE})").rstrip("\n")


FILLERS: Final[dict[str, Callable[[], str]]] = {"front": front, "all": every}


def filled(text: str) -> str:
    """The text with every marked place filled. KeyError for a place that nothing fills."""
    return PLACE.sub(lambda found: f"{found[1]}{FILLERS[found[2]]()}\n{found[4]}", text)


def main() -> int:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    made = filled(text)
    if made == text:
        return 0
    if "--check" in sys.argv:
        print("README.md has other figures than benchmarks/results: run python -m docs.figures")
        return 1
    readme.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

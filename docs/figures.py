"""Fills the marked places of README.md and the docs with figures that benchmarks wrote; no number is typed by hand.

    python -m docs.figures            fill README.md
    python -m docs.figures --check    say whether it is up to date; 1 where it is not

A place is ``<!-- figures NAME -->`` up to ``<!-- /figures -->``. What fills it comes from the newest
``benchmarks/results/<script>-<date>.json`` of each script.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

__all__ = ["filled"]

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PLACE = re.compile(r"(<!-- figures (\w+) -->\n)(.*?)(<!-- /figures -->)", re.DOTALL)


def newest(script: str) -> dict[str, Any] | None:
    """The last results that were kept of this script."""
    files = sorted(RESULTS.glob(f"{script}-[0-9]*.json"))
    return json.loads(files[-1].read_text(encoding="utf-8")) if files else None


def _beside(costs: dict[str, float], what: str, *others: str) -> str:
    """``what`` in times of each of the others that was measured."""
    return "; ".join(f"{costs[what] / costs[one]:.2f} × {one}" for one in others if one in costs)


def _rest(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for index, many in enumerate(results["at_once"]):
        costs = {name: float(figures[index]) for name, figures in results["us_of_cpu"].items()}
        how = "one by one" if many == 1 else f"{many} at once"
        for name, floor in (("acord", "httpx's transport, bare"), ("acord[speed]", "aiohttp, bare")):
            if name in costs:
                yield f"A GET, {how}, {name}", f"{costs[name]:.0f} µs", _beside(costs, name, floor, "discord.py")


def _limiter(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    costs = results["us_of_cpu"]
    for many in (8, 10_000):
        if (name := f"limiter alone, {many} waiting") in costs:
            beside = _beside(costs, name, "limiter alone, 8 waiting") if many > 8 else ""
            yield f"The rate limiter, {many:,} requests waiting", f"{costs[name]:.1f} µs", beside


def _models(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in ("message", "guild"):
        if (costs := results["decoding_us"].get(name)) is not None:
            yield f"A {name} from JSON to its model", f"{costs['load']:.1f} µs", _beside(costs, "load", "json.loads")


def _gateway(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    costs = results["us_of_cpu"].get("MESSAGE_CREATE", {})
    for name, what, others in (
        ("nobody", "nobody reads", ("floor", "discord.py, dicts", "hikari, dicts")),
        ("sync", "typed, to a callback", ("typed floor", "discord.py", "hikari")),
    ):
        if name in costs:
            yield f"A `MESSAGE_CREATE`, {what}", f"{costs[name]:.1f} µs", _beside(costs, name, *others)


SCRIPTS: Final[dict[str, Callable[[dict[str, Any]], Iterator[tuple[str, str, str]]]]] = {
    "gateway": _gateway,
    "rest": _rest,
    "limiter": _limiter,
    "models": _models,
}


def measured() -> str:
    """The table of all scripts that have results, with when and how each was run."""
    lines = ["| What | Processor time | Beside, in the same run | Measured |", "| --- | --- | --- | --- |"]
    for script, rows in SCRIPTS.items():
        results = newest(script)
        if results is None:
            continue
        when = str(results["machine"]["date"])[:10]
        lines += [
            f"| {what} | {time} | {ratio} | {when}, `benchmarks/{script}.py` |" for what, time, ratio in rows(results)
        ]
    return "\n".join(lines) if len(lines) > 2 else "Nothing was measured yet: `python benchmarks/models.py --keep`."


FILLERS: Final[dict[str, Callable[[], str]]] = {"measured": measured}


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

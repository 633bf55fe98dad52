"""What is to be reached: each row's goal, whose figures it is about, by how much they may worsen. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["ROWS", "Compared", "Judged", "Row", "compare", "judge"]

Figures = dict[str, float]
Read = Callable[[Mapping[str, Any]], Figures]


@dataclass(frozen=True)
class Row:
    """Smaller is better. A row holds where each of its figures is at most the goal."""

    key: str
    what: str
    script: str
    goal: float | None
    """None: measured for comparison, nothing was promised."""
    read: Read
    """Figures by name, out of the script's results; without those of peers that were not there."""
    unit: str = ""
    bound: float | None = 0.15
    """By how much of itself a figure may be worse than the committed one; None where machines are not comparable."""
    slack: float = 0.0
    """And by how much beyond that."""


@dataclass(frozen=True)
class Judged:
    row: Row
    figures: Figures

    @property
    def holds(self) -> bool | None:
        """None where nothing was promised, or nothing measured."""
        if self.row.goal is None or not self.figures:
            return None
        return max(self.figures.values()) <= self.row.goal + 1e-9

    @property
    def worst(self) -> float | None:
        return max(self.figures.values(), default=None)


@dataclass(frozen=True)
class Compared:
    """A figure of now beside the committed one."""

    row: Row
    name: str
    old: float
    new: float
    most: float

    @property
    def worse(self) -> bool:
        return self.new > self.most + 1e-9


def _over(costs: Mapping[str, float], one: str, other: str) -> float | None:
    return round(costs[one] / costs[other], 3) if one in costs and other in costs else None


def _events(one: str, *others: str, best: bool = False) -> Read:
    """``one`` over each of the others, or over the best of them, for each event."""

    def read(results: Mapping[str, Any]) -> Figures:
        found: Figures = {}
        for event, costs in results["us_of_cpu"].items():
            ratios = {other: ratio for other in others if (ratio := _over(costs, one, other)) is not None}
            if best and ratios:
                ratios = {"best": max(ratios.values())}
            for other, ratio in ratios.items():
                found[event if len(others) == 1 or best else f"{event} / {other}"] = ratio
        return found

    return read


def _ratio(name: str) -> Read:
    def read(results: Mapping[str, Any]) -> Figures:
        return {each: one for each, one in results["ratios"].items() if each == name}

    return read


def _requests(one: str, other: str, kind: int) -> Read:
    def read(results: Mapping[str, Any]) -> Figures:
        ratios = results["ratios"].get(f"{one} / {other}")
        return {} if ratios is None else {f"/ {other}": ratios[kind]}

    return read


def _waiting(names: tuple[str, ...], many: int, few: int) -> Read:
    def read(results: Mapping[str, Any]) -> Figures:
        costs = results["us_of_cpu"]
        ratios = {name: _over(costs, f"{name}, {many} waiting", f"{name}, {few} waiting") for name in names}
        return {name: ratio for name, ratio in ratios.items() if ratio is not None}

    return read


def _limiter_us(results: Mapping[str, Any]) -> Figures:
    prefix = "limiter alone, "
    return {name.removeprefix(prefix): us for name, us in results["us_of_cpu"].items() if name.startswith(prefix)}


def _limiter_floor(results: Mapping[str, Any]) -> Figures:
    costs = results["us_of_cpu"]
    return {
        name: ratio
        for name in _limiter_us(results)
        if (ratio := _over(costs, f"limiter alone, {name}", f"waiting alone, {name}")) is not None
    }


def _optimum(globally: bool) -> Read:
    def read(results: Mapping[str, Any]) -> Figures:
        return {name: one for name, one in results["over_optimum"].items() if name.startswith("global") is globally}

    return read


def _clients(key: str) -> Read:
    """Of ACord, over the scenarios on the sandbox."""

    def read(results: Mapping[str, Any]) -> Figures:
        found = {name: each["clients"]["ACord"].get(key) for name, each in results["scenarios"].items()}
        return {name: one for name, one in found.items() if one is not None}

    return read


def _decoded(floor: str) -> Read:
    def read(results: Mapping[str, Any]) -> Figures:
        found = {name: _over(costs, "load", floor) for name, costs in results["decoding_us"].items()}
        return {name: ratio for name, ratio in found.items() if ratio is not None}

    return read


def _only(*path: str) -> Read:
    def read(results: Mapping[str, Any]) -> Figures:
        found: Any = results
        for name in path:
            found = found[name]
        return {path[-1]: found}

    return read


ROWS: Final[tuple[Row, ...]] = (
    Row("unread", "An event nobody listens to / inflating and the raw envelope", "gateway", 1.2,
        _events("nobody", "floor")),
    Row("dicts", "The same / the best peer's dict, by its own reader", "gateway", 0.6,
        _events("nobody", "discord.py, dicts", "hikari, dicts", best=True)),
    Row("orjson", "The same / inflating and orjson's dict, which no library's reader is", "gateway", None,
        _events("nobody", "orjson, dicts")),
    Row("dispatch", "A `Dispatch` whose data nobody reads / inflating and the raw envelope", "gateway", 1.2,
        _events("Dispatch", "floor")),
    Row("typed-discord.py", "A typed event, out to a callback / discord.py's object, out to nobody", "gateway", 0.6,
        _events("sync", "discord.py, objects")),
    Row("typed-hikari", "The same / hikari's, its cache off", "gateway", 0.8, _events("sync", "hikari, objects")),
    Row("typed-floor", "Inflating, raw envelope and pydantic's validator alone / discord.py's object", "gateway", None,
        _events("typed floor", "discord.py, objects")),
    Row("listener-discord.py", "A typed event to an `async def` / to discord.py's", "gateway", None,
        _events("async def", "discord.py")),
    Row("listener-hikari", "A typed event to an `async def` / to hikari's", "gateway", None,
        _events("async def", "hikari")),
    Row("get", "A GET, `[speed]` / discord.py[speed]", "rest", 1.0, _requests("acord[speed]", "discord.py", 0)),
    Row("gets", "32 GETs at once, `[speed]` / discord.py[speed]", "rest", 0.7,
        _requests("acord[speed]", "discord.py", 1)),
    Row("objects", "100 messages as objects, `[speed]` / discord.py[speed]", "objects", 0.7,
        _ratio("acord[speed] / discord.py")),
    Row("objects-floor", "The same / aiohttp's answer and pydantic's own validator on it", "objects", None,
        _ratio("acord[speed] / aiohttp and pydantic, bare")),
    Row("floor-objects", "That floor / discord.py[speed]", "objects", None,
        _ratio("aiohttp and pydantic, bare / discord.py")),
    Row("get-default", "A GET, default install / its bare transport", "rest", 1.15,
        _requests("acord", "httpx's transport, bare", 0)),
    Row("gets-default", "32 GETs at once, default install / its bare transport", "rest", 1.15,
        _requests("acord", "httpx's transport, bare", 1)),
    Row("crowd", "A request with 1,000 waiting / with 8", "limiter", 1.3,
        _waiting(("acord", "acord[speed]", "limiter alone"), 1_000, 8)),
    Row("avoidable", "429s that could have been avoided, simulated", "limiter_simulated", 0,
        _only("random", "avoidable"), bound=0.0),
    Row("bucket", "Finish / optimum where a bucket binds, simulated", "limiter_simulated", 1.05, _optimum(False),
        bound=0.02),
    Row("gate", "Finish / optimum where the global limit binds, simulated", "limiter_simulated", 1.12, _optimum(True),
        bound=0.02),
    Row("limiter", "The limiter's processor time a request", "limiter", 15.0, _limiter_us, unit=" us", bound=None),
    Row("limiter-floor", "The same / a future and a switch of tasks", "limiter", None, _limiter_floor),
    Row("client-avoidable", "429s that could have been avoided, on the sandbox", "limits_peers", 0,
        _clients("avoidable"), bound=0.0),
    Row("client-lost", "Messages lost, on the sandbox", "limits_peers", 0, _clients("lost"), bound=0.0),
    Row("client-optimum", "Finish / optimum, on the sandbox", "limits_peers", 1.12, _clients("over_optimum"),
        bound=0.1),
    Row("model", "A payload from JSON to its model / `json.loads`", "models", None, _decoded("json.loads")),
    Row("model-bare", "The same / pydantic's validator of the same classes with plain values", "models", None,
        _decoded("bare")),
    Row("import", "`import acord` over the interpreter", "startup", 10.0,
        _only("compared", "import acord over the interpreter, ms"), unit=" ms", slack=1.0),
    Row("helper", "`HTTPClient` and one helper / `import asyncio`", "startup", 45 / 26,
        _only("compared", "HTTPClient + a helper / asyncio")),
    Row("first-message", "The first decoded message, above pydantic's import / that import", "startup", 1.0,
        _only("compared", "first decoded message above pydantic / pydantic")),
    Row("events-flat", "Resident size after 200,000 events / after a fifth", "memory", 1.05,
        _only("growth", "events"), bound=0.03),
    Row("requests-flat", "Resident size after 100,000 requests / after a fifth", "memory", 1.05,
        _only("growth", "requests"), bound=0.03),
    Row("ready", "A `Client` that is ready", "memory", 60.0, _only("ready_mib"), unit=" MiB", bound=0.1),
    Row("sandbox", "What the sandbox serves, each held against the specification (more is better)", "sandbox", None,
        lambda results: dict(results["a_second"]), unit=" a second", bound=None),
    Row("cold", "`make generate` from nothing", "generation", 15.0, _only("seconds", "cold"), unit=" s", bound=None),
    Row("fresh", "`make generate` where nothing changed", "generation", 2.0, _only("seconds", "nothing changed"),
        unit=" s", bound=None),
)  # fmt: skip


def judge(results: Mapping[str, Mapping[str, Any]]) -> Iterator[Judged]:
    """Each row, by what was measured (results by script)."""
    for row in ROWS:
        yield Judged(row, row.read(results[row.script]) if row.script in results else {})


def compare(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[Compared]:
    """Each figure that both results have and that machines have in common."""
    for before, now in zip(judge(old), judge(new), strict=True):
        row = now.row
        if row.bound is None:
            continue
        for name, figure in now.figures.items():
            if name in before.figures:
                was = before.figures[name]
                yield Compared(row, name, was, figure, round(was + abs(was) * row.bound + row.slack, 3))

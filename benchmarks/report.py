"""Results as a page of Markdown, as JSON and as the groups of a picture. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plot import Group
from rows import Compared, Judged, judge

__all__ = ["compared", "groups", "page", "summary"]

MANY = 4
Results = Mapping[str, Mapping[str, Any]]


def spelled(value: float, unit: str = "") -> str:
    """Two figures behind the point where that says anything."""
    return f"{value:.0f}{unit}" if value == int(value) else f"{value:.2f}{unit}"


def goal(one: Judged) -> str:
    return "" if one.row.goal is None else f"<= {spelled(one.row.goal, one.row.unit)}"


def measured(one: Judged) -> str:
    """All figures of a row, or from the best to the worst of many; one that stands alone needs no name."""
    unit = one.row.unit
    if len(one.figures) > MANY:
        (_, best), *_, (name, worst) = sorted(one.figures.items(), key=lambda item: item[1])
        if spelled(best) == spelled(worst):
            return spelled(worst, unit)
        return f"{spelled(best, unit)} to {spelled(worst, unit)} ({name})"
    if len(one.figures) <= 1:
        return "".join(spelled(figure, unit) for figure in one.figures.values()) or "not measured"
    return ", ".join(f"{name} {spelled(figure, unit)}" for name, figure in one.figures.items())


def verdict(one: Judged) -> str:
    return {True: "yes", False: "**no**", None: ""}[one.holds]


def summary(results: Results, command: str, versions: Mapping[str, str]) -> dict[str, Any]:
    """The rows with date, machine and versions."""
    machines = [each["machine"] for each in results.values()]
    newest = max(machines, key=lambda machine: str(machine["date"]))
    return {
        "machine": newest,
        "command": command,
        "versions": dict(versions),
        "dates": {script: str(each["machine"]["date"]) for script, each in results.items()},
        "rows": {
            one.row.key: {
                "what": one.row.what,
                "script": one.row.script,
                "goal": one.row.goal,
                "unit": one.row.unit.strip(),
                "figures": one.figures,
                "holds": one.holds,
                "said": {"goal": goal(one), "measured": measured(one)},
            }
            for one in judge(results)
        },
    }


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def page(results: Results, command: str, versions: Mapping[str, str]) -> str:
    """summary.md."""
    made = summary(results, command, versions)
    where = made["machine"]
    # The newest of all: one script may have been run again by itself.
    when = str(where["date"]).replace("T", " ")[:16]
    machine = f"{where['system']}, {where['processor']}, {where['cores']} cores, Python {where['python']}"
    names = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    rows = [(one.row.what, goal(one), measured(one), verdict(one), f"`{one.row.script}.py`") for one in judge(results)]
    parts = [
        f"<!-- Written by `{command}`. -->",
        "# What was measured",
        f"{when} UTC, {machine}: `{command}`.",
        f"With {names}." if names else "",
        "![Beside other libraries](bars.svg)",
        markdown(("What", "Goal", "Measured", "Holds", "Script"), rows),
        manners(results["limits_peers"]) if "limits_peers" in results else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def manners(results: Mapping[str, Any]) -> str:
    """Who earns what for the same load on the sandbox."""
    rows = [
        (
            f"{scenario['what']}",
            name,
            f"{one['requests']}",
            f"{one['refused']}",
            f"{one['avoidable']}",
            "" if one["lost"] is None else f"{one['lost']}",
            f"{one['out_of_order']}",
            "" if one.get("over_optimum") is None else spelled(one["over_optimum"]),
        )
        for scenario in results["scenarios"].values()
        for name, one in scenario["clients"].items()
    ]
    heads = ("The same load", "Library", "Requests", "429s", "Avoidable", "Lost", "Out of order", "Time / optimum")
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    said = (
        f"Real clients on the sandbox ({versions}). *Avoidable*: the client had been told. *Lost*: messages that never"
        " arrived, or not within 20 s. *Out of order*: messages that stand behind one that was asked for later. No time"
        " where messages were lost."
    )
    return f"## Limits\n\n{markdown(heads, rows)}\n\n{said}"


def compared(found: Sequence[Compared]) -> list[tuple[str, ...]]:
    """A table's rows: what got worse first."""
    ordered = sorted(found, key=lambda one: not one.worse)
    return [
        (
            one.row.key,
            one.name,
            f"{one.old:.3f}",
            f"{one.new:.3f}",
            f"{one.most:.3f}",
            "WORSE" if one.worse else "",
        )
        for one in ordered
    ]


def groups(results: Results) -> list[Group]:
    """Bars: ours and theirs."""
    found: list[Group] = []
    event = results.get("gateway", {}).get("us_of_cpu", {}).get("MESSAGE_CREATE", {})
    typed = {"ACord": "sync", "discord.py": "discord.py, objects", "hikari": "hikari, objects"}
    unread = {"ACord": "nobody", "discord.py": "discord.py, dicts", "hikari": "hikari, dicts"}
    for title, names in (("A message event, typed", typed), ("A message event nobody listens to", unread)):
        found.append(Group(title, " us", [(name, event[key]) for name, key in names.items() if key in event]))
    costs = results.get("rest", {}).get("us_of_cpu", {})
    for place, title in ((0, "A GET"), (1, "A GET, 32 at once")):
        names = {"ACord[speed]": "acord[speed]", "discord.py[speed]": "discord.py", "ACord": "acord"}
        bars = [(name, float(costs[key][place])) for name, key in names.items() if key in costs]
        found.append(Group(title, " us", bars))
    costs = results.get("objects", {}).get("us_of_cpu", {})
    names = {"ACord[speed]": "acord[speed]", "discord.py[speed]": "discord.py", "hikari[speedups]": "hikari"}
    found.append(Group("100 messages as objects", " us", [(n, costs[key]) for n, key in names.items() if key in costs]))
    scenarios = results.get("limits_peers", {}).get("scenarios", {})
    earned: dict[str, float] = {}
    for each in scenarios.values():
        for name, one in each["clients"].items():
            earned[name] = earned.get(name, 0) + one["avoidable"]
    found.append(Group(f"Avoidable 429s in {len(scenarios)} scenarios", "", list(earned.items())))
    return [group for group in found if group.bars]

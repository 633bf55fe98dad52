"""What benchmarks make of their figures: goals, comparisons, pages, pictures.  Nothing is timed here."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest

HOME = Path(__file__).parents[2] / "benchmarks"
MODULES = ("rows", "plot", "report", "limits_peers", "memory", "measure", "peers")


class Bench:
    rows: ModuleType
    plot: ModuleType
    report: ModuleType
    limits_peers: ModuleType
    memory: ModuleType


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    """The scripts' modules, which find each other by their folder."""
    found = Bench()
    sys.path.insert(0, str(HOME))
    try:
        for name in MODULES:
            setattr(found, name, importlib.import_module(name))
        yield found
    finally:
        sys.path.remove(str(HOME))
        for name in MODULES:
            sys.modules.pop(name, None)


MACHINE = {
    "date": "2026-01-02T03:04:05+00:00",
    "python": "3.11.0",
    "system": "Linux x86_64",
    "processor": "P",
    "cores": 2,
}


def results() -> dict[str, Any]:
    gateway = {"floor": 2.0, "nobody": 2.2, "Dispatch": 3.0, "sync": 9.0,
               "hikari, objects": 10.0, "discord.py, objects": 20.0,
               "discord.py, dicts": 6.0, "hikari, dicts": 4.0}  # fmt: skip
    acord = {"requests": 11, "refused": 1, "avoidable": 1, "lost": 0, "out_of_order": 0, "over_optimum": 1.05}
    dead = acord | {"avoidable": 0, "lost": None, "over_optimum": None}
    return {
        "gateway": {"machine": MACHINE, "us_of_cpu": {"MESSAGE_CREATE": gateway}},
        "rest": {
            "machine": MACHINE | {"date": "2026-01-01T00:00:00+00:00"},
            "us_of_cpu": {"acord": [300.0, 310.0], "acord[speed]": [80.0, 60.0], "discord.py": [100.0, 100.0]},
            "ratios": {"acord[speed] / discord.py": [0.8, 0.6]},
        },
        "limits_peers": {
            "machine": MACHINE,
            "versions": {"ACord": "1", "hikari": "2"},
            "scenarios": {
                "window": {"what": "Five a second", "clients": {"ACord": acord, "hikari": acord | {"lost": 3}}},
                "dead": {"what": "A dead token", "clients": {"ACord": dead, "hikari": dead}},
            },
        },
    }


def judged(bench: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {one.row.key: one for one in bench.rows.judge(given)}


# Goals


def test_a_ratio_is_one_cost_over_the_other(bench: Any) -> None:
    assert {"MESSAGE_CREATE": 1.1} == judged(bench, results())["unread"].figures


def test_the_best_of_several_peers_is_what_is_compared_with(bench: Any) -> None:
    assert {"MESSAGE_CREATE": 0.55} == judged(bench, results())["dicts"].figures


def test_a_row_holds_where_its_worst_figure_is_at_most_the_goal(bench: Any) -> None:
    given = results()

    assert judged(bench, given)["get"].holds is True
    given["rest"]["ratios"]["acord[speed] / discord.py"] = [1.01, 0.6]
    assert judged(bench, given)["get"].holds is False


def test_a_row_with_one_bad_event_does_not_hold(bench: Any) -> None:
    given = results()
    given["gateway"]["us_of_cpu"]["TYPING_START"] = {"floor": 1.0, "nobody": 1.5}

    assert judged(bench, given)["unread"].holds is False


def test_what_was_not_measured_is_said_to_be_neither_good_nor_bad(bench: Any) -> None:
    found = judged(bench, results())

    assert found["cold"].holds is None
    assert "not measured" == bench.report.measured(found["cold"])


def test_a_peer_that_was_not_there_leaves_its_figure_out(bench: Any) -> None:
    given = results()
    del given["gateway"]["us_of_cpu"]["MESSAGE_CREATE"]["hikari, objects"]

    assert {} == judged(bench, given)["typed-hikari"].figures


def test_none_is_no_figure(bench: Any) -> None:
    assert {"window": 0} == judged(bench, results())["client-lost"].figures


def test_every_row_has_a_key_of_its_own_and_a_script_that_exists(bench: Any) -> None:
    keys = [row.key for row in bench.rows.ROWS]

    assert len(keys) == len(set(keys))
    assert [] == [row.script for row in bench.rows.ROWS if not (HOME / f"{row.script}.py").exists()]


# Comparing


def test_a_figure_within_its_bound_is_not_worse(bench: Any) -> None:
    old, new = results(), results()
    new["rest"]["ratios"]["acord[speed] / discord.py"] = [0.91, 0.6]

    assert [] == [one for one in bench.rows.compare(old, new) if one.worse]


def test_a_figure_beyond_its_bound_is_worse(bench: Any) -> None:
    old, new = results(), results()
    new["rest"]["ratios"]["acord[speed] / discord.py"] = [0.93, 0.6]

    assert [("get", 0.8, 0.93)] == [
        (one.row.key, one.old, one.new) for one in bench.rows.compare(old, new) if one.worse
    ]


def test_one_more_avoidable_429_is_worse(bench: Any) -> None:
    old, new = results(), results()
    new["limits_peers"]["scenarios"]["window"]["clients"]["ACord"] = old["limits_peers"]["scenarios"]["window"][
        "clients"
    ]["ACord"] | {"avoidable": 2}

    assert ["client-avoidable"] == [one.row.key for one in bench.rows.compare(old, new) if one.worse]


def test_what_depends_on_the_machine_alone_is_not_compared(bench: Any) -> None:
    one = {"generation": {"machine": MACHINE, "seconds": {"cold": 5.0, "nothing changed": 0.1}}}
    other = {"generation": {"machine": MACHINE, "seconds": {"cold": 50.0, "nothing changed": 10.0}}}

    assert [] == list(bench.rows.compare(one, other))


def test_only_what_both_have_is_compared(bench: Any) -> None:
    old, new = results(), results()
    del old["rest"]
    del new["gateway"]

    assert {"limits_peers"} == {one.row.script for one in bench.rows.compare(old, new)}


def test_what_got_worse_stands_first_and_is_marked(bench: Any) -> None:
    old, new = results(), results()
    new["rest"]["ratios"]["acord[speed] / discord.py"] = [0.8, 0.9]

    first, second, *_ = bench.report.compared(list(bench.rows.compare(old, new)))

    assert ("gets", "/ discord.py", "0.600", "0.900", "0.690", "WORSE") == first
    assert "" == second[-1]


# Pages and pictures


def test_the_page_says_when_where_and_by_which_command(bench: Any) -> None:
    page = bench.report.page(results(), "make bench", {"acord": "1.0"})

    assert "2026-01-02 03:04 UTC, Linux x86_64, P, 2 cores, Python 3.11.0: `make bench`." in page
    assert "With acord 1.0." in page


def test_the_page_says_of_each_row_whether_it_holds(bench: Any) -> None:
    page = bench.report.page(results(), "make bench", {})

    assert "| A GET, `[speed]` / discord.py[speed] | <= 1 | 0.80 | yes | `rest.py` |" in page
    assert "raw envelope | <= 1.20 | 1.50 | **no** | `gateway.py` |" in page


def test_of_many_figures_the_best_and_the_worst_are_shown(bench: Any) -> None:
    simulated = {"over_optimum": {f"b{n}": 1 + n / 100 for n in range(5)}, "random": {"avoidable": 0}}
    given = {"limiter_simulated": simulated}

    assert "1 to 1.04 (b4)" == bench.report.measured(judged(bench, given)["bucket"])


def test_the_page_has_each_library_in_each_scenario(bench: Any) -> None:
    page = bench.report.page(results(), "make bench", {})

    assert "| Five a second | ACord | 11 | 1 | 1 | 0 | 0 | 1.05 |" in page
    assert "| A dead token | hikari | 11 | 1 | 0 |  | 0 |  |" in page


def test_the_summary_is_json_with_figures_and_verdicts(bench: Any) -> None:
    made = json.loads(json.dumps(bench.report.summary(results(), "make bench", {})))

    assert {"what", "script", "goal", "unit", "figures", "holds", "said"} == made["rows"]["get"].keys()
    assert {"goal": "<= 1", "measured": "0.80"} == made["rows"]["get"]["said"]
    assert made["rows"]["get"]["holds"] is True
    assert "2026-01-01T00:00:00+00:00" == made["dates"]["rest"]


def test_the_picture_has_a_bar_for_each_figure_and_follows_the_scheme(bench: Any) -> None:
    groups = bench.report.groups(results())

    text = bench.plot.bars(groups, 'a <label> & "more"')

    root = ElementTree.fromstring(text)
    assert sum(len(group.bars) for group in groups) == sum(one.tag.endswith("rect") for one in root)
    assert 'a <label> & "more"' == root.get("aria-label")
    assert "prefers-color-scheme: dark" in text


def test_the_longest_bar_is_the_largest_figure_of_its_group(bench: Any) -> None:
    text = bench.plot.bars([bench.plot.Group("t", "", [("ACord", 10.0), ("b", 40.0)])], "")

    first, second = [float(one.get("width", "0")) for one in ElementTree.fromstring(text) if one.tag.endswith("rect")]
    assert 4 * first == second


def test_a_picture_of_nothing_is_a_picture(bench: Any) -> None:
    ElementTree.fromstring(bench.plot.bars(bench.report.groups({}), ""))


# Scripts' own sums


@pytest.mark.parametrize(
    ("arrived", "late"),
    [
        ([("a", "0"), ("a", "1"), ("b", "0")], 0),
        ([("a", "1"), ("a", "0"), ("b", "0")], 1),
        ([("b", "0"), ("a", "0"), ("a", "1")], 0),
        ([("a", "1")], 0),
    ],
)
def test_order_is_that_within_a_channel(bench: Any, arrived: list[tuple[str, str]], late: int) -> None:
    asked = [("a", "0"), ("b", "0"), ("a", "1")]

    assert late == bench.limits_peers.disordered(arrived, asked)


def test_growth_is_counted_from_the_first_fifth_on(bench: Any) -> None:
    assert 1.1 == bench.memory.growth([50.0, 100.0, 105.0, 110.0, 104.0, 100.0, 100.0, 100.0, 100.0, 100.0])

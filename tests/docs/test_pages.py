"""The pages say what is so: pictures and figures are fresh, links lead somewhere, every page has its place."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from acord.core.session_table import State, transitions
from acord.events import EVENTS
from acord.routes import OPERATIONS
from docs import figures
from docs._make import events, floors, machine, operations, signals
from docs._make.markdown import anchor
from tests.docs.blocks import ROOT, pages

MARKDOWN = [*pages(), ROOT / "SECURITY.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def test_the_readme_has_the_figures_of_the_benchmarks() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert figures.filled(text) == text, "run: make figures"


def test_the_picture_of_the_floors_is_fresh() -> None:
    kept = (ROOT / "docs" / "pictures" / "floors.svg").read_text(encoding="utf-8")

    assert floors.drawing() == kept, "run: python -m docs._make.pictures --drawings"


def test_pictures_are_small() -> None:
    big = [path.name for path in (ROOT / "docs" / "pictures").iterdir() if path.stat().st_size > 200 * 1024]

    assert [] == big


def test_figures_come_from_what_the_benchmarks_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"what": "A GET", "figures": {"one": 0.5}, "said": {"goal": "<= 1", "measured": "0.50"}}
    unmeasured = row | {"what": "Thirty-two", "figures": {}}
    machine = {"date": "2026-01-02T03:04:05+00:00", "python": "3.11.0", "cores": 2}
    summary = {
        "machine": machine,
        "command": "make bench",
        "versions": {"x": "1"},
        "rows": {"get": row, "gets": unmeasured},
    }
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    (tmp_path / "summary.md").write_text("<!-- Written. -->\n\n# Title\n\nWhen.\n\n![Bars](bars.svg)\n")
    monkeypatch.setattr(figures, "RESULTS", tmp_path)

    front = figures.filled("<!-- figures front -->\nold\n<!-- /figures -->")
    every = figures.filled("<!-- figures all -->\n<!-- /figures -->")

    assert "| A GET | <= 1 | 0.50 |" in front and "`make bench` on 2026-01-02" in front
    assert "old" not in front and "Thirty-two" not in front
    assert "<!-- figures all -->\nWhen.\n\n![Bars](../assets/bars.svg)\n<!-- /figures -->" == every


def test_without_results_the_place_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "RESULTS", tmp_path)

    assert "`make bench`" in figures.filled("<!-- figures front -->\n<!-- /figures -->")


def test_a_place_for_figures_that_nobody_fills_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        figures.filled("<!-- figures nothing -->\n<!-- /figures -->")


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    # The site's own reference is made when it is built; there mkdocs looks after its links.
    made = ("reference/", "../reference/", "../project/")
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [unquote(target) for target in LINK.findall(text) if not target.startswith(("http", "#", *made))]

    lost = [target for target in targets if not _leads(page, target)]

    assert [] == lost


def _leads(page: Path, target: str) -> bool:
    path, _, name = target.partition("#")
    there = page.parent / path
    if not there.exists():
        return False
    headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE) if name else []
    return not name or name in map(anchor, headings)


def test_every_operation_and_event_has_a_page() -> None:
    made = {**operations.pages(), **events.pages()}

    assert {operations.path_of(name) for name in OPERATIONS} | {events.path_of(name) for name in EVENTS} <= made.keys()


@pytest.mark.parametrize("name", ["create_message", "list_messages", "delete_message", "update_guild_member"])
def test_the_page_of_an_operation_says_what_the_specification_says(name: str) -> None:
    page = operations.pages()[operations.path_of(name)]
    operation = OPERATIONS[name]

    wanted: list[Any] = [f"{operation.method} {operation.path}", f"def {name}(", operation.source]
    wanted += [f"`{one.name}`" for one in operation.parameters]
    assert [] == [text for text in wanted if text not in page]
    assert operation.reason == ("`reason=`" in page)
    assert (operation.paginates is not None) == ("`http.paginate(...)`" in page)


def test_tables_have_every_code_with_its_cure() -> None:
    made = signals.pages()

    assert "| 4004 | `AUTHENTICATION_FAILED` | `fatal` |" in made["reference/close-codes.md"]
    assert (
        "| 10062 | `UNKNOWN_INTERACTION` | The first answer must come within 3 seconds"
        in made["reference/error-codes.md"]
    )
    assert "`MESSAGE_CREATE`" in made["reference/intents.md"]


def test_the_drawing_of_the_session_has_every_state_and_every_way_of_the_table() -> None:
    drawn = machine.drawing()
    ways = {(row.state, to) for row in transitions() for to in row.to if to is not row.state}

    assert [] == [state.name for state in State if f">{state.name}<" not in drawn]
    assert ways == machine.arrows().keys()


def test_nothing_names_the_machine_it_was_written_on() -> None:
    told = re.compile(r"(?<![\w.])/(work|tmp|home|root)/|design\.md|protocol\.md|reliability\.md")
    texts = [*MARKDOWN, *(ROOT / "docs").rglob("*.py"), *(ROOT / ".github").rglob("*.yml"), ROOT / "mkdocs.yml"]

    assert [] == [str(path) for path in texts if told.search(path.read_text(encoding="utf-8"))]

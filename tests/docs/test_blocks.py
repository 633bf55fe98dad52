"""Every Python block of the README and the docs does what it shows, on the sandbox."""

import gc
import inspect
import logging
from pathlib import Path
from typing import Any

import pytest

from acord.sandbox import Sandbox
from tests.docs.blocks import ROOT, blocks, pages, run_page

PAGES = [page for page in pages() if blocks(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
async def test_the_blocks_of_a_page_run(
    page: Path,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(logging, "basicConfig", lambda **options: None)
    tests = await run_page(page, sandbox, tmp_path, monkeypatch)
    gc.collect()  # what a page leaves open is its own fault, not the next one's

    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert [] == [test.__name__ for test in tests if page.name != "testing.md"]


SHOWN = [block for page in PAGES if page.name == "testing.md" for _, block in blocks(page)]


def shown(name: str) -> Any:
    """A test that the page about testing shows, with what its blocks define."""
    names: dict[str, Any] = {"__name__": "shown"}
    for block in SHOWN:
        exec(compile(block, "testing.md", "exec"), names)  # noqa: S102  # the project's own page
    return names[name]


async def test_the_shown_test_of_a_ping_passes(sandbox: Sandbox, acord_client: Any) -> None:
    await shown("test_ping_is_answered")(sandbox, acord_client)


async def test_the_shown_test_of_a_command_passes(sandbox: Sandbox, acord_client: Any) -> None:
    await shown("test_a_command_is_answered")(sandbox, acord_client)


async def test_the_shown_test_of_a_long_limit_passes(sandbox: Sandbox, acord_client: Any, fake_clock: Any) -> None:
    await shown("test_a_long_limit_is_waited_out")(sandbox, acord_client, fake_clock)


def test_no_shown_test_is_left_out() -> None:
    names = {name for block in SHOWN for name in _defined(block)}
    run_here = {
        name for name, one in globals().items() if name.startswith("test_the_shown") and inspect.isfunction(one)
    }

    assert len(run_here) == len(names)


def _defined(block: str) -> list[str]:
    return [
        line.split("(")[0].removeprefix("async def ")
        for line in block.splitlines()
        if line.startswith("async def test_")
    ]

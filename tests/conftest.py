"""For all tests: the fixtures that ACord gives its users, one profile of Hypothesis, and uvloop where it is asked for.

``ACORD_LOOP=uvloop`` runs them under it; those of virtual time are skipped, which only asyncio's own loop has.
"""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# What modules beside the tests assert counts as well where assert statements are left out (PYTHONOPTIMIZE).
pytest.register_assert_rewrite(
    *(f"tests.{path.stem}" for path in Path(__file__).parent.iterdir() if path.stem != "conftest")
)
# Where ACord is installed pytest finds it by itself; from a checkout it is named.
pytest_plugins = ["acord.testing.plugin"]

# A loaded machine is no failure, and a failure can be run again.
settings.register_profile("acord", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("acord")

if os.environ.get("ACORD_LOOP") == "uvloop":
    import uvloop

    def pytest_configure(config: pytest.Config) -> None:
        # What is to come in its place is not in every pytest-asyncio yet.
        config.addinivalue_line("filterwarnings", "ignore:Overriding the .event_loop_policy.")

    @pytest.fixture(scope="session")
    def event_loop_policy() -> Any:
        return uvloop.EventLoopPolicy()

    def _without_virtual_time() -> Generator[None, Any, Any]:
        try:
            return (yield)
        except RuntimeError as exc:
            if "virtual time needs" in str(exc):
                pytest.skip("virtual time is asyncio's own loop's")
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
        return (yield from _without_virtual_time())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
        return (yield from _without_virtual_time())

"""For all tests: ACord's own fixtures, a clean environment, one profile of Hypothesis, uvloop where it is asked for.

``ACORD_LOOP=uvloop`` runs them under it; those of virtual time are skipped, which only asyncio's own loop has.
"""

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# What modules beside the tests assert counts as well where assert statements are left out (PYTHONOPTIMIZE).
pytest.register_assert_rewrite(
    *(f"tests.{path.stem}" for path in Path(__file__).parent.iterdir() if path.stem != "conftest")
)
# Where ACord is installed pytest finds it by itself; from a checkout it is named.
pytest_plugins = ["acord.testing.plugin"]

# What a shell or a CI service sets for everybody is not for what is tested here, nor for the programs that tests start.
for name in (
    *(
        "FORCE_COLOR",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "PY_COLORS",
        "TTY_COMPATIBLE",
        "TTY_INTERACTIVE",
        "COLUMNS",
        "LINES",
    ),
    *("PYTHONWARNINGS", "DISCORD_TOKEN", "ACORD_BASE_URL"),
):
    os.environ.pop(name, None)

# A shell that starts something in the background has it ignore Ctrl-C, and whatever that starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A loaded machine is no failure. What is tried is the same in every run of the suite, so that a change fails it for
# what the change does; `make deep` tries what nobody has tried.
settings.register_profile(
    "acord",
    deadline=None,
    derandomize=os.environ.get("ACORD_SOAK") != "1",
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("acord")


def pytest_sessionfinish() -> None:
    """Whoever runs tests side by side kills a worker that takes long to end: what it has measured is written before."""
    if (coverage := sys.modules.get("coverage")) and (measuring := coverage.Coverage.current()):
        measuring.save()


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

"""The sandbox judges the client: what it decides, it does not take from the client's own machinery."""

import ast
from pathlib import Path

import pytest

SANDBOX = Path(__file__).parent.parent.parent / "runtime/acord/sandbox"
LIMITER = ("buckets", "gates", "lanes", "queues", "ratelimiter", "scheduler", "verdict", "waits")
SESSION = (
    *("actions", "beats", "budget", "dispatch", "gateway", "heartbeat", "identify", "incoming", "keeper", "ledger"),
    *("members", "outbox", "performer", "pulse", "session", "session_core", "session_effects", "session_state"),
    *("session_table", "sessions", "shards"),
)


def imported(folder: str) -> set[str]:
    """The modules of the client that a part of the sandbox imports, wherever in a file it does."""
    found: set[str] = set()
    for path in (SANDBOX / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                whole = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                found |= {name.removeprefix("acord.core.") for name in whole if name.startswith("acord.core.")}
            elif isinstance(node, ast.Import):
                found |= {alias.name.removeprefix("acord.core.") for alias in node.names}
    return found


@pytest.mark.parametrize(("folder", "machinery"), [("limits", LIMITER), ("gateway", SESSION), ("gateway", LIMITER)])
def test_what_judges_a_machine_does_not_know_it(folder: str, machinery: tuple[str, ...]) -> None:
    found = imported(folder)

    assert found
    assert set() == found & {*machinery}


def test_the_machinery_is_still_called_so() -> None:
    core = SANDBOX.parent / "core"

    assert [] == [name for name in (*LIMITER, *SESSION) if not (core / f"{name}.py").exists()]

"""The house stands on its floors: a module imports only from below, and only what its floor may carry."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("generated", "runtime")

# Module (or package, with a trailing dot) -> floor.  The longest entry that fits counts.
FLOORS = {
    "acord.core.types": 0,
    "acord.core.enums": 0,
    "acord.core.credentials": 0,
    "acord.core.upload": 0,
    "acord.core.agent": 0,
    "acord.core.changes": 0,
    "acord.core.clock": 0,
    "acord.core.describe": 0,
    "acord.core.frozen": 0,
    "acord.core.signals.": 1,
    "acord.flags": 1,
    "acord.core.errors": 2,
    "acord.core.refusals": 2,
    "acord.core.addressing": 2,
    "acord.core.abc": 2,
    "acord.core.operation": 2,
    "acord.core.files": 2,
    "acord.core.scalars": 2,
    "acord.core.values": 2,
    "acord.core.shapes": 2,
    "acord.core.formatting": 2,
    "acord.core.images": 2,
    "acord.core.permissions": 2,
    "acord.core.decoders": 2,
    "acord.core.alive": 2,
    "acord.core.command": 2,
    "acord.core.hook_events": 2,
    "acord.core.pages": 5,
    "acord.core.lifetimes": 5,
    "acord.core.authorization": 5,
    "acord.core.etf": 2,
    "acord.core.frames": 2,
    "acord.core.inflate": 2,
    "acord.core.envelope": 2,
    "acord.core.origin": 2,
    "acord.core.lenient": 3,
    "acord.core.blueprint": 3,
    "acord.core.base": 3,
    "acord.models.": 3,
    "acord.models": 3,
    "acord.core.event": 3,
    "acord.events.": 3,
    "acord.events": 3,
    "acord.voice_payloads": 3,
    "acord.shapes.": 4,
    "acord.shapes": 4,
    "acord.cdn": 4,
    "acord.commands": 4,
    "acord.routes.": 4,
    "acord.routes": 4,
    "acord.core.buckets": 5,
    "acord.core.gates": 5,
    "acord.core.lanes": 5,
    "acord.core.queues": 5,
    "acord.core.ratelimiter": 5,
    "acord.core.scheduler": 5,
    "acord.core.knowledge": 5,
    "acord.core.tickets": 5,
    "acord.core.verdict": 5,
    "acord.core.options": 7,
    "acord.core.ordering": 7,
    "acord.core.waits": 6,
    "acord.core.actions": 5,
    "acord.core.budget": 5,
    "acord.core.members": 5,
    "acord.core.outbox": 5,
    "acord.core.pulse": 5,
    "acord.core.reports": 5,
    "acord.core.dispatch": 5,
    "acord.core.express": 5,
    "acord.core.incoming": 5,
    "acord.core.intake": 5,
    "acord.core.session": 5,
    "acord.core.session_core": 5,
    "acord.core.session_effects": 5,
    "acord.core.session_state": 5,
    "acord.core.session_table": 5,
    "acord.core.beats": 6,
    "acord.core.heartbeat": 6,
    "acord.core.wire": 6,
    "acord.core.multipart": 6,
    "acord.core.exchange": 6,
    "acord.core.network": 6,
    "acord.core.slots": 6,
    "acord.core.aiohttp_parts": 6,
    "acord.core.outcome": 7,
    "acord.core.transport": 6,
    "acord.core.transport_aiohttp": 6,
    "acord.core.transports": 6,
    "acord.core.gateway": 7,
    "acord.core.identify": 7,
    "acord.core.ledger": 5,
    "acord.core.suspend": 0,
    "acord.core.sessions": 6,
    "acord.core.start": 8,
    "acord.core.turns": 7,
    "acord.core.member_requests": 7,
    "acord.core.keeper": 7,
    "acord.core.interrupts": 0,
    "acord.core.explain": 5,
    "acord.core.shards": 8,
    "acord.core.listeners": 8,
    "acord.core.desk": 7,
    "acord.core.client": 8,
    "acord.core.subscriptions": 8,
    "acord.core.inbox": 7,
    "acord.core.performer": 7,
    "acord.core.response": 7,
    "acord.core.websocket": 7,
    "acord.core.call": 7,
    "acord.core.download": 7,
    "acord.core.drift": 7,
    "acord.core.helpers": 7,
    "acord.core.webhook": 7,
    "acord.core.paginator": 7,
    "acord.core.hooks": 7,
    "acord.core.http": 7,
    "acord.errors": 8,
    "acord.__main__": 8,
    "acord.cli": 8,
    "acord.cli.": 8,
    "acord.ext.": 8,
    "acord.ext": 8,
    "acord.hooks": 8,
    "acord.sandbox.": 8,
    "acord.sandbox": 8,
    "acord.testing.": 8,
    "acord.testing": 8,
    "acord.formatting": 8,
    "acord.core.preload": 8,
    "acord.core.front": 8,
    "acord": 8,
}
# What is not the standard library and not ours, by the floor that may import it when it loads.
FOREIGN = {
    "pydantic": {3},
    "pydantic_core": {3},
    "msgspec": {2, 5, 6, 8},
    "httpx": {6},
    "websockets": {7, 8},
    "h11": {8},
    "pytest": {8},
    "typer": {8},
    "rich": {8},
    "httpcore": {6},
}


def floor_of(module: str) -> int | None:
    fits = [key for key in FLOORS if module == key or (key.endswith(".") and module.startswith(key))]
    return FLOORS[max(fits, key=len)] if fits else None


# The version lies in the package's own door, which imports nothing.
DOOR = {"acord.__version__"}


def modules() -> Iterator[tuple[str, Path]]:
    for source in SOURCES:
        root = ROOT / source
        for path in sorted((root / "acord").rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            yield name, path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """What a module imports when it loads: not under TYPE_CHECKING, not inside a function."""
    todo: list[ast.stmt] = list(ast.parse(path.read_text()).body)
    while todo:
        node = todo.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                todo += node.orelse
            case ast.If() | ast.Try():
                todo += [*node.body, *node.orelse]
            case ast.ClassDef():
                todo += node.body
            case ast.Import():
                yield from ((alias.name, node.lineno) for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                for alias in node.names:
                    whole = f"{module}.{alias.name}"
                    known = module.startswith("acord") and (whole in DOOR or floor_of(whole) is not None)
                    yield (whole if known else module), node.lineno
            case _:
                pass


def test_every_module_has_a_floor() -> None:
    homeless = [name for name, _ in modules() if floor_of(name) is None]

    assert [] == homeless


@pytest.mark.parametrize(("name", "path"), [pytest.param(n, p, id=n) for n, p in modules()])
def test_a_module_imports_only_from_its_own_floor_or_below(name: str, path: Path) -> None:
    own = floor_of(name)
    assert own is not None
    climbs: list[str] = []
    for target, line in imports(path):
        top = target.partition(".")[0]
        if top == "acord" and target not in DOOR:
            floor = floor_of(target)
            if floor is None or floor > own:
                climbs.append(f"{path.name}:{line} imports {target} (floor {floor}) from floor {own}")
        elif top != "acord" and top not in sys.stdlib_module_names and own not in FOREIGN.get(top, set()):
            climbs.append(f"{path.name}:{line} imports {target}, which floor {own} may not carry")

    assert [] == climbs


def test_nobody_inside_imports_a_class_from_the_front_door() -> None:
    doors = [
        f"{path.name}:{node.lineno}"
        for name, path in modules()
        if name not in {"acord", "acord.core.front", "acord.errors", "acord.formatting"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "acord"
        for alias in node.names
        if alias.name[0].isupper()
    ]

    assert [] == doors


def test_no_core_folder_has_an_init() -> None:
    assert [str(p) for source in SOURCES for p in (ROOT / source).glob("acord/core/__init__.py*")] == []


def test_T23_nothing_unpickles_or_evaluates() -> None:
    forbidden = {"pickle", "marshal", "shelve"}
    found = [
        f"{path.name}:{node.lineno} {ast.unparse(node)[:60]}"
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"})
        or (isinstance(node, ast.Import) and any(a.name in forbidden for a in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module in forbidden)
    ]

    assert [] == found

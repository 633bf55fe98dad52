"""Which module a schema lives in, and in which order things must be defined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from codegen.errors import CodegenError
from codegen.ir import Alias, Choice, Enum, Object, Schema, Spec, uses
from codegen.python import ENUMS, FIRST_ENUMS


class CircleError(CodegenError):
    """Things that need each other; `circle` begins and ends with the same one."""

    def __init__(self, what: str, circle: list[str]) -> None:
        super().__init__(f"{what} need each other in a circle: {' -> '.join(circle)}")
        self.circle = circle


def handwritten(schema: Schema) -> bool:
    """Whether the runtime has this by hand (the shapes of errors): no class is generated."""
    return isinstance(schema, Object | Alias) and bool(schema.handwritten)


FIRST = "Message"  # what nearly every program decodes first, and is to wait for nothing but what it is made of


def homes(spec: Spec) -> dict[str, str]:
    """Schema -> the module of its class; what is sent and what is received never share one.

    Neither do what a message is made of and the rest of a resource: `FIRST` loads no module for the sake of a part.
    """
    first = reached(spec, FIRST) if FIRST in spec.schemas else spec.schemas.keys()
    parted = {schema.resource for name in first if isinstance(schema := spec.schemas[name], Object | Choice)}
    found: dict[str, str] = {}
    for name, schema in spec.schemas.items():
        if isinstance(schema, Enum):
            found[name] = FIRST_ENUMS if name in first and len(first) < len(spec.schemas) else ENUMS
        elif not isinstance(schema, Alias) and not handwritten(schema):
            apart = "other_" if name not in first and schema.resource in parted else ""
            found[name] = f"acord.models.{'requests_' if name in spec.requests else apart}{schema.resource}"
    return found


def reached(spec: Spec, name: str) -> set[str]:
    """A schema and everything that it is made of."""
    found, todo = {name}, [name]
    while todo:
        for each in uses(spec.schemas[todo.pop()]):
            if each not in found:
                found.add(each)
                todo.append(each)
    return found


def needs(spec: Spec, name: str) -> set[str]:
    """What must exist before `name` can be defined (aliases are looked through, a schema may name itself)."""
    found: set[str] = set()
    todo, seen = list(uses(spec.schemas[name])), set[str]()
    while todo:
        each = todo.pop()
        schema = spec.schemas[each]
        if isinstance(schema, Alias):
            todo += uses(schema) if each not in seen else ()
            seen.add(each)
        elif each != name:
            found.add(each)
    return found


def ordered(spec: Spec, names: Iterable[str]) -> list[str]:
    """`names` so that each comes after what it needs; alphabetical where that is free."""
    wanted = set(names)
    graph = {name: sorted(needs(spec, name) & wanted) for name in sorted(wanted)}
    return _sorted(graph, "schemas")


def joined(spec: Spec, home: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The homes, modules that would import each other in a circle put together in one; and what was put together."""
    found, told = dict(home), list[str]()
    while True:
        graph: dict[str, set[str]] = {}
        because: dict[tuple[str, str], str] = {}
        for name, module in found.items():
            for other in needs(spec, name):
                if other in found and found[other] != module:
                    graph.setdefault(module, set()).add(found[other])
                    because.setdefault((found[other], module), f"{name} names {other}")
        try:
            _sorted({module: sorted(others) for module, others in sorted(graph.items())}, "modules")
        except CircleError as exc:
            first = min(exc.circle)
            why = "; ".join(filter(None, (because.get(pair) for pair in pairwise(exc.circle))))
            told.append(f"{exc} ({why}); they share {first} until names.yaml moves one of them")
            found = {name: first if module in exc.circle else module for name, module in found.items()}
        else:
            return found, told


def _sorted(graph: Mapping[str, Iterable[str]], what: str) -> list[str]:
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as exc:
        circle = [str(part) for part in exc.args[1]]
        raise CircleError(what, circle) from exc
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order

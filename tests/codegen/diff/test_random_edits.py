"""Random known edits of a small document: the comparison finds exactly them, and their mirror the other way."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st

from tests.codegen.diff.compared import Json, base, between, ref
from tests.codegen.mini import operation

OBJECTS = ("CatResponse", "BallResponse", "MouseResponse", "CatCreateRequest")
Found = tuple[str, str]
Edit = Callable[[Json, int], Found | None]


def fields(data: Json, pick: int) -> tuple[str, Json]:
    name = OBJECTS[pick % len(OBJECTS)]
    return name, data["components"]["schemas"][name]


def picked(found: Json, pick: int) -> str:
    return sorted(found)[pick % len(found)]


def add_field(data: Json, pick: int) -> Found:
    name, schema = fields(data, pick)
    schema["properties"][f"new{pick}"] = {"type": "boolean"}
    return "field_added", f"{name}.new{pick}"


def remove_field(data: Json, pick: int) -> Found:
    name, schema = fields(data, pick)
    schema["properties"][f"old{pick}"] = {"type": "boolean"}
    return "field_removed", f"{name}.old{pick}"


def retype_field(data: Json, pick: int) -> Found:
    name, schema = fields(data, pick)
    schema["properties"][f"it{pick}"] = {"type": "boolean"}
    return "field_type_changed", f"{name}.it{pick}"


def null_field(data: Json, pick: int) -> Found:
    name, schema = fields(data, pick)
    schema["properties"][f"null{pick}"] = {"type": ["string", "null"]}
    return "field_nullable_changed", f"{name}.null{pick}"


def limit_field(data: Json, pick: int) -> Found:
    name, schema = fields(data, pick)
    schema["properties"][f"limit{pick}"] = {"type": "string", "maxLength": pick + 1}
    return "field_limit_changed", f"{name}.limit{pick}"


def require_field(data: Json, pick: int) -> Found:
    name, schema = fields(data, pick)
    schema["properties"][f"must{pick}"] = {"type": "string"}
    schema.setdefault("required", []).append(f"must{pick}")
    return "field_required_changed", f"{name}.must{pick}"


def add_member(data: Json, pick: int) -> Found:
    data["components"]["schemas"]["CatKinds"]["oneOf"].append({"title": f"NEW_{pick}", "const": 100 + pick})
    return "enum_member_added", f"CatKinds:NEW_{pick}"


def rename_member(data: Json, pick: int) -> Found:
    data["components"]["schemas"]["CatKinds"]["oneOf"].append({"title": f"B_{pick}", "const": 1000 + pick})
    return "enum_member_renamed", f"CatKinds:B_{pick}"


def add_route(data: Json, pick: int) -> Found:
    data["paths"][f"/new/{pick}"] = {"get": operation(f"get_new_{pick}", ref("CatResponse"))}
    return "route_added", f"GET /new/{pick}"


def add_schema(data: Json, pick: int) -> Found:
    data["components"]["schemas"][f"New{pick}"] = {"type": "object", "properties": {f"n{pick}": {"type": "string"}}}
    return "schema_added", f"New{pick}"


def add_parameter(data: Json, pick: int) -> Found:
    item = data["paths"]["/cats"]["get"]["parameters"]
    item.append({"in": "query", "name": f"q{pick}", "schema": {"type": "string"}})
    return "parameter_added", f"GET /cats query:q{pick}"


def deprecate(data: Json, pick: int) -> Found:
    data["paths"][f"/was/{pick}"] = {"get": operation(f"was_{pick}", deprecated=True)}
    return "route_deprecated", f"GET /was/{pick}"


def add_arm(data: Json, pick: int) -> Found:
    name, schema = fields(data, pick)
    arms = [ref("BallResponse"), ref("MouseResponse"), ref("CatResponse")]
    schema["properties"][f"any{pick}"] = {"oneOf": arms}
    return "union_member_added", f"{name}.any{pick}"


# What must stand in the old document so that the edit of the new one is the change that it says.
BEFORE: dict[str, Callable[[Json, int], Any]] = {
    "remove_field": remove_field,
    "retype_field": lambda d, n: fields(d, n)[1]["properties"].update({f"it{n}": {"type": "string"}}),
    "null_field": lambda d, n: fields(d, n)[1]["properties"].update({f"null{n}": {"type": "string"}}),
    "limit_field": lambda d, n: fields(d, n)[1]["properties"].update({f"limit{n}": {"type": "string"}}),
    "require_field": lambda d, n: fields(d, n)[1]["properties"].update({f"must{n}": {"type": "string"}}),
    "rename_member": lambda d, n: d["components"]["schemas"]["CatKinds"]["oneOf"].append(
        {"title": f"A_{n}", "const": 1000 + n}
    ),
    "deprecate": lambda d, n: d["paths"].update({f"/was/{n}": {"get": operation(f"was_{n}")}}),
    "add_arm": lambda d, n: fields(d, n)[1]["properties"].update(
        {f"any{n}": {"oneOf": [ref("BallResponse"), ref("MouseResponse")]}}
    ),
}
EDITS: dict[str, Callable[[Json, int], Found]] = {
    edit.__name__: edit
    for edit in (
        add_field, remove_field, retype_field, null_field, limit_field, require_field, add_member, rename_member,
        add_route, add_schema, add_parameter, deprecate, add_arm,
    )
}  # fmt: skip
edits = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 40)), unique=True, max_size=12)


def edited(chosen: list[tuple[str, int]]) -> tuple[Json, Json, list[Found]]:
    """Both documents, and the changes that lie between them."""
    old, new, expected = base(), base(), list[Found]()
    for name, pick in chosen:
        if name in BEFORE:
            BEFORE[name](old, pick)
        found = EDITS[name](new if name != "remove_field" else base(), pick)
        expected.append(found)
    return old, new, sorted(expected)


@settings(max_examples=60, deadline=None)
@given(edits)
def test_known_edits_are_found_and_nothing_else(chosen: list[tuple[str, int]]) -> None:
    old, new, expected = edited(chosen)

    with tempfile.TemporaryDirectory() as folder:
        found = between(Path(folder), old, new)

    assert expected == sorted((change.kind, change.where) for change in found)


@settings(max_examples=30, deadline=None)
@given(edits)
def test_the_other_way_round_added_is_removed(chosen: list[tuple[str, int]]) -> None:
    old, new, expected = edited(chosen)
    mirror = {"added": "removed", "removed": "added"}

    with tempfile.TemporaryDirectory() as folder:
        found = between(Path(folder), new, old)

    kinds = sorted(
        kind.rpartition("_")[0] + "_" + mirror.get(kind.rpartition("_")[2], "changed") for kind, _ in expected
    )
    seen = sorted(
        c.kind.rpartition("_")[0] + "_" + (w if (w := c.kind.rpartition("_")[2]) in mirror else "changed")
        for c in found
    )
    assert kinds == seen

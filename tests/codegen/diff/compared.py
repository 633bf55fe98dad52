"""Small documents, and what differs between two of them."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codegen.diff import sides
from codegen.diff.compare import Change, compare
from tests.codegen.conftest import SPEC
from tests.codegen.mini import document, operation

Json = dict[str, Any]


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def body(schema: Json, *media: str, required: bool = True) -> Json:
    return {"required": required, "content": {each: {"schema": schema} for each in media or ("application/json",)}}


def base() -> Json:
    """A document of a few operations that has one of everything."""
    cat = {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {
            "id": {"type": "string", "format": "snowflake"},
            "kind": ref("CatKinds"),
            "name": {"type": ["string", "null"], "maxLength": 32},
            "toys": {"type": "array", "items": {"oneOf": [ref("BallResponse"), ref("MouseResponse")]}},
        },
    }
    toy = {"type": "object", "required": ["type"], "properties": {"weight": {"type": "integer"}}}
    kinds = {
        "type": "integer",
        "oneOf": [{"title": "BLACK", "const": 1}, {"title": "WHITE", "const": 2}, {"title": "RED", "const": 3}],
    }
    request = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": ref("CatKinds"), "name": {"type": "string", "minLength": 1, "maxLength": 32}},
    }
    limit = {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
    cat_id = {"in": "path", "name": "cat_id", "required": True, "schema": {"type": "string", "format": "snowflake"}}
    bot = [{"BotToken": []}]
    schemas = {
        "CatResponse": cat,
        "BallResponse": copy.deepcopy(toy),
        "MouseResponse": toy | {"properties": {"weight": {"type": "integer"}, "squeaks": {"type": "boolean"}}},
        "CatKinds": kinds,
        "CatCreateRequest": request,
    }
    paths = {
        "/cats": {
            "get": operation(
                "list_cats", {"type": "array", "items": ref("CatResponse")}, parameters=[limit], security=bot
            ),
            "post": operation(
                "create_cat", ref("CatResponse"), requestBody=body(ref("CatCreateRequest")), security=bot
            ),
        },
        "/cats/{cat_id}": {
            "parameters": [cat_id],
            "get": operation("get_cat", ref("CatResponse"), security=bot),
            "delete": operation("delete_cat", security=bot),
        },
    }
    return json.loads(json.dumps(document(paths, schemas)))


def between(folder: Path, old: Json, new: Json, spec: Path = SPEC) -> list[Change]:
    """What `diff` finds between two documents."""
    names: list[str] = []
    for name, data in (("old", old), ("new", new)):
        path = folder / f"{name}.json"
        path.write_text(json.dumps(data))
        names.append(str(path))
    with sides.opened(names, spec) as named:
        return compare(*sides.read(named, spec))


def after(folder: Path, edit: Callable[[Json], Any]) -> list[Change]:
    """What `diff` finds when the document is edited."""
    new = base()
    edit(new)
    return between(folder, base(), new)


def rows(changes: list[Change]) -> list[tuple[str, str, object, object, bool]]:
    """Changes without their reasons."""
    return [(c.kind, c.where, c.old, c.new, c.breaking) for c in changes]

"""Small specs and small documents, and the parts of the generator that tests call on them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from codegen import doors, graph, models, routes, shapes, write
from codegen.filters import environment
from codegen.importer import run
from codegen.load import load

API = """format: 1
api:
  version: "10"
  url: https://discord.com/api/v10
document:
  published: "2026-07-18"
scopes: [bot, identify]
"""
CAT = """operations:
  get_cat:
    get: /cats/{cat_id}
    path:
      cat_id: snowflake
    returns: Cat

schemas:
  Cat:
    official: CatResponse
    fields:
      id: snowflake
      name?: ?string(1..32)
"""


def write_spec(folder: Path, rest: str = CAT, files: Mapping[str, str] | None = None) -> Path:
    """A spec of one resource (`cats`) and whatever else is given: `api`, `overlay`, `rest_dogs`, ..."""
    given = {"api": API, "rest_cats": rest or CAT, **(files or {})}
    for name, text in given.items():
        path = folder / (name.replace("rest_", "rest/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def pages(folder: Path) -> dict[str, str]:
    """What a small spec becomes, before header and formatter (signals need files of their own)."""
    spec = load(folder)
    home, _ = graph.joined(spec, graph.homes(spec))
    env = environment()

    def found() -> Iterator[tuple[str, str]]:
        yield from models.render(spec, home)
        yield from doors.render(spec, home, env)
        yield from shapes.render(spec, env)
        yield from routes.render(spec, home, env)

    return dict(found())


def document(
    paths: Mapping[str, Any] | None = None, schemas: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """An OpenAPI document of a few lines."""
    return {
        "openapi": "3.1.0",
        "info": {"version": "10", "title": "x"},
        "servers": [{"url": "https://discord.com/api/v10"}],
        "paths": paths if paths is not None else {"/cats": {"get": operation("get_cats")}},
        "components": {"schemas": schemas or {}},
        **more,
    }


def operation(name: str, schema: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An operation that answers 200 with `schema`, or 204."""
    answer = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    return {"operationId": name, "responses": answer if schema is not None else {"204": {"description": ""}}, **more}


def imported(folder: Path, data: Any) -> run.Result:
    """Import a document into a spec folder (which need not exist) and write the result there."""
    source = folder.parent / "document.json"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(data if isinstance(data, str) else json.dumps(data))
    result = run.run(source, folder)
    write.apply(folder, result.files, run.OWNED)
    return result


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

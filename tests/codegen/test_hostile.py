"""Hostile text in every place of a document: refused in one line, or printed as data; nothing of it ever runs.

T19, T20, T22 of the threats: code in names and texts, paths that climb, templates, keys that tools obey.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from codegen import allowed, generate, write, yaml
from codegen.errors import CodegenError
from codegen.load import load
from tests.codegen.conftest import ROOT
from tests.codegen.hostile import PAYLOAD, STRINGS
from tests.codegen.mini import document, imported, operation, pages, tree, write_spec

Json = dict[str, Any]
Build = Callable[[Sequence[str]], Json]
CAT = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
REF = {"$ref": "#/components/schemas/Cat"}


def _holder(properties: Json, **more: Any) -> Json:
    """Objects that are answered and sent, with these properties."""
    one = {"type": "object", "properties": properties, **more}
    sent = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}}}
    paths = {
        "/cats": {
            "get": operation("get_cats", {"$ref": "#/components/schemas/Got"}),
            "post": operation("send_cats", REF, requestBody=sent),
        }
    }
    return document(paths, {"Cat": CAT, "Got": one, "Sent": one})


def _each(make: Callable[[str], Json]) -> Build:
    """Types of query parameters, and of some fields (of whose text nothing reaches datamodel-code-generator)."""

    def build(strings: Sequence[str]) -> Json:
        data = _holder({f"f{n}": make(text) for n, text in enumerate(strings[::8])})
        data["paths"]["/cats"]["get"]["parameters"] = [
            {"name": f"q{n}", "in": "query", "schema": make(text)} for n, text in enumerate(strings)
        ]
        return data

    return build


def _operations(make: Callable[[int, str], tuple[str, Json]]) -> Build:
    def build(strings: Sequence[str]) -> Json:
        made = (make(n, text) for n, text in enumerate(strings))
        return document({path: {"get": op} for path, op in made}, {"Cat": CAT})

    return build


def _get(**more: Any) -> Json:
    return operation(more.pop("name", "get_cat"), REF, **more)


def _scopes(strings: Sequence[str]) -> Json:
    schemes = {"OAuth2": {"type": "oauth2", "flows": {"x": {"scopes": dict.fromkeys(strings, "")}}}}
    get = operation("get_cats", REF, security=[{"OAuth2": [*strings]}])
    return document({"/cats": {"get": get}}, components={"schemas": {"Cat": CAT}, "securitySchemes": schemes})


def _tags(strings: Sequence[str]) -> Json:
    """Unions whose arms are told apart by a field and a value of these names."""
    schemas: Json = {"Cat": CAT}
    properties: Json = {}
    for n, text in enumerate(strings):
        for arm, value in (("A", text), ("B", f"{text}!")):
            tag = {"type": "string", "enum": [value], "allOf": [{"$ref": f"#/components/schemas/Kind{n}"}]}
            schemas[f"Arm{n}{arm}"] = {"type": "object", "properties": {text: tag}, "required": [text]}
        schemas[f"Kind{n}"] = {"type": "string", "oneOf": [{"title": t, "const": t} for t in (text, f"{text}!")]}
        properties[f"f{n}"] = {"oneOf": [{"$ref": f"#/components/schemas/Arm{n}{arm}"} for arm in "AB"]}
    data = _holder(properties)
    data["components"]["schemas"] |= schemas
    return data


def _names(strings: Sequence[str]) -> Json:
    schemas = dict.fromkeys(strings, CAT)
    paths: Json = {}
    for n, text in enumerate(strings):
        ref = {"$ref": "#/components/schemas/" + text.replace("%", "%25").replace("~", "~0").replace("/", "~1")}
        body = {"content": {"application/json": {"schema": ref}}}
        paths[f"/cats/c{n}"] = {
            "get": operation(f"get_{n}", ref),
            "post": operation(f"post_{n}", ref, requestBody=body),
        }
    return document(paths, {"Cat": CAT} | schemas)


def _uploads(strings: Sequence[str]) -> Json:
    paths: Json = {}
    for n, text in enumerate(strings):
        part = {"type": "object", "properties": {text: {"type": "string", "contentEncoding": "binary"}}}
        body = {"content": {"multipart/form-data": {"schema": {"allOf": [REF, part]}}}}
        paths[f"/cats/c{n}"] = {"post": operation(f"post_{n}", REF, requestBody=body)}
    return document(paths, {"Cat": CAT})


def _answers(strings: Sequence[str]) -> Json:
    binary = {"schema": {"type": "string", "contentEncoding": "binary"}}
    paths = {
        f"/cats/c{n}": {
            "get": {"operationId": f"get_{n}", "responses": {"200": {"description": "", "content": {t: binary}}}}
        }
        for n, t in enumerate(strings)
    }
    return document(paths, {"Cat": CAT})


def _words(strings: Sequence[str]) -> Json:
    """Everything that is said in prose."""
    data = _holder(
        {
            f"f{n}": {"type": "string", "title": t, "description": t, "$comment": t, "example": t}
            for n, t in enumerate(strings)
        }
    )
    for n, text in enumerate(strings):
        words = {"summary": text, "description": text, "tags": [text], "externalDocs": {"url": text}, "x-y": text}
        data["paths"][f"/words/w{n}"] = {"get": operation(f"word_{n}", REF, **words), "summary": text}
        data["components"]["schemas"][f"Word{n}"] = {**CAT, "title": text, "description": text}
    data["info"] |= {"title": strings[0], "description": strings[-1]}
    return data


def _path_parameters(strings: Sequence[str]) -> Json:
    return _operations(
        lambda n, t: (
            f"/cats/c{n}/{{{t}}}",
            _get(name=f"get_{n}", parameters=[{"name": t, "in": "path", "schema": {"type": "string"}}]),
        )
    )(strings)


PLACES: Mapping[str, Build] = {
    "prose": _words,
    "schema": _names,
    "property": lambda strings: _holder({text: {"type": ["string", "null"]} for text in strings}),
    "required property": lambda strings: _holder({t: {"type": "integer", "minimum": 1} for t in strings}, required=[*strings]),
    "inline object": lambda strings: _holder({t: {"type": "object", "properties": {t: {"type": "string"}}} for t in strings}),
    "property nobody describes": lambda strings: _holder({}, required=[*strings]),
    "operationId": _operations(lambda n, text: (f"/cats/c{n}", _get(name=text))),
    "path": _operations(lambda n, text: (f"/{text}/c{n}", _get(name=f"get_{n}"))),
    "path parameter": _path_parameters,
    "query parameter": _operations(
        lambda n, t: (f"/cats/c{n}", _get(name=f"get_{n}", parameters=[{"name": t, "in": "query", "schema": {"type": "string", "enum": [t]}}]))
    ),
    "other parameter": _operations(
        lambda n, t: (f"/cats/c{n}", _get(name=f"get_{n}", parameters=[{"name": t, "in": t, "schema": {"type": "string"}}]))
    ),
    "title of a member": _each(lambda text: {"oneOf": [{"title": text, "const": 1}, {"title": f"{text}!", "const": 2}]}),
    "named enum": lambda strings: document(
        {"/c": {"get": operation("get_c", REF)}},
        {"Cat": CAT} | {f"E{n}": {"type": "string", "oneOf": [{"title": t, "const": t}, {"const": f"{t}!"}]} for n, t in enumerate(strings)},
    ),
    "value": _each(lambda text: {"type": "string", "enum": [text, f"{text}!"]}),
    "const": _each(lambda text: {"const": text}),
    "tag": _tags,
    "pattern": _each(lambda text: {"type": "string", "pattern": text}),
    "format": _each(lambda text: {"type": "string", "format": text}),
    "encoding": _each(lambda text: {"type": "string", "contentEncoding": text}),
    "type": _each(lambda text: {"type": text}),
    "types": _each(lambda text: {"type": [text, "string"]}),
    "default": _each(lambda text: {"type": "string", "default": text}),
    "keyword": _each(lambda text: {"type": "string", text: text} if text not in {"$ref", "type"} else {"type": "string"}),
    "vendor key": _each(
        lambda text: {"type": "string", "x-python-type": text, "customTypePath": text, "customBasePath": text,
                      "x-python-import": {"module": text, "name": text}, "title": text}
    ),
    "$ref": _each(lambda text: {"$ref": text}),
    "scope": _scopes,
    "security scheme": _operations(lambda n, text: (f"/cats/c{n}", _get(name=f"get_{n}", security=[{text: [text]}]))),
    "upload": _uploads,
    "media type of an answer": _answers,
    "status": _operations(lambda n, text: (f"/cats/c{n}", _get(name=f"get_{n}") | {"responses": {text: {"description": ""}}})),
    "part of an operation": _operations(lambda n, text: (f"/cats/c{n}", {text: text} | _get(name=f"get_{n}"))),
    "version": lambda strings: _holder({}) | {"info": {"version": strings[0]}},
    "server": lambda strings: _holder({}) | {"servers": [{"url": text} for text in strings]},
}  # fmt: skip
# Nothing of these is ever a reason to refuse a document.
TOLERANT = frozenset(PLACES) - {"path", "path parameter", "operationId", "upload", "$ref", "version", "schema", "property",
                                "required property", "inline object", "property nobody describes", "query parameter",
                                "keyword", "tag", "default", "part of an operation", "scope"}  # fmt: skip


def _accepted(build: Build, strings: Sequence[str], folder: Path) -> list[str]:
    """The strings that the importer and the loader take; the others are refused in one line, by the importer."""
    try:
        imported(folder, build(strings))
    except CodegenError as exc:
        assert 1 == len(str(exc).splitlines())
        if len(strings) == 1:
            return []
        half = len(strings) // 2
        return _accepted(build, strings[:half], folder) + _accepted(build, strings[half:], folder)
    load(folder)  # what the importer writes, the loader reads
    return list(strings)


# Where each string costs a class or an import of its own, some must do.
SOME = {"tag": 3, "inline object": 3, "prose": 3, "$ref": 4, "version": 8}


# The same in a spec that somebody edited: one entry for each string.
SPECS: Mapping[str, str] = {
    "note of an operation": "operations|  get_{n}:\n    get: /cats/c{n}\n    note: {t}\n    deprecated: {t}\n    docs: {t}\n    returns: Cat\n",
    "note of a schema": "schemas|  Dog{n}:\n    note: {t}\n    docs: {t}\n    official: {t}\n    fields: {{}}\n",
    "member": "schemas|  Dog{n}:\n    enum: string\n    values:\n      {t}: {t}\n",
    "note of a union": "schemas|  Dog{n}:\n    union: [Cat]\n    note: {t}\n",
    "field": "schemas|  Dog{n}:\n    fields:\n      {t}: string\n",
    "schema name": "schemas|  {t}:\n    fields: {{}}\n",
    "type": "schemas|  Dog{n}:\n    fields:\n      it: {t}\n",
    "limits": "operations|  get_{n}:\n    get: /cats/c{n}\n    variants:\n      {t}: [{t}]\n    returns: Cat\n",
    "files": "operations|  get_{n}:\n    post: /cats/c{n}\n    body: Cat\n    files: {t}\n    attachments: {t}\n    media: [{t}]\n    form: {t}\n    returns: Cat\n",
    "uploads": "operations|  get_{n}:\n    post: /cats/c{n}\n    body: Cat\n    uploads:\n      {t}: binary\n    returns: Cat\n",
    "page": "operations|  get_{n}:\n    get: /cats/c{n}\n    returns: Cat[]\n    paginate: {{cursor: [{t}], item: '', key: {t}, limit: 9, order: {t}}}\n",
    "also": "operations|  get_{n}:\n    get: /cats/c{n}\n    also: {t}\n    returns: Cat\n",
    "major": "operations|  get_{n}:\n    get: /cats/c{n}\n    major: [{t}]\n    comma: [{t}]\n    returns: Cat\n",
}  # fmt: skip


def _spec(place: str, strings: Sequence[str], folder: Path) -> list[str]:
    """Write a spec of the strings that the loader takes."""
    part, _, entry = SPECS[place].partition("|")
    entries = [entry.format(n=n, t=yaml.dumps({"x": text})[3:-1]) for n, text in enumerate(strings)]
    write_spec(folder, f"{part}:\n{''.join(entries)}", {"rest_base": "schemas:\n  Cat:\n    fields: {id: snowflake}\n"})
    try:
        load(folder)
    except CodegenError as exc:
        assert 1 == len(str(exc).splitlines())
        if len(strings) == 1:
            return []
        half = len(strings) // 2
        taken = _spec(place, strings[:half], folder) + _spec(place, strings[half:], folder)
        return _spec(place, taken, folder) if taken and taken != [*strings] else taken
    return [*strings]


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[str]]]:
    """For each place: the tree that comes out, and the strings that went in."""
    base = tmp_path_factory.mktemp("hostile")
    found: dict[str, tuple[Path, list[str]]] = {}
    for n, (place, build) in enumerate(PLACES.items()):
        folder = base / f"p{n}"
        strings = _accepted(build, STRINGS[:: SOME.get(place, 1)], folder / "probe")
        out = folder / "generated"
        if strings:
            imported(folder / "spec", build(strings if place != "version" else strings[:1]))
            write.apply(out, _checked(folder / "spec"), generate.OWNED)
        found[place] = (out, strings)
        assert {"generated", "spec", "probe", "document.json"} >= {p.name for p in folder.iterdir()}
    for n, place in enumerate(SPECS):
        out = base / f"s{n}/generated"
        strings = _spec(place, STRINGS[::2], base / f"s{n}/spec")
        if strings:
            _spec(place, strings, base / f"s{n}/spec")
            write.apply(out, _checked(base / f"s{n}/spec"), generate.OWNED)
        found[f"spec: {place}"] = (out, strings)
    return found


def _checked(spec: Path) -> dict[str, str]:
    files = pages(spec)
    for path, text in files.items():
        allowed.check(path, text)
    return files


@pytest.mark.parametrize("place", [*PLACES, *(f"spec: {place}" for place in SPECS)])
def test_T19_hostile_text_is_refused_clearly_or_printed(trees: dict[str, tuple[Path, list[str]]], place: str) -> None:
    out, strings = trees[place]

    assert place not in TOLERANT or strings == STRINGS[:: SOME.get(place, 1)]
    assert all(path.startswith("acord/") for path in tree(out)) if strings else not out.exists()


@pytest.mark.parametrize("place", ["operationId", "schema", "property", "query parameter"])
def test_hardly_a_name_is_refused(trees: dict[str, tuple[Path, list[str]]], place: str) -> None:
    refused = set(STRINGS) - set(trees[place][1])

    assert refused <= {"", "a" * 300}


RUN = """
import importlib, json, os, pathlib, sys
import pydantic, typing, enum, datetime, collections.abc, functools, importlib.util
seen = []
def hook(event, args):
    if event.startswith(("os.", "subprocess.", "socket.", "shutil.", "urllib.", "ctypes.")) and event not in {"os.listdir", "os.scandir", "os.stat"}:
        seen.append([event, repr(args)[:200]])
    elif event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        seen.append([event, repr(args)[:200]])
trees, runtime = json.loads(sys.argv[1]), sys.argv[2:]
sys.addaudithook(hook)
count, aliases, broken = 0, {}, []
start = list(sys.path)
for place, tree in trees.items():
    for name in [m for m in sys.modules if m == "acord" or m.startswith("acord.")]:
        del sys.modules[name]
    sys.path[:] = [tree, *runtime, *start]
    importlib.invalidate_caches()
    aliases[place] = []
    for path in sorted(pathlib.Path(tree).rglob("*.py")):
        name = ".".join(path.relative_to(tree).with_suffix("").parts).removesuffix(".__init__")
        if name.endswith("models.likes"):
            continue  # for type checkers alone
        try:
            module = importlib.import_module(name)
            count += 1
            for cls in {id(c): c for c in vars(module).values()}.values():
                if isinstance(cls, type) and issubclass(cls, pydantic.BaseModel) and cls.__module__ == name:
                    cls.model_rebuild()
                    if cls.__name__ in ("Got", "Sent"):
                        aliases[place].append([key if f.alias is None else f.alias for key, f in cls.model_fields.items()])
        except Exception as exc:
            broken.append([place, name, f"{type(exc).__name__}: {exc}"[:300]])
print(json.dumps({"count": count, "seen": seen, "aliases": aliases, "broken": broken}))
"""


def run_trees(trees: Mapping[str, Path], cwd: Path) -> Json:
    """Import every module of every tree, in one process that notes what it does to the world."""
    for path in trees.values():
        (path / "acord/__init__.pyi").touch()  # the mark of a folder that is part of the package
    shown = json.dumps({place: str(path) for place, path in trees.items()})
    for path in trees.values():
        (path / "acord/__init__.pyi").touch()  # the mark of a folder that belongs to the package
    done = subprocess.run(
        [sys.executable, "-B", "-I", "-c", RUN, shown, str(ROOT / "runtime"), str(ROOT / "generated")],
        cwd=cwd, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="session")
def ran(trees: dict[str, tuple[Path, list[str]]], tmp_path_factory: pytest.TempPathFactory) -> Json:
    cwd = tmp_path_factory.mktemp("canary")
    found = run_trees({place: out for place, (out, strings) in trees.items() if strings}, cwd)
    return found | {"left": [p.name for p in cwd.iterdir()]}


def test_T19_nothing_of_it_runs_when_the_output_is_imported(ran: Json) -> None:
    assert ([], []) == (ran["seen"], ran["left"])
    assert ran["count"] > 150


def test_every_module_of_it_can_be_imported_and_every_model_built(ran: Json) -> None:
    assert [] == ran["broken"]


@pytest.mark.parametrize("place", ["property", "required property"])
def test_a_property_of_any_name_is_reached_by_that_name(
    trees: dict[str, tuple[Path, list[str]]], ran: Json, place: str
) -> None:
    expected = sorted(trees[place][1])

    assert [expected, expected] == [sorted(names) for names in ran["aliases"][place]]


def test_the_canary_sings_when_something_does_run(tmp_path: Path) -> None:
    (tmp_path / "tree/acord/models").mkdir(parents=True)
    (tmp_path / "cwd").mkdir()
    (tmp_path / "tree/acord/models/__init__.py").touch()
    (tmp_path / "tree/acord/models/bad.py").write_text(PAYLOAD)

    found = run_trees({"x": tmp_path / "tree"}, tmp_path / "cwd")

    assert ["CANARY"] == [p.name for p in (tmp_path / "cwd").iterdir()]
    assert found["seen"]


def test_T22_no_text_of_the_spec_is_ever_a_template(trees: dict[str, tuple[Path, list[str]]]) -> None:
    out, _ = trees["value"]

    assert any("{{ 7 * 7 }}" in text.decode() for text in tree(out).values())
    assert not any(b'"49"' in text for text in tree(out).values())

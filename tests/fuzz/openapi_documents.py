"""What reads an OpenAPI document: as bytes, and as a real one that was edited.

A finding is anything but a `CodegenError` of one line, a spec that the loader refuses though the importer wrote it, and
a second import of the same document that comes to something else.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from codegen import write, yaml
from codegen.errors import CodegenError, SpecError
from codegen.importer import document, run
from codegen.load import load
from tests.fuzz.edits import edited, script
from tests.fuzz.engine import Target

CUT = Path(__file__).parents[1] / "data/cut_2026-07-18.json"
KEPT = ("/guilds/{guild_id}/bans/{user_id}", "/channels/{channel_id}/pins", "/channels/{channel_id}/messages")
PREFIX = "#/components/schemas/"
NAMES = (
    "type", "format", "enum", "const", "oneOf", "anyOf", "allOf", "$ref", "items", "properties", "required", "title",
    "additionalProperties", "minimum", "maxLength", "maxItems", "uniqueItems", "minProperties", "pattern", "default",
    "contentEncoding", "deprecated", "parameters", "requestBody", "responses", "content", "schema", "security", "get",
    "application/json", "multipart/form-data", "200", "204", "default", "operationId", "in", "name", "null", "x-y",
    PREFIX, "SnowflakeType", "{", "}", "/", "~1", "~0", "%2F", "?", "'", "[0]", "", "\n", "\u2028", "\u00e9", "\ud800",
    "files[0]", "None", "class", "__init__", "A" * 300, "ChannelTypes", "Flags", "Response", "_",
)  # fmt: skip
WORDS = (
    None, True, False, 0, 1, -1, 1.5, 10**30, 1e300, "", "x", "string", "integer", "array", "object", "null", "(", "^a+$",
    [], {}, [None], ["null"], ["string", "null"], {"type": "null"}, {"type": "string"}, {"const": 1}, {"$ref": ""},
    {"$ref": f"{PREFIX}MessageCreateRequest"}, {"$ref": f"{PREFIX}MessageEmbed"}, {"oneOf": [{"const": 1, "title": "A"}]},
    {"oneOf": []}, {"allOf": [{"$ref": f"{PREFIX}MessageEmbed"}, {"$ref": f"{PREFIX}MessageCreateRequest"}]},
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a", "b"]},
    {"type": "array", "items": {"type": "object", "additionalProperties": True}}, {"enum": [1, "a", None]},
)  # fmt: skip


def small() -> dict[str, Any]:
    """A few operations of the official document, with the schemas that they need."""
    data = json.loads(CUT.read_text())
    paths = {path: data["paths"][path] for path in KEPT}
    known, todo, found = data["components"]["schemas"], [json.dumps(paths)], dict[str, Any]()
    while todo:
        text = todo.pop()
        for name in [name for name in known if f'"{PREFIX}{name}"' in text and name not in found]:
            found[name] = known[name]
            todo.append(json.dumps(found[name]))
    return data | {"paths": paths, "components": data["components"] | {"schemas": found}}


DOCUMENT = small()


def _read(data: bytes) -> None:
    """Bytes, up to where it is an OpenAPI document."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "document.json")
        source.write_bytes(data)
        try:
            document.read(source)
        except CodegenError as exc:
            _in_one_line(exc)


def _import(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, spec = Path(folder, "document.json"), Path(folder, "spec")
        source.write_text(json.dumps(edited(DOCUMENT, data, WORDS, NAMES)))
        try:
            _into(source, spec)
        except CodegenError as exc:
            _in_one_line(exc)
            return
        load(spec)  # what the importer writes, the loader reads
        before = _files(spec)
        _into(source, spec)
        assert before == _files(spec), "a second import comes to something else"


def _into(source: Path, spec: Path) -> None:
    write.apply(spec, run.run(source, spec).files, run.OWNED)


def _files(spec: Path) -> dict[str, str]:
    return {path.relative_to(spec).as_posix(): path.read_text() for path in sorted(spec.rglob("*.yaml"))}


def _in_one_line(exc: CodegenError) -> None:
    assert 1 == len(str(exc).splitlines()), str(exc)


def _table(data: bytes) -> None:
    """Edits of the table of names, in front of an import of the document."""
    with tempfile.TemporaryDirectory() as folder:
        source, spec = Path(folder, "document.json"), Path(folder, "spec")
        source.write_text(json.dumps(DOCUMENT))
        spec.mkdir()
        try:
            names = yaml.dumps(edited(TABLE, data, TABLE_WORDS, TABLE_NAMES))
            (spec / "names.yaml").write_text(names)
            _into(source, spec)
        except CodegenError as exc:
            _in_one_line(exc)
            return
        try:
            load(spec)
        except SpecError as exc:
            assert "names.yaml" in exc.place, str(exc)  # what is wrong with the table is said of the table


def _first_table() -> dict[str, Any]:
    """The names that an import of the document decides, and some that it left."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "document.json")
        source.write_text(json.dumps(DOCUMENT))
        _into(source, Path(folder, "spec"))
        found: dict[str, Any] = json.loads(json.dumps(yaml.load(Path(folder, "spec/names.yaml"))))
    renamed = {"Third": "Gone", "Gone": "Was", "Was": "Embed", "say": {"to": "create_message", "until": "0.9"}}
    return found | {"renamed": renamed}


TABLE = _first_table()
TABLE_NAMES = (
    "renamed", "operations", "schemas", "unions", "hints", "scalars", "to", "until", "Message", "Embed", "Gone", "Was", "Third",
    "create_message", "messages", "other", ".", " ", "", "A" * 300, "\u00e9", "None", "class", "../x", "Model", "[", "'",
)  # fmt: skip
TABLE_WORDS = (None, True, 1, "", "x", "Message", "create_message", "messages", "../x", [], {}, ["Message"], {"to": "Was"}, "Gone",
               "Was", {"to": "Gone", "until": "1.0"}, ["messages", "Message"], ["Embed", "Message"], "messages Message")  # fmt: skip
TARGETS = {
    "document": Target(
        _read,
        (b'{"openapi": "3.1.0", "paths": {}, "info": {"version": "10"}}', b'{"openapi": "3.0.0", "paths": {"/a": [1e3]}}'),
        (),
        (b"1e999", b"-Infinity", b"NaN", b"\\ud800", b"\xef\xbb\xbf", b"9" * 50, b"9" * 5000, b'"a":1,"a":2', b"[" * 900, b"\xff\xfe"),
    ),
    "import": Target(
        _import,
        (script(), script((0, 40, 0)), script((1, 90, 8), (3, 200, 7)), script((2, 300, 9), (6, 77, 39), (7, 120, 27))),
        (),
    ),
    "names": Target(_table, (script(), script((1, 12, 5)), script((3, 30, 9), (6, 44, 8))), ()),
}  # fmt: skip

"""What reads our own description: YAML as bytes, and a small spec folder that was edited.

A finding is anything but a `CodegenError` of one line, and text that reads as another value when it was written.
"""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from codegen import gateway, graph, write, yaml
from codegen.errors import CodegenError
from codegen.importer import run
from codegen.load import load
from codegen.notation import DEPTH, NotationError, depth, parse, show
from tests.codegen.test_gateway import EVENT, FILES
from tests.fuzz.edits import edited, script
from tests.fuzz.engine import Target
from tests.fuzz.openapi_documents import DOCUMENT

OURS = {
    "flags.yaml": "source: https://x\nclasses:\n  ThingFlags: {source: https://x, bits: {A: 0, B: {bit: 1}}}\n",
    "flag_fields.yaml": "ThingFlags: [Message.flags, Gone.flags]\n",
    "documented.yaml": """base: https://x
fields:
  User: {source: x, add: {more?: "?string(1..80)"}}
values:
  MessageComponentType: {source: x, add: {NEW: 99}, names: {}}
""",
    "optional_fields.yaml": "base: https://x\noptional:\n  User: {source: x, table: [username], example: []}\n",
    "overlay.yaml": """corrections:
- {where: User.id, null: false, optional: true, reason: x, source: x, drop_when: x}
- {where: create_message returns, type: Message, reason: x, source: x, drop_when: x}
- {where: "* returns", type: "Message[]", reason: x, source: x, drop_when: x}
- {where: "deprecated_list_pins query:limit", type: "integer(1..9)", reason: x, source: x, drop_when: x}
""",
    "gateway/events/things.yaml": EVENT
    + """    payload: Thing
    omit: [name]
    optional: [owner]
    extra: {guild_id?: snowflake}
schemas:
  Bits: {source: https://x, about: Some., fields: {a: 'string{"x"}', "b?": "?map(string)"}}
  Bobs: {source: https://x, about: Some., fields: {a: 'string{"y"}', "b?": "snowflake[..3]"}}
  Either: {source: https://x, about: Some., union: [Bits, Bobs], tag: a}
""",
}
NAMES = (
    "fields", "enum", "union", "type", "base", "extends", "others", "values", "tag", "official", "note", "docs",
    "get", "post", "path", "query", "body", "body?", "returns", "answers", "media", "uploads", "auth", "scopes", "also",
    "deprecated", "paginate", "cursor", "item", "key", "limit", "omit", "optional", "required", "extra", "format",
    "?", "[", "]", "[..3]", "{", "}", "{1}", "(", ")", "(1..2)", "|", " | ", "map(", "..", ",", '"', "\\", "unique", "<", ">",
    "string", "integer", "any", "null", "snowflake", "Message", "Message", "files[0..9]?", "", "\n", "\u00e9", "None", "class",
    "A" * 300, "Gone.flags", "Message.type", "corrections", "where",
)  # fmt: skip
WORDS = (
    None, True, False, 0, 1, -1, 1.5, 10**30, "", "x", "any", "string", "?string", "Message", "Message[]", "?User", "map(User)",
    "Message | Message", "string | integer", 'string{"a"}', "Message{1}", "integer(5..1)", "string(..7, \"(\")", "nothing", "204",
    [], {}, [None], ["Message"], ["bot"], ["identify"], {"id": "snowflake"}, {"id?": "?User[]"}, {"type": "Message"},
    {"fields": {"a": "string"}}, {"union": ["Message", "Message"]}, {"base": "Message"}, {"enum": "string", "values": {"A": "a"}},
    {"A": 1}, {"200": "Message"}, {"cursor": ["before"], "item": "", "key": "id", "limit": 9}, "?" * 200, "map(" * 200,
)  # fmt: skip


@cache
def small() -> dict[str, Any]:
    """A spec: what an import of a small document writes, and of each of our own files a little."""
    with tempfile.TemporaryDirectory() as folder:
        source, spec = Path(folder, "document.json"), Path(folder, "spec")
        source.write_text(json.dumps(DOCUMENT))
        texts = FILES | OURS | run.run(source, spec).files
    return {name: json.loads(json.dumps(yaml.loads(text, name))) for name, text in texts.items()}


def _yaml(data: bytes) -> None:
    """Bytes as YAML, and what was read as YAML again."""
    try:
        value = yaml.loads(data)
    except CodegenError as exc:
        _in_one_line(exc)
        return
    try:
        text = yaml.dumps(value)
    except CodegenError as exc:
        _in_one_line(exc)
        return
    assert value == yaml.loads(text), text


def _notation(data: bytes) -> None:
    """Text as a type, and the type as text again."""
    try:
        kind = parse(data.decode("utf-8", "replace"))
    except NotationError as exc:
        str(exc)
        return
    assert depth(kind) > DEPTH or kind == parse(show(kind)), show(kind)


def _folder(data: bytes) -> None:
    """A spec with a few edits."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "spec")
        try:
            texts = {name: yaml.dumps(value) for name, value in _mappings(edited(small(), data, WORDS, NAMES))}
            for name, text in texts.items():
                path = write.target(spec, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            found = load(spec)
            graph.homes(found)
            gateway.load(spec, found)
        except CodegenError as exc:
            _in_one_line(exc)


def _mappings(files: dict[str, Any]) -> list[tuple[str, Any]]:
    """Those that are still files of a spec."""
    return [(name, value) for name, value in files.items() if isinstance(value, dict) and name.endswith(".yaml")]


def _in_one_line(exc: CodegenError) -> None:
    assert 1 == len(str(exc).splitlines()), str(exc)


TARGETS = {
    "yaml": Target(
        _yaml,
        (b"a: b\nc: [1, 2.5, {d: null}]\n", b"? a\n: |\n  b\n  c\n", b"\"\\u00e9\": 'x''y'\nz: >-\n  t\n", b"a:\n- {b: c}\n- d\n"),
        (),
        (b"&a ", b"*a", b"!!str ", b"---\n", b"...\n", b"1e999", b"0x1f", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\t", b"#",
         b"%YAML 1.1\n", b"[" * 40, b"{a: " * 40, b"\\ud800", b"\\U0001f600", b"? ", b": ", b"- ", b"~", b"<<: ", b"9" * 500, b"'", b'"'),
    ),
    "notation": Target(
        _notation,
        (b"?string(1..80)", b"Message[..10] | map(integer(0..), ..34)", b'string(..7, "^#")', b'Kind{1, 2}[1..25 unique]', b"string<rune>"),
        (),
        (b"string", b"integer", b"number(", b"map(", b"?", b" | ", b"..", b"{", b"}", b"[", b"]", b" unique", b'"\\ud800"', b"1e999", b"-0.0",
         b"null", b"any", b"9" * 50, b"(" * 500, b"?" * 500, b"<", b">", b"true", b"timestamp"),
    ),
    "folder": Target(
        _folder, (script(), script((1, 400, 8)), script((3, 300, 9), (6, 77, 39)), script((2, 150, 90), (7, 20, 31))), ()
    ),
}  # fmt: skip

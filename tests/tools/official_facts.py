"""The facts of an official OpenAPI document, without its words: what the judge of the generated code believes.

Independent on purpose: it shares no line with the generator that it judges (standard library only) and refuses a
keyword it does not know, so that nothing of a document is lost silently.

    python -m tests.tools.official_facts DOCUMENT.json > tests/data/official_facts.json

A *fact* is a JSON object whose ``type`` says which further keys it has; ``null: true`` may stand on each of them:

=========== =====================================================================================================
any, null   nothing
boolean     nothing
string      ``format encoding pattern min max`` (length)
integer     ``format min max`` (range), ``values`` (the only ones allowed)
number      ``format min max``
array       ``items``, ``min max`` (how many), ``unique``
map         ``values`` (a fact), ``min max`` (how many)
object      ``required`` and ``optional``: field -> fact; ``closed`` where further fields are refused
enum        ``of`` (string or integer), ``members``: title -> value
narrowed    ``ref`` to an enum, ``of``, ``values``: the ones allowed here (an empty list is the document's own)
ref         ``ref``: the name of a schema
union       ``arms``: facts; ``tag``: the field that tells them apart and, arm by arm, its values
merge       ``parts``: facts that all hold
=========== =====================================================================================================
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

Fact: TypeAlias = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LINE = 118  # what fits stands on one line: a changed field is a changed line

_WORDS = {"description", "title", "example", "examples", "externalDocs", "summary"}
_NUMBER = {"minimum": "min", "maximum": "max"}
_LIMITS: Mapping[str, Mapping[str, str]] = {
    "string": {"minLength": "min", "maxLength": "max", "pattern": "pattern", "contentEncoding": "encoding"},
    "integer": _NUMBER,
    "number": _NUMBER,
    "boolean": {},
    "null": {},
    "array": {"minItems": "min", "maxItems": "max", "uniqueItems": "unique"},
    "map": {"minProperties": "min", "maxProperties": "max"},
    "object": {},
}


class UnknownKeyword(ValueError):
    """A document says something that no fact can hold: where it stands, and which keywords they are."""

    def __init__(self, where: str, keywords: Sequence[str]) -> None:
        super().__init__(f"{where}: no fact holds {', '.join(sorted(keywords))}; teach tests/tools/official_facts.py")


def extract(document: Mapping[str, Any], *, name: str = "", digest: str = "") -> dict[str, Any]:
    """``{"document": ..., "operations": {operationId: ...}, "schemas": {name: fact}}``, sorted by name.

    An operation has ``method path parameters answers security`` and, where it takes one, ``body``.  ``answers`` are
    the successful ones, status -> media type -> fact (``{}`` for an empty answer).
    """
    raw = document["components"]["schemas"]
    schemas = {key: _fact(raw[key], f"#/schemas/{key}") for key in sorted(raw)}
    operations: dict[str, Any] = {}
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                operation = item[method]
                operations[operation["operationId"]] = _operation(method, path, operation, shared, document)
    for fact in (schemas, operations):
        _tag_unions(fact, schemas)
    head = {"name": name, "sha256": digest, "version": document["info"]["version"]}
    counts = {"operations": len(operations), "schemas": len(schemas)}
    return {"document": head | counts, "operations": dict(sorted(operations.items())), "schemas": schemas}


def render(facts: object, indent: int = 0) -> str:
    """JSON in which what fits stands on one line and everything else one key a line."""
    line = json.dumps(facts, ensure_ascii=False)
    if indent + len(line) <= LINE:
        return line
    pad = " " * (indent + 1)
    if is_list(facts):
        return "[\n" + ",\n".join(pad + render(item, indent + 1) for item in facts) + "\n" + " " * indent + "]"
    if is_object(facts):
        lines = [f"{pad}{json.dumps(key)}: {render(value, indent + 1)}" for key, value in facts.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    return line


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value read from JSON is an object (for checkers: with text as keys)."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value read from JSON is an array."""
    return isinstance(value, list)


def _operation(
    method: str, path: str, operation: Mapping[str, Any], shared: Sequence[Any], document: Mapping[str, Any]
) -> Fact:
    where = operation["operationId"]
    known = {"operationId", "parameters", "requestBody", "responses", "security", "tags", "deprecated"}
    _refuse(where, set(operation) - known - _WORDS)
    fact: Fact = {"method": method.upper(), "path": path}
    if operation.get("deprecated"):
        fact["deprecated"] = True
    # A parameter of the operation replaces the path's one of the same name and place (OpenAPI 3.1, Operation Object).
    parameters = {(p["in"], p["name"]): p for p in (*shared, *operation.get("parameters", []))}
    fact["parameters"] = [_parameter(parameters[key], where) for key in sorted(parameters)]
    body = operation.get("requestBody")
    if body is not None:
        _refuse(f"{where} body", set(body) - {"content", "required"} - _WORDS)
        media = {kind: _fact(value["schema"], f"{where} {kind}") for kind, value in sorted(body["content"].items())}
        fact["body"] = {"required": body.get("required", False), "media": media}
    fact["answers"] = {
        status: {kind: _fact(value["schema"], f"{where} {status}") for kind, value in _content(answer, document)}
        for status, answer in sorted(operation["responses"].items())
        if status.startswith("2")
    }
    security = operation.get("security", document.get("security", []))
    fact["security"] = [{kind: sorted(scopes) for kind, scopes in sorted(way.items())} for way in security]
    return fact


def _content(answer: Mapping[str, Any], document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return sorted(answer.get("content", {}).items())


def _parameter(parameter: Mapping[str, Any], where: str) -> Fact:
    _refuse(f"{where} {parameter['name']}", set(parameter) - {"name", "in", "required", "schema"} - _WORDS)
    return {
        "name": parameter["name"],
        "in": parameter["in"],
        "required": parameter.get("required", False),
        "schema": _fact(parameter["schema"], f"{where} {parameter['name']}"),
    }


def _fact(schema: Mapping[str, Any], where: str) -> Fact:
    """One schema of the document in our own form."""
    left = {key: value for key, value in schema.items() if key not in _WORDS and key != "x-discord-union"}
    null = False
    if isinstance(left.get("type"), list):
        kinds = [kind for kind in left["type"] if kind != "null"]
        null = len(kinds) < len(left["type"])
        if len(kinds) != 1:
            raise UnknownKeyword(where, [f"type {left['type']}"])
        left["type"] = kinds[0]
    fact = next((form(left, where) for wanted, form in _FORMS if wanted <= set(left)), None)
    if fact is None:
        fact = _plain(left, where)
    _refuse(where, set(left))
    if null:
        fact["null"] = True
    return fact


def _ref(left: Fact, where: str) -> Fact:
    return {"type": "ref", "ref": left.pop("$ref").rpartition("/")[2]}


def _narrowed(left: Fact, where: str) -> Fact:
    of, _, values, parts = left.pop("type"), left.pop("format", None), left.pop("enum"), left.pop("allOf")
    if len(parts) != 1 or set(parts[0]) != {"$ref"}:
        raise UnknownKeyword(where, ["enum with allOf of something else than one $ref"])
    return {"type": "narrowed", "ref": parts[0]["$ref"].rpartition("/")[2], "of": of, "values": values}


def _merge(left: Fact, where: str) -> Fact:
    left.pop("type", None)
    return {"type": "merge", "parts": [_fact(part, f"{where}/{i}") for i, part in enumerate(left.pop("allOf"))]}


def _one_of(left: Fact, where: str) -> Fact:
    arms = left.pop("oneOf")
    if "type" not in left:
        return _union(arms, where)
    if not arms:  # nobody says (yet) which values there are
        left.pop("format", None)
        return {"type": left.pop("type")}
    fact: Fact = {"type": "enum", "of": left.pop("type"), "members": {}}
    if "format" in left:
        fact["format"] = left.pop("format")
    for arm in arms:
        _refuse(where, set(arm) - {"const"} - _WORDS)
        fact["members"][arm["title"]] = arm["const"]
    if len(fact["members"]) != len(arms):
        raise UnknownKeyword(where, ["two members of one title"])
    fact["members"] = dict(sorted(fact["members"].items(), key=_by_value))
    return fact


def _by_value(member: tuple[str, int | str]) -> tuple[int, str]:
    value = member[1]
    return (value, "") if isinstance(value, int) else (0, value)


def _any_of(left: Fact, where: str) -> Fact:
    return _union(left.pop("anyOf"), where)


def _union(arms: Sequence[Mapping[str, Any]], where: str) -> Fact:
    facts = [_fact(arm, f"{where}/{i}") for i, arm in enumerate(arms) if arm.get("type") != "null"]
    fact: Fact = facts[0] if len(facts) == 1 else {"type": "union", "arms": facts}
    if len(facts) < len(arms):
        fact["null"] = True
    return fact


def _plain(left: Fact, where: str) -> Fact:
    if not left:
        return {"type": "any"}
    kind = left.pop("type", None)
    if kind == "object" and "properties" not in left and "additionalProperties" in left:
        kind = "map"
    if kind not in _LIMITS:
        raise UnknownKeyword(where, [f"type {kind}"])
    fact: Fact = {"type": kind}
    if "format" in left:
        fact["format"] = left.pop("format")
    if kind == "integer" and "enum" in left:
        fact["values"] = sorted(left.pop("enum"))
    for theirs, ours in _LIMITS[kind].items():
        if theirs in left:
            fact[ours] = left.pop(theirs)
    if kind == "array":
        fact["items"] = _fact(left.pop("items"), f"{where}[]")
    if kind == "map":
        fact["values"] = _fact(left.pop("additionalProperties"), f"{where}{{}}")
    if kind == "object":
        _fields(fact, left, where)
    return fact


def _fields(fact: Fact, left: Fact, where: str) -> None:
    required = left.pop("required", [])
    fields = left.pop("properties", {})
    if stray := set(required) - set(fields):
        raise UnknownKeyword(where, [f"required {name} without a schema" for name in stray])
    facts = {name: _fact(fields[name], f"{where}.{name}") for name in sorted(fields)}
    fact["required"] = {name: value for name, value in facts.items() if name in required}
    fact["optional"] = {name: value for name, value in facts.items() if name not in required}
    if "additionalProperties" in left:
        if left.pop("additionalProperties") is not False:
            raise UnknownKeyword(where, ["additionalProperties beside properties"])
        fact["closed"] = True


_FORMS: Sequence[tuple[set[str], Callable[[Fact, str], Fact]]] = (
    ({"$ref"}, _ref),
    ({"enum", "allOf"}, _narrowed),
    ({"allOf"}, _merge),
    ({"oneOf"}, _one_of),
    ({"anyOf"}, _any_of),
)


def _refuse(where: str, keywords: set[str]) -> None:
    if keywords:
        raise UnknownKeyword(where, sorted(keywords))


def _tag_unions(fact: object, schemas: Mapping[str, Fact]) -> None:
    """Write into each union which field tells its arms apart, where one does."""
    if is_list(fact):
        for item in fact:
            _tag_unions(item, schemas)
    elif is_object(fact):
        for item in fact.values():
            _tag_unions(item, schemas)
        if fact.get("type") == "union" and (tag := _tag(fact["arms"], schemas)):
            fact["tag"] = tag


def _tag(arms: Sequence[Fact], schemas: Mapping[str, Fact]) -> Fact | None:
    """The first field whose allowed values are stated in each arm and shared by no two of them; required if it can."""
    objects = [schemas[arm["ref"]] for arm in arms if arm["type"] == "ref"]
    if len(objects) < len(arms) or any(target["type"] != "object" for target in objects):
        return None
    for required in (True, False):
        tables: list[Fact] = [arm["required"] if required else arm["required"] | arm["optional"] for arm in objects]
        common = set(tables[0]).intersection(*tables[1:])
        for field in sorted(common, key=lambda field: (field != "type", field)):
            values: list[list[Any] | None] = [
                table[field].get("values") if table[field]["type"] in ("narrowed", "integer") else None
                for table in tables
            ]
            flat = [value for some in values for value in some or ()]
            if all(values) and len(set(flat)) == len(flat):
                fact: Fact = {"field": field, "values": values}
                return fact if required else fact | {"optional": True}
    return None


def main(arguments: Sequence[str]) -> int:
    """Print the facts of the one document named."""
    if len(arguments) != 1:
        print("usage: python -m tests.tools.official_facts DOCUMENT.json", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    text = path.read_bytes()
    print(render(extract(json.loads(text), name=path.stem, digest=hashlib.sha256(text).hexdigest())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A description that `python -m codegen export` wrote -> facts, under official names, with our corrections in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from codegen.diff.facts import Facts, Operation, Schema, mapped, mapped_operation, mapped_schema
from codegen.errors import DocumentError
from codegen.importer.convert import PREFIX, Converter, Entry
from codegen.importer.document import Document
from codegen.importer.operations import MEDIA
from codegen.ir import Field
from codegen.notation import NotationError, Ref, Type, parse, show

Json = dict[str, Any]
VERSION = 1  # of the export's form that is read here
_MEDIA_OF = {word: media for media, word in MEDIA.items()}


def from_export(data: Mapping[str, object], label: str) -> Facts:
    """The facts of an export; DocumentError where it is none."""
    if data.get("format") != VERSION:
        raise DocumentError(label, "#/format", f"an export of format {VERSION} is read, found {data.get('format')!r}")
    try:
        return _facts(data, label)
    except NotationError as exc:
        raise DocumentError(label, "#/operations", str(exc)) from exc
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise DocumentError(label, "", f"not as `python -m codegen export` writes it ({exc!r:.80})") from exc


def _facts(data: Mapping[str, object], label: str) -> Facts:
    raw = cast("dict[str, Json]", data["schemas"])
    entries = _entries({name: _pointed(schema) for name, schema in raw.items()}, label)
    officials = {name: str(raw[name].get("x-official") or name) for name in raw}
    # A union that only we name is written out.
    unions = {name for name in raw if "x-official" not in raw[name] and "oneOf" in raw[name]} - {
        name for name, entry in entries.items() if entry.enum
    }

    def rename(name: str) -> str:
        return officials.get(name, name)

    def change(ref: Ref) -> Type:
        inner = entries[ref.name].type if ref.name in unions else None
        return mapped(inner, change) if inner is not None else replace(ref, name=rename(ref.name))

    schemas = [mapped_schema(_schema(e), change, rename) for name, e in entries.items() if name not in unions]
    ops = [mapped_operation(_operation(name, op), change) for name, op in cast("Json", data["operations"]).items()]
    return Facts(label, {op.key: op for op in ops}, {schema.name: schema for schema in schemas}, own(data))


def _entries(schemas: Json, label: str) -> dict[str, Entry]:
    converter = Converter(Document(label, {"components": {"schemas": schemas}}, ""))
    converter.components()
    return converter.entries


def _schema(entry: Entry) -> Schema:
    if entry.enum:
        return Schema(entry.name, "enum", base="str" if entry.enum == "string" else "int", members=dict(entry.members))
    if entry.type is not None:
        return Schema(entry.name, "type", type=entry.type)
    fields = {f.name: Field(f.name, f.type, f.required, f.deprecated, f.default) for f in entry.fields}
    owner = entry.name.partition(".")[0] if entry.inline else ""
    return Schema(entry.name, "object", fields, tuple(entry.bases), entry.others, owner=owner)


def _pointed(value: Any) -> Any:
    """The schema with every reference where an OpenAPI document would have it."""
    if isinstance(value, dict):
        return {
            key: _pointer(item) if key == "$ref" else _pointed(item)
            for key, item in cast("Json", value).items()
            if key != "discriminator"
        }
    if isinstance(value, list):
        return [_pointed(item) for item in cast("list[object]", value)]
    return value


def _pointer(ref: object) -> str:
    """`#/schemas/Cat` and `#/gateway/schemas/Ready` in one space of names."""
    parts = str(ref).removeprefix("#/").split("/")
    if parts[0] == "schemas":
        return PREFIX + parts[-1]
    return PREFIX + ".".join(part for part in parts if part != "schemas")


def _operation(name: str, op: Json) -> Operation:
    def fields(key: str) -> dict[str, Field]:
        rows = cast("dict[str, Json]", op.get(key, {}))
        return {
            field: Field(field, parse(row["type"]), bool(row["required"]), "deprecated" in row["schema"])
            for field, row in rows.items()
        }

    body = cast("Json", op.get("body", {}))
    returns = cast("dict[str, Json | None]", op.get("returns", {}))
    return Operation(
        name=name,
        method=op["method"],
        path=op["path"],
        path_fields=tuple(fields("parameters").values()),
        query=fields("query"),
        body=parse(body["type"]) if body else None,
        body_required=bool(body and body["required"]),
        media=tuple(_MEDIA_OF[word] for word in op.get("media", [])),
        uploads=fields("uploads"),
        returns={status: parse(row["type"]) if row else None for status, row in returns.items()},
        answers=dict(op.get("answers", {})),
        auth=frozenset(op.get("auth", [])),
        scopes=frozenset(op.get("scopes", [])),
        deprecated=bool(op.get("deprecated")),
    )


# --- what no official document has ---------------------------------------------------------------

_SIGNALS = ("gateway", "voice")


def own(data: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Opcodes, close codes, events, intents, error codes and flags: kind -> place -> what matters of it.

    What is said for people (`about`, `advice`, hints) is left out: it changes no code.
    """
    every = cast("dict[str, Any]", data)
    found: dict[str, dict[str, object]] = {
        kind: {} for kind in ("opcode", "close_code", "event", "intent", "error_code", "flag")
    }
    for part in _SIGNALS:
        found["opcode"] |= _rows(part, every[part]["opcodes"]["opcodes"], ("value", "direction", "binary"))
        found["close_code"] |= _rows(part, every[part]["close_codes"]["close_codes"], ("code", "verdict"))
    found["intent"] = _rows("intents", every["gateway"]["intents"]["intents"], ("bit", "privileged", "events"))
    found["error_code"] = {f"errors:{name}": value for name, value in every["errors"]["codes"].items()}
    for name, block in every["flags"]["classes"].items():
        members = cast("dict[str, object]", block.get("members", {}))
        found["flag"] |= {f"{name}:{member}": _bit(value) for member, value in members.items()}
    found["event"] = _events(every)
    return found


def _rows(part: str, rows: dict[str, Any], keys: tuple[str, ...]) -> dict[str, object]:
    return {f"{part}:{name}": {key: row[key] for key in keys if key in row} for name, row in rows.items()}


def _bit(value: object) -> object:
    return cast("Json", value).get("bit") if isinstance(value, dict) else value


def _events(every: dict[str, Any]) -> dict[str, object]:
    """Each event with its fields as the notation writes them, under our names: they have no official ones."""
    places = {"gateway": "events", "voice": "payloads", "webhook_events": "events"}
    schemas: Json = {name: _pointed(schema) for name, schema in every["schemas"].items()}
    for part in places:
        schemas |= {f"{part}.{name}": _pointed(schema) for name, schema in every[part]["schemas"].items()}
    schemas["voice.encryption_modes"] = {"type": "string"}
    entries = _entries(schemas, "export")
    facts = Facts("", {}, {name: _schema(entry) for name, entry in entries.items()})
    found: dict[str, object] = {}
    for part, key in places.items():
        for name, row in every[part][key].items():
            schema = facts.schemas.get(f"{part}.{row['class']}") or facts.schemas.get(row["class"])
            fields = facts.inherited(schema) if schema is not None else {}
            said = {f.name + ("" if f.required else "?"): _shown(f.type) for f in fields.values()}
            facts_of = {"intents": row.get("intents", []), "opcode": row.get("opcode", "")}
            payload = {} if fields else {"payload": json.dumps(row.get("payload"))}
            found[f"{part}:{name}"] = {**facts_of, **payload, "fields": said}
    return found


def _shown(kind: Type) -> str:
    return show(mapped(kind, lambda ref: replace(ref, name=ref.name.rpartition(".")[2])))

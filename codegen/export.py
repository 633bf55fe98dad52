"""`python -m codegen export`: everything as one JSON document for tools in other languages, and REST as OpenAPI 3.1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from codegen import gateway, openapi, yaml
from codegen.ir import Command, Event, Gateway, Object, Operation, Schema, Spec, World
from codegen.jsonschema import Json, Writer
from codegen.load import load
from codegen.notation import show

VERSION = 1  # of the document's form
EVERYTHING, OPENAPI = "discord.json", "openapi.json"
_FILES = ("errors", "flags", "cdn", "limits")
_SIGNALS = {
    "gateway": ("opcodes", "close_codes", "intents"),
    "voice": ("opcodes", "close_codes", "encryption_modes", "speaking"),
}


def main(spec: Path, out: Path) -> int:
    """Write both files into the folder `out`; what is there already under their names is replaced."""
    files = render(spec)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_bytes(text.encode())
        print(f"{out / name}: {len(text) // 1024:,} KiB")
    return 0


def render(folder: Path) -> dict[str, str]:
    """File name -> text; the same spec gives the same bytes."""
    spec = load(folder)
    gate = gateway.load(folder, spec)
    documents = {EVERYTHING: everything(folder, spec, gate), OPENAPI: openapi.document(spec)}
    return {name: json.dumps(document, ensure_ascii=False, indent=1) + "\n" for name, document in documents.items()}


def everything(folder: Path, spec: Spec, gate: Gateway) -> Json:
    """The whole description: schemas as JSON Schema, the rest as the spec has it."""
    facts = {name: _plain(yaml.load(folder / f"{name}.yaml", folder.parent)) for name in _FILES}
    signals = {
        part: {key: _plain(yaml.load(folder / part / f"{key}.yaml", folder.parent)) for key in keys}
        for part, keys in _SIGNALS.items()
    }
    rest = Writer(lambda name: f"#/schemas/{name}")
    return {
        "format": VERSION,
        "api": {"version": spec.api_version, "url": spec.api_url, "published": spec.published},
        "operations": {name: _operation(rest, op) for name, op in sorted(spec.operations.items())},
        "schemas": {name: rest.schema(schema) for name, schema in sorted(spec.schemas.items())},
        "gateway": {
            **signals["gateway"],
            "events": _events(gate.events, "gateway"),
            "commands": {command.name: _command(command) for command in gate.commands},
            "limits": {"bytes": gate.max_bytes, "messages": _set(asdict(gate.rate))},
            "schemas": _schemas(gate.events, "gateway"),
        },
        "voice": {
            **signals["voice"],
            "payloads": _events(gate.voice, "voice"),
            "binary": {name: [{"name": n, "type": t} for n, t in parts] for name, parts in gate.binary.items()},
            "schemas": _schemas(gate.voice, "voice"),
        },
        "webhook_events": {
            "events": _events(gate.webhook, "webhook_events"),
            "schemas": _schemas(gate.webhook, "webhook_events"),
        },
        "interaction_callbacks": {name: list(kinds) for name, kinds in gate.callbacks.items()},
        **facts,
    }


def _schemas(world: World, part: str) -> Json:
    writer = _writer(world, part)
    return {name: writer.schema(world.spec.schemas[name]) for name in world.own}


def _writer(world: World, part: str) -> Writer:
    own = set(world.own)

    def point(name: str) -> str:
        if name == "EncryptionMode":
            return "#/voice/encryption_modes"
        return f"#/{part}/schemas/{name}" if name in own else f"#/schemas/{name}"

    return Writer(point)


def _events(world: World, part: str) -> Json:
    writer = _writer(world, part)

    def one(event: Event) -> Json:
        schema = world.spec.schemas[event.cls]
        found = {
            "class": event.cls,
            "opcode": event.opcode,
            "intents": list(event.intents),
            "shard": event.shard,
            "payload": _payload(writer, schema) if event.plain else writer.ref(event.cls),
            "or": writer.ref(event.other) if event.other else None,
        }
        return _set(found)

    return {event.name: one(event) for event in sorted(world.events.values(), key=lambda e: e.name)}


def _payload(writer: Writer, schema: Schema) -> Json:
    assert isinstance(schema, Object)
    return writer.type(schema.fields[0].type)


def _command(command: Command) -> Json:
    return _set({
        "class": command.cls,
        "opcode": command.opcode,
        "payload": {"$ref": f"#/gateway/schemas/{command.cls}"},
        "plain": command.plain,
        "one_of": list(command.one_of),
        "together": list(command.together),
        "intents": dict(command.intents),
        "answer": command.answer,
        "limits": [_set(asdict(limit)) for limit in command.limits],
    })  # fmt: skip


def _operation(writer: Writer, op: Operation) -> Json:
    def fields(of: Iterable[Any]) -> Json:
        return {f.name: {"required": f.required, "type": show(f.type), "schema": writer.field(f)} for f in of}

    return _set({
        "method": op.method,
        "path": op.path,
        "resource": op.resource,
        "parameters": fields(op.path_fields),
        "query": fields(op.query),
        "comma": list(op.comma),
        "body": op.body and {"type": show(op.body), "required": op.body_required, "schema": writer.type(op.body)},
        "media": list(op.media),
        "uploads": fields(op.uploads),
        "files": op.files,
        "file_size": op.file_size,
        "form": op.form,
        "returns": {
            str(status): None if kind is None else {"type": show(kind), "schema": writer.type(kind)}
            for status, kind in op.returns
        },
        "answers": {str(status): media for status, media in op.answers.items()},
        "auth": list(op.auth),
        "scopes": list(op.scopes),
        "reason": op.reason,
        "paginate": _set(asdict(op.paginate)) if op.paginate else None,
        "idempotent": op.idempotent,
        "nonce": op.nonce,
        "global_exempt": op.global_exempt,
        "major": list(op.major),
        "variants": _plain(op.variants),
        "deprecated": op.deprecated,
        "documented": op.documented,
        "docs": op.docs,
        "note": op.note,
    })  # fmt: skip


def _set(row: Mapping[str, Any]) -> Json:
    """Less what is not there: absent says the same as null, an empty list or text."""
    return {key: value for key, value in row.items() if value is not None and value not in ("", [], {}, ())}


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("list[object]", value)]
    return value

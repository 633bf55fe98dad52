"""The blocks of spec files -> records of the IR, each name and type checked where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, cast

from codegen import absent as loosen, bitsets, derive, yaml
from codegen.derive import Derived
from codegen.filters import SCHEMA_NAME, TAKEN, attribute, operation_name
from codegen.importer.ours import OPERATION_KEYS
from codegen.ir import Alias, Choice, Enum, Field, Object, Operation, Paginate, Schema, uses
from codegen.notation import NotationError, Primitive, Ref, Type, parse, refs
from codegen.yaml import Node

METHODS = ("get", "post", "put", "patch", "delete")
_PATH = re.compile(r"(/(\{[a-z][a-z0-9_]*\}|(?!\.+(/|\Z))[@A-Za-z0-9._-]+))+\Z", re.ASCII)
_UPLOADS = 100  # numbered parts of one upload
_AUTH = ("none", "bot", "oauth2", "basic")
_OPERATION = (*METHODS, "path", "query", "body", "body?", "media", "uploads", "returns", "answers", "auth", "scopes",
              "deprecated", "origin", *OPERATION_KEYS)  # fmt: skip


class Reader:
    """Reads the blocks of spec files; what they name is checked when all of them are read."""

    def __init__(self, scopes: tuple[str, ...], more_scopes: tuple[str, ...], flags: Mapping[str, str]) -> None:
        self.scopes, self.more_scopes, self.flags = scopes, more_scopes, flags
        self.schemas: dict[str, Schema] = {}
        self.operations: dict[str, Operation] = {}
        self.places: dict[str, Node] = {}
        self.derived: dict[str, Derived] = {}
        self.references: list[tuple[Node, str, Type]] = []
        self.loosened: set[str] = set()  # derived objects whose base is absent

    def resource(self, resource: str, node: Node) -> None:
        for name, block in node.nodes("operations"):
            if not operation_name(name):
                block.fail("", f"{name!r} is no operation name (lower case, digits, underscores; no word of Python's)")
            self.once(name, block)
            self.operations[name] = self._operation(resource, name, block)
        for name, block in node.nodes("schemas"):
            if not SCHEMA_NAME.match(name):
                block.fail("", f"{name!r} is no schema name (CamelCase, letters and digits)")
            if name in TAKEN:
                block.fail("", f"{name!r} is a name that generated modules import or define")
            self.once(name, block)
            self.schemas[name] = self._schema(resource, name, block)

    def once(self, name: str, block: Node) -> None:
        if name in self.places:
            other = self.places[name]
            block.fail("", f"{name!r} already stands in {other.file}:{other.line}")
        self.places[name] = block

    # --- types ---------------------------------------------------------------------------------------

    def type(self, node: Node, key: str, text: object) -> Type:
        if not isinstance(text, str):
            node.fail(key, f"expected a type, found {yaml.kind(text)}")
        try:
            found = bitsets.resolve(parse(text), self.flags)
        except NotationError as exc:
            node.fail(key, str(exc))
        self.references.append((node, key, found))
        return found

    def check_references(self, absent: frozenset[str] = frozenset()) -> list[str]:
        """Every schema that is named exists; what names one that is `absent` is read loosely, a line about each."""
        told = loosen.apply(self, absent)
        for node, key, kind in self.references:
            for name in refs(kind):
                if name not in self.schemas:
                    near = get_close_matches(name, self.schemas, 1)
                    node.fail(key, f"unknown schema {name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
        return told

    def finish(self) -> None:
        """What only the whole can say, the corrections applied: bases, circles, the tags of unions."""
        for name, schema in self.schemas.items():
            if name not in self.places:  # of another spec
                continue
            node = self.places[name]
            match schema:
                case Object():
                    for base in schema.extends:
                        if not isinstance(self.schemas[base], Object):
                            node.fail("extends", f"{base} is no schema with fields")
                    self._no_circle(name, node, "extends", lambda s: s.extends if isinstance(s, Object) else ())
                    for used in uses(schema):
                        self._not_by_hand(schema, used, node)
                case Choice():
                    for arm in schema.arms:
                        if not isinstance(self.schemas[arm], Object):
                            node.fail("union", f"{arm} is no schema with fields")
                        self._not_by_hand(schema, arm, node)
                    self.schemas[name] = self.tagged(schema, node)
                case Alias() if not schema.handwritten:
                    self._no_circle(name, node, "type", lambda s: tuple(refs(s.type)) if isinstance(s, Alias) else ())
                    for used in uses(schema):
                        self._not_by_hand(schema, used, node)
                case _:
                    pass
        names = dict.fromkeys(self.operations, "")
        for name, operation in self.operations.items():
            if operation.also in names:
                self.places[name].fail("also", f"{operation.also!r} is the name of another operation already")
            names |= {operation.also: name} if operation.also else {}
            kinds = [operation.body, *(kind for _, kind in operation.returns)]
            for used in (used for kind in kinds if kind is not None for used in refs(kind)):
                if getattr(self.schemas[used], "handwritten", ""):
                    self.places[name].fail(
                        "", f"{used} is written by hand in the runtime: no operation takes or gives it"
                    )

    def _not_by_hand(self, schema: Schema, used: str, node: Node) -> None:
        if getattr(self.schemas[used], "handwritten", "") and not getattr(schema, "handwritten", ""):
            node.fail("", f"{used} is written by hand in the runtime: a generated schema cannot name it")

    def _no_circle(self, name: str, node: Node, key: str, step: Callable[[Schema], tuple[str, ...]]) -> None:
        seen: set[str] = set()
        todo = list(step(self.schemas[name]))
        while todo:
            each = todo.pop()
            if each == name:
                node.fail(key, f"{name} leads back to itself")
            if each not in seen:
                seen.add(each)
                todo += step(self.schemas[each])

    def fields(self, node: Node) -> tuple[Field, ...]:
        for key in node:
            if f"{key}?" in node:
                node.fail(f"{key}?", f"{key!r} is described twice, as required and as optional")
        return tuple(self._field(node, key) for key in node)

    def _field(self, node: Node, key: str) -> Field:
        value: Any = node[key]
        name = key.removesuffix("?")
        if not isinstance(value, Node):
            return Field(name, self.type(node, key, value), name == key)
        value.only(["type", "deprecated", "default", "note"])
        kind = self.type(value, "type", value.get("type"))
        return Field(name, kind, name == key, value.flag("deprecated"), value.get("default"))

    # --- schemas -------------------------------------------------------------------------------------

    def _schema(self, resource: str, name: str, node: Node) -> Schema:
        shapes = [key for key in ("fields", "enum", "union", "type", "base") if key in node]
        if len(shapes) != 1:
            node.fail("", f"a schema has one of fields, enum, union, type, base; found {', '.join(shapes) or 'none'}")
        official, note, docs = node.text("official", ""), node.text("note", ""), node.text("docs", "")
        extra = ["official", "note", "docs", "handwritten", "origin"]
        match shapes[0]:
            case "enum":
                node.only(["enum", "values", *extra])
                return Enum(name, official, resource, self.enum_base(node), self.enum_members(node), note, docs)
            case "union":
                node.only(["union", "tag", *extra])
                arms = [self.type(node, "union", arm) for arm in node.texts("union")]
                if not arms or not all(isinstance(arm, Ref) and not arm.values for arm in arms):
                    node.fail("union", "expected a list of schemas")
                names = tuple(cast("Ref", arm).name for arm in arms)
                return Choice(name, resource, names, node.text("tag", ""), {}, note)
            case "base":
                node.only(["base", *derive.KEYS, *extra])
                self.derive(name, node, "base")
                return Object(name, official, resource, (), note=note, docs=docs)
            case "type":
                node.only(["type", *extra])
                return Alias(
                    name, official, resource, self.type(node, "type", node["type"]), node.text("handwritten", "")
                )
            case _:
                node.only(["fields", "extends", "others", *extra])
                others = self.type(node, "others", node["others"]) if "others" in node else None
                extends = node.texts("extends")
                for base in extends:
                    self.references.append((node, "extends", Ref(base)))
                fields = self.fields(node.node("fields"))
                return Object(
                    name, official, resource, fields, extends, others, node.text("handwritten", ""), note, docs
                )

    def derive(self, name: str, node: Node, key: str) -> None:
        """Note that `name` is another object, named under `key`, with a few differences."""
        base = node.text(key)
        self.references.append((node, key, Ref(base)))
        required = node.texts("required") if "required" in node else None
        extra = self.fields(node.node("extra"))
        self.derived[name] = Derived(node, key, base, extra, node.texts("omit"), node.texts("optional"), required)

    def enum_base(self, node: Node) -> str:
        base = node.text("enum")
        if base not in {"string", "integer", "int32", "int64"}:
            node.fail("enum", f"expected string, integer, int32 or int64, found {base!r}")
        return "str" if base == "string" else "int"

    def enum_members(self, node: Node) -> tuple[tuple[str, int | str], ...]:
        values = node.node("values")
        wanted = str if node["enum"] == "string" else int
        for key, value in values.items():
            if not isinstance(value, wanted) or isinstance(value, bool):
                values.fail(key, f"expected {'text' if wanted is str else 'a whole number'}, found {yaml.kind(value)}")
        return tuple(cast("dict[str, int | str]", values).items())

    def tagged(self, choice: Choice, node: Node) -> Choice:
        if not choice.tag:
            return choice
        if attribute(choice.tag) != choice.tag:
            node.fail("tag", f"{choice.tag!r} cannot be the name of a field")
        tags: dict[str, tuple[object, ...]] = {}
        seen: dict[object, str] = {}
        for arm in choice.arms:
            values = self._tag_values(arm, choice.tag)
            if not values:
                node.fail("tag", f"{arm} has no field {choice.tag!r} with values of its own")
            for value in values:
                if value in seen:
                    node.fail("tag", f"{choice.tag} {value!r} stands in both {seen[value]} and {arm}")
                seen[value] = arm
            tags[arm] = values
        return replace(choice, tags=tags)

    def _tag_values(self, arm: str, tag: str) -> tuple[object, ...]:
        schema = self.schemas[arm]
        if not isinstance(schema, Object):
            return ()
        return next((narrowed(f.type) for f in schema.fields if f.name == tag), ())

    # --- operations ----------------------------------------------------------------------------------

    def _operation(self, resource: str, name: str, node: Node) -> Operation:
        node.only(_OPERATION)
        methods = [key for key in METHODS if key in node]
        if len(methods) != 1:
            node.fail("", f"an operation has one of {', '.join(METHODS)}; found {', '.join(methods) or 'none'}")
        method = methods[0]
        path = node.text(method)
        if not _PATH.match(path):
            node.fail(method, f"{path!r} is no path like /channels/{{channel_id}}")
        path_fields = self.fields(node.node("path"))
        names = re.findall(r"\{(\w+)\}", path)
        if names != [f.name for f in path_fields]:
            node.fail("path", f"the path names {names}, this block describes {[f.name for f in path_fields]}")
        body_key = "body" if "body" in node else "body?"
        body = self.type(node, body_key, node[body_key]) if body_key in node else None
        auth = node.texts("auth") or ("bot",)
        for kind in auth:
            if kind not in _AUTH:
                node.fail("auth", f"unknown kind {kind!r} (known: {', '.join(_AUTH)})")
        return Operation(
            name=name,
            resource=resource,
            method=method.upper(),
            path=path,
            path_fields=path_fields,
            query=self.fields(node.node("query")),
            body=body,
            body_required=body_key == "body" and body is not None,
            media=node.texts("media") or (("json",) if body is not None else ()),
            uploads=self._uploads(node.node("uploads")),
            returns=self._returns(node),
            answers={int(_status(node.node("answers"), s)): node.node("answers").text(s) for s in node.node("answers")},
            auth=auth,
            scopes=self._scopes(node),
            deprecated=self._deprecated(node),
            also=self._also(node),
            docs=node.text("docs", ""),
            documented=node.flag("documented", True),
            reason=node.flag("reason"),
            files=node.text("files", ""),
            file_size=node.whole("file_size") if "file_size" in node else 0,
            attachments=node.text("attachments", ""),
            form=node.text("form", ""),
            paginate=self._paginate(node),
            idempotent=node.flag("idempotent", method in {"get", "put", "patch", "delete"}),
            nonce=node.flag("nonce"),
            global_exempt=node.flag("global_exempt"),
            major=node.texts("major"),
            comma=node.texts("comma"),
            variants=dict(node.node("variants")),
            note=node.text("note", ""),
        )

    def _also(self, node: Node) -> str:
        also = node.text("also", "")
        if also and not operation_name(also):
            node.fail("also", f"{also!r} is no operation name (lower case, digits, underscores)")
        return also

    def _uploads(self, node: Node) -> tuple[Field, ...]:
        """The binary parts, `files[0..9]` written out."""
        found: list[Field] = []
        for field in self.fields(node):
            numbered = re.fullmatch(r"(\w+)\[0\.\.(\d+)\]", field.name)
            if numbered and int(numbered[2][:4]) >= _UPLOADS:
                node.fail(field.name if field.required else f"{field.name}?", f"at most {_UPLOADS} parts")
            names = [f"{numbered[1]}[{i}]" for i in range(int(numbered[2]) + 1)] if numbered else [field.name]
            found += [replace(field, name=name) for name in names]
        return tuple(found)

    def _returns(self, node: Node) -> tuple[tuple[int, Type | None], ...]:
        value = node.get("returns")
        if isinstance(value, str):
            return ((200, None if value == "nothing" else self.type(node, "returns", value)),)
        block = node.node("returns")
        return tuple(
            (int(_status(block, s)), None if t == "nothing" else self.type(block, s, t)) for s, t in block.items()
        )

    def _scopes(self, node: Node) -> tuple[str, ...]:
        if node.get("scopes") == "any":
            return self.scopes
        found = node.texts("scopes")
        for scope in found:
            if scope not in (*self.scopes, *self.more_scopes):
                node.fail("scopes", f"unknown scope {scope!r}")
        return found

    def _deprecated(self, node: Node) -> str:
        value = node.get("deprecated", node.get("obsolete", ""))
        return "deprecated by Discord" if value is True else node.text("deprecated", node.text("obsolete", ""))

    def _paginate(self, node: Node) -> Paginate | None:
        if "paginate" not in node:
            return None
        block = node.node("paginate")
        block.only(["cursor", "item", "key", "limit", "order", "more", "total", "max_offset", "nested", "needs"])
        if not node.get("returns"):
            node.fail("paginate", "an operation that answers nothing has no pages")
        return Paginate(
            block.texts("cursor"),
            block.text("item"),
            block.text("key"),
            block.whole("limit"),
            block.text("order", ""),
            block.text("more", ""),
            block.text("total", ""),
            block.whole("max_offset") if "max_offset" in block else None,
            block.flag("nested"),
            dict(block.node("needs")),
        )


def _status(block: Node, status: str) -> str:
    if not re.fullmatch(r"2[0-9][0-9]", status):
        block.fail(status, f"expected a status 2xx, found {status!r}")
    return status


def narrowed(kind: Type) -> tuple[object, ...]:
    """The values a tag field may have, () where it is not narrowed."""
    return kind.values if isinstance(kind, Ref | Primitive) else ()

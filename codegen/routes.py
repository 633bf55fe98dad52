"""Route helpers: for each operation a descriptor and a plain, typed function that fills it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jinja2 import Environment

from codegen.errors import CodegenError
from codegen.filters import checked, identifier, literal, quoted
from codegen.ir import Alias, Choice, Enum, Field, Object, Operation, Spec
from codegen.notation import Array, Nullable, Primitive, Ref, Type, Union, show
from codegen.python import Annotator, Imports, Side, likes
from codegen.shapes import Printer

# Keyword arguments of every helper; a field of the same name gets a trailing underscore.
_RESERVED = frozenset({"reason", "files", "validate", "items"})
_WHOLE = "items"
_TOKENS = {"oauth2": "bearer"}  # the spec's kind of credential -> `Token.kind`


@dataclass(frozen=True)
class Page:
    """What the template prints of one operation."""

    name: str
    constant: str
    descriptor: str
    overloads: Sequence[str]
    signature: str
    returns: str
    about: str
    call: str
    maker: str
    also: str


# Annotations alone name what lies there, and no annotation is evaluated: it need not be loaded.
_FOR_CHECKERS = ("acord.models", "acord.flags")


def render(spec: Spec, home: Mapping[str, str], env: Environment) -> Iterator[tuple[str, str]]:
    """(path, source) of acord/routes."""
    by_resource: list[tuple[str, list[str]]] = []
    also: list[tuple[str, str]] = []
    for resource in spec.resources:
        operations = [op for op in spec.operations.values() if op.resource == resource]
        yield f"acord/routes/{resource}.py", module(spec, home, env, resource, operations)
        names = [name for op in operations for name in (op.name, op.also) if name]
        by_resource.append((checked(resource), sorted(names)))
        also += [(op.also, resource) for op in operations if op.also]
    door = env.get_template("acord/routes/__init__.py.jinja")
    yield "acord/routes/__init__.py", door.render(by_resource=by_resource, also=sorted(also), renamed=_renamed(spec))


def _renamed(spec: Spec) -> list[tuple[str, str, str, str]]:
    """Old name, new name, the version in which the old one goes, the new one's resource."""
    return [
        (name.old, name.new, name.until or "the next minor version", spec.operations[name.new].resource)
        for name in spec.renamed
        if name.new in spec.operations
    ]


def module(
    spec: Spec,
    home: Mapping[str, str],
    env: Environment,
    resource: str,
    operations: list[Operation],
    shapes: Mapping[str, str] | None = None,
) -> str:
    """The source of one module of helpers; `shapes` as of `Printer`."""
    imports = Imports()
    printer = Printer(spec, shapes)
    pages = [_Helper(spec, home, imports, printer, op).page() for op in operations]
    apart = {m for m in imports.names if m.startswith(_FOR_CHECKERS) or m in home.values()}
    apart |= {likes(m) for m in home.values()} & imports.names.keys()
    typed = Imports({m: imports.names.pop(m) for m in sorted(apart)})
    for name in printer.used:
        imports.use("acord.core.shapes", name)
    if typed.names:
        imports.use("typing", "TYPE_CHECKING")
    block = "\n".join(imports.lines())
    if typed.names:
        block += "\n\nif TYPE_CHECKING:\n" + "\n".join(f"    {line}" for line in typed.lines() if line)
    title = f"Routes: {resource.replace('_', ' ')}."
    page = env.get_template("acord/routes/routes.py.jinja")
    return page.render(title=title, imports=block, operations=pages)


class _Names(Annotator):
    """As types are named at run time: what lies in no module of acord by its full name."""

    def show(self, kind: Type, side: Side) -> str:
        shown = super().show(kind, side)
        if isinstance(kind, Ref) and not (home := self.home.get(kind.name, "acord.")).startswith("acord."):
            return f"{home}.{shown}"
        return shown


class _Helper:
    def __init__(self, spec: Spec, home: Mapping[str, str], imports: Imports, printer: Printer, op: Operation) -> None:
        self.spec, self.imports, self.printer, self.op = spec, imports, printer, op
        self.annotator = Annotator(spec, imports, home)
        imports.use("acord.core.operation", "Operation")
        self.names: dict[str, str] = {}  # python name -> what it is, to keep them apart
        self.uploads: list[tuple[str, Field]] = []

    def page(self) -> Page:
        op = self.op
        path = [(self._name(f.name), f) for f in op.path_fields]
        query = [(self._name(f.name), f) for f in op.query]
        body, whole, arms = self._body()
        fields = [(self._name(f.name), f) for f in body]
        if len(self._named_uploads()) > 1 or (self._files() == "files[n]" and self._named_uploads()):
            names = ", ".join(f.name for f in self._named_uploads())
            raise CodegenError(f"{op.name}.uploads: one named part or files[n] has a helper form, found {names}")
        self.uploads = [(self._name(f.name), f) for f in self._named_uploads()]
        positional = [f"{name}: {self._annotation(f.type)}" for name, f in path]
        if whole is not None:
            positional.append(f"{_WHOLE}: {self._annotation(whole)}" + ("" if op.body_required else self._missing()))
        extras = self._extras()
        keywords = [self._keyword(name, f) for name, f in (*_required_first(fields), *query)]
        signature = _join(positional, keywords + extras)
        overloads: list[str] = []
        if arms:
            self.imports.use("typing", "overload")
            for arm in arms:
                own = [(next(n for n, f in fields if f.name == field.name), field) for field in arm]
                overloads.append(
                    _join(positional, [self._keyword(n, f) for n, f in (*_required_first(own), *query)] + extras)
                )
        return Page(
            name=op.name,
            constant=f"_{op.name.upper()}",
            descriptor=self._descriptor(),
            overloads=overloads,
            signature=signature,
            returns=self._returns(),
            about=self._about(path, fields, query, whole),
            call=self._call(path, query, fields, whole),
            also=op.also,
            maker="paginated_route" if self.op.paginate else "route",
        )

    def _name(self, wire: str) -> str:
        name = identifier(wire, _RESERVED)
        while name in self.names:
            name += "_"
        self.names[name] = wire
        return name

    # --- body -----------------------------------------------------------------------------------------

    def _body(self) -> tuple[list[Field], Type | None, list[list[Field]]]:
        """Body fields as flat keywords, or the one positional value; the arms that overloads show."""
        op = self.op
        kind = op.body
        if kind is None:
            return [], None, []
        bare = kind.inner if isinstance(kind, Nullable) else kind
        while isinstance(bare, Ref) and isinstance(alias := self.spec.schemas[bare.name], Alias):
            bare = alias.type.inner if isinstance(alias.type, Nullable) else alias.type
        schema = self.spec.schemas[bare.name] if isinstance(bare, Ref) else None
        if schema is None or isinstance(schema, Enum):
            return [], kind, []
        if isinstance(schema, Object):
            fields = [f if op.body_required else replace(f, required=False) for f in self._fields(schema)]
            return fields, None, []
        if isinstance(schema, Choice):
            arms = [self._fields(self._object(arm)) for arm in schema.arms]
            return _merged(arms), None, arms if schema.tag else []
        raise CodegenError(f"{op.name}: {schema.name} cannot be a body")

    def _object(self, name: str) -> Object:
        schema = self.spec.schemas[name]
        if not isinstance(schema, Object):
            raise CodegenError(f"{self.op.name}: {name} is no object")
        return schema

    def _fields(self, schema: Object) -> list[Field]:
        found: dict[str, Field] = {}
        for base in schema.extends:
            found |= {f.name: f for f in self._fields(self._object(base))}
        found |= {f.name: f for f in schema.fields}
        return list(found.values())

    # --- signature ------------------------------------------------------------------------------------

    def _annotation(self, kind: Type) -> str:
        return self.annotator.show(kind, "argument")

    def _missing(self) -> str:
        self.imports.use("acord.core.types", "MISSING")
        self.imports.use("acord.core.types", "Missing")
        return " | Missing = MISSING"

    def _keyword(self, name: str, field: Field) -> str:
        kind = field.type
        shown = self._annotation(kind)
        if field in self.op.query and isinstance(kind, Union):  # ids as a list, or already joined
            shown = " | ".join(dict.fromkeys(self._annotation(arm) for arm in kind.arms))
        return f"{name}: {shown}" + ("" if field.required else self._missing())

    def _files(self) -> str:
        op = self.op
        if op.files:
            return op.files
        return "files[n]" if any(f.name.startswith("files[") for f in op.uploads) else ""

    def _extras(self) -> list[str]:
        op = self.op
        found: list[str] = []
        if self._files() == "files[n]":
            file, many = self.imports.use("acord.core.types", "File"), self.imports.use("collections.abc", "Sequence")
            found.append(f"files: {many}[{file}]{self._missing()}")
        found += [
            f"{name}: {self.imports.use('acord.core.types', 'File')}{'' if upload.required else self._missing()}"
            for name, upload in self.uploads
        ]
        if op.reason:
            found.append("reason: str | None = None")
        found.append("validate: bool = True")
        return found

    def _named_uploads(self) -> list[Field]:
        return [f for f in self.op.uploads if not f.name.startswith("files[")]

    # --- answers --------------------------------------------------------------------------------------

    def _answers(self, annotator: type[Annotator] = Annotator) -> dict[int, str | None]:
        found: dict[int, str | None] = {}
        names = annotator(self.spec, Imports(), self.annotator.home)
        for status, kind in self.op.returns:
            if kind is None:
                found[status] = None
            elif status in self.op.answers and isinstance(kind, Primitive):
                found[status] = "bytes"
            else:
                found[status] = names.show(kind, "answer")
        return found

    def _returns(self) -> str:
        arms: list[str] = []
        for status, kind in self.op.returns:
            shown = (
                "None"
                if kind is None
                else "bytes"
                if status in self.op.answers
                else self.annotator.show(kind, "answer")
            )
            arms += [arm for arm in [shown] if arm not in arms]
        arms.sort(key=lambda arm: arm == "None")
        answer = " | ".join(arms) or "None"
        item = self._item()
        if item is not None:
            self.imports.use("acord.core.abc", "PaginatedRoute")
            return f"PaginatedRoute[{answer}, {self.annotator.show(item, 'answer')}]"
        self.imports.use("acord.core.abc", "Route")
        return f"Route[{answer}]"

    def _item(self) -> Type | None:
        """The type of one item of a paginated answer."""
        if self.op.paginate is None:
            return None
        kind: Type | None = self.op.returns[0][1]
        for part in filter(None, self.op.paginate.item.split(".")):
            schema = self.spec.schemas[kind.name] if isinstance(kind, Ref) else None
            field = (
                next((f for f in self._fields(schema) if f.name == part), None) if isinstance(schema, Object) else None
            )
            if field is None:
                raise CodegenError(f"{self.op.name}.paginate.item: {self.op.paginate.item!r} is not in the answer")
            kind = field.type.inner if isinstance(field.type, Nullable) else field.type
        if not isinstance(kind, Array):
            raise CodegenError(f"{self.op.name}.paginate.item: {self.op.paginate.item!r} is no list")
        return kind.item

    # --- code -----------------------------------------------------------------------------------------

    def _descriptor(self) -> str:
        op = self.op
        parts = [quoted(op.name), quoted(op.method), quoted(op.path)]
        parameters = [
            *((f, "path", "repeat") for f in op.path_fields),
            *((f, "query", "comma" if f.name in op.comma else "repeat") for f in op.query),
        ]
        if parameters:
            self.imports.use("acord.core.operation", "Parameter")
            printed = [
                f"Parameter({quoted(f.name)}, {quoted(where)}, {self.printer.show(f.type)}"
                f"{', required=True' if f.required else ''}{', style=' + quoted(style) if style != 'repeat' else ''})"
                for f, where, style in parameters
            ]
            parts.append(f"parameters=({', '.join(printed)},)")
        if op.body is not None:
            parts.append(f"body={self.printer.show(op.body)}")
            if op.body_required:
                parts.append("body_required=True")
        if op.media not in ((), ("json",)):
            parts.append(f"media={literal(op.media)}")
        returns = self._answers(_Names)
        parts.append("returns={" + ", ".join(f"{s}: {quoted(t) if t else 'None'}" for s, t in returns.items()) + "}")
        if op.auth != ("bot",):
            parts.append(f"auth={literal(tuple(_TOKENS.get(kind, kind) for kind in op.auth))}")
        if op.scopes:
            parts.append(f"scopes={literal(op.scopes)}")
        if op.paginate is not None:
            self.imports.use("acord.core.operation", "Pagination")
            p = op.paginate
            given = {"order": p.order, "more": p.more, "total": p.total, "max_offset": p.max_offset, "nested": p.nested}
            more = "".join(f", {k}={literal(v)}" for k, v in (given | {"needs": p.needs}).items() if v)
            where = f"item={quoted(p.item)}, key={quoted(p.key)}, limit={p.limit}"
            parts.append(f"paginates=Pagination({literal(p.cursors)}, {where}{more})")
        files = self._files() or ", ".join(f.name for f in self._named_uploads())
        options: list[tuple[str, object, object]] = [
            ("reason", op.reason, False),
            ("files", files or None, None),
            ("attachments", op.attachments or "attachments", "attachments"),
            ("idempotent", op.idempotent, op.method != "POST"),
            ("nonce", op.nonce, False),
            ("major", op.major, ()),
            ("limits", self._limits(), {}),
            ("deprecated", op.deprecated or None, None),
            ("source", op.docs or None, None),
        ]
        parts += [f"{key}={literal(value)}" for key, value, default in options if value != default]
        return f"Operation({', '.join(parts)})"

    def _limits(self) -> dict[str, object]:
        """What the rate limiter should know beforehand: data, read by name."""
        op = self.op
        found: dict[str, object] = {"global_exempt": True} if op.global_exempt else {}
        found |= {"variants": op.variants} if op.variants else {}
        found |= {"file_size": op.file_size} if op.file_size else {}
        return found | ({"form": op.form} if op.form else {})

    def _call(
        self,
        path: Sequence[tuple[str, Field]],
        query: Sequence[tuple[str, Field]],
        fields: Sequence[tuple[str, Field]],
        whole: Type | None,
    ) -> str:
        parts = [_dict(path), _dict(query)]
        if whole is not None:
            parts.append(_WHOLE)
        elif self.op.body is not None:
            parts.append(_dict(fields))
        if self._files() == "files[n]":
            parts.append("files=files")
        elif self.uploads:
            parts.append(f"files={self.uploads[0][0]}")
        if self.op.reason:
            parts.append("reason=reason")
        parts.append("validate=validate")
        return ", ".join(parts)

    def _about(
        self,
        path: Sequence[tuple[str, Field]],
        fields: Sequence[tuple[str, Field]],
        query: Sequence[tuple[str, Field]],
        whole: Type | None,
    ) -> str:
        op = self.op
        blocks = [f"``{op.method} {op.path}``"]
        if op.note:
            blocks.append(op.note)
        if op.deprecated:
            blocks.append(f"Deprecated: {op.deprecated}.")
        rows = [f"{name}: {show(f.type)}" for name, f in (*path, *fields, *query)]
        if whole is not None:
            rows.insert(len(path), f"{_WHOLE}: {show(whole)}")
        if rows:
            blocks.append("\n".join(rows))
        kinds = {"none": "no token", "bot": "bot token", "oauth2": "OAuth2 bearer", "basic": "client id and secret"}
        auth = ", ".join(kinds[kind] for kind in op.auth)
        if op.scopes:
            auth += " with " + (" or ".join(op.scopes) if len(op.scopes) < 8 else "any scope")
        answers = "; ".join(f"{status} {kind or 'nothing'}" for status, kind in self._answers().items())
        blocks.append(f"Auth: {auth}. Answers: {answers}.")
        if op.docs:
            blocks.append(f"Source: {op.docs}")
        return "\n\n".join(blocks)


def _required_first(fields: Sequence[tuple[str, Field]]) -> list[tuple[str, Field]]:
    return sorted(fields, key=lambda pair: not pair[1].required)


def _merged(arms: Sequence[Sequence[Field]]) -> list[Field]:
    """The fields of several objects side by side: required where all require it, of any of their types."""
    found: dict[str, list[Field]] = {}
    for arm in arms:
        for field in arm:
            found.setdefault(field.name, []).append(field)
    merged: list[Field] = []
    for name, fields in found.items():
        kinds = list(dict.fromkeys(f.type for f in fields))
        required = len(fields) == len(arms) and all(f.required for f in fields)
        merged.append(Field(name, kinds[0] if len(kinds) == 1 else _widest(kinds), required))
    return merged


def _widest(kinds: list[Type]) -> Type:
    null = any(isinstance(kind, Nullable) for kind in kinds)
    bare = list(dict.fromkeys(kind.inner if isinstance(kind, Nullable) else kind for kind in kinds))
    if all(isinstance(kind, Ref) for kind in bare) and len({k.name for k in bare if isinstance(k, Ref)}) == 1:
        values: list[object] = []
        for kind in bare:
            assert isinstance(kind, Ref)
            values += [v for v in kind.values if v not in values]
        first = bare[0]
        assert isinstance(first, Ref)
        bare = [Ref(first.name, () if any(isinstance(k, Ref) and not k.values for k in bare) else tuple(values))]
    found: Type = bare[0] if len(bare) == 1 else Union(tuple(bare))
    return Nullable(found) if null else found


def _join(positional: Sequence[str], keywords: Sequence[str]) -> str:
    return ", ".join([*positional, "*", *keywords])


def _dict(pairs: Sequence[tuple[str, Field]]) -> str:
    return "{" + ", ".join(f"{quoted(f.name)}: {name}" for name, f in pairs) + "}"

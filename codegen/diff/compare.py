"""Facts of two sides -> the list of changes.  Pure: the same facts give the same changes in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from codegen.diff.breaking import Judge
from codegen.diff.facts import Facts, Operation, Schema, mapped
from codegen.diff.pieces import Piece, pieces, swapped
from codegen.diff.renames import Pairs, pairs, shape
from codegen.ir import Field
from codegen.notation import ANY, Nullable, Ref, Type, show


@dataclass(frozen=True, slots=True)
class Change:
    """One change.  `subject` is the operation's ``METHOD /path`` or the schema that it belongs to."""

    kind: str
    where: str
    old: object = None
    new: object = None
    breaking: bool = False
    why: str = ""
    subject: str = ""


def compare(old: Facts, new: Facts) -> list[Change]:
    """Every change from `old` to `new`, by place."""
    paired = pairs(old, new)
    # Two operations may share the object in which a field changed.
    changes = {(c.kind, c.where, repr(c.old), repr(c.new)): c for c in _Comparison(old, new, paired).run()}
    return sorted(changes.values(), key=lambda c: (c.where, c.kind, repr(c.old), repr(c.new)))


class _Comparison:
    def __init__(self, old: Facts, new: Facts, paired: Pairs) -> None:
        self.given, self.new, self.paired = old, new, paired
        self.old = paired.renamed(old)
        self.judge = Judge(self.old, new)
        self.names = {after: before for before, after in paired.schemas.items()}

    def run(self) -> Iterator[Change]:
        yield from self._operations()
        yield from self._schemas()
        if self.old.own is not None and self.new.own is not None:
            yield from _own(self.old.own, self.new.own)

    # --- how a type is written ----------------------------------------------------------------------

    def _before(self, kind: Type | None) -> str | None:
        return self._shown(kind, self.old, self.names)

    def _after(self, kind: Type | None) -> str | None:
        return self._shown(kind, self.new, {})

    def _shown(self, kind: Type | None, facts: Facts, names: Mapping[str, str]) -> str | None:
        def written(ref: Ref) -> Type:
            schema = facts.schemas.get(ref.name)
            if schema is not None and schema.owner:
                fields = (f.name if f.required else f"{f.name}?" for f in schema.fields.values())
                return Ref("{" + ", ".join(fields) + "}")
            return replace(ref, name=names.get(ref.name, ref.name))

        return None if kind is None else show(mapped(kind, written))

    # --- operations ---------------------------------------------------------------------------------

    def _operations(self) -> Iterator[Change]:
        for op in self.paired.removed:
            yield Change("route_removed", op.key, op.name, None, True, "the helper goes", op.key)
        for op in self.paired.added:
            yield Change("route_added", op.key, None, op.name, subject=op.key)
        for before, after in self.paired.operations:
            for change in self._operation(self.old.operations[before.key], after):
                yield replace(change, subject=after.key)

    def _operation(self, a: Operation, b: Operation) -> Iterator[Change]:
        where = b.key
        if a.key != b.key:
            why = "the names of its parameters change" if shape(a) == shape(b) else "the old path is no longer there"
            yield Change("route_path_changed", where, a.key, b.key, True, why)
        if a.name != b.name:
            yield Change("operation_renamed", where, a.name, b.name, False, "the old name stays as a deprecated alias")
        if a.deprecated != b.deprecated:
            yield Change("route_deprecated", where, a.deprecated, b.deprecated)
        if (a.auth, a.scopes) != (b.auth, b.scopes):
            less = not (a.auth <= b.auth and a.scopes <= b.scopes)
            yield Change("auth_changed", where, _auth(a), _auth(b), less, "what was let in is not" if less else "")
        yield from self._parameters(a, b)
        yield from self._body(a, b)
        yield from self._responses(a, b)

    def _parameters(self, a: Operation, b: Operation) -> Iterator[Change]:
        for before, after in zip(a.path_fields, b.path_fields, strict=False):
            yield from self._parameter(f"{b.key} path:{after.name}", before, after)
        if len(a.path_fields) != len(b.path_fields):
            low = min(len(a.path_fields), len(b.path_fields))
            for f in a.path_fields[low:]:
                where = f"{b.key} path:{f.name}"
                yield Change("parameter_removed", where, self._before(f.type), None, True, "the argument goes")
            for f in b.path_fields[low:]:
                where = f"{b.key} path:{f.name}"
                yield Change("parameter_added", where, None, self._after(f.type), True, "a new argument is required")
        for name in {**a.query, **b.query}:
            where = f"{b.key} query:{name}"
            if name not in b.query:
                shown = self._before(a.query[name].type)
                yield Change("parameter_removed", where, shown, None, True, "the argument goes")
            elif name not in a.query:
                needed = b.query[name].required
                why = "a new argument is required" if needed else ""
                yield Change("parameter_added", where, None, self._after(b.query[name].type), needed, why)
            else:
                yield from self._parameter(where, a.query[name], b.query[name])

    def _parameter(self, where: str, a: Field, b: Field) -> Iterator[Change]:
        if a.required != b.required:
            why = "it must be given now" if b.required else ""
            yield Change("parameter_required_changed", where, a.required, b.required, b.required, why)
        yield from self._whole("parameter", where, a.type, b.type, sent=True)

    def _whole(self, what: str, where: str, a: Type, b: Type, *, sent: bool) -> Iterator[Change]:
        """The changes of the type of a parameter, a body or an answer."""
        found = list(pieces(a, b))
        members = [piece for piece in found if piece.aspect.startswith("member")]
        for change in self._types("schema", where, a, b, (sent, not sent)) if members else ():
            if change.kind.startswith("union_member"):
                yield change
        if moved := self._moved(found):
            yield Change(f"{what}_type_changed", where, self._before(a), self._after(b), False, _MOVED)
            yield from self._fields(moved[1].name, *self._both(*moved), (sent, not sent))
        elif len(found) > len(members):
            limit = what == "parameter" and all(piece.aspect == "limit" for piece in found)
            bad = self.judge.accepts_less(a, b) if sent else self.judge.gives_more(a, b)
            why = "" if not bad else _LESS if sent else _MORE
            kind = f"{what}_{'limit' if limit else 'type'}_changed"
            yield Change(kind, where, self._before(a), self._after(b), bad, why)

    def _moved(self, found: list[Piece]) -> tuple[Schema, Schema] | None:
        """Two objects in one place, one of which is only written there and has no name: their fields are compared."""
        names = swapped(found[0].old, found[0].new) if len(found) == 1 and found[0].aspect == "type" else None
        if names is None:
            return None
        a, b = self.old.schemas.get(names[0]), self.new.schemas.get(names[1])
        if a is None or b is None or {a.kind, b.kind} != {"object"} or not (a.owner or b.owner):
            return None
        return a, b

    def _both(self, a: Schema, b: Schema) -> tuple[dict[str, Field], dict[str, Field]]:
        shared = set(a.bases) & set(b.bases)
        return self.old.inherited(a, shared), self.new.inherited(b, shared)

    def _body(self, a: Operation, b: Operation) -> Iterator[Change]:
        where = f"{b.key} body"
        media = (set(b.media), set(a.media)) if a.media and b.media else (set[str](), set[str]())
        for each in sorted(media[0] - media[1]):
            yield Change("request_content_type_added", where, None, each)
        for each in sorted(media[1] - media[0]):
            yield Change("request_content_type_removed", where, each, None, True, _LESS)
        x, y = a.body, b.body
        if x is not None and y is not None:
            yield from self._whole("body", where, x, y, sent=True)
            if a.body_required != b.body_required and not any(pieces(x, y)):
                less = b.body_required and self.judge.demands(y, True)
                old, new = _asked(self._before(x), a.body_required), _asked(self._after(y), b.body_required)
                yield Change("body_type_changed", where, old, new, less, _LESS if less else "")
        elif x is not None or y is not None:
            less = y is None or self.judge.demands(y, b.body_required)
            yield Change("body_type_changed", where, self._before(x), self._after(y), less, _LESS if less else "")
        yield from self._fields(where, a.uploads, b.uploads, (True, False))

    def _responses(self, a: Operation, b: Operation) -> Iterator[Change]:
        for status in {**a.returns, **b.returns}:
            where = f"{b.key} response {status}"
            if status not in b.returns:
                old = self._before(a.returns[status]) or a.answers.get(status) or "nothing"
                yield Change("response_removed", where, old, None, True, "this answer no longer comes")
            elif status not in a.returns:
                new = b.returns[status]
                known = any(_same(new, kind) for kind in a.returns.values())
                why = "" if known or not a.returns else "another answer can come"
                yield Change("response_added", where, None, self._after(new) or "nothing", bool(why), why)
            else:
                yield from self._answer(where, a, b, status)

    def _answer(self, where: str, a: Operation, b: Operation, status: str) -> Iterator[Change]:
        x, y = a.returns[status], b.returns[status]
        files = (a.answers.get(status), b.answers.get(status))
        if _same(x, y) and files[0] == files[1]:
            return
        if x is not None and y is not None and files[0] == files[1]:
            yield from self._whole("response", where, x, y, sent=False)
            return
        old, new = self._before(x) or "nothing", self._after(y) or "nothing"
        if files[0] != files[1]:
            old, new = f"{files[0] or 'application/json'} {old}", f"{files[1] or 'application/json'} {new}"
        yield Change("response_type_changed", where, old, new, True, _MORE)

    # --- schemas ------------------------------------------------------------------------------------

    def _schemas(self) -> Iterator[Change]:
        for before, after in self.paired.schemas.items():
            why = "our name stays, or leaves a deprecated alias"
            yield Change("schema_renamed", after, before, after, False, why, after)
        for name in {**self.old.schemas, **self.new.schemas}:
            a, b = self.old.schemas.get(name), self.new.schemas.get(name)
            subject = (b or a or Schema(name, "type")).owner or name
            if a is None or b is None:
                # An object without a name of its own is part of the type that holds it.
                if b is None and a is not None and not a.owner:
                    yield Change("schema_removed", name, a.kind, None, True, "the class goes", subject)
                elif b is not None and not b.owner:
                    yield Change("schema_added", name, None, b.kind, subject=subject)
                continue
            for change in self._schema(name, a, b):
                yield replace(change, subject=subject)

    def _schema(self, name: str, a: Schema, b: Schema) -> Iterator[Change]:
        if _open_enum(a, b):
            a, b = (replace(x, kind="enum", base=a.base or b.base) if x.kind == "type" else x for x in (a, b))
        if a.kind != b.kind:
            old, new = self._before(a.type) or a.kind, self._after(b.type) or b.kind
            yield Change("schema_type_changed", name, old, new, True, "it is another kind of thing")
        elif a.kind == "enum":
            yield from _members(name, a, b)
        elif a.kind == "type":
            assert a.type is not None
            assert b.type is not None
            yield from self._types("schema", name, a.type, b.type, self.judge.ways(name))
        else:
            ways = self.judge.ways(name)
            yield from self._fields(name, *self._both(a, b), ways)
            if (a.others is None) != (b.others is None) or (a.others and b.others and any(pieces(a.others, b.others))):
                old, new = (
                    (f"map({self._before(a.others)})" if a.others else "closed"),
                    (f"map({self._after(b.others)})" if b.others else "closed"),
                )
                less = ways[0] and bool(a.others)
                yield Change("schema_type_changed", name, old, new, less, _LESS if less else "")

    def _fields(
        self, where: str, a: Mapping[str, Field], b: Mapping[str, Field], ways: tuple[bool, bool]
    ) -> Iterator[Change]:
        sent, read = ways
        for name in {**a, **b}:
            place = f"{where}.{name}"
            if name not in b:
                why = " and ".join(["it is refused"] * sent + ["it no longer comes"] * read)
                yield Change("field_removed", place, self._before(a[name].type), None, True, why)
            elif name not in a:
                needed = sent and b[name].required
                why = "it must be sent now" if needed else ""
                yield Change("field_added", place, None, self._after(b[name].type), needed, why)
            else:
                x, y = a[name], b[name]
                if x.required != y.required:
                    bad = sent if y.required else read
                    why = "" if not bad else "it must be sent now" if y.required else "it may be absent now"
                    yield Change("field_required_changed", place, x.required, y.required, bad, why)
                if x.deprecated != y.deprecated:
                    yield Change("field_deprecated", place, x.deprecated, y.deprecated)
                yield from self._types("field", place, x.type, y.type, ways)

    def _types(self, what: str, where: str, a: Type, b: Type, ways: tuple[bool, bool]) -> Iterator[Change]:
        """The changes of a field's or a schema's type."""
        sent, read = ways
        found = list(pieces(a, b))
        if moved := self._moved(found):
            yield Change(f"{what}_type_changed", where, self._before(a), self._after(b), False, _MOVED)
            yield from self._fields(moved[1].name, *self._both(*moved), ways)
            return
        for piece in found:
            x, y = piece.old, piece.new
            if piece.aspect == "nullable":
                null = isinstance(y, Nullable)
                bad = read if null else sent
                why = "" if not bad else "it may be null now" if null else "null is refused now"
                if what == "field":
                    yield Change("field_nullable_changed", where, not null, null, bad, why)
                else:
                    yield Change("schema_type_changed", where, self._before(x), self._after(y), bad, why)
            elif piece.aspect == "member_added":
                more = read and not self.judge.unknown_arm(y)
                yield Change("union_member_added", where, None, self._after(y), more, _MORE if more else "")
            elif piece.aspect == "member_removed":
                yield Change("union_member_removed", where, self._before(x), None, sent, _LESS if sent else "")
            else:
                aspect = piece.aspect if what == "field" else "type"
                less = sent and self.judge.accepts_less(x, y)
                more = read and self.judge.gives_more(x, y)
                why = " and ".join([_LESS] * less + [_MORE] * more)
                yield Change(f"{what}_{aspect}_changed", where, self._before(x), self._after(y), less or more, why)


_MOVED = "the same object; what its fields gained or lost is listed"
_LESS = "less is accepted than before"
_MORE = "another type can come"


def _same(a: Type | None, b: Type | None) -> bool:
    return a is b or (a is not None and b is not None and not any(pieces(a, b)))


def _asked(shown: str | None, required: bool) -> str:
    return f"{shown} ({'required' if required else 'optional'})"


def _auth(op: Operation) -> str:
    return ", ".join([*sorted(op.auth), *(f"scope {scope}" for scope in sorted(op.scopes))])


def _open_enum(a: Schema, b: Schema) -> bool:
    """Whether one side is an enum and the other may be anything: how a document writes an enum without members."""
    return {a.kind, b.kind} == {"enum", "type"} and ANY in (a.type, b.type)


def _members(name: str, a: Schema, b: Schema) -> Iterator[Change]:
    if a.base != b.base:
        yield Change("schema_type_changed", name, a.base, b.base, True, "the values are of another type")
        return
    before = {value: title for title, value in a.members.items()}
    after = {value: title for title, value in b.members.items()}
    for value, title in after.items():
        if value not in before:
            yield Change("enum_member_added", f"{name}:{title}", None, value)
        elif before[value] != title:
            why = "the old name stays as a deprecated alias"
            yield Change("enum_member_renamed", f"{name}:{title}", before[value], title, False, why)
    for value, title in before.items():
        if value not in after:
            yield Change("enum_member_removed", f"{name}:{title}", value, None, True, "the member goes")


def _own(old: Mapping[str, Mapping[str, object]], new: Mapping[str, Mapping[str, object]]) -> Iterator[Change]:
    for kind in {**old, **new}:
        a, b = old.get(kind, {}), new.get(kind, {})
        for name in {**a, **b}:
            if name not in a:
                yield Change(f"{kind}_added", name, None, b[name], subject=name)
            elif name not in b:
                yield Change(f"{kind}_removed", name, a[name], None, True, "the name goes", name)
            elif a[name] != b[name]:
                yield Change(f"{kind}_changed", name, a[name], b[name], True, "what it says is another", name)

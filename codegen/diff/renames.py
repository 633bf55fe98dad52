"""Which operation or schema of the new side is one of the old side under another name: same shape, same uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from codegen.diff.facts import Facts, Operation, Schema, mapped_operation, mapped_schema, used
from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union, refs

ALIKE = 0.5  # schemas in the same place that have less in common are two things, not one


@dataclass(frozen=True, slots=True)
class Pairs:
    """What belongs together: operations that stay, and old names of schemas with their new ones."""

    operations: tuple[tuple[Operation, Operation], ...]
    removed: tuple[Operation, ...]
    added: tuple[Operation, ...]
    schemas: Mapping[str, str]

    def renamed(self, old: Facts) -> Facts:
        """The old side with its schemas under their new names, so that only true changes differ."""
        keys = {before.key: after.key for before, after in self.operations}

        def name(given: str) -> str:
            if given in self.schemas:
                return self.schemas[given]
            owner = old.schemas[given].owner if given in old.schemas else ""
            moved = self.schemas.get(owner) or keys.get(owner)
            return moved + given[len(owner) :] if owner and moved else given

        def change(ref: Ref) -> Type:
            return replace(ref, name=name(ref.name))

        schemas = [
            replace(mapped_schema(schema, change, name), owner=keys.get(schema.owner, name(schema.owner)))
            for schema in old.schemas.values()
        ]
        operations = {key: mapped_operation(op, change) for key, op in old.operations.items()}
        return replace(old, operations=operations, schemas={schema.name: schema for schema in schemas})


def pairs(old: Facts, new: Facts) -> Pairs:
    """Pair both sides: operations by id and path, by path, by id; then schemas that stand in the same places."""
    stay = _operations(old, new)
    before, after = {a.key for a, _ in stay}, {b.key for _, b in stay}
    return Pairs(
        tuple(stay),
        tuple(op for key, op in old.operations.items() if key not in before),
        tuple(op for key, op in new.operations.items() if key not in after),
        _Schemas(old, new, stay).paired(),
    )


def shape(op: Operation) -> str:
    """Method and path without the names of parameters: they are not sent."""
    return f"{op.method} {re.sub('{[^{}]*}', '{}', op.path)}"


def _name(op: Operation) -> str:
    return op.name


def _name_and_shape(op: Operation) -> str:
    return f"{op.name} {shape(op)}"


def _operations(old: Facts, new: Facts) -> list[tuple[Operation, Operation]]:
    left, right = list(old.operations.values()), list(new.operations.values())
    found: dict[str, tuple[Operation, Operation]] = {}
    for same in (_name_and_shape, shape, _name):
        known = {same(op): op for op in right}
        for op in left:
            other = known.pop(same(op), None)
            if other is not None:
                found[op.key] = (op, other)
        taken = {id(b) for _, b in found.values()}
        left = [op for op in left if op.key not in found]
        right = [op for op in right if id(op) not in taken]
    return [found[key] for key in old.operations if key in found]


class _Schemas:
    def __init__(self, old: Facts, new: Facts, operations: list[tuple[Operation, Operation]]) -> None:
        self.old, self.new, self.operations = old, new, operations
        self.gone = {n for n, s in old.schemas.items() if n not in new.schemas and not s.owner}
        self.come = {n for n, s in new.schemas.items() if n not in old.schemas and not s.owner}

    def paired(self) -> dict[str, str]:
        """Old name -> new name.  What is paired lets its own fields be laid side by side in the next round."""
        found: dict[str, str] = {}
        while self.gone - set(found):
            votes = Counter(pair for pair in self._votes(found) if pair[0] not in found)
            new: dict[str, str] = {}
            for before, after in sorted(votes, key=lambda pair: (-self._alike(*pair), -votes[pair], pair)):
                free = before not in new and after not in {*found.values(), *new.values()}
                if free and self._alike(before, after) >= ALIKE:
                    new[before] = after
            if not new:
                break
            found |= new
        return found | self._unused(found)

    def _unused(self, found: Mapping[str, str]) -> dict[str, str]:
        """Schemas that nothing uses and whose shape only one other has."""
        old_used, new_used = _all_used(self.old), _all_used(self.new)
        left = [n for n in sorted(self.gone - set(found)) if n not in old_used]
        right = [n for n in sorted(self.come - set(found.values())) if n not in new_used]
        twins = [(a, b) for a in left for b in right if self._same(a, b)]
        befores, afters = Counter(a for a, _ in twins), Counter(b for _, b in twins)
        return {a: b for a, b in twins if befores[a] == afters[b] == 1}

    def _same(self, before: str, after: str) -> bool:
        a, b = self.old.schemas[before], self.new.schemas[after]
        return bool(a.fields or a.members or a.type) and replace(a, name=b.name) == b

    def _votes(self, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Each pair of names that stand in the same place, once for each place."""
        for a, b in self.operations:
            for x, y in zip(a.path_fields, b.path_fields, strict=False):
                yield from self._walk(x.type, y.type)
            for left, right in ((a.query, b.query), (a.uploads, b.uploads)):
                for key in left.keys() & right.keys():
                    yield from self._walk(left[key].type, right[key].type)
            yield from self._walk(a.body, b.body)
            for status in a.returns.keys() & b.returns.keys():
                yield from self._walk(a.returns[status], b.returns[status])
        for name, schema in self.old.schemas.items():
            other = self.new.schemas.get(found.get(name, name))
            if other is not None:
                for key in schema.fields.keys() & other.fields.keys():
                    yield from self._walk(schema.fields[key].type, other.fields[key].type)
                yield from self._walk(schema.type, other.type)
                yield from self._walk(schema.others, other.others)
                yield from self._arms(list(map(Ref, schema.bases)), list(map(Ref, other.bases)))

    def _walk(self, a: Type | None, b: Type | None) -> Iterator[tuple[str, str]]:
        match a, b:
            case None, _:
                return
            case _, None:
                return
            case Nullable(inner), _:
                yield from self._walk(inner, b)
            case _, Nullable(inner):
                yield from self._walk(a, inner)
            case Array(x), Array(y):
                yield from self._walk(x, y)
            case Map(x), Map(y):
                yield from self._walk(x, y)
            case _:
                yield from self._arms(_arms(a), _arms(b))

    def _arms(self, a: list[Type], b: list[Type]) -> Iterator[tuple[str, str]]:
        left = [arm.name for arm in a if isinstance(arm, Ref) and arm.name in self.gone]
        right = [arm.name for arm in b if isinstance(arm, Ref) and arm.name in self.come]
        yield from ((x, y) for x in left for y in right)

    def _alike(self, before: str, after: str) -> float:
        return alike(self.old, self.old.schemas[before], self.new, self.new.schemas[after])


def alike(old: Facts, a: Schema, new: Facts, b: Schema) -> float:
    """How much of their shape two schemas share, 0 to 1."""
    if a.kind != b.kind:
        return 0.0
    if a.kind == "enum":
        return _share(set(a.members.values()), set(b.members.values())) if a.base == b.base else 0.0
    if a.kind == "type":
        return float(type(a.type) is type(b.type))
    x, y = old.inherited(a), new.inherited(b)
    names = _share(set(x), set(y))
    both = x.keys() & y.keys()
    if any(_told_apart(x[key].type, y[key].type) for key in both):
        return 0.0
    same = sum(_kind(x[key].type) == _kind(y[key].type) for key in both)
    return names * (same / len(both) if both else 1.0)


def _told_apart(a: Type, b: Type) -> bool:
    """Whether a field has values on both sides and none in common: a tag that says they are two things."""
    if not isinstance(a, Ref | Primitive) or not isinstance(b, Ref | Primitive):
        return False
    return bool(a.values and b.values) and not set(a.values) & set(b.values)


def _share(a: set[object], b: set[object]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


def _kind(kind: Type) -> str:
    """The rough kind of a type: a name may be another and still mean the same."""
    match kind:
        case Nullable(inner):
            return _kind(inner)
        case Array(inner):
            return _kind(inner) + "[]"
        case Map(inner):
            return f"map({_kind(inner)})"
        case Ref() | Union():
            return "name"
        case _:
            return kind.kind


def _arms(kind: Type) -> list[Type]:
    return list(kind.arms) if isinstance(kind, Union) else [kind]


def _all_used(facts: Facts) -> set[str]:
    found = {name for schema in facts.schemas.values() for name in used(schema)}
    for op in facts.operations.values():
        kinds = [op.body, *op.returns.values(), *(f.type for f in (*op.path_fields, *op.query.values()))]
        found |= {name for kind in kinds if kind is not None for name in refs(kind)}
    return found

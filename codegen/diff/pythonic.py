"""What a change means in Python: the helper's arguments or the class's fields before and after."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from codegen.diff.facts import Facts, Operation, Schema
from codegen.diff.names import Names
from codegen.filters import attribute
from codegen.ir import Field
from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union

_WORDS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "any": "Any", "null": "None"}
_FORMATS = {"snowflake": "Snowflake", "date-time": "datetime", "binary": "bytes"}


class Printer:
    """Prints things of one side under our names.  A sketch for reading: the generator has the last word."""

    def __init__(self, facts: Facts, names: Names) -> None:
        self.facts, self.names = facts, names

    def type(self, kind: Type, sent: bool) -> str:
        """The annotation of a type."""
        match kind:
            case Nullable(inner):
                return f"{self.type(inner, sent)} | None"
            case Union(arms):
                refs = tuple(arm.name for arm in arms if isinstance(arm, Ref))
                name = self.names.union(refs) if len(refs) == len(arms) else None
                return name or " | ".join(dict.fromkeys(self.type(arm, sent) for arm in arms))
            case Array(inner):
                return f"{'Sequence' if sent else 'list'}[{self.type(inner, sent)}]"
            case Map(inner):
                return f"{'Mapping' if sent else 'dict'}[str, {self.type(inner, sent)}]"
            case Ref(name, values):
                schema = self.facts.schemas.get(name)
                if schema is not None and schema.type is not None:
                    return self.type(schema.type, sent)
                shown = self.names.schema(name)
                titles = {value: title for title, value in schema.members.items()} if schema is not None else {}
                if values and all(value in titles for value in values):
                    return f"Literal[{', '.join(f'{shown}.{titles[value]}' for value in values)}]"
                return shown
            case Primitive(word, form, values=values):
                if values:
                    return f"Literal[{', '.join(map(repr, values))}]"
                found = _FORMATS.get(form) or _WORDS[word]
                return "SnowflakeLike" if found == "Snowflake" and sent else found

    def helper(self, op: Operation) -> list[str]:
        """The signature of an operation's helper, an argument a line."""
        path = [f"    {f.name}: {self.type(f.type, True)}," for f in op.path_fields]
        rest = [self._argument(f) for f in (*op.query.values(), *self._body(op), *op.uploads.values())]
        answers = [self.type(kind, False) if kind is not None else "None" for kind in op.returns.values()]
        returns = " | ".join(dict.fromkeys(answers)) or "None"
        star = ["    *,"] if rest else []
        return [f"def {self.names.operation(op.name)}(", *path, *star, *rest, f") -> Route[{returns}]: ..."]

    def _body(self, op: Operation) -> Iterator[Field]:
        """The body's fields are the helper's arguments; a body of another shape is one argument."""
        if op.body is None:
            return
        plain = self.facts.plain(op.body)
        schema = self.facts.schemas.get(plain.name) if isinstance(plain, Ref) else None
        if schema is not None and schema.kind == "object":
            yield from self.facts.inherited(schema).values()
        else:
            yield Field("body", op.body, op.body_required)

    def _argument(self, f: Field) -> str:
        shown = self.type(f.type, True)
        return (
            f"    {attribute(f.name)}: {shown},"
            if f.required
            else f"    {attribute(f.name)}: {shown} | Missing = MISSING,"
        )

    def cls(self, schema: Schema, sent: bool) -> list[str]:
        """The class of a schema, a field a line."""
        name = self.names.schema(schema.name)
        if schema.kind == "enum":
            base = "OpenIntEnum" if schema.base == "int" else "OpenStrEnum"
            return [f"class {name}({base}):", *(f"    {title} = {value!r}" for title, value in schema.members.items())]
        if schema.type is not None:
            return [f"{name} = {self.type(schema.type, sent)}"]
        rows = [
            f"    {attribute(f.name)}: {self.type(f.type, sent)}" + ("" if f.required else " | Missing = MISSING")
            for f in self.facts.inherited(schema).values()
        ]
        return [f"class {name}({'Request' if sent else 'Model'}):", *rows]


def changed(before: list[str], after: list[str], limit: int = 24) -> list[str]:
    """The first line and what differs, as a diff; nothing where the two read the same."""
    if before == after:
        return []
    lines = list(difflib.ndiff(before, after))
    kept = [line for line in lines if line[0] in "+-"]
    head = [line for line in lines[:1] if line[0] == " "]
    shown = [line[0] + line[2:] for line in (*head, *kept)]
    more = len(shown) - limit
    return shown[:limit] + ([f" ... and {more} lines more"] if more > 0 else [])

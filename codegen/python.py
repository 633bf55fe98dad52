"""Types of the spec -> Python annotations, and the imports they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from codegen.filters import checked, literal, members
from codegen.ir import Alias, Choice, Enum, Object, Spec
from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union

Side = Literal["answer", "argument"]
ENUMS = "acord.models.enums"
FIRST_ENUMS = "acord.models.message_enums"  # those that a message is made of, which `ENUMS` offers as well
FLAGS = "acord.flags"
# Sets of bits that stand elsewhere.
BITS = {"Intents": "acord.core.signals.gateway", "Speaking": "acord.core.signals.voice"}


@dataclass
class Imports:
    """The names a module uses, by the module they come from."""

    names: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def use(self, module: str, name: str) -> str:
        self.names.setdefault(module, set()).add(name)
        return name

    def lines(self, only: str | None = None) -> list[str]:
        """`from module import a, b` lines, sorted as the linter sorts them."""
        order = sorted(self.names, key=lambda m: (_section(m), m))
        out: list[str] = []
        last = None
        for module in filter(self.names.get, order):
            if only is not None and not module.startswith(only):
                continue
            if last is not None and _section(module) != last:
                out.append("")
            last = _section(module)
            out.append(f"from {module} import {', '.join(sorted(self.names[module], key=_order))}")
        return out


def _section(module: str) -> int:
    return 2 if module.startswith("acord") else 1 if module.startswith("pydantic") else 0


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: isort's order, which the linter checks."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def likes(home: str) -> str:
    """The module that says what may stand for an object of a request, beside the module of its class."""
    return f"{home.rpartition('.')[0]}.likes"


class Annotator:
    """Annotations of one module: `answer` for what is received, `argument` for what a caller may pass."""

    def __init__(self, spec: Spec, imports: Imports, home: Mapping[str, str]) -> None:
        self.spec, self.imports, self.home = spec, imports, home
        self.enum_members = {
            name: dict[object, str]((value, key) for key, value in members(schema.members))
            for name, schema in spec.schemas.items()
            if isinstance(schema, Enum)
        }

    def show(self, kind: Type, side: Side) -> str:
        """Python source of the annotation."""
        match kind:
            case Nullable(inner):
                return f"{self.show(inner, side)} | None"
            case Union(arms):
                return " | ".join(dict.fromkeys(self.show(arm, side) for arm in arms))
            case Array(inner):
                if side == "argument":
                    return f"{self.imports.use('collections.abc', 'Sequence')}[{self.show(inner, side)}]"
                return f"list[{self.show(inner, side)}]"
            case Map(inner):
                if side == "argument":
                    return f"{self.imports.use('collections.abc', 'Mapping')}[str, {self.show(inner, side)}]"
                return f"dict[str, {self.show(inner, side)}]"
            case Ref():
                return self._ref(kind, side)
            case Primitive():
                return self._primitive(kind, side)

    def _ref(self, kind: Ref, side: Side) -> str:
        schema = self.spec.schemas[kind.name]
        match schema:
            case Enum():
                name = self.imports.use(self.home[schema.name], checked(schema.name))
                raw = schema.base
                if side == "answer":
                    return name
                known = self.enum_members[schema.name]
                tags = [v for v in kind.values if v in known]
                if tags and len(tags) == len(kind.values):
                    lit = self.imports.use("typing", "Literal")
                    return f"{lit}[{', '.join(f'{name}.{known[v]}, {literal(v)}' for v in tags)}]"
                return f"{name} | {raw}"
            case Alias():
                return self.show(schema.type, side)
            case Object() | Choice():
                name = checked(schema.name)
                if side == "answer":
                    return self.imports.use(self.home[name], name)
                return self.imports.use(likes(self.home[name]), f"{name}Like")

    def _primitive(self, kind: Primitive, side: Side) -> str:
        use = self.imports.use
        if kind.flags:
            name = use(BITS.get(kind.flags, FLAGS), checked(kind.flags))
            return name if side == "answer" else f"{name} | int{' | str' if kind.kind == 'string' else ''}"
        if kind.values and side == "argument":
            return f"{use('typing', 'Literal')}[{', '.join(map(literal, kind.values))}]"
        match kind.kind, kind.format:
            case "string", "snowflake":
                return use("acord.core.types", "SnowflakeLike" if side == "argument" else "Snowflake")
            case "string", "date-time":
                return f"{use('datetime', 'datetime')} | str" if side == "argument" else use("datetime", "datetime")
            case "string", "binary":
                return use("acord.core.types", "File") if side == "argument" else "bytes"
            case "string", "base64":  # a picture: `shapes.Image` makes a data URI of any of these
                return f"{use('acord.core.types', 'File')} | bytes | str" if side == "argument" else "str"
            case "any", _:
                return use("typing", "Any")
            case "null", _:
                return "None"
            case word, _:
                return {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[word]

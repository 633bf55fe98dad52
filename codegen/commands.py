"""Commands: what a client sends over the gateway, as frozen values that check themselves without pydantic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Environment

from codegen import gateway, graph
from codegen.errors import CodegenError
from codegen.filters import checked, identifier, literal, quoted
from codegen.ir import Command, Enum, Field, Gateway, Limit, Object, Spec
from codegen.lower import about
from codegen.notation import Ref, Type
from codegen.python import Annotator, Imports, Side
from codegen.shapes import Printer

_RESERVED = frozenset({"answer", "d", "limits", "max_bytes", "op", "payload", "self", "shape", "validate"})
_SECRET = frozenset({"token"})


@dataclass(frozen=True)
class Page:
    """What the template prints of one class."""

    name: str
    base: str
    about: str
    fields: list[tuple[str, str]]
    signature: list[str]
    facts: list[tuple[str, str]]

    @property
    def slots(self) -> list[str]:
        """In the order that the linter wants."""
        return sorted([*(name for name, _ in self.fields), "validate"])


def render(gate: Gateway, rest_home: Mapping[str, str], env: Environment) -> Iterator[tuple[str, str]]:
    """(path, source) of acord/commands.py."""
    world = gate.events
    home = {**rest_home, **world.home}
    names = [n for n in world.own if home[n] == gateway.COMMANDS]
    imports, printer = Imports(), _Inline(world.spec)
    annotator = _Annotator(world.spec, imports, home)
    by_class = {command.cls: command for command in gate.commands}
    pages = [
        _page(world.spec, annotator, printer, name, by_class.get(name), gate)
        for name in graph.ordered(world.spec, names)
    ]
    for name in printer.used:
        imports.use("acord.core.shapes", name)
    imports.use("acord.core.signals.gateway", "Opcode")
    imports.use("acord.core.command", "Command")
    imports.use("collections.abc", "Mapping")
    imports.use("typing", "Final")
    page = env.get_template("acord/commands.py.jinja")
    text = page.render(
        imports="\n".join(imports.lines()),
        pages=pages,
        rate=_limit(gate.rate, imports),
        max_bytes=gate.max_bytes,
        commands=[(command.name, command.cls) for command in gate.commands],
    )
    yield "acord/commands.py", text


def _page(
    spec: Spec, annotator: Annotator, printer: Printer, name: str, command: Command | None, gate: Gateway
) -> Page:
    schema, use = spec.schemas[name], annotator.imports.use
    assert isinstance(schema, Object)
    fields: list[tuple[str, str, Field]] = []
    for field in schema.fields:
        if field.name in _RESERVED or identifier(field.name) != field.name:
            raise CodegenError(f"{name}.{field.name}: commands have something else of this name")
        shown = annotator.show(field.type, "argument")
        if field.name in _SECRET:
            shown = f"{use('acord.core.types', 'Token')} | {shown}"
        if not field.required:
            shown += f" | {use('acord.core.types', 'Missing')}"
            use("acord.core.types", "MISSING")
        fields.append((field.name, shown, field))
    plain = command is not None and command.plain
    ordered = sorted(fields, key=lambda row: not row[2].required)
    signature = [f"{n}: {shown}{'' if f.required else ' = MISSING'}" for n, shown, f in ordered]
    shape = printer.show(schema.fields[0].type) if plain else printer.schema(schema)
    facts = [("shape", shape)]
    base = use("acord.core.command", "PlainCommand" if plain else "Command" if command else "Part")
    text = about(schema)
    if command is not None:
        facts = [("op", f"Opcode.{command.opcode}"), *facts, ("max_bytes", literal(gate.max_bytes))]
        if command.limits:
            facts.append(("limits", _tuple(_limit(limit, annotator.imports) for limit in command.limits)))
        facts += [(f"_{key}", literal(value)) for key in ("one_of", "together") if (value := getattr(command, key))]
        if command.answer:
            facts.append(("answer", quoted(command.answer)))
        needs = [f"Needs the intent {intent} {why}." for intent, why in command.intents.items()]
        text = "\n\n".join(filter(None, (schema.note, " ".join(needs), f"Source: {schema.docs}")))
    return Page(name, base, text, [(n, shown) for n, shown, _ in fields], signature, facts)


def _tuple(items: Iterator[str]) -> str:
    return f"({', '.join(items)},)"


def _limit(limit: Limit, imports: Imports) -> str:
    name = imports.use("acord.core.command", "Limit")
    when = f", when={quoted(limit.when)}" if limit.when else ""
    return f"{name}({limit.count}, {limit.seconds}, {quoted(limit.per)}{when})"


class _Inline(Printer):
    """Shapes with those they name inside: `acord.shapes` has those of request bodies alone."""

    def show(self, kind: Type) -> str:
        if isinstance(kind, Ref) and not kind.values:
            return self.schema(self.spec.schemas[kind.name])
        return super().show(kind)


class _Annotator(Annotator):
    def show(self, kind: Type, side: Side) -> str:
        if isinstance(kind, Ref) and not isinstance(self.spec.schemas[kind.name], Enum):
            mapping, any_ = self.imports.use("collections.abc", "Mapping"), self.imports.use("typing", "Any")
            return f"{checked(kind.name)} | {mapping}[str, {any_}]"
        return super().show(kind, side)

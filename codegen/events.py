"""Events, voice payloads, webhook events: the classes of models with a base that says which message they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from jinja2 import Environment

from codegen import gateway, graph
from codegen.errors import CodegenError
from codegen.filters import quoted
from codegen.ir import Choice, Enum, Event, Gateway, World
from codegen.lower import about
from codegen.models import Module
from codegen.python import BITS

BASES = {gateway.VOICE: "VoicePayload", gateway.WEBHOOK: "WebhookEvent"}
_TITLES = {gateway.VOICE: "What goes over the voice gateway as JSON.", gateway.WEBHOOK: "What event webhooks are sent."}


def render(gate: Gateway, rest_home: Mapping[str, str], env: Environment) -> Iterator[tuple[str, str]]:
    """(path, source) of acord/events and acord/voice_payloads."""
    for world in (gate.events, gate.webhook, gate.voice):
        home = {**rest_home, **world.home}
        if told := graph.joined(world.spec, home)[1]:
            raise CodegenError(f"{told[0].partition('; they share')[0]}: move a schema to another group")
        modules = sorted({home[name] for name in world.own} - {gateway.ENUMS, gateway.COMMANDS})
        for module in modules:
            names = graph.ordered(world.spec, [name for name in world.own if home[name] == module])
            yield f"{module.replace('.', '/')}.py", _Events(world, home, module, names, gate.binary).source()
    enums = [s for w in (gate.events, gate.webhook, gate.voice) for n in w.own
             if isinstance(s := w.spec.schemas[n], Enum)]  # fmt: skip
    page = env.get_template("acord/events/enums.py.jinja")
    yield "acord/events/enums.py", page.render(enums=sorted(enums, key=lambda e: e.name), about=about)
    yield "acord/events/callbacks.py", _callbacks(gate, env)
    yield "acord/events/__init__.py", _door(gate, env)


class _Events(Module):
    def __init__(
        self,
        world: World,
        home: Mapping[str, str],
        module: str,
        names: list[str],
        binary: Mapping[str, tuple[tuple[str, str], ...]],
    ) -> None:
        super().__init__(world.spec, home, module, names)
        self.binary = binary
        self.events = {event.cls: event for event in world.events.values() if home[event.cls] == module}
        for event in list(self.events.values()):
            if event.other:  # it comes in the place of the event, so it is one
                self.events[event.other] = event
        self.root = BASES.get(module, "Event")
        self.models = any(isinstance(world.spec.schemas[name], Choice) for name in names)  # whether `Model` is used

    def title(self) -> str:
        return _TITLES.get(self.module) or f"Events: {self.module.rpartition('.')[2].replace('_', ' ')}."

    def finished(self, node: ast.ClassDef, wire: Mapping[str, str]) -> ast.ClassDef:
        super().finished(node, wire)
        event = self.events.get(node.name)
        if event is None:
            self.models |= any(isinstance(base, ast.Name) and base.id == "Model" for base in node.bases)
            return node
        bases = [base for base in node.bases if not (isinstance(base, ast.Name) and base.id == "Model")]
        use = self.imports.use
        own: list[ast.expr] = [ast.Name(use("acord.core.event", self.root))]
        if event.plain:
            own.append(ast.Name(use("acord.core.event", "Plain")))
        node.bases = [*own, *bases]
        node.body = [s for s in node.body if not isinstance(s, ast.Pass)]
        at = 1 if node.body and isinstance(node.body[0], ast.Expr) else 0
        node.body[at:at] = ast.parse("\n".join(self._facts(event))).body
        return node

    def import_lines(self) -> list[str]:
        if not self.models:
            self.imports.names.get("acord.core.base", set()).discard("Model")
        return super().import_lines()

    def _facts(self, event: Event) -> Iterator[str]:
        if self.module == gateway.VOICE:
            self.imports.use(BITS["Speaking"], "Opcode")
            yield f"opcode = Opcode.{event.opcode}"
            return
        yield f"event_name = {quoted(event.name)}"
        if event.intents:
            self.imports.use(BITS["Intents"], "Intents")
            yield f"event_intents = {' | '.join(f'Intents.{name}' for name in event.intents)}"

    def tail(self) -> list[str]:
        """The tables of the modules that have no door of their own."""
        if self.module == gateway.WEBHOOK:
            rows = [f"{quoted(event.name)}: {event.cls}," for event in self.events.values()]
            return [self._table("EVENTS", "str, type[WebhookEvent]", rows, "Event -> the class of its data.")]
        if self.module != gateway.VOICE:
            return []
        rows = [f"Opcode.{event.opcode}: {event.cls}," for event in self.events.values()]
        parts = [f"Opcode.{name}: ({' '.join(f'({quoted(a)}, {quoted(b)}),' for a, b in row)}),"
                 for name, row in self.binary.items()]  # fmt: skip
        says = "Opcode of a JSON message -> the class of its `d`."
        binary = "Opcode of a binary message -> its parts after that byte, big-endian: u8, u16, bytes (the rest)."
        return [
            self._table("PAYLOADS", "Opcode, type[VoicePayload]", rows, says),
            self._table("BINARY", "Opcode, tuple[tuple[str, str], ...]", parts, binary),
        ]

    def _table(self, name: str, types: str, rows: list[str], says: str) -> str:
        self.imports.use("typing", "Final")
        self.imports.use("collections.abc", "Mapping")
        return f'{name}: Final[Mapping[{types}]] = {{{" ".join(rows)}}}\n"""{says}"""'


def _callbacks(gate: Gateway, env: Environment) -> str:
    answered: dict[str, list[str]] = {}
    for callback, interactions in gate.callbacks.items():
        for name in interactions:
            answered.setdefault(name, []).append(callback)
    page = env.get_template("acord/events/callbacks.py.jinja")
    return page.render(callbacks=gate.callbacks.items(), answered=answered.items())


def _door(gate: Gateway, env: Environment) -> str:
    world = gate.events
    exported = {name: world.home[name] for name in world.own if world.home[name] != gateway.COMMANDS}
    for name in list(exported):
        schema = world.spec.schemas[name]
        if isinstance(schema, Choice):
            exported[f"Unknown{name}"] = exported[name]
    exported |= dict.fromkeys(("Event", "Unknown", "decode"), "acord.core.event")
    by_module: dict[str, list[str]] = {}
    for name, module in sorted(exported.items(), key=lambda item: (item[1], item[0])):
        by_module.setdefault(module, []).append(name)
    return env.get_template("acord/events/__init__.py.jinja").render(
        by_module=by_module.items(),
        home=sorted(exported.items()),
        events=[(event.name, event.cls) for event in sorted(world.events.values(), key=lambda e: e.name)],
        otherwise=[(event.name, event.other) for event in world.events.values() if event.other],
        modules=gateway.MODULES,
    )

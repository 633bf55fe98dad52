"""The modules of models that hold no class of their own making: enums, the lazy door, dict twins, their unions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jinja2 import Environment

from codegen import graph
from codegen.filters import identifier
from codegen.ir import Alias, Choice, Enum, Object, Spec
from codegen.lower import about
from codegen.python import ENUMS, FIRST_ENUMS, Annotator, Imports


def render(spec: Spec, home: Mapping[str, str], env: Environment) -> Iterator[tuple[str, str]]:
    """(path, source) of acord/models but for the classes."""
    exported: dict[str, str] = dict(home)
    for name, schema in spec.schemas.items():
        if isinstance(schema, Choice) and schema.tag and name not in spec.requests:
            exported[f"Unknown{name}"] = home[name]
    enums = [schema for schema in spec.schemas.values() if isinstance(schema, Enum)]
    first = [enum for enum in enums if home[enum.name] == FIRST_ENUMS]
    rest = [enum for enum in enums if home[enum.name] == ENUMS]
    old = _members(spec)
    if first:
        yield "acord/models/message_enums.py", enums_page(env, _FIRST_ENUMS, first, old)
    yield "acord/models/enums.py", enums_page(env, _ENUMS, rest, old, sorted(enum.name for enum in first))
    yield _page(env, "models/official.py", official=_official(spec))
    by_module: dict[str, list[str]] = {}
    for name, module in sorted(exported.items(), key=lambda item: (item[1], item[0])):
        by_module.setdefault(module, []).append(name)
    short = [(name, module.removeprefix("acord.models.")) for name, module in sorted(exported.items())]
    renamed = [(n.old, n.new, n.until or _NEXT, exported[n.new]) for n in spec.renamed if n.new in exported]
    yield _page(env, "models/__init__.py", by_module=by_module.items(), home=short, renamed=renamed)
    objects = [n for n in sorted(spec.requests) if isinstance(spec.schemas[n], Object) and n in home]
    choices = [s for n in graph.ordered(spec, spec.requests) if isinstance(s := spec.schemas[n], Choice)]
    sources: dict[str, list[str]] = {"acord.models.dicts": [f"{name}Dict" for name in objects]} if objects else {}
    for name in objects:
        sources.setdefault(home[name], []).append(name)
    yield _page(env, "models/likes.py", by_module=sorted(sources.items()), objects=objects, choices=choices)
    yield dicts(spec, home, env, objects)


_ENUMS = "Every enum of the REST API. All are open: a value that Discord adds tomorrow is a member-to-be of its class."
_FIRST_ENUMS = "The enums that a message is made of; `acord.models.enums` has them all."
_NEXT = "the next minor version"


def enums_page(
    env: Environment,
    title: str,
    enums: list[Enum],
    renamed: Mapping[str, list[tuple[str, str, str]]],
    offered: Sequence[str] = (),
) -> str:
    """The source of a module of enums; those `offered` come out of another one."""
    bases = sorted({"OpenIntEnum" if enum.base == "int" else "OpenStrEnum" for enum in enums})
    bases += ["RenamedMember"] if renamed.keys() & {enum.name for enum in enums} else []
    page = env.get_template("acord/models/enums.py.jinja")
    return page.render(title=title, bases=bases, enums=enums, about=about, renamed=renamed, offered=offered)


def _members(spec: Spec) -> dict[str, list[tuple[str, str, str]]]:
    """Enum -> its members' old names, their new ones and the version in which the old ones go."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for name in spec.renamed:
        enum, dot, old = name.old.partition(".")
        if dot:
            found.setdefault(enum, []).append((old, name.new.partition(".")[2], name.until or _NEXT))
    return found


def dicts(spec: Spec, home: Mapping[str, str], env: Environment, names: list[str]) -> tuple[str, str]:
    imports = Imports()
    annotator = Annotator(spec, imports, home)
    imports.use("typing", "TypedDict")
    twins: list[dict[str, object]] = []
    for name in graph.ordered(spec, names):
        schema = spec.schemas[name]
        assert isinstance(schema, Object)
        fields: list[tuple[str, str]] = []
        for field in schema.fields:
            shown = annotator.show(field.type, "argument")
            fields.append((field.name, shown if field.required else f"{imports.use('typing', 'NotRequired')}[{shown}]"))
        bases = ", ".join(f"{base}Dict" for base in schema.extends)
        plain = all(identifier(key) == key for key, _ in fields)
        twins.append({"name": name, "fields": fields, "plain": plain, "bases": bases, "about": f"As `{name}`."})
    likes = {m: sorted(imports.names.pop(m)) for m in sorted(imports.names) if m.endswith(".likes")}
    imports.use("typing", "TYPE_CHECKING")
    block = "\n".join(imports.lines())
    if likes:
        block += "\n\nif TYPE_CHECKING:"
        block += "".join(f"\n    from {module} import {', '.join(names)}" for module, names in likes.items())
    return _page(env, "models/dicts.py", imports=block, twins=twins)


def _official(spec: Spec) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, schema in spec.schemas.items():
        if isinstance(schema, Object | Enum | Alias) and schema.official and not graph.handwritten(schema):
            found.append((schema.official, name))
    return sorted(found)


def _page(env: Environment, path: str, **values: object) -> tuple[str, str]:
    return f"acord/{path}", env.get_template(f"acord/{path}.jinja").render(**values)

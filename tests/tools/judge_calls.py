"""Official operations beside ours: what an ``Operation`` says of itself, and what its helper's signature takes."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.tools import judge_hints, judge_models, judge_shapes
from tests.tools.facts import JSON
from tests.tools.judge import Difference, World, flat, uploads
from tests.tools.official_facts import Fact

MULTIPART = "multipart/form-data"
MEDIA = {JSON: "json", "application/x-www-form-urlencoded": "form", MULTIPART: "multipart"}
AUTH = {"BotToken": "bot", "OAuth2": "oauth2"}
BINARY_ANSWERS = ("bytes", "str")
EXTRAS = ("validate",)  # what every helper takes beside the official arguments
ARRAY = "items"  # what the one positional argument of a body that is no object is called


def operation(name: str, ours: Any, world: World) -> Iterator[Difference]:
    """Method, path, parameters, body, media types, uploads, credentials and answers of one operation."""
    fact = world.facts.operations[name]
    for attribute in ("method", "path"):
        if fact[attribute] != getattr(ours, attribute):
            yield Difference(f"{name} {attribute}", "values", fact[attribute], getattr(ours, attribute))
    if bool(fact.get("deprecated")) and not ours.deprecated:
        yield Difference(f"{name} deprecated", "values", True, ours.deprecated)
    yield from _parameters(name, fact, ours, world)
    yield from _body(name, fact, ours, world)
    yield from _credentials(name, fact, ours)


def returns(name: str, ours: Any, world: World, namespace: Callable[[str], Any]) -> Iterator[Difference]:
    """What an operation answers per status; ``namespace`` gives the model or alias of a name."""
    answers: Mapping[str, Fact] = world.facts.operations[name]["answers"]
    found = {str(status): text for status, text in ours.returns.items()}
    if answers.keys() != found.keys():
        yield Difference(f"{name} returns", "values", sorted(answers), sorted(found))
    for status in sorted(answers.keys() & found.keys()):
        where, text, answer = f"{name} returns", found[status], answers[status]
        if not answer or text is None:
            if bool(answer) != (text is not None):
                yield Difference(where, "type", answer or None, text)
        elif JSON not in answer:
            if text not in BINARY_ANSWERS:
                yield Difference(where, "type", sorted(answer), text)
        else:
            yield from judge_models.annotation(answer[JSON], judge_models.returned(text, namespace), where, world)


def signature(name: str, helper: Callable[..., Any], ours: Any, world: World) -> Iterator[Difference]:
    """A helper's parameters: the path in order and positional, all else by keyword, nothing that nobody documents."""
    fact = world.facts.operations[name]
    given = inspect.signature(helper).parameters
    positional = [p for p in given.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    path = [part[1:-1] for part in fact["path"].split("/") if part.startswith("{")]
    _, no_object = _body_of(name, world)
    wanted = [*path, *([ARRAY] if no_object else [])]
    if wanted != [p.name for p in positional] or any(p.default is not p.empty for p in positional):
        yield Difference(f"{name} signature", "name", wanted, [str(p) for p in positional])
    official = arguments(name, world)
    python = {argument(field): field for field in official}
    unlisted = ("files",) if "files" not in official and _unlisted_files(ours, fact) else ()
    extras = {*EXTRAS, *(("reason",) if ours.reason else ()), *unlisted}
    for missing in sorted(python.keys() - given.keys()):
        yield Difference(official[python[missing]].where, "name", "an argument", None)
    for more in sorted(given.keys() - python.keys() - extras):
        yield Difference(f"{name} signature.{more}", "name", None, "an argument")
    for missing in sorted(extras - given.keys()):
        yield Difference(f"{name} signature.{missing}", "name", "an argument of ours", None)
    for each in sorted(python.keys() & given.keys()):
        yield from _argument(official[python[each]], given[each], each in wanted, world)


def _unlisted_files(ours: Any, fact: Fact) -> bool:
    """Where multipart is taken, the documentation's files[n] belong to it, also where the document leaves them out."""
    return ours.files == "files[n]" and MULTIPART in fact["body"]["media"]


@dataclass(frozen=True, slots=True)
class Argument:
    """What the document says of one argument; ``fact`` is None for several files at once."""

    where: str
    fact: Fact | None
    required: bool


def arguments(name: str, world: World) -> dict[str, Argument]:
    """Every argument that an operation documents: its parameters, the fields of its body, its files."""
    fact = world.facts.operations[name]
    parameters: list[Fact] = fact["parameters"]
    found = {p["name"]: Argument(f"{name} {p['in']}:{p['name']}", p["schema"], p["required"]) for p in parameters}
    body, no_object = _body_of(name, world)
    start = _body_name(name, world)
    fields: Fact = body["required"] | body["optional"] if body else {}
    for field, of in fields.items():
        if "[" not in field:
            found[field] = Argument(f"{start}.{field}", of, bool(body and field in body["required"]))
    if any("[" in field for field in fields):
        found["files"] = Argument(f"{name} files", None, False)
    if no_object:
        found[ARRAY] = Argument(f"{name} body", no_object, True)
    return found


def _argument(official: Argument, ours: inspect.Parameter, positional: bool, world: World) -> Iterator[Difference]:
    if (ours.kind is ours.KEYWORD_ONLY) == positional:
        yield Difference(official.where, "values", "positional" if positional else "by keyword", ours.kind.description)
    if official.required != (ours.default is ours.empty):
        yield Difference(official.where, "required", official.required, str(ours))
    if official.fact is not None:
        hint = inspect.formatannotation(ours.annotation) if ours.annotation is not ours.empty else "object"
        text = ours.annotation if isinstance(ours.annotation, str) else hint
        yield from judge_hints.compare(official.fact, official.required, text, official.where, world)


def argument(field: str) -> str:
    """How a field is called in Python: a keyword gets a trailing underscore."""
    return f"{field}_" if keyword.iskeyword(field) else field


def _parameters(name: str, fact: Fact, ours: Any, world: World) -> Iterator[Difference]:
    official = {(p["in"], p["name"]): p for p in fact["parameters"]}
    found = {(p.location, p.name): p for p in ours.parameters}
    for location, parameter in sorted(official.keys() ^ found.keys()):
        side = (location, parameter) in official
        yield Difference(f"{name} {location}:{parameter}", "name", side or None, not side or None)
    for key in sorted(official.keys() & found.keys()):
        where = f"{name} {key[0]}:{key[1]}"
        if official[key]["required"] != found[key].required:
            yield Difference(where, "required", official[key]["required"], found[key].required)
        yield from judge_shapes.compare(official[key]["schema"], found[key].shape, where, world)


def _body(name: str, fact: Fact, ours: Any, world: World) -> Iterator[Difference]:
    media = {MEDIA[kind] for kind in fact.get("body", {"media": ()})["media"]}
    if media and media != set(ours.media):
        yield Difference(f"{name} media", "values", sorted(media), sorted(ours.media))
    files = {str(ours.files).partition("[")[0]} if isinstance(ours.files, str) else set(ours.files or ())
    if set(uploads(world.facts, name)) != files and not _unlisted_files(ours, fact):
        yield Difference(f"{name} files", "values", uploads(world.facts, name), ours.files)
    body, no_object = _body_of(name, world)
    official = no_object or (world.facts.body(name) or _without_uploads(body))
    if official is None or ours.body is None:
        if (official is None) != (ours.body is None):
            yield Difference(f"{name} body", "type", official, ours.body)
        return
    if fact["body"]["required"] != ours.body_required:
        yield Difference(f"{name} body", "required", fact["body"]["required"], ours.body_required)
    yield from judge_shapes.compare(official, ours.body, f"{name} body", world)


def _body_of(name: str, world: World) -> tuple[Fact | None, Fact | None]:
    """An operation's body as (one object, uploads included), or as (nothing, what is no object)."""
    fact, parts = world.facts.body(name), world.facts.body(name, MULTIPART)
    if fact is not None and flat(world.facts, fact) is None:
        return None, fact
    whole = parts or fact
    return (None if whole is None else flat(world.facts, whole)), None


def _without_uploads(body: Fact | None) -> Fact | None:
    """What an object body has beside its binary parts; None where that is nothing."""
    if body is None:
        return None
    kept = {
        group: {name: fact for name, fact in body[group].items() if fact.get("encoding") != "binary"}
        for group in ("required", "optional")
    }
    return {"type": "object", **kept} if any(kept.values()) else None


def _body_name(name: str, world: World) -> str:
    """Where a field of the body lies for the overlay: in its schema, or in the operation's own body."""
    body = world.facts.body(name)
    return world.name(body) if body is not None and body["type"] == "ref" else f"{name} body"


def _credentials(name: str, fact: Fact, ours: Any) -> Iterator[Difference]:
    ways: list[Mapping[str, list[str]]] = fact["security"]
    kinds = {AUTH[kind] for way in ways for kind in way} | {"none" for way in ways if not way}
    if kinds != {"oauth2" if kind == "bearer" else kind for kind in ours.auth}:
        yield Difference(f"{name} auth", "values", sorted(kinds), sorted(ours.auth))
    scopes = {scope for way in ways for scope in way.get("OAuth2", ())}
    if scopes != set(ours.scopes):
        yield Difference(f"{name} scopes", "values", sorted(scopes), sorted(ours.scopes))

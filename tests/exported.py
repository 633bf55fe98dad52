"""What `codegen export` writes, and whether answers and events are as it says; by jsonschema, which knows no models."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from codegen import export

SPEC = Path(__file__).parents[1] / "spec"
REST, ALL = "urn:openapi", "urn:everything"
FORMATS = FormatChecker(())


@FORMATS.checks("snowflake")
def _is_snowflake(value: object) -> bool:
    return not isinstance(value, str) or (value.isascii() and value.isdecimal() and int(value) < 2**64)


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    if isinstance(value, str):
        datetime.fromisoformat(value)
    return not isinstance(value, str) or re.search(r"\d[+-]\d\d:\d\d$|Z$", value) is not None


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z", value) is not None


@cache
def _files() -> dict[str, Any]:
    return {name: json.loads(text) for name, text in export.render(SPEC).items()}


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return dict(_files()[export.OPENAPI])


@cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """By operationId: path, method in upper case, and what the document says."""
    return {
        operation["operationId"]: (path, method.upper(), operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


@cache
def _registry() -> Any:
    files = {REST: _files()[export.OPENAPI], ALL: _files()[export.EVERYTHING]}
    return Registry().with_resources([(home, DRAFT202012.create_resource(file)) for home, file in files.items()])


@cache
def _validator(place: str) -> Any:
    return Draft202012Validator({"$ref": place}, registry=_registry(), format_checker=FORMATS)


def _misfits(place: str, value: object) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in _validator(place).iter_errors(value)]


def event_complaints(name: str, data: object) -> list[str]:
    """What is wrong with the payload of a gateway event (``MESSAGE_CREATE``)."""
    event = _files()[export.EVERYTHING]["gateway"]["events"].get(name)
    if event is None:
        return [f"{name} is no event"]
    kinds = [kind for kind in ("payload", "or") if kind in event]
    found = [_misfits(f"{ALL}#/gateway/events/{name}/{kind}", data) for kind in kinds]
    return [] if [] in found else [f"{name}: {one}" for one in found[0]]


def complaints(name: str, status: int, body: object) -> list[str]:
    """What is wrong with an answer of an operation: its status, that it has a body or none, and what the body says."""
    path, method, operation = operations()[name]
    key = next((one for one in (str(status), f"{status // 100}XX") if one in operation["responses"]), None)
    if key is None:
        return [f"{name}: {status} is not among {', '.join(operation['responses'])}"]
    content = operation["responses"][key].get("content", {})
    if "application/json" not in content:
        return [] if content or body is None else [f"{name}: {status} has no body"]
    place = f"{REST}#/paths/{_escaped(path)}/{method.lower()}/responses/{key}/content/application~1json/schema"
    return [f"{name}: {status} {one}" for one in _misfits(place, body)]


def _escaped(part: str) -> str:
    """As a step of a JSON pointer in a URL's fragment."""
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")

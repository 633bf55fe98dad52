"""The three parts of a request that an operation describes: its path, its query, its body."""

from collections.abc import Mapping
from typing import Any, cast

from acord.core.operation import Operation
from acord.core.shapes import Nullable
from acord.sandbox.reading import REQUIRED, Faults, read
from acord.sandbox.rest.parsing import Body, Texts

__all__ = ["checked_body", "checked_path", "checked_query"]


def checked_path(operation: Operation, values: Mapping[str, str], faults: Faults) -> dict[str, str]:
    """The values of a path; ids without leading zeros, credentials as they are (`addressing.Secret`)."""
    shapes = {parameter.name: parameter.shape for parameter in operation.parameters if parameter.location == "path"}
    return {name: read(shapes[name], value, (name,), faults, text=True) for name, value in values.items()}


def checked_query(operation: Operation, texts: Texts, faults: Faults) -> dict[str, Any]:
    """The values of a query by name; what is not given is not there, names that are unknown are left out."""
    values: dict[str, Any] = {}
    known = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "query"}
    for name, parameter in known.items():
        given = texts.get(name)
        if given is None:
            if parameter.required:
                faults.add((name,), *REQUIRED)
            continue
        value: object = given if len(given) > 1 or parameter.style == "comma" else given[0]
        if parameter.style == "comma":
            value = [part for text in given for part in text.split(",") if part]
        values[name] = read(parameter.shape, value, (name,), faults, text=True)
    faults.ignored += [name for name in texts if name not in known]
    return values


def checked_body(operation: Operation, body: Body, faults: Faults) -> Any:
    """The body; {} where there is none and the operation wants an object, None where it wants none."""
    if operation.body is None:
        return None
    if not body.given and (isinstance(operation.body, Nullable) or not operation.body_required):
        return None if isinstance(operation.body, Nullable) else {}
    value: object = body.value if body.given else {}
    if body.is_text:
        value = {name: texts[0] if len(texts) == 1 else texts for name, texts in cast(Texts, value).items()}
    return read(operation.body, value, (), faults, text=body.is_text)

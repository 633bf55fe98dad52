"""Answers that contradict their schema: what does, where, and the second reading that keeps what fails as it came."""

from typing import Any, cast

from pydantic_core import CoreSchema, ValidationError, core_schema as cs

__all__ = ["exact", "forgiving", "is_not_json", "places"]


_AS_IT_IS = cs.simple_ser_schema("any")
_SCALARS = frozenset({"bool", "float", "int", "str"})
# Where such a schema may lie in that of a field: other models have been read by themselves.
_INSIDE = ("schema", "items_schema", "values_schema", "json_schema", "python_schema")


def exact(schema: Any) -> None:
    """Let the fields of a model take JSON's types at their word, in place: ``"5"`` is no number, ``"yes"`` no boolean.

    What says itself how strict it is, as ids do, stays.  pydantic's own setting does more: with it no model is made of
    a dict, and no member of an enum of its value.
    """
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    for field in schema["fields"].values():
        _exact(field["schema"])


def _exact(node: Any) -> None:
    kind = node["type"]
    if kind in _SCALARS:
        if "strict" not in node:
            node["strict"] = True
            if kind in ("float", "int"):  # whose own serializers would make 1 of a raw `true`
                node["serialization"] = _AS_IT_IS
    elif kind == "union":
        for choice in node["choices"]:
            _exact(choice[0] if isinstance(choice, tuple) else choice)
    elif kind == "tagged-union":
        for choice in node["choices"].values():
            _exact(choice)
    elif kind != "model":
        for key in _INSIDE:
            inner: Any = node.get(key, ())
            for each in cast("list[Any]", inner) if isinstance(inner, (list, tuple)) else [inner]:
                _exact(each)  # of a tuple one for each item


def is_not_json(exc: ValidationError) -> bool:
    """Whether it was the text that could not be read, and not the value that does not fit."""
    return exc.error_count() == 1 and exc.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid"


def places(exc: ValidationError, raw: Any) -> tuple[tuple[str, str], ...]:
    """Where the answer is odd: pydantic's locations less what they say about our unions."""
    found: dict[str, str] = {}
    errors = exc.errors(include_url=False, include_input=False, include_context=False)
    real = [e for e in errors if not any(isinstance(p, str) and p.startswith("Unknown") for p in e["loc"])]
    for error in real or errors:
        here, path = raw, list[str]()
        for part in error["loc"]:
            if isinstance(here, list) and isinstance(part, int) and part < len(cast("list[object]", here)):
                here = cast("list[object]", here)[part]
            elif isinstance(here, dict) and part in here:
                here = cast("dict[object, object]", here)[part]
            elif error["type"] != "missing" or part is not error["loc"][-1]:
                continue  # the label of a union's arm
            path.append(str(part))
        found.setdefault(".".join(path), error["msg"])
    return tuple(found.items())


def _keep(value: Any, handler: cs.ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return value


def forgiving(schema: Any) -> CoreSchema:
    """The same schema for a validator that keeps the raw value where one fails, and reads None where one is missing."""
    return cs.no_info_wrap_validator_function(_keep, _relax(schema))


# Parts of a core schema that hold no schema.
_OPAQUE = frozenset({"cls", "default", "expected", "function", "members", "metadata", "serialization"})


def _relax(node: Any) -> Any:
    if isinstance(node, (list, tuple)):
        items = cast("list[object] | tuple[object, ...]", node)
        return type(items)(map(_relax, items))
    if not isinstance(node, dict):
        return node
    schema = cast("dict[str, Any]", node)
    kind = schema.get("type")
    if not isinstance(kind, str):  # a table of schemas, by field name or tag
        return {key: _relax(item) for key, item in schema.items()}
    if kind == "model-fields":  # by itself: a field may be called "metadata" or "function"
        return {**schema, "fields": {name: _relax_field(item) for name, item in schema["fields"].items()}}
    out = {key: item if key in _OPAQUE else _relax(item) for key, item in schema.items()}
    if kind in ("list", "dict"):
        for key in ("items_schema", "values_schema"):
            if key in schema:
                out[key] = forgiving(schema[key])
    return out


def _relax_field(item: dict[str, Any]) -> dict[str, Any]:
    inner = item["schema"]
    if inner["type"] == "default":
        return {**item, "schema": {**inner, "schema": forgiving(inner["schema"])}}
    return {**item, "schema": cs.with_default_schema(forgiving(inner), default=None)}  # absent though required

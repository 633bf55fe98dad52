"""Core schemas of generated models, in a fraction of the time that pydantic's own reading of a class takes.

pydantic asks of each class what anybody may have written in it, and looks for its plugins in every installed package;
the first message that a program decodes would wait for that.  What our generator prints is a few kinds of annotation.
The schema is the one that pydantic makes of them, node for node, which a test holds them to; anything else, a class of
the user's own above all, is left to pydantic.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from inspect import Parameter, Signature
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Discriminator, Tag
from pydantic.fields import FieldInfo
from pydantic_core import (
    CoreSchema,
    PydanticUndefined,
    SchemaError,
    SchemaSerializer,
    SchemaValidator,
    core_schema as cs,
)

__all__ = ["alone", "complete", "validator_of"]

_OURS: Final = "acord."  # the package whose classes our generator printed
# JSON knows its types: "5" is no number.  What lenient loading has left in a number's place is dumped as it is.
Schema = dict[str, Any]

_ANY = cs.simple_ser_schema("any")
_PLAIN: Final[Mapping[Any, Any]] = {
    None: cs.none_schema(),
    NoneType: cs.none_schema(),
    Any: cs.any_schema(),
    bool: cs.bool_schema(strict=True),
    float: cs.float_schema(strict=True, serialization=_ANY),
    int: cs.int_schema(strict=True, serialization=_ANY),
    str: cs.str_schema(strict=True),
}

# What a class may have decorated; none of it is a matter of its fields alone.
_DECORATED: Final = (
    "computed_fields",
    "field_serializers",
    "field_validators",
    "model_serializers",
    "model_validators",
    "root_validators",
    "validators",
)


class Foreign(Exception):
    """Something that is for pydantic itself to read."""


class _Reader:
    """Annotations into schemas; `named` says what stands where a model is a part of another thing."""

    __slots__ = ("_named",)

    def __init__(self, named: Callable[[type[BaseModel]], Schema]) -> None:
        self._named = named

    def body(self, cls: type[BaseModel]) -> Schema:
        """The schema of a class.  `Foreign` where it does more than to state its fields."""
        decorators = cls.__pydantic_decorators__
        if (
            not cls.__module__.startswith(_OURS)
            or not cls.__pydantic_fields_complete__
            or cls.__pydantic_post_init__ is not None
            or cls.__pydantic_custom_init__
            or any(getattr(decorators, kind) for kind in _DECORATED)
        ):
            raise Foreign(cls)
        config = cls.model_config
        return {
            "type": "model",
            "ref": _name(cls),
            "cls": cls,
            "schema": {
                "type": "model-fields",
                "fields": {name: self._field(field) for name, field in cls.__pydantic_fields__.items()},
                "model_name": cls.__name__,
                "computed_fields": [],
            },
            "custom_init": False,
            "root_model": False,
            "config": {
                "title": cls.__name__,
                "extra_fields_behavior": config.get("extra"),
                "hide_input_in_errors": config.get("hide_input_in_errors"),
                "serialize_by_alias": config.get("serialize_by_alias"),
            },
            "metadata": {"pydantic_js_functions": [cls.__get_pydantic_json_schema__]},
        }

    def _field(self, field: FieldInfo) -> Schema:
        if field.alias is not None or field.default_factory is not None or field.annotation is None:
            raise Foreign(field)
        schema = self.of(field.annotation)
        for mark in field.metadata:
            schema = self._marked(schema, field.annotation, mark)
        if field.default is not PydanticUndefined:
            schema = {"type": "default", "schema": schema, "default": field.default}
        return {"type": "model-field", "schema": schema}

    def of(self, kind: Any) -> Schema:
        """The schema of an annotation."""
        try:
            if kind in _PLAIN:
                return cast("Schema", _PLAIN[kind])
        except TypeError:  # cannot be hashed
            raise Foreign(kind) from None
        origin = get_origin(kind)
        if origin is UnionType or origin is Union:
            return self._union(get_args(kind))
        if origin is list:
            return {"type": "list", "items_schema": self.of(*get_args(kind))}
        if origin is Annotated:
            inner, *marks = get_args(kind)
            schema = self.of(inner)
            for mark in marks:
                schema = self._marked(schema, inner, mark)
            return schema
        if origin is Literal:
            return {"type": "literal", "expected": list(get_args(kind))}
        if origin is dict:
            key, value = get_args(kind)
            if key is str:
                return {"type": "dict", "keys_schema": cs.str_schema(), "values_schema": self.of(value)}
        if isinstance(kind, type):
            return self._class(cast("type[Any]", kind))
        raise Foreign(kind)

    def _class(self, kind: type[Any]) -> Schema:
        if issubclass(kind, BaseModel):
            return self._named(kind)
        if kind is datetime:  # whose mark says it all
            return _read(cs.datetime_schema())
        if kind.__module__.startswith(_OURS) and (hook := getattr(kind, "__get_pydantic_core_schema__", None)):
            return cast("Schema", hook(kind, None))
        raise Foreign(kind)

    def _union(self, arms: tuple[Any, ...]) -> Schema:
        choices: list[Any] = []
        for arm in arms:
            if arm is not NoneType:
                schema = self.of(arm)
                tag = next((mark.tag for mark in getattr(arm, "__metadata__", ()) if isinstance(mark, Tag)), None)
                choices.append(schema if tag is None else (schema, tag))
        schema = choices[0] if len(choices) == 1 else {"type": "union", "choices": choices}
        return {"type": "nullable", "schema": schema} if len(choices) < len(arms) else schema

    def _marked(self, schema: Schema, kind: Any, mark: Any) -> Schema:
        """The schema of an annotation with one of its marks."""
        if isinstance(mark, FieldInfo):
            if mark.discriminator is not None:
                if not isinstance(mark.discriminator, str):
                    raise Foreign(mark)
                return _tagged(kind, schema, mark.discriminator)
            for inner in mark.metadata:
                schema = self._marked(schema, kind, inner)
            return schema
        if isinstance(mark, Tag):  # its union's to read
            return schema
        if isinstance(mark, Discriminator) and callable(mark.discriminator) and schema["type"] == "union":
            choices: dict[Any, Any] = {tag: arm for arm, tag in schema["choices"]}
            return _read(cs.tagged_union_schema(choices, mark.discriminator))
        if isinstance(mark, AfterValidator):
            return _read(cs.no_info_after_validator_function(cast("Any", mark.func), _core(schema)))
        mode = getattr(mark, "union_mode", None)
        if mode is not None and schema["type"] == "union":
            return {**schema, "mode": mode}
        if type(mark).__module__.startswith(_OURS) and (hook := getattr(mark, "__get_pydantic_core_schema__", None)):
            return cast("Schema", hook(kind, None))
        raise Foreign(mark)


def _tagged(kind: Any, schema: Schema, name: str) -> Schema:
    """A union of classes that are told apart by what they state of one field."""
    classes = get_args(kind) or (kind,)
    arms = schema["choices"] if len(classes) > 1 else [schema]
    choices: dict[Any, Any] = {}
    for cls, arm in zip(classes, arms, strict=True):
        field = getattr(cls, "__pydantic_fields__", {}).get(name)
        if field is None or get_origin(field.annotation) is not Literal:
            raise Foreign(cls)
        for value in get_args(field.annotation):
            if choices.setdefault(value, arm) is not arm:
                raise Foreign(cls)
    return _read(cs.tagged_union_schema(choices, name, strict=False, from_attributes=True))


def _of_models(kind: Any) -> bool:
    """Whether there is nothing in it that pydantic would read in another way than inside a model."""
    if kind in (None, NoneType, Any) or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return True
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _of_models(arguments[0])
    if origin is dict:
        return arguments[0] is str and _of_models(arguments[1])
    return origin in (list, Union, UnionType) and all(map(_of_models, arguments))


class _Circle(Exception):
    """A class is a part of itself."""


class _Nested:
    """Each model whole wherever it stands, its validator made before: pydantic-core then takes that one as it is."""

    def __init__(self) -> None:
        self._open: list[type[BaseModel]] = []
        self.reader = _Reader(self._part)

    def _part(self, cls: type[BaseModel]) -> Schema:
        if cls not in _BODIES:
            self.complete(cls)
        if cls in _CIRCULAR:
            _CIRCULAR.update(self._open)
        return _BODIES[cls]

    def complete(self, cls: type[BaseModel]) -> None:
        if cls in self._open:
            raise _Circle(cls)
        self._open.append(cls)
        body: Schema = {}
        try:
            body = self.reader.body(cls)
        except _Circle as circle:
            if circle.args[0] is not cls:
                raise
            _CIRCULAR.add(cls)
        finally:
            self._open.pop()
        schema = body
        if cls in _CIRCULAR:
            schema = _alone(cls)
            body = next(each for each in schema["definitions"] if each["cls"] is cls)
        config: Any = body["config"]
        validator, serializer = SchemaValidator(_core(schema), config), SchemaSerializer(_core(schema), config)
        cls.__pydantic_core_schema__ = _core(schema)
        cls.__pydantic_validator__, cls.__pydantic_serializer__ = validator, serializer
        type.__setattr__(cls, "__signature__", _Signature())
        cls.__pydantic_complete__ = True  # last: from here on other threads use it
        _BODIES[cls] = body


class _Signature:
    """What ``help`` and editors show of a class: its fields, put together when they ask."""

    __slots__ = ()

    def __get__(self, instance: object, owner: type[BaseModel]) -> Signature:
        if instance is not None:
            raise AttributeError("__signature__")
        fields = [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if field.is_required() else field.default,
                annotation=field.rebuild_annotation(),
            )
            for name, field in owner.__pydantic_fields__.items()
        ]
        return Signature(
            [*fields, Parameter("extra_data", Parameter.VAR_KEYWORD, annotation=Any)], return_annotation=None
        )


# What stands for a class inside others; its validator is made.
_BODIES: Final[dict[type[BaseModel], Schema]] = {}
# Classes that somewhere hold one that is a part of itself: these are told by name.
_CIRCULAR: Final[set[type[BaseModel]]] = set()


def _alone(kind: Any) -> Schema:
    bodies: dict[type[BaseModel], Schema] = {}

    def part(cls: type[BaseModel]) -> Schema:
        if cls not in bodies:
            bodies[cls] = {}  # a part of itself finds the name
            bodies[cls] = reader.body(cls)
        return {"type": "definition-ref", "schema_ref": _name(cls)}

    reader = _Reader(part)
    schema = reader.of(kind)
    return {"type": "definitions", "schema": schema, "definitions": [*bodies.values()]}


def _read(schema: CoreSchema) -> Schema:
    return cast("Schema", schema)


def _core(schema: Schema) -> CoreSchema:
    return cast("CoreSchema", schema)


def _name(cls: type[BaseModel]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"


def complete(cls: type[BaseModel]) -> bool:
    """Give a class, and those that it is made of, what pydantic's `model_rebuild` would; False where that has to."""
    try:
        _Nested().complete(cls)
    except (Foreign, SchemaError):
        return False
    return True


def validator_of(kind: Any) -> SchemaValidator | None:
    """The validator of an annotation that is made of generated classes; None where pydantic has to make it."""
    if not _of_models(kind):
        return None
    try:
        return SchemaValidator(_core(_Nested().reader.of(kind)))
    except (Foreign, SchemaError):
        return None


def alone(kind: Any) -> CoreSchema | None:
    """The schema with that of every class in it, each once; None where pydantic has to make it."""
    try:
        return _core(_alone(kind))
    except Foreign:
        return None

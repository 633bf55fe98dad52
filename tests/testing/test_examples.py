"""Examples are valid: by the models, and by jsonschema against what is exported for others."""

import json
from typing import Any

import pytest

from acord import models
from acord.core.base import Model, Request
from acord.events import EVENTS
from acord.models import Message, MessageCreateRequest
from acord.routes import OPERATIONS
from acord.sandbox.judge import problems
from acord.testing.examples import Examples, example
from tests.exported import complaints, event_complaints

JSON_ANSWERS = [
    pytest.param(name, status, kind, id=f"{name}-{status}")
    for name, operation in sorted(OPERATIONS.items())
    for status, kind in operation.returns.items()
    if kind not in (None, "bytes")
]
MODELS = [
    name
    for name in sorted(dir(models))
    if isinstance(model := getattr(models, name), type) and issubclass(model, (Model, Request))
]
# Fields that these events may lack and the object they are made of may not: the export cannot say so.
RELAXED = ("'starts_at' is a required property", "'ends_at' is a required property")


@pytest.mark.parametrize(("name", "status", "kind"), JSON_ANSWERS)
@pytest.mark.parametrize("optional", [True, False], ids=["whole", "least"])
def test_an_answers_example_fits_the_exported_document_and_the_models(
    name: str, status: int, kind: str, optional: bool
) -> None:
    for seed in range(3):
        body = example(kind, seed=seed, optional=optional)

        assert [] == complaints(name, status, body)
        assert () == problems(kind, body)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_events_example_fits_the_exported_document_and_its_class(name: str) -> None:
    for optional in (True, False):
        body = example(EVENTS[name], seed=name, optional=optional)

        assert [] == [one for one in event_complaints(name, body) if not one.endswith(RELAXED)]
        assert () == problems(EVENTS[name], body)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_an_example(name: str) -> None:
    model: type[Model | Request] = getattr(models, name)
    for optional in (True, False):
        body = example(model, optional=optional)

        if issubclass(model, Model):
            model.load(json.dumps(body), strict=True)
        else:
            assert body == model.model_validate(body).dump()


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    assert example("Message", seed="a") == example("Message", seed="a")
    assert example("Message", seed="a") != example("Message", seed="b")


def test_ids_differ_within_a_source() -> None:
    source = Examples()

    assert 100 == len({source.of(Message)["id"] for _ in range(100)})


def test_optional_fields_are_left_out_on_request() -> None:
    assert "poll" in example("Message")
    assert "poll" not in example("Message", optional=False)
    assert {} == example(MessageCreateRequest, optional=False)


@pytest.mark.parametrize("returns", ["Mesage", "__import__('os')", "list[Nothing]"])
def test_a_name_that_does_not_exist_is_refused(returns: str) -> None:
    with pytest.raises(ValueError, match="names no type"):
        example(returns)


def test_of_a_union_a_known_kind_is_chosen() -> None:
    kinds = {type(models_of(example("Channel", seed=seed))).__name__ for seed in range(20)}

    assert "UnknownChannel" not in kinds
    assert len(kinds) > 1


def models_of(body: Any) -> Any:
    from acord.core.base import load

    return load("Channel", body, strict=True)

"""Operations, answers, signatures and annotations: every way to differ is found, and the same is no difference."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tests.tools import judge_calls, judge_hints
from tests.tools.judge import World, uploads
from tests.tools.official_facts import Fact
from tests.tools_tests.fakes import (
    EITHER,
    ID,
    OPERATION,
    Id,
    Integer,
    Kind,
    Operation,
    Parameter,
    Ref,
    Snowflake,
    Tagged,
    world,
)

A = Parameter("a_id", "path", Id(), True)
TEXT_OR_IDS: Fact = {"type": "union", "arms": [{"type": "string"}, {"type": "array", "items": ID}]}


@pytest.mark.parametrize(
    ("operation", "difference"),
    [
        (Operation(), None),
        (Operation(method="PUT"), "do_it method"),
        (Operation(path="/b/{a_id}"), "do_it path"),
        (Operation(parameters=(A,)), "do_it query:from"),
        (
            Operation(parameters=(A, Parameter("from", "query", Integer(0, 8)))),
            "do_it query:from",
        ),
        (
            Operation(parameters=(A, Parameter("from", "query", Integer(0, 9), True))),
            "do_it query:from",
        ),
        (Operation(body=None), "do_it body"),
        (Operation(body=Ref("B")), "do_it body"),
        (Operation(body_required=False), "do_it body"),
        (Operation(media=("json", "multipart")), "do_it media"),
        (Operation(files="file"), "do_it files"),
        (Operation(auth=("bot",)), "do_it auth"),
        (Operation(scopes=()), "do_it scopes"),
    ],
)
def test_each_part_of_an_operation_is_judged(operation: Operation, difference: str | None) -> None:
    found = [d.where for d in judge_calls.operation("do_it", operation, world())]

    assert ([difference] if difference else []) == found


@pytest.mark.parametrize(
    ("returns", "differences"),
    [
        ({200: "list[Snowflake]", 204: None}, []),
        ({200: "list[Snowflake] | None", 204: None}, ["null"]),
        ({200: "list[Kind]", 204: None}, ["type"]),
        ({200: "Snowflake", 204: None}, ["type"]),
        ({200: "list[Snowflake]"}, ["values"]),
        ({200: None, 204: None}, ["type"]),
        ({200: "list[Snowflake]", 204: "Kind"}, ["type"]),
    ],
)
def test_each_answer_is_judged(returns: dict[int, str | None], differences: list[str]) -> None:
    named: dict[str, Any] = {"Snowflake": Snowflake, "Kind": Kind}

    found = judge_calls.returns("do_it", Operation(returns=returns), world(), named.__getitem__)

    assert differences == [d.aspect for d in found]


A_ID = ("a_id", "positional", "SnowflakeLike")
FROM = ("from_", "optional", "int | Missing")
KIND = ("kind", "required", "Literal[Kind.A, 1]")
X = ("x", "optional", "str | Missing")
VALIDATE = ("validate", "optional", "bool")


def _helper(*arguments: tuple[str, str, str]) -> Any:
    """A function that takes (name, positional, required or optional, annotation)."""
    kinds = inspect.Parameter
    parameters = [
        kinds(
            name,
            kinds.POSITIONAL_OR_KEYWORD if how == "positional" else kinds.KEYWORD_ONLY,
            default=... if how == "optional" else kinds.empty,
            annotation=hint,
        )
        for name, how, hint in arguments
    ]
    helper: Any = lambda: None  # noqa: E731  # only its signature is asked for
    helper.__signature__ = inspect.Signature(parameters)
    return helper


@pytest.mark.parametrize(
    ("arguments", "differences"),
    [
        ([A_ID, FROM, KIND, X, VALIDATE], []),
        ([A_ID, KIND, X, VALIDATE], ["do_it query:from: name"]),
        ([A_ID, FROM, KIND, X], ["do_it signature.validate: name"]),
        ([A_ID, FROM, KIND, X, ("y", "optional", "int"), VALIDATE], ["do_it signature.y: name"]),
        ([A_ID, FROM, KIND, ("x", "required", "str"), VALIDATE], ["A.x: required", "A.x: required"]),
        ([A_ID, ("from_", "optional", "int | None | Missing"), KIND, X, VALIDATE], ["do_it query:from: null"]),
        ([A_ID, FROM, ("kind", "required", "Literal[2]"), X, VALIDATE], ["A.kind: values"]),
        ([A_ID, FROM, KIND, ("x", "optional", "int | Missing"), VALIDATE], ["A.x: type"]),
        ([A_ID, FROM, KIND, ("x", "optional", "str"), VALIDATE], ["A.x: required"]),
        (
            [("a_id", "required", "SnowflakeLike"), FROM, KIND, X, VALIDATE],
            ["do_it signature: name", "do_it path:a_id: values"],
        ),
    ],
)
def test_each_argument_of_a_helper_is_judged(arguments: list[tuple[str, str, str]], differences: list[str]) -> None:
    found = judge_calls.signature("do_it", _helper(*arguments), Operation(), world())

    assert differences == [f"{d.where}: {d.aspect}" for d in found]


def test_a_reason_is_an_argument_where_the_operation_takes_one() -> None:
    helper = _helper(A_ID, FROM, KIND, X, ("reason", "optional", "str | None"), VALIDATE)

    assert [] == list(judge_calls.signature("do_it", helper, Operation(reason=True), world()))
    assert 1 == len(list(judge_calls.signature("do_it", helper, Operation(), world())))


def test_an_array_body_is_one_positional_argument() -> None:
    body: Fact = {"required": True, "media": {"application/json": {"type": "array", "items": ID}}}
    changed = world(do_it=OPERATION | {"body": body})
    items = ("items", "positional", "Sequence[SnowflakeLike]")

    assert [] == list(judge_calls.signature("do_it", _helper(A_ID, items, FROM, VALIDATE), Operation(), changed))


def test_files_are_one_argument() -> None:
    files: Fact = {f"files[{n}]": {"type": "string", "encoding": "binary"} for n in range(3)}
    merge: Fact = {"type": "merge", "parts": [{"type": "ref", "ref": "ARequest"}, _object(files)]}
    json: Fact = {"type": "ref", "ref": "ARequest"}
    body: Fact = {"required": True, "media": {"application/json": json, "multipart/form-data": merge}}
    changed = world(do_it=OPERATION | {"body": body})
    helper = _helper(A_ID, FROM, KIND, X, ("files", "optional", "Sequence[File] | Missing"), VALIDATE)
    ours = Operation(media=("json", "multipart"), files="files[n]")

    assert ("files",) == uploads(changed.facts, "do_it")
    assert [] == list(judge_calls.operation("do_it", ours, changed))
    assert [] == list(judge_calls.signature("do_it", helper, ours, changed))


def _object(optional: Fact) -> Fact:
    return {"type": "object", "required": {}, "optional": optional}


@pytest.mark.parametrize(
    ("fact", "hint", "aspects"),
    [
        ({"type": "string", "format": "date-time"}, "datetime | str", []),
        ({"type": "string", "encoding": "binary"}, "File", []),
        ({"type": "map", "values": {"type": "string", "null": True}}, "Mapping[str, str | None]", []),
        ({"type": "map", "values": {"type": "string", "null": True}}, "Mapping[str, str]", ["null"]),
        ({"type": "array", "items": {"type": "ref", "ref": "Kinds"}}, "Sequence[Kind | int]", []),
        ({"type": "array", "items": {"type": "ref", "ref": "Kinds"}}, "list[Kind | int]", ["type"]),
        ({"type": "ref", "ref": "ARequest"}, "ALike", []),
        ({"type": "ref", "ref": "ARequest"}, "BLike", ["type"]),
        (
            {"type": "union", "arms": [{"type": "string"}, {"type": "array", "items": ID}]},
            "str | Sequence[SnowflakeLike]",
            [],
        ),
        (EITHER, "ALike | BLike", []),
        (EITHER, "ALike", ["type"]),
    ],
)
def test_each_annotation_is_judged(fact: Fact, hint: str, aspects: list[str]) -> None:
    assert aspects == [d.aspect for d in judge_hints.compare(fact, True, hint, "here", world())]


def test_an_alias_of_ours_stands_for_its_arms() -> None:
    arms = {1: Ref("A"), 2: Ref("B")}
    named = World(world().facts, {"ARequest": "A", "BRequest": "B"}, {"Both": Tagged("kind", arms)}.__getitem__)

    assert [] == list(judge_hints.compare(EITHER, True, "BothLike", "here", named))
    arms.pop(2)
    assert ["type"] == [d.aspect for d in judge_hints.compare(EITHER, True, "BothLike", "here", named)]

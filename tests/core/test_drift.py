"""Drift reports: what they say, and what they must not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acord.core import base
from acord.core.base import Drift, Model
from acord.core.drift import DriftReport, Finding
from acord.core.hooks import Hooks
from acord.core.types import Snowflake
from acord.sandbox.faults import answer
from tests.core.http_kit import GET_ME


class Friend(Model):
    id: Snowflake
    nickname: str


class Crowd(Model):
    friends: list[Friend]
    by_name: dict[str, Friend]


SECRETS = ("123456789012345678", "mina", "private words", "hunter2")


def drifted(answer: Any) -> Drift:
    seen: list[Drift] = []
    base.load(Crowd, json.dumps(answer), on_drift=seen.append)  # type: ignore[arg-type]
    (drift,) = seen
    return drift


def report_of(*answers: Any, **kwds: Any) -> DriftReport:
    report = DriftReport(**kwds)
    for one in answers:
        report.add("GET /crowd/{crowd_id}", drifted(one))
    return report


BAD = {
    "friends": [{"id": "123456789012345678", "nickname": ["private words"]}, {"id": "7"}],
    "by_name": {"mina": {"id": "hunter2", "nickname": None}},
}


def test_a_place_is_told_by_names_of_the_specification() -> None:
    found = {(finding.place, finding.got) for finding in report_of(BAD).findings}

    assert {
        ("friends.[].nickname", "array"),
        ("friends.[].nickname", "nothing"),
        ("by_name.{}.id", "string"),
        ("by_name.{}.nickname", "null"),
    } == found


def test_no_id_no_name_and_no_content_is_in_it() -> None:
    text = json.dumps(report_of(BAD).data())

    assert [] == [secret for secret in SECRETS if secret in text]
    assert "GET /crowd/{crowd_id}" in text


def test_what_a_message_quotes_is_left_out() -> None:
    report = DriftReport()
    text = "Input should be 'mina', got \"private words\" of 123456789012345678 at 12"
    report.add("GET /x", Drift("Crowd", (("friends", text),), None))

    (finding,) = report.findings

    assert "Input should be ..., got ... of ... at 12" == finding.problem


def test_the_same_is_counted() -> None:
    report = report_of(BAD, BAD, BAD)

    assert {3} == set(report.findings.values())
    assert 4 == len(report)


def test_it_is_bounded_and_says_so() -> None:
    report = report_of(BAD, BAD, most=1)

    assert 1 == len(report)
    assert 6 == report.left_out == report.data()["left_out"]


def test_the_file_is_there_as_soon_as_something_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"

    report = report_of(BAD, path=path)

    assert report.data() == json.loads(path.read_text())
    assert [path] == list(tmp_path.iterdir())


def test_what_was_seen_before_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    report = report_of(BAD, path=path)
    path.unlink()

    report.add("GET /crowd/{crowd_id}", drifted(BAD))

    assert not path.exists()


def test_a_second_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    first = report_of(BAD, path=path)

    second = DriftReport(path)

    assert first.findings == second.findings


@pytest.mark.parametrize("text", ["", "[]", '{"format": 99}', '{"format": 1}', "{"])
def test_a_file_of_somebody_else_is_not_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "drift.json"
    path.write_text(text)

    assert 0 == len(DriftReport(path))


async def test_it_is_a_hook(rest: Callable[..., Any]) -> None:
    report = DriftReport()
    r = await rest(answer(200, {"id": "7", "username": 5}), hooks=Hooks(on_drift=report))

    await r.http.request(GET_ME.route({}, {}))

    (finding,) = report.findings
    assert Finding("GET /users/@me", "ExampleUser", "username", finding.problem, "integer") == finding


async def test_P15_a_full_disk_loses_no_answer(rest: Callable[..., Any], tmp_path: Path) -> None:
    hooks = Hooks(on_drift=DriftReport(tmp_path / "no such folder" / "drift.json"))
    r = await rest(answer(200, {"id": "7", "username": 5}), hooks=hooks)

    assert 7 == (await r.http.request(GET_ME.route({}, {}))).id
    assert 1 == hooks.failures.total()

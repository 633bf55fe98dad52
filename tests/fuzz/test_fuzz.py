"""A moment of each fuzz target, so that the targets themselves stay sound; long runs are made by hand."""

import pytest

from tests.fuzz.engine import Target, fuzz, targets


def _of(*concerns: str) -> pytest.MarkDecorator:
    found = [pytest.param(*each, id=each[1]) for concern in concerns for each in targets(concern)]
    return pytest.mark.parametrize(("concern", "name", "target"), found)


@_of("gateway_bytes")
def test_g30_a_moment_of_fuzzing_finds_nothing(concern: str, name: str, target: Target) -> None:
    assert 0 == fuzz(concern, name, target, 0.3, seed=1)


@_of("reply_headers")
def test_R43_a_moment_of_odd_answers_finds_nothing(concern: str, name: str, target: Target) -> None:
    assert 0 == fuzz(concern, name, target, 0.3, seed=1)


@_of("openapi_documents", "spec_folders")
def test_a_moment_of_odd_documents_and_specs_finds_nothing(concern: str, name: str, target: Target) -> None:
    assert 0 == fuzz(concern, name, target, 0.3, seed=1)


def _fails(data: bytes) -> None:
    assert b"x" not in data


def test_a_finding_is_printed_with_its_input(capsys: pytest.CaptureFixture[str]) -> None:
    target = Target(_fails, (b"",), (), (b"x",))

    found = fuzz("gateway_bytes", "made up", target, 60.0, seed=1)

    assert 1 == found
    assert capsys.readouterr().out.startswith("made up: AssertionError")

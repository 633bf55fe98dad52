"""The committed spec, rendered once for all tests of this folder."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from codegen import generate, models
from tests.codegen.mini import pages, write_spec

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec"


# What is printed once takes seconds: one worker prints it for all tests that look at it.
_PRINTED = {"trees": "hostile", "ran": "hostile", "rendered": "rendered", "unformatted": "rendered"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names: list[str] = getattr(item, "fixturenames", [])
        group = next((_PRINTED[name] for name in _PRINTED if name in names), None)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def asked_once() -> Iterator[None]:
    """datamodel-code-generator is asked once for each set of definitions: most of the time is its."""
    answers: dict[str, str] = {}
    ask = models._print

    def remembered(defs: Mapping[str, object], base: str) -> str:
        key = json.dumps([defs, base])
        if key not in answers:
            answers[key] = ask(defs, base)
        return answers[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "_print", remembered)
        yield


@pytest.fixture(scope="session")
def rendered(asked_once: None) -> dict[str, str]:
    """Every file that `make generate` would write."""
    return generate.render(SPEC)


@pytest.fixture(scope="session")
def unformatted(asked_once: None) -> dict[str, str]:
    """What the spec becomes before header and formatter, but for the signals."""
    return pages(SPEC)


@pytest.fixture
def mini(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Writes a small spec into an empty folder: `mini("operations: ...")`, or files by name."""

    def write(rest: str = "", **files: str) -> Path:
        return write_spec(tmp_path / "spec", rest, files)

    yield write


@pytest.fixture(scope="session")
def spec_files() -> Mapping[str, bytes]:
    """The committed spec as it lies on disk."""
    return {p.relative_to(SPEC).as_posix(): p.read_bytes() for p in sorted(SPEC.rglob("*.yaml"))}

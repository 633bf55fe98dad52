"""The committed spec, rendered once for all tests of this folder."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from codegen import generate
from tests.codegen.mini import write_spec

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec"


@pytest.fixture(scope="session")
def rendered() -> dict[str, str]:
    """Every file that `make generate` would write."""
    return generate.render(SPEC)


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

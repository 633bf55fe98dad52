"""`python -m acord generate`: helpers and models for endpoints of a user's own, from a file in the format of the spec.

The generator and the spec lie beside the library, in a folder of their own that nothing else imports; it needs the
extra `codegen`.
"""

import argparse
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from acord.core.errors import ACordError

__all__ = ["GenerateError", "diff", "generate", "main"]

ABOUT: Final = "make typed helpers and models for endpoints of your own"
_NEEDED = {"yaml": "PyYAML", "jinja2": "Jinja2", "datamodel_code_generator": "datamodel-code-generator", "ruff": "ruff"}


class GenerateError(ACordError):
    """The package cannot be generated; one line that names the place in the user's file, or what is missing."""


def generate(spec: Path, out: Path, package: str = "") -> str:
    """Write the package `out` from the file `spec`; one line about what was written.

    ``package`` is the name under which ``out`` will be imported; by default its folder's name, after those of the
    packages around it.  Nothing is written unless all of it can be; files of the same name that the command did not
    make are left alone and refused.  Raises GenerateError.
    """
    with _generator(_NEEDED) as (home, errors):
        try:
            said: str = import_module("codegen.user").main(spec, out, home / "spec", package)
        except errors.CodegenError as exc:
            raise GenerateError(str(exc)) from exc
        except OSError as exc:
            raise GenerateError(f"{exc.filename or out}: {exc.strerror or exc}") from exc
    return said


def diff(old: str, new: str, form: str = "text", *, fail_on_breaking: bool = False) -> bool:
    """Print what changed between two descriptions of the API; whether it is to count as a failure.

    A side is a spec folder, an OpenAPI document, an export, or in a checkout a git revision.  Raises GenerateError.
    """
    with _generator(_NEEDED) as (home, errors):
        run = import_module("codegen.diff.run")
        try:
            code: int = run.main(old, new, home / "spec", form, "breaking" if fail_on_breaking else "")
        except errors.CodegenError as exc:
            raise GenerateError(str(exc)) from exc
        except OSError as exc:
            raise GenerateError(f"{exc.filename or new}: {exc.strerror or exc}") from exc
    return fail_on_breaking and code == run.BREAKING


def main(argv: Sequence[str]) -> int:
    """The command without the extra `cli`: 0, or 1 with one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m acord generate", description=ABOUT)
    parser.add_argument("spec", type=Path, help="a YAML file with operations and schemas")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the package to write")
    parser.add_argument("--package", default="", help="its import name, where its place does not say it")
    args = parser.parse_args(argv)
    try:
        print(generate(args.spec, args.out, args.package))
    except GenerateError as exc:
        print(f"acord: {exc}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def _generator(needed: dict[str, str]) -> Generator[tuple[Path, Any]]:
    """Where the generator lies, with its exceptions, while it can be imported."""
    missing = [name for module, name in needed.items() if find_spec(module) is None]
    if missing:
        raise GenerateError(f"the generator needs {', '.join(missing)}: pip install 'acord[codegen]'")
    home = _home()
    sys.path.insert(0, str(home))
    try:
        yield home, import_module("codegen.errors")
    finally:
        sys.path.remove(str(home))


def _home() -> Path:
    """The folder with the generator and the spec: inside an installed acord, at the top of a checkout."""
    inside = Path(__file__).parents[1] / "_generator"
    for folder in (inside, Path(__file__).parents[3]):
        if (folder / "codegen/user.py").exists() and (folder / "spec/api.yaml").exists():
            return folder
    raise GenerateError(f"the generator is not part of this installation ({inside} is missing)")

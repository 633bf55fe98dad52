"""`python -m acord generate`: helpers and models for endpoints of a user's own, from a file in the format of the spec.

The generator and the spec lie beside the library, in a folder of their own that nothing else imports; it needs the
extra `codegen`.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from acord.core.errors import ACordError

__all__ = ["GenerateError", "generate"]

_NEEDED = {"yaml": "PyYAML", "jinja2": "Jinja2", "datamodel_code_generator": "datamodel-code-generator", "ruff": "ruff"}


class GenerateError(ACordError):
    """The package cannot be generated; one line that names the place in the user's file, or what is missing."""


def generate(spec: Path, out: Path, package: str = "") -> str:
    """Write the package `out` from the file `spec`; one line about what was written.

    ``package`` is the name under which ``out`` will be imported; by default its folder's name, after those of the
    packages around it.  Nothing is written unless all of it can be; files of the same name that the command did not
    make are left alone and refused.  Raises GenerateError.
    """
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise GenerateError(f"the generator needs {', '.join(missing)}: pip install 'acord[codegen]'")
    home = _home()
    sys.path.insert(0, str(home))
    try:
        user, errors = import_module("codegen.user"), import_module("codegen.errors")
    finally:
        sys.path.remove(str(home))
    try:
        said: str = user.main(spec, out, home / "spec", package)
    except errors.CodegenError as exc:
        raise GenerateError(str(exc)) from exc
    except OSError as exc:
        raise GenerateError(f"{exc.filename or out}: {exc.strerror or exc}") from exc
    return said


def _home() -> Path:
    """The folder with the generator and the spec: inside an installed acord, at the top of a checkout."""
    inside = Path(__file__).parents[1] / "_generator"
    for folder in (inside, Path(__file__).parents[3]):
        if (folder / "codegen/user.py").exists() and (folder / "spec/api.yaml").exists():
            return folder
    raise GenerateError(f"the generator is not part of this installation ({inside} is missing)")

"""A second version of the API: `spec/v11/` holds what is different there, all else is that of `spec/`.

`docs/explanation/api-versions.md` has the policy.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from codegen import write
from codegen.errors import CodegenError
from codegen.importer import run

NAME = re.compile(r"v(\d{1,4})\Z", re.ASCII)


def folder(spec: Path, version: str) -> Path:
    """Where a second version lies; CodegenError where `version` is no number."""
    if not NAME.match(f"v{version}"):
        raise CodegenError(f"expected the number of a version of the API, found {version!r:.60}")
    return spec / f"v{version}"


def base(path: Path) -> Path | None:
    """The spec that the folder of a second version belongs to."""
    return path.parent if NAME.match(path.name) and (path.parent / "api.yaml").exists() else None


def composed(spec: Path, own: Path, scratch: Path) -> Path:
    """The whole spec of a second version, in the folder `scratch`: files of `own` in the place of those of `spec`."""
    whole = scratch / spec.name
    shutil.copytree(spec, whole, ignore=lambda at, names: [n for n in names if Path(at) == spec and NAME.match(n)])
    if own.is_dir():
        shutil.rmtree(whole / "rest", ignore_errors=True)
        (whole / "kept.yaml").unlink(missing_ok=True)
        shutil.copytree(own, whole, dirs_exist_ok=True)
    return whole


def imported(document: Path, spec: Path, version: str, scratch: Path, published: str | None) -> tuple[run.Result, str]:
    """Import a document of a second version into its folder; the result, and how many files that changed.

    It begins as a copy of the first, so that whatever is the same in both is called the same, and with our own keys.
    """
    own = folder(spec, version)
    result = run.run(document, composed(spec, own, scratch), published, version)
    return result, str(write.apply(own, result.files, run.OWNED))

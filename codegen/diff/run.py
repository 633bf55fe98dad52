"""`python -m codegen diff OLD NEW`: read both sides, compare, print."""

from __future__ import annotations

from pathlib import Path

from codegen.diff import forms, names, sides
from codegen.diff.compare import compare

FORMATS = ("text", "markdown", "json")
NOTHING, CHANGES, BREAKING, REFUSED = 0, 1, 2, 3


def main(old: str, new: str, spec: Path, form: str = "text", fail_on: str = "") -> int:
    """Print the changes; 0 where there are none, 1 where there are, 2 where one breaks and `fail_on` says so."""
    with sides.opened([old, new], spec) as named:
        before, after = sides.read(named, spec)
        changes = compare(before, after)
        report = forms.Report(before, after, changes, names.load(spec))
    print({"json": forms.as_json, "markdown": forms.as_markdown, "text": forms.as_text}[form](report), end="")
    if fail_on == "breaking" and any(change.breaking for change in changes):
        return BREAKING
    return CHANGES if changes else NOTHING

"""`python -m codegen update DOCUMENT`: a new official document becomes a reviewed change, all of it or nothing.

Everything is made and tested in a copy; only then the tree is written, and put back if that is interrupted.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen import generate, write
from codegen.diff import forms, names as diff_names, sides
from codegen.diff.compare import Change, compare
from codegen.diff.facts import Facts
from codegen.diff.renames import Pairs, pairs
from codegen.errors import CodegenError, DocumentError
from codegen.importer import document as documents, naming, run
from codegen.ir import Choice, Renamed, Spec
from codegen.load import load

CHANGELOG = "CHANGELOG.md"
FACTS = "tests/data/official_facts.json"  # what the document says, for the tests, by a tool that is none of ours
REPORT = 60_000  # characters; a pull request takes 65,536
UNRELEASED = "## Unreleased\n"
# What a new document could upset, without the generator's own tests.  Those that compare our own part with the
# documentation as it was when somebody last read it (the mark `documentation`) are for that somebody.
FAST_TESTS = ("tests/spec", "tests/generated")
_COPIED = ("spec", "generated", "codegen", "runtime", "tests", "examples", "tools")


@dataclass(frozen=True)
class Update:
    """What an update would write: files under spec/ and generated/, single ones beside them, and what a person must
    decide."""

    spec: Mapping[str, str]
    generated: Mapping[str, str]
    beside: Mapping[str, str]
    changes: list[Change]
    decide: list[str]
    report: str  # for a pull request


def main(
    document: Path, root: Path, published: str | None = None, *, tests: bool = True, report: Path | None = None
) -> int:
    """Update the project at `root`; the tree is as it was where anything fails."""
    with _stoppable(), tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        made = make(document, root, copy, published)
        if not _differs(root, made):
            print("nothing changed: the specification is of this document already")
            _tell(made.decide)
            return 0
        if tests:
            _test(root, copy, made)
        written = _apply(root, made)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(made.report, "utf-8")
    breaking = sum(change.breaking for change in made.changes)
    print(f"{len(made.changes)} changes, {breaking} of them breaking; {written}")
    _tell(made.decide)
    return 0


def make(document: Path, root: Path, scratch: Path, published: str | None = None) -> Update:
    """Work the update out in the empty folder `scratch`; nothing else is written."""
    old, spec = root / "spec", scratch / "spec"
    shutil.copytree(old, spec)
    kept = _keep_names(document, old, spec)
    if not any(documents.read(document).operations()):
        raise DocumentError(document.name, "#/paths", "no operation stands here")
    result = run.run(document, spec, published)
    write.apply(spec, result.files, run.OWNED)
    loaded = load(spec)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        rendered = generate.render(spec)
    told = [line for line in said.getvalue().splitlines() if not line.startswith("corrections:")]
    # An import touches nothing but what is official.
    before, after = (
        sides.from_spec(folder, label).official() for folder, label in ((old, "spec"), (spec, document.name))
    )
    changes = compare(before, after)
    day = loaded.published
    report = forms.Report(before, after, changes, diff_names.load(spec))
    text = (root / CHANGELOG).read_text("utf-8")
    if changes:
        text = entered(text, forms.changelog(report, f"Discord's API as its document of {day} describes it"))
    decide = [*kept, *_decisions(result.summary), *_unsettled(load(old), loaded), *told]
    beside = {CHANGELOG: text}
    if facts := _facts(document, root, decide):
        beside[FACTS] = facts
    return Update(result.files, rendered, beside, changes, decide, _report(report, decide))


def _report(report: forms.Report, decide: list[str]) -> str:
    """What is to decide, then the changes, as Markdown that fits into a pull request."""
    lines = ["## To decide", "", *(f"- {forms.plain(line)}" for line in decide), ""] if decide else []
    text = "\n".join([*lines, forms.as_markdown(report)])
    return (
        text if len(text) <= REPORT else text[:REPORT].rpartition("\n")[0] + "\n\nCut here: `git diff` has the rest.\n"
    )


def _facts(document: Path, root: Path, decide: list[str]) -> str:
    """The document as the independent judge of the tests reads it; "" where the project has none or it cannot."""
    if not (root / FACTS).exists():
        return ""
    command = [sys.executable, "-m", "tests.tools.official_facts", str(document.resolve())]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it failed"])[-1]
        decide.append(f"{FACTS} stays that of the old document: {why}")
    return done.stdout if done.returncode == 0 else ""


def _keep_names(document: Path, old: Path, spec: Path) -> list[str]:
    """Before anything is named: what Discord renamed keeps our name, or leaves the old one as an alias."""
    table = naming.load(spec / "names.yaml")
    before = sides.from_spec(old, "spec").official()
    after = sides.from_document(documents.read(document), document.name, table.scalars)
    found = pairs(before, after)
    told = _rename(table, found, before, after, goes_in(old.parent))
    if told:
        write.apply(spec, {"names.yaml": naming.dump(table)}, ())
    return told


def goes_in(root: Path) -> str:
    """The version in which an alias made now goes: it lives for one minor release.  "" where none is known."""
    path = root / "runtime/acord/__init__.py"
    found = re.search(r'^__version__ = "(\d+)\.(\d+)', path.read_text("utf-8"), re.MULTILINE) if path.exists() else None
    return f"{found[1]}.{int(found[2]) + 2}" if found else ""


def _rename(table: naming.Names, found: Pairs, before: Facts, after: Facts, until: str) -> list[str]:
    told: list[str] = []
    for was, now in found.schemas.items():
        if was in table.schemas and now not in table.schemas:
            table.schemas[now] = table.schemas.pop(was)
            told.append(f"schema {was} is called {now} by Discord now; it stays {table.schemas[now][1]} here")
    for a, b in found.operations:
        if a.name != b.name and a.name in table.operations and b.name not in table.operations:
            table.operations[b.name] = table.operations.pop(a.name)
            was = table.respelled.pop(a.name, a.name)
            table.renamed[was] = Renamed(was, b.name, until)
            told.append(f"operation {was} is called {b.name} now; the old name stays as a deprecated alias")
    for name, schema in found.renamed(before).schemas.items():
        other = after.schemas.get(name)
        if other is None or {schema.kind, other.kind} != {"enum"} or name not in table.schemas:
            continue
        ours = table.schemas[name][1]
        titles = {value: title for title, value in other.members.items()}
        for was, value in schema.members.items():
            title = titles.get(value, was)
            if title != was and was not in other.members:
                table.renamed[f"{ours}.{was}"] = Renamed(f"{ours}.{was}", f"{ours}.{title}", until)
                told.append(f"{ours}.{was} is called {title} now; the old name stays as a deprecated alias")
    return told


def entered(changelog: str, entry: str) -> str:
    """The changelog with an entry at the end of what is not released; CodegenError where that part is missing."""
    head, found, rest = changelog.partition(UNRELEASED)
    if not found:
        raise CodegenError(f"{CHANGELOG} has no {UNRELEASED.strip()!r}")
    body, mark, later = rest.partition("\n## ")
    return f"{head}{found}\n{(body.strip() + chr(10)).lstrip()}{entry}{mark}{later}"


def _decisions(summary: list[str]) -> list[str]:
    """What the importer's summary leaves to a person."""
    chosen = ("decide", "read loosely", "no longer in the document")
    found: list[str] = []
    title = ""
    for line in summary[1:]:
        if not line.startswith("  "):
            title = line.partition(":")[0]
        elif title in chosen:
            found.append(f"{title}: {line.strip()}")
    return found


def _unsettled(old: Spec, new: Spec) -> list[str]:
    """Objects without a resource, unions that no field tells apart, corrections that have become needless."""
    found = [
        f"no resource: schema {name} stands in other.yaml; add a hint or move it in names.yaml"
        for name, schema in new.schemas.items()
        if schema.resource == "other" and name not in old.schemas
    ]
    found += [
        f"no discriminator: the arms of {name} are told apart by no field"
        for name, schema in new.schemas.items()
        if isinstance(schema, Choice) and not schema.tag and name not in old.schemas
    ]
    found += [
        f"drop: {where} changes nothing any more" for where in dict.fromkeys(new.obsolete) if where not in old.obsolete
    ]
    if known := len(set(new.obsolete) & set(old.obsolete)):
        found.append(f"drop: {known} more entries changed nothing before already (`make generate` names them)")
    return found


def _tell(decide: list[str]) -> None:
    if decide:
        print(f"\nfor a person to decide ({len(decide)}):")
        print("\n".join(f"  {line}" for line in decide))


# --- writing -------------------------------------------------------------------------------------


def _differs(root: Path, made: Update) -> bool:
    return bool(
        write.compare(root / "spec", made.spec, run.OWNED)
        or write.compare(root / "generated", made.generated, generate.OWNED)
        or any((root / name).read_text("utf-8") != text for name, text in made.beside.items())
    )


def _apply(root: Path, made: Update) -> str:
    """Write everything; where that fails or is interrupted, what was there is put back."""
    with _restored(root):
        spec = write.apply(root / "spec", made.spec, run.OWNED)
        generated = write.apply(root / "generated", made.generated, generate.OWNED)
        for name, text in made.beside.items():
            scratch = root / f"{name}.tmp"
            scratch.write_bytes(text.encode())
            os.replace(scratch, root / name)  # noqa: PTH105  # the one call that is atomic on every platform
    return f"spec/: {spec}; generated/: {generated}"


@contextlib.contextmanager
def _restored(root: Path) -> Generator[None]:
    """Put the files of spec/, generated/ and the changelog back where the block does not end well."""
    kept = {path: path.read_bytes() for path in _files(root)}
    try:
        yield
    except BaseException:
        for path in set(_files(root)) - set(kept):
            path.unlink()
        for path, content in kept.items():
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        raise


def _files(root: Path) -> Iterable[Path]:
    for part in ("spec", "generated"):
        yield from (p for p in (root / part).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    for name in (CHANGELOG, FACTS):
        yield from root.glob(f"{name}*")


@contextlib.contextmanager
def _stoppable() -> Generator[None]:
    """A polite request to stop is an exception, so that what was begun is undone."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: nobody sends us signals there
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _test(root: Path, scratch: Path, made: Update) -> None:
    """Run the fast tests on the new tree, in the copy."""
    copy = scratch / "project"
    for part in _COPIED:
        if (root / part).is_dir():
            shutil.copytree(root / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (p for p in root.iterdir() if p.is_file() and p.stat().st_size < 1024 * 1024):
        shutil.copy2(path, copy / path.name)
    _apply(copy, made)
    chosen = [part for part in FAST_TESTS if (copy / part).is_dir()]
    if not chosen:
        return
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not documentation", *chosen],
        cwd=copy, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join([*done.stdout.splitlines()[-30:], *done.stderr.splitlines()[-10:]])
        print(tail, file=sys.stderr)
        raise CodegenError(
            "the fast tests fail on the new tree, nothing was written (--no-tests writes it all the same)"
        )

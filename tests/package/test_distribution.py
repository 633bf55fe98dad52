"""What a stranger gets: the built files, and a project of theirs that uses them under strict checkers."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
CONSUMER = Path(__file__).parent / "consumer"
# One worker builds and installs for all of these tests.
pytestmark = [pytest.mark.xdist_group("package"), pytest.mark.timeout(600)]

MARKER = re.compile(r"# E: (?P<mypy>\S+) (?P<pyright>\S+)")
OFFLINE = re.compile(
    r"Failed to establish|Retrying \(|ConnectionError|Connection broken|ProxyError|SSLError|timed out|HTTP error"
    r"|Name or service|Temporary failure|No matching distribution"
)


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    clean["PYTHONDONTWRITEBYTECODE"] = "1"  # the checkout stays as it is
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(into: Path, source: Path, *what: str) -> Path:
    """The file that the project's own build back end, which is installed here, makes."""
    run(
        sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", into, source, SOURCE_DATE_EPOCH="1700000000"
    )
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"), ROOT, "--wheel")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("sdist"), ROOT, "--sdist")


@pytest.fixture(scope="module")
def wheel_of_sdist(tmp_path_factory: pytest.TempPathFactory, sdist: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked := tmp_path_factory.mktemp("unpacked"), filter="data")
    (source,) = unpacked.iterdir()
    return build(tmp_path_factory.mktemp("wheel_of_sdist"), source, "--wheel")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel_of_sdist: Path) -> Path:
    """The interpreter of a fresh environment that holds the wheel and what it depends on, nothing else."""
    python = environment(tmp_path_factory.mktemp("installed"))
    try:
        pip(python, wheel_of_sdist)
    except AssertionError as exc:
        if OFFLINE.search(str(exc)):
            pytest.skip("pip reaches no package index, so the wheel's dependencies cannot be installed")
        raise
    return python


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Path:
    """As `installed`, with the checkout in place of the wheel."""
    into = tmp_path_factory.mktemp("editable_wheel")
    run(sys.executable, "-c", f"from hatchling.build import build_editable; build_editable({str(into)!r})")
    python = environment(tmp_path_factory.mktemp("editable"))
    (made,) = into.iterdir()
    pip(python, "--no-deps", made)
    # What it depends on, from next door: everything there but acord itself, which comes later on the path.
    (site_packages(python) / "zz_dependencies.pth").write_text(f"{site_packages(installed)}\n")
    return python


def environment(folder: Path) -> Path:
    venv.create(folder, with_pip=False)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def pip(python: Path, *what: str | Path) -> None:
    """Install it, with what it depends on as `make test` has it: a release of somebody else's fails no test here."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile", "--no-input", "--retries", "1")
    run(sys.executable, "-m", "pip", "--python", python, "install", *quiet, "--constraint", CONSTRAINTS, *what)


def site_packages(python: Path) -> Path:
    return Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())


# What is in the files


def test_T27_both_kinds_are_reproducible(tmp_path: Path, wheel: Path, sdist: Path) -> None:
    again = build(tmp_path / "wheel", ROOT, "--wheel"), build(tmp_path / "sdist", ROOT, "--sdist")

    assert [digest(wheel), digest(sdist)] == [digest(one) for one in again]


def test_the_sdist_builds_the_same_wheel_as_the_checkout(wheel: Path, wheel_of_sdist: Path) -> None:
    assert digest(wheel) == digest(wheel_of_sdist)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not re.match(r"acord-[\d.]+\.dist-info/", name)}
    tree = {
        str(path.relative_to(root)).replace(os.sep, "/")
        for root in (ROOT / "generated", ROOT / "runtime")
        for path in (root / "acord").rglob("*")
        if path.is_file() and path.suffix in {".py", ".pyi", ".typed", ".html", ""}
    }
    # For `python -m acord generate`: beside the library, no part of it.
    generator = {
        f"acord/_generator/{path.relative_to(ROOT).as_posix()}"
        for part in ("codegen", "spec")
        for path in (ROOT / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert tree | generator == names
    assert {"acord/py.typed", "acord/core/py.typed", "acord/core/signals/py.typed", "acord/__init__.pyi"} <= names


def test_the_sdist_holds_what_a_wheel_is_built_from_and_nothing_else(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}

    assert {
        "generated",
        "runtime",
        "codegen",
        "spec",
        "pyproject.toml",
        "PKG-INFO",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
    } <= tops
    assert tops <= {
        *(
            "generated",
            "runtime",
            "codegen",
            "spec",
            "pyproject.toml",
            "PKG-INFO",
            "README.md",
            "LICENSE",
            "CHANGELOG.md",
            ".gitignore",
        )
    }


def test_what_the_wheel_says_of_itself(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    stated = [line.removeprefix("Requires-Dist: ") for line in text.splitlines() if line.startswith("Requires-Dist: ")]

    assert sorted(map(name_of, declared)) == sorted(name_of(one) for one in stated if "extra ==" not in one)
    assert "License-Expression: MIT" in text


def test_pytest_finds_the_plugin_of_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entries,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        text = archive.read(entries).decode()

    assert "[pytest11]\nacord.testing.plugin = acord.testing.plugin" in text


def test_the_wheel_brings_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entries,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        text = archive.read(entries).decode()

    assert "[console_scripts]\nacord = acord.__main__:main" in text


def name_of(requirement: str) -> str:
    return re.split(r"[^\w-]", requirement)[0]


# A stranger's project


@pytest.fixture(params=["installed", "editable"])
def python(request: pytest.FixtureRequest) -> Path:
    interpreter: Path = request.getfixturevalue(request.param)
    return interpreter


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The stranger's program, and every pattern that the house checks at home."""
    for path in (*CONSUMER.glob("*.py"), *(ROOT / "tests" / "typing").glob("*.py")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def planted(project: Path, checker: str) -> list[tuple[str, int, str]]:
    return sorted(
        (path.name, number, code)
        for path in project.glob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := MARKER.search(line))
        for code in found[checker].split(",")
    )


def test_mypy_reports_what_is_planted_and_nothing_else(python: Path, project: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--output=json",
            "--cache-dir=cache",
            "--python-executable",
            python,
            ".",
        ],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert planted(project, "mypy") == sorted(
        (Path(one["file"]).name, one["line"], one["code"]) for one in found if one["severity"] == "error"
    ), done.stdout + done.stderr


def test_pyright_reports_what_is_planted_and_nothing_else(python: Path, project: Path) -> None:
    strict = {
        "typeCheckingMode": "strict",
        "enableTypeIgnoreComments": False,
        "reportUnnecessaryTypeIgnoreComment": True,
    }
    (project / "pyrightconfig.json").write_text(json.dumps(strict))

    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", python, "."],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    found: list[Any] = json.loads(done.stdout)["generalDiagnostics"]
    assert planted(project, "pyright") == sorted(
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["rule"]) for one in found
    ), done.stdout


def test_the_program_runs(python: Path, project: Path) -> None:
    said = run(python, "-W", "error", "bot.py", cwd=project)

    assert "<HTTPClient" in said and "GET" in said
    assert "secret-of-mine" not in said


def test_every_module_of_the_wheel_imports(installed: Path, tmp_path: Path) -> None:
    script = (
        "import importlib, pkgutil, acord; "
        "names = [m.name for m in pkgutil.walk_packages(acord.__path__, 'acord.')]; "
        # The plugin is for who has pytest, the commands for who has the extra.
        "left = ('.__main__', '.testing.plugin'); "
        "[importlib.import_module(n) for n in names if not n.endswith(left) and not n.startswith('acord.cli.')]; "
        "acord.preload(); print(len(names), acord.__file__, sep='\\n')"
    )

    count, where = run(installed, "-W", "error", "-c", script, cwd=tmp_path).splitlines()

    assert int(count) > 100
    assert Path(where).is_relative_to(installed.parent.parent)


def test_an_editable_install_is_two_lines_of_path(editable: Path, tmp_path: Path) -> None:
    lines = (site_packages(editable) / "_acord.pth").read_text().splitlines()

    assert [str(ROOT / "generated"), str(ROOT / "runtime")] == lines
    where = run(
        editable, "-c", "import acord.models; print(acord.__file__, acord.models.__file__, sep='\\n')", cwd=tmp_path
    )
    assert [
        str(ROOT / "runtime" / "acord" / "__init__.py"),
        str(ROOT / "generated" / "acord" / "models" / "__init__.py"),
    ] == where.splitlines()

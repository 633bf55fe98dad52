"""Endpoints of a user's own: `python -m acord generate` from the wheel, in a project and an environment of theirs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from acord.cli import generate as command
from codegen import models
from tests.package.test_distribution import OFFLINE, ROOT, build, environment, pip, run

# One worker builds and installs for all of these tests.
pytestmark = [pytest.mark.xdist_group("package"), pytest.mark.timeout(600)]

PATHS = os.pathsep.join(str(ROOT / part) for part in ("runtime", "generated"))
SPEC = """
operations:
  list_gadgets:
    get: /channels/{channel_id}/gadgets
    path: {channel_id: snowflake}
    query: {kind?: GadgetKind, limit?: "integer(1..50)"}
    returns: Gadget[]
  create_gadget:
    post: /channels/{channel_id}/gadgets
    path: {channel_id: snowflake}
    body: GadgetRequest
    returns: {201: Gadget, 204: nothing}
    reason: true

schemas:
  GadgetKind:
    enum: int32
    values: {SMALL: 1, LARGE: 2}
  Gadget:
    note: Something with parts.
    fields:
      id: snowflake
      kind: GadgetKind
      message?: ?Message
      parts: GadgetPart[]
      channel_type: ChannelType
  GadgetPart:
    union: [Wheel, Lamp]
    tag: kind
  Wheel:
    fields: {kind: "GadgetKind{1}", radius: number}
  Lamp:
    fields: {kind: "GadgetKind{2}", colour: string}
  GadgetRequest:
    fields:
      name: string(1..20)
      kind?: GadgetKind
      embeds?: RichEmbed[..3]
      sticker?: GadgetSticker
  GadgetSticker:
    fields: {id: snowflake, channel_type?: ChannelType}
"""
# What a user writes with it: strict checkers must see every type.
PROGRAM = """
import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, assert_type

from acord import HTTPClient, Route, errors
from acord.models import ChannelType, Message
from app.gadgets import Gadget, GadgetKind, GadgetSticker, Lamp, UnknownGadgetPart, Wheel, create_gadget, list_gadgets

asked: list[tuple[str, str, Any]] = []
ANSWER = {"id": "5", "kind": 2, "channel_type": 0,
          "parts": [{"kind": 1, "radius": 2.5}, {"kind": 2, "colour": "red"}, {"kind": 9, "new": True}]}


class Server(BaseHTTPRequestHandler):
    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked.append((self.command, self.path, json.loads(body or b"null")))
        found = json.dumps([ANSWER] if self.command == "GET" else ANSWER).encode()
        self.send_response(200 if self.command == "GET" else 201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    do_GET = do_POST = answer

    def log_message(self, format: str, *args: object) -> None:
        pass


async def main(port: int) -> None:
    async with HTTPClient(token="t", base_url=f"http://127.0.0.1:{port}/api") as http:
        assert_type(list_gadgets(1), Route[list[Gadget]])
        found = await http.request(list_gadgets(1, kind=GadgetKind.LARGE, limit=7))
        assert_type(found[0], Gadget)
        assert_type(found[0].message, Message | None)
        assert_type(found[0].channel_type, ChannelType)
        assert [type(part) for part in found[0].parts] == [Wheel, Lamp, UnknownGadgetPart]
        made = await http.request(
            create_gadget(
                1, name="x", kind=1, embeds=[{"title": "hi"}], sticker=GadgetSticker(id=3, channel_type=ChannelType.DM)
            )
        )
        assert_type(made, Gadget | None)
        assert made is not None and made.kind is GadgetKind.LARGE
    try:
        create_gadget(1, name="x" * 21)
    except errors.InvalidRequest as exc:
        print(exc)


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
asyncio.run(main(server.server_port))
server.shutdown()
for line in asked:
    print(*line)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"), ROOT, "--wheel")


def installed(folder: Path, what: str) -> Path:
    python = environment(folder)
    try:
        pip(python, what)
    except AssertionError as exc:
        if OFFLINE.search(str(exc)):
            pytest.skip("pip reaches no package index, so the wheel's dependencies cannot be installed")
        raise
    return python


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    return installed(tmp_path_factory.mktemp("with_generator"), f"{wheel}[codegen]")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, python: Path) -> Path:
    """A user's project with a package `app`, in which `gadgets` was generated."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "app").mkdir()
    (folder / "app/__init__.py").write_text("")
    (folder / "gadgets.yaml").write_text(SPEC)
    (folder / "program.py").write_text(PROGRAM)
    said = run(python, "-m", "acord", "generate", "gadgets.yaml", "--out", "app/gadgets", cwd=folder)
    assert "app.gadgets: 2 helpers, 7 schemas; 8 added" == said.strip()
    return folder


def test_the_program_sends_and_reads_what_is_its_own(project: Path, python: Path) -> None:
    said = run(python, "-W", "error", "program.py", cwd=project).splitlines()

    assert re.match(r"name: .*20", said[0])
    assert [
        "GET /api/v10/channels/1/gadgets?kind=2&limit=7 None",
        "POST /api/v10/channels/1/gadgets "
        "{'name': 'x', 'kind': 1, 'embeds': [{'title': 'hi'}], 'sticker': {'id': '3', 'channel_type': 1}}",
    ] == said[1:]


def test_mypy_strict_finds_nothing_in_the_project(project: Path, python: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir=cache", "--python-executable", python, "."],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "Success: no issues found in 10 source files" in done.stdout, done.stdout + done.stderr


def test_pyright_strict_finds_nothing_in_the_project(project: Path, python: Path) -> None:
    (project / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))

    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", python, "."],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip

    found: dict[str, Any] = json.loads(done.stdout)
    assert ([], 10) == (found["generalDiagnostics"], found["summary"]["filesAnalyzed"])


def test_a_second_run_changes_nothing(project: Path, python: Path) -> None:
    said = run(python, "-m", "acord", "generate", "gadgets.yaml", "--out", "app/gadgets", cwd=project)

    assert "app.gadgets: 2 helpers, 7 schemas; nothing changed" == said.strip()


def test_without_a_command_it_names_the_versions(python: Path, tmp_path: Path) -> None:
    said = run(python, "-m", "acord", cwd=tmp_path)

    assert re.match(r"acord \d+\.\d+\.\d+, Python 3\.\d+\.\d+, pydantic [\d.]+, httpx [\d.]+, ", said)


# Refusals, from the checkout: one line, and nothing is written.


def refusal(folder: Path, spec: str, *arguments: str, out: str = "mypkg") -> str:
    (folder / "x.yaml").write_text(spec)
    before = sorted(folder.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-m", "acord", "generate", "x.yaml", "--out", out, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": PATHS, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert (1, "", before) == (done.returncode, done.stdout, sorted(folder.rglob("*")))
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ("operations: {get_x: {get: /x, returns: Mesage}}", "acord: x.yaml:1: operations.get_x.returns: unknown schema 'Mesage' (did you mean 'Message'?)"),
        ("schemas: {Message: {fields: {id: snowflake}}}", "acord: x.yaml:1: schemas.Message: acord has a schema 'Message' already: choose another name"),
        ("operations: {send_x: {post: /x, body: Message, returns: nothing}}", "acord: x.yaml: acord only receives Message: a body needs a schema of your own in its place"),
        ("{}", "acord: x.yaml: neither operations nor schemas stand here"),
        ("format: 2", "acord: x.yaml:1: format: this generator reads format 1, found 2"),
        ("- a", "acord: x.yaml:1: expected a mapping, found a list"),
        ("a: &b c", "acord: x.yaml:1: a: anchors and aliases are not used here: write the value out"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_line_with_its_place(tmp_path: Path, spec: str, line: str) -> None:
    assert line == refusal(tmp_path, spec)


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mypkg").mkdir()
    (tmp_path / "mypkg/models.py").write_text("MINE = 1\n")

    line = refusal(tmp_path, "schemas: {Thing: {fields: {id: snowflake}}}")

    assert "acord: mypkg/models.py was not made by this command and is left alone: choose another folder" == line
    assert "MINE = 1\n" == (tmp_path / "mypkg/models.py").read_text()


def test_a_folder_that_is_no_package_is_refused(tmp_path: Path) -> None:
    line = refusal(tmp_path, "schemas: {Thing: {fields: {id: snowflake}}}", out="my-pkg")

    assert "acord: 'my-pkg' is no name of a package (lower case, digits, underscores)" == line


def test_a_missing_extra_is_one_line_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "jinja2" else object())

    with pytest.raises(command.GenerateError) as caught:
        command.generate(tmp_path / "x.yaml", tmp_path / "mypkg")

    assert "the generator needs Jinja2: pip install 'acord[codegen]'" == str(caught.value)


def test_the_extra_pins_the_generator_that_the_library_was_made_with() -> None:
    declared = (ROOT / "pyproject.toml").read_text()

    assert f'"datamodel-code-generator=={models.PINNED}"' in declared

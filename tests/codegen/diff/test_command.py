"""`python -m codegen diff`: what may be named, what is printed, how it ends."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from codegen.__main__ import main
from tests.codegen.conftest import SPEC
from tests.codegen.diff.compared import Json, base
from tests.codegen.mini import imported, write_spec

Printed = pytest.CaptureFixture[str]


def written(folder: Path, name: str, data: Json) -> str:
    path = folder / name
    path.write_text(json.dumps(data))
    return str(path)


def grown() -> Json:
    data = base()
    data["components"]["schemas"]["CatKinds"]["oneOf"].append({"title": "BLUE", "const": 4})
    return data


def shrunk() -> Json:
    data = base()
    del data["components"]["schemas"]["CatResponse"]["properties"]["name"]
    return data


def test_no_change_ends_with_0(tmp_path: Path, capsys: Printed) -> None:
    old = written(tmp_path, "a.json", base())

    assert (0, "no changes\n") == (main(["diff", old, old]), capsys.readouterr().out)


@pytest.mark.parametrize(("fail", "code"), [((), 1), (("--fail-on", "breaking"), 2)])
def test_what_breaks_ends_with_2_where_that_is_asked(tmp_path: Path, fail: tuple[str, ...], code: int) -> None:
    old, new = written(tmp_path, "a.json", base()), written(tmp_path, "b.json", shrunk())

    assert code == main(["diff", old, new, *fail])


def test_what_breaks_nothing_ends_with_1_all_the_same(tmp_path: Path) -> None:
    old, new = written(tmp_path, "a.json", base()), written(tmp_path, "b.json", grown())

    assert 1 == main(["diff", old, new, "--fail-on", "breaking"])


def test_another_vendors_document_is_no_comparison(tmp_path: Path, capsys: Printed) -> None:
    pets = base()
    pets["paths"] = {"/pets": {"get": {"operationId": "list_pets", "responses": {"204": {"description": ""}}}}}

    assert 3 == main(["diff", str(SPEC), written(tmp_path, "pets.json", pets)])
    assert "two APIs" in capsys.readouterr().err


def test_an_interrupted_command_says_so_in_one_line(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("codegen.diff.run.compare", interrupted)
    old = written(tmp_path, "a.json", base())

    assert 130 == main(["diff", old, old])
    assert "codegen: interrupted\n" == capsys.readouterr().err


def test_json_has_every_change_and_counts(tmp_path: Path, capsys: Printed) -> None:
    old, new = written(tmp_path, "a.json", base()), written(tmp_path, "b.json", grown())

    main(["diff", old, new, "--format", "json"])

    change = {
        "kind": "enum_member_added",
        "where": "CatKinds:BLUE",
        "old": None,
        "new": 4,
        "breaking": False,
        "why": "",
    }
    assert {"changes": [change], "counts": {"enum_member_added": 1}} == json.loads(capsys.readouterr().out)


def test_markdown_has_what_breaks_first_and_python_before_and_after(tmp_path: Path, capsys: Printed) -> None:
    new = shrunk()
    new["components"]["schemas"]["BallResponse"]["properties"]["colour"] = {"type": "string"}

    main(["diff", written(tmp_path, "a.json", base()), written(tmp_path, "b.json", new), "--format", "markdown"])

    out = capsys.readouterr().out
    assert (
        out.index("## Breaking") < out.index("CatResponse") < out.index("## Other changes") < out.index("BallResponse")
    )
    assert " class Cat(Model):\n-    name: str | None | Missing = MISSING\n" in out
    assert " class Ball(Model):\n+    colour: str | Missing = MISSING\n" in out


def test_large_uniform_changes_are_one_sentence(tmp_path: Path, capsys: Printed) -> None:
    old, new = base(), base()
    for data, kind in ((old, ["string", "null"]), (new, "string")):
        for name in ("BallResponse", "CatResponse"):
            data["components"]["schemas"][name]["properties"] |= {f"f{i}": {"type": kind} for i in range(5)}

    main(["diff", written(tmp_path, "a.json", old), written(tmp_path, "b.json", new)])

    assert "10 fields of 2 models stopped being nullable" in capsys.readouterr().out


def test_hostile_text_cannot_leave_its_place_in_markdown(tmp_path: Path, capsys: Printed) -> None:
    new = base()
    new["components"]["schemas"]["CatKinds"]["oneOf"].append({"title": "A`\n# <b>", "const": 4})

    main(["diff", written(tmp_path, "a.json", base()), written(tmp_path, "b.json", new), "--format", "markdown"])

    assert "\n# <b>" not in capsys.readouterr().out


def test_a_spec_equals_the_document_that_it_was_imported_from(tmp_path: Path, capsys: Printed) -> None:
    imported(tmp_path / "spec", base())

    code = main(["diff", str(tmp_path / "spec"), str(tmp_path / "document.json"), "--spec", str(tmp_path / "spec")])

    assert (0, "no changes\n") == (code, capsys.readouterr().out)


def test_a_spec_equals_its_export(tmp_path: Path, capsys: Printed) -> None:
    main(["export", "--to", str(tmp_path)])
    capsys.readouterr()

    assert 0 == main(["diff", str(SPEC), str(tmp_path / "discord.json")]), capsys.readouterr().out


def test_what_only_we_have_is_compared_between_two_specs(tmp_path: Path, capsys: Printed) -> None:
    shutil.copytree(SPEC, tmp_path / "spec")
    for name, old, new in (
        ("gateway/opcodes.yaml", "value: 4\n", "value: 44\n"),
        ("errors.yaml", "  UNKNOWN_ACCOUNT: 10001\n", ""),
        ("flags.yaml", "KICK_MEMBERS: {bit: 1,", "KICK_MEMBERS: {bit: 62,"),
        ("gateway/intents.yaml", "bit: 9\n", "bit: 60\n"),
        ("gateway/close_codes.yaml", "code: 4002\n", "code: 4999\n"),
        (
            "gateway/events/roles.yaml",
            "      role: Role\n\n  GUILD_ROLE_UPDATE",
            "      role?: Role\n\n  GUILD_ROLE_UPDATE",
        ),
    ):
        path = tmp_path / "spec" / name
        assert path.read_text().count(old) >= 1
        path.write_text(path.read_text().replace(old, new, 1))

    main(["diff", str(SPEC), str(tmp_path / "spec"), "--format", "json"])

    changes = json.loads(capsys.readouterr().out)["changes"]
    assert {
        ("opcode_changed", "gateway:VOICE_STATE_UPDATE"),
        ("error_code_removed", "errors:UNKNOWN_ACCOUNT"),
        ("flag_changed", "Permissions:KICK_MEMBERS"),
        ("intent_changed", "intents:GUILD_MESSAGES"),
        ("close_code_changed", "gateway:DECODE_ERROR"),
        ("event_changed", "gateway:GUILD_ROLE_CREATE"),
    } == {(c["kind"], c["where"]) for c in changes}


def test_a_git_revision_of_the_spec_is_read(tmp_path: Path, capsys: Printed) -> None:
    spec = write_spec(tmp_path / "spec")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    rest = spec / "rest/cats.yaml"
    rest.write_text(rest.read_text().replace("string(1..32)", "string(1..64)"))

    main(["diff", "HEAD", str(spec), "--spec", str(spec), "--format", "json"])

    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert ("field_limit_changed", "CatResponse.name") == (change["kind"], change["where"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[]", "expected an OpenAPI object"),
        ('{"openapi": "2.0", "paths": {}}', "expected an OpenAPI 3.1 document"),
        ('{"operations": {}, "format": 9}', "an export of format 1"),
        ('{"operations": {}, "format": 1}', "not as `python -m codegen export` writes it"),
        (
            '{"operations": {}, "format": 1, "schemas": [], "a": "\\u001b"}',
            "not as `python -m codegen export` writes it",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_and_ends_with_3(tmp_path: Path, capsys: Printed, text: str, says: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)

    code = main(["diff", str(path), str(SPEC)])

    err = capsys.readouterr().err
    assert (3, 1) == (code, len(err.splitlines()))
    assert says in err


def test_a_name_that_stands_for_nothing_is_refused(capsys: Printed) -> None:
    assert 3 == main(["diff", "--", "--upload-pack=x", str(SPEC)])
    assert "neither a file, a folder nor a git revision" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["diff", "import", "update"])
def test_a_document_of_50_mb_is_refused_unread(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)

    code = main([command, str(path), *([str(SPEC)] if command == "diff" else [])])

    assert (3 if command == "diff" else 1, "codegen: large.json: 50 MiB; at most 32 are read\n") == (
        code,
        capsys.readouterr().err,
    )


def test_another_vendors_document_is_compared_but_never_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = base() | {
        "info": {"version": "2024-04-10", "title": "Payments"},
        "servers": [{"url": "https://pay.example"}],
    }
    path = written(tmp_path, "vendor.json", data)
    before = {p: p.read_bytes() for p in SPEC.rglob("*.yaml")}

    assert 1 == main(["update", path])
    assert "expected the number of the API's version" in capsys.readouterr().err
    assert 1 == main(["diff", path, written(tmp_path, "b.json", grown())])
    assert before == {p: p.read_bytes() for p in SPEC.rglob("*.yaml")}

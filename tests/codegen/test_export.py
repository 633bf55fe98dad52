"""What other languages get: one document of everything, and the REST part as OpenAPI 3.1."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from codegen import export
from codegen.__main__ import main

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec"


@cache
def documents() -> dict[str, Any]:
    return {name: json.loads(text) for name, text in export.render(SPEC).items()}


def everything() -> dict[str, Any]:
    found: dict[str, Any] = documents()["discord.json"]
    return found


def openapi() -> dict[str, Any]:
    found: dict[str, Any] = documents()["openapi.json"]
    return found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        mapping = value.get("mapping") if "propertyName" in value else None
        yield from mapping.values() if isinstance(mapping, dict) else ()
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(item)


def leads_somewhere(document: Any, pointer: str) -> bool:
    here = document
    for part in pointer.removeprefix("#/").split("/"):
        if part not in here:
            return False
        here = here[part]
    return True


def test_the_openapi_file_validates() -> None:
    problems = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in OpenAPIV31SpecValidator(openapi()).iter_errors()]

    assert [] == problems


@pytest.mark.parametrize("name", ["discord.json", "openapi.json"])
def test_every_reference_leads_somewhere(name: str) -> None:
    document = documents()[name]

    found = set(references(document))

    assert len(found) > 300
    assert [] == sorted(pointer for pointer in found if not leads_somewhere(document, pointer))


def test_every_operation_is_in_both() -> None:
    operations = {
        name
        for path in (SPEC / "rest").glob("*.yaml")
        for name in yaml.safe_load(path.read_text()).get("operations") or {}
    }

    inside = {op["operationId"] for path in openapi()["paths"].values() for op in path.values()}

    assert operations == inside == everything()["operations"].keys()
    assert len(operations) >= 242


def test_everything_else_is_there() -> None:
    docs = json.loads((ROOT / "tests/data/docs_gateway.json").read_text())
    found = everything()

    assert docs["gateway"]["received"].keys() == found["gateway"]["events"].keys()
    assert docs["gateway"]["sent"].keys() == found["gateway"]["commands"].keys()
    for key in ("opcodes", "close_codes", "intents"):
        assert docs["gateway"][key].keys() == found["gateway"][key][key].keys()
    assert docs["voice"]["opcodes"].keys() == {*found["voice"]["payloads"], *found["voice"]["binary"]}
    assert docs["webhook_events"]["events"].keys() == found["webhook_events"]["events"].keys()
    assert yaml.safe_load((SPEC / "errors.yaml").read_text())["codes"] == found["errors"]["codes"]
    assert yaml.safe_load((SPEC / "flags.yaml").read_text())["classes"].keys() == found["flags"]["classes"].keys()


def test_an_event_extends_the_object_it_carries() -> None:
    event = everything()["gateway"]["schemas"]["MessageCreate"]

    assert {"$ref": "#/schemas/Message"} == event["allOf"][0]
    assert {"guild_id", "member", "channel_type"} == event["allOf"][1]["properties"].keys()


def test_corrections_are_in_the_openapi_file() -> None:
    schemas, paths = openapi()["components"]["schemas"], openapi()["paths"]
    message = paths["/channels/{channel_id}/messages"]["post"]
    multipart = message["requestBody"]["content"]["multipart/form-data"]

    assert "flags" not in schemas["User"]["required"]
    assert {"type": "integer", "format": "int53", "x-flags": "UserFlags"} == schemas["User"]["properties"]["flags"]
    assert {"contentType": "application/json"} == multipart["encoding"]["payload_json"]
    answer = paths["/channels/{channel_id}/messages"]["get"]["responses"]["200"]["content"]["application/json"]
    assert {"type": "array", "items": {"$ref": "#/components/schemas/Message"}} == answer["schema"]
    assert "X-Audit-Log-Reason" in [
        parameter["name"] for parameter in paths["/channels/{channel_id}"]["patch"]["parameters"]
    ]


def test_the_command_writes_both_files_and_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    assert 0 == main(["export", "--to", str(tmp_path / "one")])
    subprocess.run(
        [sys.executable, "-m", "codegen", "export", "--to", str(tmp_path / "two")],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        check=True,
        capture_output=True,
    )

    for name in ("discord.json", "openapi.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_broken_spec_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["export", "--spec", str(tmp_path), "--to", str(tmp_path / "out")])

    assert "not a spec folder" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

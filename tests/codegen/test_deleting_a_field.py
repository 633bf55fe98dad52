"""Deleting one fact from the spec changes what is generated in exactly the files that state it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.codegen.mini import pages


def _copy(folder: Path, spec_files: Mapping[str, bytes]) -> Path:
    for name, data in spec_files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


CASES = {
    "a field of an answer": ("rest/voice.yaml", "VoiceRegion", "      optimal: boolean\n", {"models/voice.py"}),
    "a field of a request": (
        "rest/voice.yaml", "UpdateSelfVoiceStateRequestPartial", "      suppress?: ?boolean\n",
        {"models/requests_voice.py", "models/dicts.py", "routes/voice.py", "shapes/voice.py"},
    ),
    "a query parameter": ("rest/messages.yaml", "list_messages", "      limit?: integer(1..100)\n", {"routes/messages.py"}),
    "a value of an enum": ("rest/guilds.yaml", "VerificationLevel", "      VERY_HIGH: 4\n", {"models/enums.py", "shapes/enums.py"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_one_fact_less_changes_exactly_the_files_that_state_it(
    tmp_path: Path, spec_files: Mapping[str, bytes], unformatted: dict[str, str], case: str
) -> None:
    name, where, line, expected = CASES[case]
    folder = _copy(tmp_path / "spec", spec_files)
    text = (folder / name).read_text()
    at = text.index(line, text.index(f"\n  {where}:\n"))
    (folder / name).write_text(text[:at] + text[at + len(line) :])

    after = pages(folder)

    assert unformatted.keys() == after.keys()
    assert {f"acord/{path}" for path in expected} == {path for path in after if after[path] != unformatted[path]}

"""Single values: what the tests of whole shapes do not come by."""

from enum import Enum as PlainEnum
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from acord.core.errors import InvalidRequest
from acord.core.shapes import Anything, Binary, Image, Map, Nullable, Object, Ref, String, jsonable
from acord.core.types import File

PNG = b"\x89PNG\r\n\x1a\n and more"


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF89a", "image/gif"), (b"OggS", "audio/ogg"),
        (b"ID3", "audio/mpeg"), (b"RIFF....WEBP", "image/webp"), (b"....ftypavif", "image/avif"),
        (memoryview(b"....ftypavis"), "image/avif"), (bytearray(PNG), "image/png"),
    ],
)  # fmt: skip
def test_bytes_of_a_picture_become_a_data_uri_of_its_kind(data: Any, media: str) -> None:
    assert Image().check(data, "icon").startswith(f"data:{media};base64,")


def test_a_picture_may_be_a_file_that_can_be_read(tmp_path: Path) -> None:
    assert Image().check(File(PNG, "a.png"), "icon").startswith("data:image/png;base64,")
    with pytest.raises(InvalidRequest, match="a picture that can be read"):
        Image().check(File(tmp_path / "gone.png"), "icon")


@pytest.mark.parametrize("value", ["https://example.invalid/a.png", b"no picture", 7])
def test_what_is_no_picture_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match="icon"):
        Image().check(value, "icon")


def test_a_file_inside_of_a_body_is_bytes_and_nothing_else() -> None:
    assert b"x" == Binary().check(memoryview(b"x"), "sound") == Binary().loose(bytearray(b"x"), "sound")
    with pytest.raises(InvalidRequest, match="sound"):
        Binary().loose("text", "sound")


@pytest.mark.parametrize(("shape", "text"), [(Image(), "image"), (Binary(), "binary"), (Anything(), "any")])
def test_a_shape_is_shown_as_the_spec_writes_it(shape: Any, text: str) -> None:
    assert (text, f"<{type(shape).__name__} {text}>") == (str(shape), repr(shape))


def test_keys_of_an_object_are_text_or_numbers() -> None:
    assert {"1": 2, "a": 3} == jsonable({1: 2, "a": 3}, "d")
    for key in (True, None, 1.5):
        with pytest.raises(InvalidRequest, match="text as a key"):
            jsonable({key: 1}, "d")
        with pytest.raises(InvalidRequest, match="text as a key"):
            Map(String()).check({key: "x"}, "d")


def test_a_model_of_pydantics_own_is_dumped_by_its_aliases() -> None:
    class Theirs:
        def model_dump(self, **options: Any) -> Any:
            return dict(options)

    assert {"mode": "json", "by_alias": True} == jsonable(Theirs(), "d")


def test_a_member_of_an_enum_is_its_value_and_a_class_is_no_value() -> None:
    class Word(PlainEnum):
        ONE = "one"

    assert "one" == jsonable(Word.ONE, "d")
    with pytest.raises(InvalidRequest, match="something that JSON can write"):
        jsonable(Theirs := type("Theirs", (), {"id": 1}), "d")
    assert "1" == jsonable(Theirs(), "d")


def test_a_reference_is_looked_up_once_and_checks_as_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    asked: list[str] = []
    shapes: Any = ModuleType("acord.shapes")
    shapes.lookup = lambda name: asked.append(name) or Object(name, {"a": String()})
    monkeypatch.setitem(sys.modules, "acord.shapes", shapes)
    ref = Ref("Thing")

    assert {"a": "x"} == ref.check({"a": "x"}, "") == Nullable(ref).loose({"a": "x"}, "")
    assert ["Thing"] == asked

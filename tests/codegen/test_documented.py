"""What the documentation has and the document lacks: added to the description, and said when the document caught up."""

from pathlib import Path

import pytest

from codegen import documented
from codegen.errors import SpecError
from codegen.ir import Enum, Field, Object, Schema
from codegen.notation import Nullable, Primitive

FLAGS = "classes:\n  ThingFlags:\n    doc: x\n    source: https://x\n    members:\n      A: 0\n"


def schemas() -> dict[str, Schema]:
    return {
        "Thing": Object("Thing", "ThingResponse", "things", (Field("id", Primitive("string", "snowflake"), True),)),
        "Kind": Enum("Kind", "Kinds", "things", "int", (("CHAT", 1), ("USER", 2))),
    }


def applied(folder: Path, text: str) -> tuple[dict[str, Schema], list[str]]:
    (folder / "flags.yaml").write_text(FLAGS)
    (folder / "documented.yaml").write_text(text)
    found = schemas()
    return found, documented.apply(folder, found)


def fields(text: str) -> str:
    return f"fields:\n  Thing:\n    source: x\n    add:\n      {text}\n"


def values(text: str) -> str:
    return f"values:\n  Kind:\n    source: x\n    {text}\n"


def test_a_field_is_added_with_what_its_name_and_type_say(tmp_path: Path) -> None:
    found, caught_up = applied(tmp_path, fields("flags?: ?ThingFlags"))

    thing = found["Thing"]
    assert isinstance(thing, Object)
    assert Field("flags", Nullable(Primitive("integer", flags="ThingFlags")), required=False) == thing.fields[-1]
    assert [] == caught_up


def test_a_field_that_the_document_has_by_now_is_named_and_left_alone(tmp_path: Path) -> None:
    found, caught_up = applied(tmp_path, fields("id?: integer"))

    assert (schemas()["Thing"], ["Thing.id"]) == (found["Thing"], caught_up)


def test_values_are_added_and_other_names_become_aliases(tmp_path: Path) -> None:
    found, caught_up = applied(tmp_path, values("add:\n      FORWARD: 3\n    names:\n      CHAT: CHAT_INPUT"))

    kind = found["Kind"]
    assert isinstance(kind, Enum)
    assert (("CHAT", 1), ("USER", 2), ("FORWARD", 3)) == kind.members
    assert (("CHAT_INPUT", "CHAT"),) == kind.aliases
    assert [] == caught_up


def test_a_value_and_a_name_that_the_document_has_by_now_are_named(tmp_path: Path) -> None:
    _, caught_up = applied(tmp_path, values("add:\n      TALK: 1\n    names:\n      CHAT: USER"))

    assert ["Kind.TALK", "Kind.USER"] == caught_up


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (fields("flags?: ?ThingFlag"), "documented.yaml:5: fields.Thing.add.flags?: unknown type 'ThingFlag'"),
        (fields("flags?: ?["), "flags?"),
        (fields("id?: integer").replace("Thing:", "Kind:"), "'Kind' is no object of the spec"),
        (values("add:\n      A: 3").replace("Kind:", "Thing:"), "'Thing' is no enum of the spec"),
        (values("add:\n      FORWARD: three"), "expected a whole number"),
        (values("adds:\n      FORWARD: 3"), "did you mean 'add'?"),
    ],
)
def test_what_fits_nothing_is_refused_at_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        applied(tmp_path, text)

    assert said in str(caught.value)


def test_a_spec_without_the_file_is_as_it_is(tmp_path: Path) -> None:
    found = schemas()

    assert [] == documented.apply(tmp_path, found)
    assert schemas() == found

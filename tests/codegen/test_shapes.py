"""A few lines of spec, and the checks of request bodies they become."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.load import load
from codegen.notation import parse
from codegen.shapes import Printer
from tests.codegen.mini import pages

Mini = Callable[..., Path]
REST = """operations:
  send_cat:
    post: /cats
    query:
      colour?: Colour
    body: Cat
    returns: Answer
schemas:
  Colour:
    enum: string
    values: {RED: red}
  Kind:
    enum: integer
    values: {A: 1, B: 2}
  Base:
    fields: {id: snowflake, name?: string}
  Cat:
    extends: [Base]
    fields: {name: string(..9), toy?: Toy, any?: Either}
  Ball:
    fields: {kind: "Kind{1}"}
  Mouse:
    fields: {kind: "Kind{2}"}
  Toy:
    union: [Ball, Mouse]
    tag: kind
  Either:
    union: [Ball, Mouse]
  Ids:
    type: snowflake[]
  Answer:
    fields: {}
"""


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("string", "String()"),
        ('string(1..80, "^#")', 'String(min=1, max=80, pattern="^#")'),
        ("string(0..)", "String(min=0)"),
        ("uri", 'String(format="uri")'),
        ("snowflake", "Id()"),
        ("timestamp", "Timestamp()"),
        ("base64", "Image()"),
        ("binary", "Binary()"),
        ("integer(0..5)", "Integer(min=0, max=5)"),
        ("int53", "Integer(min=-9007199254740991, max=9007199254740991)"),
        ("uint32(1..)", "Integer(min=1, max=4294967295)"),
        ("number(0.5..)", "Number(min=0.5)"),
        ("boolean", "Boolean()"),
        ("any", "Anything()"),
        ("?string", "Nullable(String())"),
        ("Cat[1..3 unique]", 'Array(Ref("Cat"), min=1, max=3, unique=True)'),
        ("map(string, ..34)", "Map(String(), max=34)"),
        ("string | Cat", 'AnyOf(String(), Ref("Cat"))'),
        ("Kind", 'Ref("Kind")'),
        ("Kind{1}", 'Enum("Kind", 1, narrow=True)'),
        ('string{"a", "b"}', 'Enum("string", "a", "b")'),
        ("Ids", "Array(Id())"),
    ],
)
def test_a_type_prints_as_its_shape(mini: Mini, notation: str, expected: str) -> None:
    assert expected == Printer(load(mini(REST))).show(parse(notation))


@pytest.mark.parametrize(
    "line",
    [
        'Cat = Object("Cat", required={"id": Id(), "name": String(max=9)}, optional={"toy": Ref("Toy"), "any": Ref("Either")})',
        'Toy = Tagged("kind", {1: Ref("Ball"), 2: Ref("Mouse")})',
        'Either = AnyOf(Ref("Ball"), Ref("Mouse"))',
        'Ball = Object("Ball", required={"kind": Enum("Kind", 1, narrow=True)})',
    ],
)
def test_a_schema_prints_as_its_shape(mini: Mini, line: str) -> None:
    assert line in pages(mini(REST))["acord/shapes/cats.py"].splitlines()


def test_only_what_requests_can_contain_has_a_shape(mini: Mini) -> None:
    files = pages(mini(REST))

    assert "Answer" not in files["acord/shapes/cats.py"] + files["acord/shapes/__init__.py"]
    assert '\nColour = Enum("Colour", "red")\n' in files["acord/shapes/enums.py"]
    assert '    "Toy": "cats",' in files["acord/shapes/__init__.py"]


def test_a_module_imports_what_it_uses_and_no_more(mini: Mini) -> None:
    source = pages(mini(REST))["acord/shapes/cats.py"]

    assert "from acord.core.shapes import AnyOf, Enum, Id, Object, Ref, String, Tagged\n" in source

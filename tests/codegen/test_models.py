"""A few lines of spec, and the lines of models they become."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from codegen.errors import SpecError
from codegen.load import load
from tests.codegen.mini import CAT, pages

Mini = Callable[..., Path]


def module(files: dict[str, str], name: str) -> str:
    return files[f"acord/models/{name}.py"]


def block(source: str, start: str) -> str:
    """The top-level statement that begins with `start`."""
    at = source.index("\n" + start) + 1
    lines = source[at:].splitlines()
    rest = next((n for n, line in enumerate(lines) if n and line and not line.startswith((" ", ")", "}"))), len(lines))
    return "\n".join(lines[:rest]).rstrip()


def test_an_answer_has_optional_fields_that_default_to_none(mini: Mini) -> None:
    files = pages(mini(CAT))

    assert block(module(files, "cats"), "class Cat") == dedent('''\
        class Cat(Model):
            """Discord's ``CatResponse``."""
            id: Snowflake
            name: str | None = None''')  # fmt: skip


SENT = """operations:
  send_cat:
    post: /cats
    body: Cat
    returns: nothing
schemas:
  Cat:
    fields:
      id: snowflake
      name?: string(1..80)
      born?: ?timestamp
      tags: string[1..5]
      toy?: Toy
      lives?: ?integer(1..9)
  Toy:
    fields: {colour: string}
"""


def test_a_request_has_three_states_and_the_limits_of_its_properties(mini: Mini) -> None:
    files = pages(mini(SENT))

    assert block(module(files, "requests_cats"), "class Cat") == dedent('''\
        class Cat(Request):
            """Written inline in the official document."""
            id: SnowflakeLike
            name: Annotated[str | Missing, Field(max_length=80, min_length=1)] = MISSING
            born: Timestamp | None | Missing = MISSING
            tags: Annotated[list[str], Field(max_length=5, min_length=1)]
            toy: ToyLike | Missing = MISSING
            lives: Annotated[int | None | Missing, Field(ge=1, le=9)] = MISSING''')  # fmt: skip


def test_a_request_has_a_twin_for_people_who_write_dicts(mini: Mini) -> None:
    files = pages(mini(SENT))

    assert "    toy: NotRequired[ToyLike]\n" in block(module(files, "dicts"), "class CatDict(TypedDict)") + "\n"
    assert "CatLike: TypeAlias = Cat | CatDict" in module(files, "likes")


def test_what_is_defined_later_is_never_needed_earlier(mini: Mini) -> None:
    source = module(pages(mini(SENT)), "requests_cats")

    assert source.index("class Toy") < source.index("class Cat")


ENUM = """schemas:
  Kind:
    official: Kinds
    enum: int32
    values: {BLACK: 1, not so black: 2, 3rd: 3, class: 4, black: 5}
  Colour:
    enum: string
    values: {RED: red}
  Cat:
    fields: {kind: Kind, colour?: "?Colour", only: "Kind{1, 2}", gone: "Kind{9}"}
"""


def test_an_enum_is_open_and_its_members_are_upper_case_names_that_differ(mini: Mini) -> None:
    source = module(pages(mini(ENUM)), "enums")

    assert block(source, "class Kind") == dedent('''\
        class Kind(OpenIntEnum):
            """Discord's ``Kinds``."""

            BLACK = 1
            NOT_SO_BLACK = 2
            N3RD = 3
            CLASS = 4
            BLACK_ = 5
            if TYPE_CHECKING:
                _FUTURE = -1''')  # fmt: skip
    assert "class Colour(OpenStrEnum):" in source


def test_a_narrowed_enum_of_an_answer_is_open_all_the_same(mini: Mini) -> None:
    source = block(module(pages(mini(ENUM)), "cats"), "class Cat")

    assert "    only: Kind\n    gone: Kind" in source
    assert "    colour: Colour | None = None" in source


def test_a_narrowed_enum_of_a_request_is_a_literal_of_its_members(mini: Mini) -> None:
    sent = "operations:\n  send_cat:\n    post: /cats\n    body: Cat\n    returns: nothing\n" + ENUM

    source = block(module(pages(mini(sent)), "requests_cats"), "class Cat")

    assert "    only: Literal[Kind.BLACK, Kind.NOT_SO_BLACK]\n    gone: Kind" in source


def test_a_bit_set_that_travels_as_text_among_its_like_has_a_name_of_its_own(mini: Mini) -> None:
    flags = "classes:\n  Fur: {doc: Of cats., source: x, also: decimal string, members: {LONG: 0}}\n"
    fields = "schemas:\n  Cat:\n    fields: {fur: int32, fur_new: string}\n"
    cats = "operations:\n  get_cat:\n    get: /cats\n    returns: Cat\n" + fields

    source = module(pages(mini(cats, flags=flags, flag_fields="Fur: [Cat.fur, Cat.fur_new]\n")), "cats")

    assert "    fur: Fur\n    fur_new: FurText" in source


def test_a_bit_set_in_text_that_flags_yaml_does_not_mention_is_refused(mini: Mini) -> None:
    flags = "classes:\n  Fur: {doc: Of cats., source: x, members: {LONG: 0}}\n"
    cats = "operations:\n  get_cat:\n    get: /cats\n    returns: Cat\nschemas:\n  Cat:\n    fields: {fur: string}\n"

    with pytest.raises(SpecError, match=r"'Cat.fur' is text: flags.yaml does not say `also: decimal string`"):
        load(mini(cats, flags=flags, flag_fields="Fur: [Cat.fur]\n"))


UNION = """operations:
  get_pet:
    get: /pets
    returns: Pet
  send_pet:
    post: /pets
    body: SentPet
    returns: nothing
schemas:
  Kind:
    enum: integer
    values: {CAT: 1, DOG: 2, WOLF: 3}
  Cat:
    fields: {kind: "Kind{1}"}
  Dog:
    fields: {kind: "Kind{2, 3}"}
  Pet:
    union: [Cat, Dog]
    tag: kind
  SentCat:
    fields: {kind: "Kind{1}"}
  SentDog:
    fields: {kind: "Kind{2, 3}"}
  SentPet:
    union: [SentCat, SentDog]
    tag: kind
  Any:
"""
UNION = UNION.replace("  Any:\n", "  Either:\n    union: [Cat, Dog]\n")


def test_a_union_of_answers_has_an_arm_for_kinds_that_nobody_knows_yet(mini: Mini) -> None:
    source = module(pages(mini(UNION)), "cats")

    assert block(source, "class UnknownPet") == dedent('''\
        class UnknownPet(Model):
            """A kind of ``Pet`` that has no class yet; everything is kept."""

            kind: Annotated[Kind, unlisted(1, 2, 3)]''')  # fmt: skip
    assert (
        'Pet: TypeAlias = Annotated[Annotated[Cat | Dog, Field(discriminator="kind")] | UnknownPet, '
        'Field(union_mode="left_to_right")]'
    ) in source


def test_a_union_of_requests_has_none(mini: Mini) -> None:
    source = module(pages(mini(UNION)), "requests_cats")

    assert 'SentPet: TypeAlias = Annotated[SentCat | SentDog, Field(discriminator="kind")]' in source
    assert "Unknown" not in source


def test_a_union_without_a_tag_is_the_plain_union(mini: Mini) -> None:
    assert "Either: TypeAlias = Cat | Dog\n" in module(pages(mini(UNION)), "cats")


def test_a_tag_of_a_request_says_itself_where_it_has_one_value(mini: Mini) -> None:
    source = module(pages(mini(UNION)), "requests_cats")

    assert "    kind: Literal[Kind.CAT] = Kind.CAT" in source
    assert "    kind: Literal[Kind.DOG, Kind.WOLF]\n" in source


@pytest.mark.parametrize(
    ("wire", "field"),
    [
        ("class", "class_"), ("_errors", "field_errors"), ("conn", "conn_"), ("dump", "dump_"), ("list", "list_"),
        ("model_dump", "model_dump_"), ("json", "json_"), ("Field", "Field_"), ("9th", "field_9th"), ("a-b", "a_b"),
    ],
)  # fmt: skip
def test_a_field_that_would_hide_something_gets_an_underscore_and_an_alias(mini: Mini, wire: str, field: str) -> None:
    source = module(pages(mini(f"schemas:\n  Cat:\n    fields: {{{wire}: string, plain?: Cat}}\n")), "cats")

    assert f"    {field}: Annotated[str, Field(alias='{wire}')]\n" in source


def test_two_fields_never_become_one(mini: Mini) -> None:
    source = module(
        pages(mini('schemas:\n  Cat:\n    fields: {dump: string, dump_: string, "dump-": integer}\n')), "cats"
    )

    assert "    dump__: Annotated[str, Field(alias='dump')]\n    dump_: str\n" in source
    assert "    dump___: Annotated[int, Field(alias='dump-')]\n" in source


def test_a_base_is_a_base(mini: Mini) -> None:
    text = "schemas:\n  Cat:\n    fields: {id: snowflake}\n  Kitten:\n    extends: [Cat]\n    fields: {age: integer}\n"

    assert "class Kitten(Cat):" in module(pages(mini(text)), "cats")


def test_modules_that_would_need_each_other_share_one(mini: Mini) -> None:
    one = "schemas:\n  A:\n    fields: {b: B}\n  C:\n    fields: {}\n"
    two = "schemas:\n  B:\n    fields: {c: C}\n"

    files = pages(mini(one, rest_dogs=two))

    assert "class B" in module(files, "cats")
    assert "acord/models/dogs.py" not in files


PARTED = """schemas:
  Message:
    fields: {cat: Cat}
  Cat:
    fields: {kind: Kind}
  Kennel:
    fields: {cats: "Cat[]", size: Size, form: Form}
  Form:
    fields: {name: string}
  Kind:
    enum: int32
    values: {WILD: 1}
  Size:
    enum: int32
    values: {BIG: 1}
"""


def test_what_no_message_is_made_of_is_apart_from_what_it_is(mini: Mini) -> None:
    files = pages(mini(PARTED, rest_dogs="schemas:\n  Dog:\n    fields: {cat: Cat}\n"))

    assert ["class Cat(Model):", "class Message(Model):"] == classes(module(files, "cats"))
    assert ["class Form(Model):", "class Kennel(Model):"] == classes(module(files, "other_cats"))
    assert "from acord.models.cats import Cat" in module(files, "other_cats")
    assert ["class Dog(Model):"] == classes(module(files, "dogs"))


def test_enums_that_a_message_is_made_of_are_apart_and_among_all(mini: Mini) -> None:
    files = pages(mini(PARTED))

    assert ["class Kind(OpenIntEnum):"] == classes(module(files, "message_enums"))
    assert ["class Size(OpenIntEnum):"] == classes(module(files, "enums"))
    assert "    Kind as Kind,\n" in module(files, "enums")
    assert "from acord.models.message_enums import Kind" in module(files, "cats")


def classes(source: str) -> list[str]:
    return [line for line in source.splitlines() if line.startswith("class ")]


def test_a_schema_may_contain_itself(mini: Mini) -> None:
    source = module(pages(mini("schemas:\n  Cat:\n    fields: {kittens: 'Cat[]', mother?: '?Cat'}\n")), "cats")

    assert "    kittens: list[Cat]\n" in source.replace("'Cat'", "Cat")


def test_the_official_name_leads_to_ours(mini: Mini) -> None:
    assert '    "CatResponse": "Cat",' in module(pages(mini(CAT)), "official")

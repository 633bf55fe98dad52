"""The documentation reader on a few lines of Markdown each."""

import pytest

from tests.tools import docs_rest


def sections(text: str) -> list[docs_rest.Section]:
    return list(docs_rest.sections("resources/thing", text))


def test_a_heading_has_the_anchor_that_precedes_it_else_one_made_of_its_words() -> None:
    found = sections('<ManualAnchor id="thing-flags" />\n###### Flags\n## Delete/Close Thing (old)\n')

    assert ["", "thing-flags", "deleteclose-thing-old"] == [s.anchor for s in found]


def test_a_hash_in_a_code_block_is_no_heading() -> None:
    found = sections("## One\n```python\n# comment\n```\n")

    assert ["", "one"] == [s.anchor for s in found]


def test_a_table_gives_its_rows_by_column_title() -> None:
    (rows,) = sections("| Flag | Value |\n|--|--|\n| A \\* | `1 << 3` |\n")[0].tables()

    assert [{"flag": "A \\*", "value": "`1 << 3`"}] == rows


def test_flags_are_names_and_bits_without_footnote_signs() -> None:
    found = sections("###### Bits\n| Value | Name |\n|--|--|\n| `1 << 3` | A \\* |\n| `1<<4` | B |\n")

    assert {"resources/thing#bits": {"A": 3, "B": 4}} == docs_rest.flags(found)


def test_a_permission_whose_two_spellings_differ_is_refused() -> None:
    found = sections(
        '<ManualAnchor id="permissions-bitwise-permission-flags" />\n###### P\n'
        "| Permission | Value | Description | Channel Type (Abbreviated) |\n|--|--|--|--|\n"
        "| SPEAK | `0x4` `(1 << 3)` | x | V |\n"
    )

    with pytest.raises(ValueError, match="SPEAK"):
        docs_rest.permissions(found)


def test_a_call_ends_where_the_next_of_its_level_begins() -> None:
    found = sections(
        '## A\n<Route method="GET">/a/[\\{a.id\\}](/x)</Route>\n### Query String Params\n'
        "| Field | Type | Description |\n|--|--|--|\n| before? | snowflake | x |\n| limit? | integer | 1-100 |\n"
        '## B\n<Route method="PUT">/b</Route>\nThis endpoint supports the `X-Audit-Log-Reason` header.\n'
    )

    first, second = docs_rest.endpoints(found)

    assert "/a/{a.id}" == first["path"]
    assert (["before"], {"least": 1, "most": 100}) == (first["cursors"], first["limit"])
    assert "reason" not in first
    assert second["reason"]


def test_optional_and_nullable_fields_are_told_apart() -> None:
    found = sections(
        "###### Structure\n| Field | Type |\n|--|--|\n"
        "| a | string |\n| b? | ?string |\n| c? \\* | string |\n| d | ?string |\n"
    )

    assert {"resources/thing#structure": {"optional": ["b", "c"], "nullable": ["b", "d"]}} == docs_rest.structures(
        found
    )


def test_written_facts_are_json_again_one_a_line() -> None:
    text = docs_rest.dumps({"a": {"x": [1]}, "b": [{"y": 2}, {"z": 3}]})

    assert '{\n  "a": {\n    "x": [1]\n  },\n  "b": [\n    {"y": 2},\n    {"z": 3}\n  ]\n}\n' == text

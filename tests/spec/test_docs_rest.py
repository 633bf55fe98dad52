"""What spec/ says of REST beside the official document, against what Discord's documentation says.

The documentation's side is tests/data/docs_rest.json, read by tests/tools/docs_rest.py. A difference is
either a mistake or argued for in that file's `argued`; an argument without a difference is stale and fails.
With ACORD_DOCS=<checkout of discord/discord-api-docs> the file itself is compared with the checkout.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools import docs_rest

pytestmark = pytest.mark.documentation
SPEC = Path(__file__).parents[2] / "spec"
SITE = "https://discord.com/developers/docs/"
DOCS: dict[str, Any] = json.loads(docs_rest.DATA.read_text(encoding="utf-8"))


def spec(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((SPEC / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def place(url: str) -> str:
    assert url.startswith(SITE), url
    return url.removeprefix(SITE)


REST = [spec(f"rest/{file.stem}") for file in sorted((SPEC / "rest").glob("*.yaml"))]
OPERATIONS: dict[str, dict[str, Any]] = {
    name: keys for file in REST for name, keys in file.get("operations", {}).items()
}
SCHEMAS: dict[str, dict[str, Any]] = {name: keys for file in REST for name, keys in file.get("schemas", {}).items()}
AUTH = {entry["where"]: entry["auth"] for entry in spec("overlay")["corrections"] if "auth" in entry}
ENDPOINTS: dict[str, dict[str, Any]] = {call["place"]: call for call in DOCS["endpoints"]}
BY_PLACE: dict[str, str] = {
    place(url): name
    for name, keys in OPERATIONS.items()
    for url in [*([keys["docs"]] if "docs" in keys else []), *keys.get("see", [])]
}


def unargued(subject: str, differences: Iterable[str]) -> list[str]:
    """The differences nobody argued for, and the arguments that no difference needs."""
    found, argued = set(differences), set(DOCS["argued"].get(subject, {}))
    return sorted(found - argued) + [f"stale argument: {key}" for key in sorted(argued - found)]


def differing(ours: Mapping[str, object], theirs: Mapping[str, object]) -> list[str]:
    return [
        f"{key}: {ours.get(key)} here, {theirs.get(key)} there"
        for key in sorted({*ours, *theirs})
        if ours.get(key) != theirs.get(key)
    ]


def per_call(key: str, default: object = None) -> dict[str, object]:
    """One fact of every operation that the documentation describes, its several headings taken together."""
    out: dict[str, object] = {}
    for where, name in BY_PLACE.items():
        value = ENDPOINTS.get(where, {}).get(key, default)
        out[name] = value if value != default else out.get(name, default)
    return out


def test_every_error_code_of_the_documentation_has_a_name_and_no_other_has() -> None:
    codes = spec("errors")["codes"]

    assert [] == unargued("error codes", set(map(str, codes.values())) ^ set(DOCS["errors"]))
    assert len(codes) == len(set(codes.values()))


def test_every_error_name_says_what_the_documentation_says() -> None:
    def stems(words: Iterable[str]) -> set[str]:
        return {re.sub(r"(s|es|ed|d|ing|er|ly)$", "", word.lower())[:5] for word in words}

    strange = [
        f"{code} {name}"
        for name, code in spec("errors")["codes"].items()
        if not stems(name.split("_")) & stems(DOCS["errors"].get(str(code), []))
    ]

    assert [] == unargued("error names", strange)


def test_every_hint_belongs_to_a_code() -> None:
    errors = spec("errors")

    assert set() == set(errors["hints"]) - set(errors["codes"])


def test_permissions_agree_in_name_bit_channel_kinds_and_two_factor() -> None:
    ours = {
        name: {"bit": m["bit"], "kinds": m.get("kinds", []), "two_factor": m.get("two_factor", False)}
        for name, m in spec("flags")["classes"]["Permissions"]["members"].items()
    }

    assert [] == unargued("permissions", differing(ours, DOCS["permissions"]))


def test_flag_tables_agree_in_names_and_bits_and_none_is_left_out() -> None:
    ours = {
        place(c["source"]): dict(c["members"]) for name, c in spec("flags")["classes"].items() if name != "Permissions"
    }

    assert [] == unargued("flags", differing(ours, DOCS["flags"]))


def test_every_documented_call_is_an_operation_and_every_link_leads_to_one() -> None:
    assert [] == unargued("calls", set(ENDPOINTS) ^ set(BY_PLACE))


def test_an_operation_has_the_method_and_path_that_its_heading_shows() -> None:
    def shape(method: str, path: str) -> str:
        return f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"

    methods = ("get", "post", "put", "patch", "delete")
    ours = {name: next(shape(m, keys[m]) for m in methods if m in keys) for name, keys in OPERATIONS.items()}

    wrong = [
        f"{name}: {ours[name]} here, {shape(call['method'], call['path'])} at {where}"
        for where, call in ENDPOINTS.items()
        if (name := BY_PLACE.get(where)) and ours[name] != shape(call["method"], call["path"])
    ]

    assert [] == unargued("paths", wrong)


def test_what_is_marked_undocumented_has_no_link_and_the_rest_has_one() -> None:
    wrong = [name for name, keys in OPERATIONS.items() if ("docs" in keys) == (keys.get("documented") is False)]

    assert [] == wrong


def test_audit_log_reasons_agree() -> None:
    ours = {name: OPERATIONS[name].get("reason") for name in BY_PLACE.values()}

    assert [] == unargued("reasons", differing(ours, per_call("reason")))


def test_deprecations_agree() -> None:
    ours = {name: ("obsolete" in OPERATIONS[name]) or None for name in BY_PLACE.values()}

    assert [] == unargued("deprecated", differing(ours, per_call("deprecated")))


def test_upload_parts_agree() -> None:
    ours = {name: [keys] if (keys := OPERATIONS[name].get("files")) else None for name in BY_PLACE.values()}

    assert [] == unargued("files", differing(ours, per_call("files")))


def test_comma_joined_query_arrays_agree() -> None:
    ours = {name: OPERATIONS[name].get("comma") for name in BY_PLACE.values()}

    assert [] == unargued("comma", differing(ours, per_call("comma")))


def test_calls_that_need_a_user_take_no_bot_token() -> None:
    ours = {name: (AUTH.get(f"{name} auth") == ["oauth2"]) or None for name in BY_PLACE.values()}

    assert [] == unargued("bearer", differing(ours, per_call("bearer")))


def test_paginated_calls_agree_in_cursors_and_page_size() -> None:
    ours: dict[str, object] = {}
    theirs: dict[str, object] = {}
    limits: dict[str, Any] = per_call("limit", {})
    for name, cursors in per_call("cursors").items():
        limit = limits[name]
        if page := OPERATIONS[name].get("paginate"):
            ours[name] = sorted(page["cursor"]), page["limit"]
        if cursors:
            theirs[name] = cursors, limit.get("most")

    assert [] == unargued("pagination", differing(ours, theirs))


def test_image_endpoints_agree_in_path_formats_and_animation() -> None:
    ours = {
        re.sub(r"\W", " ", name.replace("_", " ")).title(): {
            "path": re.sub(r"{[^}]*}", "{}", keys["path"]),
            "formats": sorted(keys["formats"]),
            "animated": keys.get("animated") == "hash",
            "sized": keys.get("sized", True),
        }
        for name, keys in spec("cdn")["endpoints"].items()
    }

    assert [] == unargued("cdn", differing(ours, DOCS["cdn"]))


@pytest.mark.parametrize(("block", "mark"), [("optional", "optional"), ("nullable", "nullable")])
def test_a_field_that_a_table_is_said_to_mark_is_marked_there(block: str, mark: str) -> None:
    wrong = [
        f"{schema}.{name}"
        for schema, keys in spec("optional_fields")[block].items()
        for name in keys.get("table", [])
        if name not in DOCS["structures"].get(keys["source"], {}).get(mark, [])
    ]

    assert [] == unargued(block, wrong)


def test_what_the_official_document_is_said_to_lack_is_in_a_table_and_not_in_the_document() -> None:
    added = [
        (schema, name.rstrip("?"), keys["source"])
        for schema, keys in spec("documented")["fields"].items()
        for name in keys["add"]
    ]

    unfounded = [f"{schema}.{name}" for schema, name, at in added if name not in DOCS["fields"].get(at, [])]
    superfluous = [f"{s}.{name}" for s, name, _ in added if {name, f"{name}?"} & set(SCHEMAS[s]["fields"])]

    assert ([], []) == (unfounded, superfluous)


def test_enums_agree_with_the_documentations_tables_once_its_names_and_values_are_added() -> None:
    wrong: list[str] = []
    for name, keys in spec("documented")["values"].items():
        named = {keys.get("names", {}).get(ours, ours): value for ours, value in SCHEMAS[name]["values"].items()}
        ours = {**named, **keys.get("add", {})}
        wrong += [f"{name}.{key}" for key, value in DOCS["enums"][keys["source"]].items() if ours.get(key) != value]
        wrong += [f"{name}.{key} is in the document" for key in keys.get("add", {}) if key in named]

    assert [] == unargued("enums", wrong)


def test_every_table_of_an_enum_is_compared() -> None:
    compared = {keys["source"] for keys in spec("documented")["values"].values()}

    assert [] == unargued("enum tables", set(DOCS["enums"]) ^ compared)


def test_the_scopes_are_those_of_the_document_and_of_the_documentation() -> None:
    api = spec("api")

    assert [] == unargued("scopes", {*api["scopes"], *api["more_scopes"]} ^ set(DOCS["scopes"]))


def test_every_field_that_looks_like_a_bit_set_is_said_to_be_one_or_argued_for() -> None:
    """So that a new official document cannot bring one in unseen."""
    like = re.compile(r"(^|_)flags(_|$)|^permissions$|^allow$|^deny$|_permissions$")
    number = re.compile(r"\??(u?int|string)")
    sites = {
        f"{name}.{key.rstrip('?')}"
        for name, schema in SCHEMAS.items()
        for key, kind in schema.get("fields", {}).items()
        if like.search(key.rstrip("?")) and number.match(str(kind)) and "[" not in kind
    }
    said = {site for block in spec("flag_fields").values() for site in block}

    assert [] == unargued("bit sets", sites ^ said)


def test_every_link_leads_to_a_heading() -> None:
    places: set[str] = set(BY_PLACE)
    places |= {place(schema["docs"]) for schema in SCHEMAS.values() if "docs" in schema}
    places |= {place(c["source"]) for c in spec("flags")["classes"].values()}
    places |= {k["source"] for block in ("optional", "nullable") for k in spec("optional_fields")[block].values()}
    places |= {entry["source"] for key, block in spec("limits").items() if key != "base" for entry in block.values()}
    places |= {keys["source"] for b in ("fields", "values") for keys in spec("documented")[b].values()}
    places |= {place(spec(name)["source"]) for name in ("errors", "cdn")}

    lost = [p for p in places if "#" in p and p.split("#")[1] not in DOCS["anchors"].get(p.split("#")[0], [])]

    assert [] == unargued("links", lost)


def test_the_facts_are_those_of_the_checkout() -> None:
    checkout = os.environ.get("ACORD_DOCS")
    if not checkout:
        pytest.skip("ACORD_DOCS names no checkout of discord/discord-api-docs")

    fresh = docs_rest.facts(Path(checkout))

    assert {key: value for key, value in DOCS.items() if key != "argued"} == json.loads(json.dumps(fresh))

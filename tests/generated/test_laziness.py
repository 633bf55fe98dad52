"""Nothing is loaded before it is used: routes bring no pydantic, a Message brings what a Message is made of."""

import sys

import pytest

from acord.core.signals.templates import TEMPLATES
from tests.interpreter import loaded

RESOURCES = sorted({resource for _, _, resource in TEMPLATES.values()})
HEAVY = {"asyncio", "pydantic", "httpx", "websockets", "inspect"}

# Of the standard library, what costs milliseconds and a client can do without until it is used.
COSTLY = {
    "dataclasses",
    "decimal",
    "email",
    "hashlib",
    "http",
    "importlib.metadata",
    "json",
    "pathlib",
    "random",
    "uuid",
}
CLIENT = "from acord import HTTPClient; from acord.routes import messages; messages.delete_message(1, 2)"


def groups(modules: set[str], package: str) -> set[str]:
    return {name.removeprefix(f"{package}.") for name in modules if name.startswith(f"{package}.")}


def test_a_client_and_a_helper_load_nothing_foreign() -> None:
    more = loaded(CLIENT) - loaded("pass")

    assert set() == {name.partition(".")[0] for name in more} - {*sys.stdlib_module_names, "acord"}


def test_a_client_and_a_helper_load_little_beside_asyncio() -> None:
    more = loaded(CLIENT) - loaded("import asyncio")

    assert set() == more & COSTLY
    assert set() == more & {
        "acord.core.base",
        "acord.core.etf",
        "acord.events",
        "acord.flags",
        "acord.models",
        "acord.shapes",
    }


def test_all_route_modules_together_load_no_pydantic_and_no_models() -> None:
    modules = loaded("; ".join(f"import acord.routes.{name}" for name in RESOURCES))

    assert set() == modules & {*HEAVY, "acord.models", "acord.shapes"}


def test_a_call_of_a_helper_loads_the_shapes_of_its_body_and_no_models() -> None:
    modules = loaded("from acord.routes import messages; messages.create_message(1, embeds=[{'title': 'x'}])")

    assert set() == modules & {*HEAVY, "acord.models"}
    assert "messages" in groups(modules, "acord.shapes")
    assert {"messages"} == groups(modules, "acord.routes")


def test_operations_load_the_resource_that_is_asked_for() -> None:
    modules = loaded("from acord.routes import OPERATIONS; len(OPERATIONS); OPERATIONS['get_channel']")

    assert {"channels"} == groups(modules, "acord.routes")
    assert set() == modules & {*HEAVY, "acord.models", "acord.flags"}


def test_a_flat_helper_loads_its_resource_alone() -> None:
    assert {"webhooks"} == groups(loaded("from acord.routes import execute_webhook"), "acord.routes")


def test_decoding_a_message_loads_what_a_message_needs() -> None:
    modules = loaded("from acord.core.base import load; load('Message', '{}')")

    needed = {
        "applications",
        "channels",
        "components",
        "emojis",
        "entitlements",
        "members",
        "message_enums",
        "messages",
    }
    assert {*needed, "polls", "roles", "stickers", "users"} == groups(modules, "acord.models")
    assert set() == modules & {"acord.routes", "acord.shapes", "httpx", "websockets", "acord.core.http"}


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("import acord; acord.models.User", "users"),
        ("from acord.models import User", "users"),
        ("from acord import models; models.RichEmbed", "requests_messages"),
    ],
)
def test_a_model_loads_by_name(statement: str, module: str) -> None:
    found = groups(loaded(statement), "acord.models")

    assert module in found
    assert "guilds" not in found


def test_an_enum_or_a_flag_set_loads_no_pydantic() -> None:
    modules = loaded("from acord.models import ChannelType; from acord.flags import MessageFlags")

    assert set() == modules & HEAVY
    assert {"message_enums"} == groups(modules, "acord.models")


def test_decoding_a_message_makes_no_class_that_no_message_holds() -> None:
    made = (
        "from acord.core import base; base.load('Message', '{}'); "
        "left = [c.__name__ for c in base.Model.__subclasses__() if not c.__pydantic_complete__]; "
        "assert not left, left"
    )

    assert "acord.models.messages" in loaded(made)


def test_all_enums_are_in_one_place() -> None:
    from acord.models import enums, message_enums

    assert enums.ChannelType is message_enums.ChannelType
    assert {*vars(message_enums)} <= {*vars(enums)}


@pytest.mark.parametrize("checkers_only", ["acord.models.dicts", "acord.models.likes"])
def test_what_checkers_read_is_never_loaded(checkers_only: str) -> None:
    assert checkers_only not in loaded("from acord.models import RichEmbed; RichEmbed(title='x')")

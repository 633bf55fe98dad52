"""Models: what is kept, what is repaired, whose they are."""

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import pytest
from pydantic import Field, ValidationError

from acord.core import base, decoders, types
from acord.core.alive import CLIENTS
from acord.core.base import Drift, Model, Request, Timestamp, attach, load, resolve, unlisted
from acord.core.enums import OpenIntEnum
from acord.core.errors import DecodeError, ModelError
from acord.core.types import Snowflake

if TYPE_CHECKING:
    from acord.core.base import MISSING, Missing
else:
    MISSING, Missing = base.MISSING, base.Missing


class Kind(OpenIntEnum):
    BUTTON = 2
    SELECT = 3


class Button(Model):
    type: Literal[Kind.BUTTON]
    style: int


class Select(Model):
    type: Literal[Kind.SELECT]
    options: list[str]


class UnknownComponent(Model):
    type: Annotated[Kind, unlisted(2, 3)]


Component: TypeAlias = Annotated[
    Annotated[Button | Select, Field(discriminator="type")] | UnknownComponent, Field(union_mode="left_to_right")
]


class User(Model):
    id: Snowflake
    username: str
    token: str | None = None


class Message(Model):
    id: Snowflake
    content: str
    author: User
    created: Timestamp
    mentions: list[User] | None = None
    components: list[Component] | None = None
    nonce: int | str | None = None
    global_: Annotated[bool | None, Field(alias="global")] = None
    reply: "Message | None" = None


USER: dict[str, Any] = {"id": "7", "username": "mina"}
MESSAGE: dict[str, Any] = {
    "id": "1",
    "content": "hi",
    "author": USER,
    "created": "2026-01-02T03:04:05.678000+00:00",
    "mentions": [USER, {**USER, "id": "8"}],
    "components": [{"type": 2, "style": 1}, {"type": 3, "options": ["a"]}, {"type": 99, "new": {"x": 1}}],
    "global": True,
    "brand_new": [1, {"deep": None}],
}


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture(autouse=True)
def no_clients() -> Iterator[None]:
    CLIENTS.clear()
    yield
    CLIENTS.clear()


def test_what_was_received_is_typed_and_what_is_unknown_is_kept() -> None:
    message = load(Message, text(MESSAGE))

    assert isinstance(message, Message)
    assert Snowflake(1) == message.id and isinstance(message.id, Snowflake)
    assert datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC) == message.created
    assert [Button, Select, UnknownComponent] == [type(c) for c in message.components]
    assert message.global_ is True
    assert {"brand_new": [1, {"deep": None}]} == message.model_extra


def test_dump_gives_back_what_was_received() -> None:
    assert MESSAGE == load(Message, text(MESSAGE)).dump()


def test_dump_of_a_repaired_answer_gives_back_what_was_received() -> None:
    odd = {**MESSAGE, "id": "not a number", "created": None, "components": [{"type": 2, "style": []}]}

    assert odd == load(Message, text(odd)).dump()


def test_absent_and_null_differ() -> None:
    absent, null = load(Message, text(MESSAGE)), load(Message, text({**MESSAGE, "nonce": None}))

    assert (None, None) == (absent.nonce, null.nonce)
    assert (False, True) == ("nonce" in absent.model_fields_set, "nonce" in null.model_fields_set)


def test_a_value_that_contradicts_the_schema_stays_raw_and_its_siblings_typed() -> None:
    odd = {**MESSAGE, "content": {"no": "text"}, "mentions": [USER, 5, {"id": "x", "username": "y"}]}

    message = load(Message, text(odd))

    assert isinstance(message, Message)
    assert {"no": "text"} == message.content
    assert Snowflake(7) == message.author.id
    first, second, third = message.mentions
    assert (Snowflake(7), 5, "x", "y") == (first.id, second, third.id, third.username)


def test_a_missing_field_reads_none_and_is_not_among_those_received() -> None:
    short = {key: value for key, value in MESSAGE.items() if key != "author"}

    message = load(Message, text(short))

    assert message.author is None
    assert "author" not in message.model_fields_set


def test_drift_names_the_places_and_not_the_unions_arms() -> None:
    seen: list[Drift] = []
    odd = {**MESSAGE, "components": [{"type": 2, "style": "loud"}], "reply": {**MESSAGE, "author": {"username": "x"}}}

    load(Message, text(odd), on_drift=seen.append)

    (drift,) = seen
    assert {"components.0.style", "reply.author.id"} == {where for where, _ in drift.problems}
    assert "Message" == drift.returns
    assert isinstance(drift.value, Message)
    assert text(odd) == drift.raw


def test_drift_shows_no_content() -> None:
    seen: list[Drift] = []

    load(Message, text({**MESSAGE, "content": 5, "brand_new": "canary"}), on_drift=seen.append)

    assert "canary" not in repr(seen)


def test_a_known_kind_with_an_odd_field_keeps_its_class() -> None:
    message = load(Message, text({**MESSAGE, "components": [{"type": 2, "style": "loud"}]}))

    assert isinstance(message.components[0], Button)
    assert "loud" == message.components[0].style


def test_strict_raises_with_the_places_and_without_the_content() -> None:
    with pytest.raises(ModelError) as caught:
        load(Message, text({**MESSAGE, "author": {**USER, "id": "canary"}}), strict=True)

    assert ["author.id"] == [where for where, _ in caught.value.problems]
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"", id="empty"),
        pytest.param(b"[" * 100_000, id="too deep"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b'{"a": \xff}', id="no UTF-8"),
    ],
)
def test_R19_text_that_is_no_json_is_a_decode_error(broken: bytes) -> None:
    with pytest.raises(DecodeError):
        load(Message, broken)


def test_R19_lone_surrogates_survive() -> None:
    message = load(Message, text({**MESSAGE, "content": "\ud800"}))

    assert "\ud800" == message.content
    assert Snowflake(1) == message.id


def test_a_list_of_models_is_repaired_item_by_item() -> None:
    users = load(list[User], text([USER, {"id": "x"}, 3]))

    assert [Snowflake(7), "x", 3] == [users[0].id, users[1].id, users[2]]


def test_an_answer_of_quite_another_shape_is_delivered_raw() -> None:
    assert {"a": 1} == load(list[User], b'{"a": 1}')


def test_the_types_of_answers_are_read_from_text() -> None:
    models = SimpleNamespace(Message=Message, User=User, _hidden=int)

    assert list[Message] == resolve("list[Message]", models)
    assert Message | None == resolve("Message | None", models)
    assert dict[str, list[User]] == resolve("dict[str, list[User]]", models)
    assert resolve("None", models) is None
    assert bytes is resolve("bytes", models)


@pytest.mark.parametrize("hostile", ["__import__('os')", "User.mro", "_hidden", "Nobody", "list", "set[User]", "5"])
def test_a_type_that_is_no_plain_name_is_refused(hostile: str) -> None:
    models = SimpleNamespace(User=User, _hidden=int)

    if hostile == "list":
        assert list is resolve(hostile, models)
    else:
        with pytest.raises(ValueError, match="names no type"):
            resolve(hostile, models)


@pytest.mark.parametrize(
    ("returns", "wrong", "right"),
    [
        ("list[int]", ["5", True, 5.5], [5, -1, 2**70]),
        ("list[bool]", [1, "yes", "true", 0], [True, False]),
        ("list[str]", [5, True, 1.5], ["", "5"]),
        ("list[float]", ["1.5", True], [1, 1.5]),
        ("dict[str, int]", {"a": "1", "b": True}, {"a": 1}),
        ("str | None", 5, None),
    ],
)
@pytest.mark.parametrize("as_text", [True, False])
def test_what_a_route_states_takes_json_at_its_word(returns: str, wrong: Any, right: Any, as_text: bool) -> None:
    drift: list[Drift] = []

    fits = load(returns, text(right) if as_text else right, strict=True)
    odd = load(returns, text(wrong) if as_text else wrong, on_drift=drift.append)

    assert right == fits
    assert repr(wrong) == repr(odd)
    assert (len(wrong) if isinstance(wrong, (list, dict)) else 1) == len(drift[0].problems)
    with pytest.raises(ModelError):
        load(returns, text(wrong) if as_text else wrong, strict=True)


def test_a_type_of_the_users_own_is_read_as_pydantic_reads_it() -> None:
    assert {"a": 5} == load(dict[str, int], b'{"a": "5"}', strict=True)


def test_bytes_and_nothing_are_not_decoded() -> None:
    assert b"\x89PNG" == load("bytes", b"\x89PNG")
    assert load("None", b"whatever") is None


def test_once_json_is_rebound_it_does_the_whole_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes | str] = []

    def mine(data: bytes | str) -> Any:
        seen.append(data)
        return MESSAGE

    monkeypatch.setattr(decoders, "JSON", mine)

    message = load(Message, b"anything")

    assert [b"anything"] == seen
    assert Snowflake(1) == message.id


def test_load_of_a_class_takes_text_and_objects() -> None:
    assert User.load(text(USER)) == User.load(USER) == User.load(json.dumps(USER))


def test_load_of_a_class_refuses_what_is_no_object() -> None:
    with pytest.raises(ModelError, match="JSON object"):
        User.load(b"[]")


def test_credentials_in_an_answer_are_kept_and_not_shown() -> None:
    user = User.load({**USER, "token": "canary", "refresh_token": "canary"})

    assert "canary" == user.token
    assert "canary" not in repr(user) + str(user)


# Whose it is


def fake() -> Any:
    class Client:
        pass

    client = Client()
    CLIENTS.add(client)
    return client


def test_what_a_client_returned_knows_it_and_so_do_the_items_of_a_list() -> None:
    client = fake()
    message, users = load(Message, text(MESSAGE)), load(list[User], text([USER, USER]))

    attach(message, client)
    attach(users, client)

    assert [client] * 3 == [message.conn, users[0].conn, users[1].conn]


def test_a_nested_object_knows_the_only_open_client() -> None:
    client = fake()

    assert client is load(Message, text(MESSAGE)).author.conn


def test_with_several_clients_open_nested_objects_know_theirs() -> None:
    first, second = fake(), fake()
    one, other = load(Message, text(MESSAGE)), load(Message, text(MESSAGE))

    attach(one, first)
    attach(other, second)

    assert [first, first] == [one.author.conn, one.mentions[1].conn]
    assert second is other.components[0].conn


def test_an_object_from_nowhere_says_so() -> None:
    with pytest.raises(RuntimeError, match="User does not know its client"):
        _ = User.load(USER).conn


def test_a_payload_cannot_pretend_to_be_the_client() -> None:
    user = User.load({**USER, "conn": "evil", "_conn": "evil"})

    with pytest.raises(RuntimeError):
        _ = user.conn


def test_the_client_is_no_part_of_the_object() -> None:
    client = fake()
    user, twin = User.load(USER), User.load(USER)

    attach(user, client)

    assert user == twin == copy.deepcopy(user) == pickle.loads(pickle.dumps(user))  # noqa: S301 - our own bytes
    assert USER == user.dump()
    assert "conn" not in repr(user)


# Requests


class Body(Request):
    name: "Annotated[str | Missing, Field(max_length=5)]" = MISSING
    topic: "str | Missing | None" = MISSING
    type: Literal[Kind.BUTTON] = Kind.BUTTON


def test_a_request_sends_what_was_given_and_its_tags() -> None:
    assert {"topic": None, "type": 2} == Body(topic=None).dump()


def test_both_marks_of_absence_are_understood() -> None:
    ours: Any = types.MISSING

    assert {"type": 2} == Body(name=ours, topic=ours).dump() == Body().dump()


def test_a_request_refuses_what_is_misspelt_or_too_long() -> None:
    misspelt: Any = {"nmae": "x"}

    with pytest.raises(ValidationError):
        Body(**misspelt)
    with pytest.raises(ValidationError):
        Body(name="too long")

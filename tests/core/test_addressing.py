import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, strategies as st

from acord.core import addressing
from acord.core.errors import InvalidRequest, TransportError
from acord.core.types import MISSING, OpenIntEnum, OpenStrEnum, Snowflake
from tests.interpreter import loaded


class Kind(OpenIntEnum):
    A = 3


class Sort(OpenStrEnum):
    NEWEST = "new est"


class WithId:
    id = Snowflake(7)


# ---- one segment


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, "5"),
        (Snowflake(5), "5"),
        (WithId(), "7"),
        (Kind.A, "3"),
        ("abc", "abc"),
        ("@me", "@me"),
        ("@original", "@original"),
        ("@you", "%40you"),
        ("name:123", "name%3A123"),
        ("🔥", "%F0%9F%94%A5"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("a?b#c", "a%3Fb%23c"),
        ("%2e%2e", "%252e%252e"),
        ("é", "%C3%A9"),
    ],
)
def test_R44_a_parameter_is_encoded_once_as_one_segment(value: object, expected: str) -> None:
    assert expected == addressing.segment(value, "x")


@pytest.mark.parametrize("value", ["", ".", "..", "a\r\nb", "\x00", "a\x7f", "\ud800", None, True, 1.5, -1, b"a"])
def test_R44_what_no_segment_can_hold_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"^x: "):
        addressing.segment(value, "x")


@given(st.text())
def test_T15_no_text_leaves_its_segment(text: str) -> None:
    try:
        encoded = addressing.segment(text, "x")
    except InvalidRequest:
        return

    parts = urlsplit(f"https://host/api/{encoded}/end")

    assert f"/api/{encoded}/end" == parts.path
    assert ("", "", "host") == (parts.query, parts.fragment, parts.netloc)
    assert 3 == parts.path.count("/")
    assert text == unquote(encoded)
    assert encoded.isascii()
    assert encoded not in (".", "..")


# ---- a path typed by hand


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("/users/@me", ["users", "@me"]),
        ("users/@me", ["users", "@me"]),
        (
            "/channels/1/messages/2/reactions/🔥/@me",
            ["channels", "1", "messages", "2", "reactions", "%F0%9F%94%A5", "@me"],
        ),
        ("/reactions/%F0%9F%94%A5", ["reactions", "%F0%9F%94%A5"]),
        ("/reactions/name:1", ["reactions", "name:1"]),
        ("/a/100%", ["a", "100%25"]),
        ("/a b", ["a%20b"]),
    ],
)
def test_a_typed_path_keeps_what_is_encoded_and_encodes_the_rest(text: str, segments: list[str]) -> None:
    assert segments == addressing.split(text, "path")


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("/guilds/1?with_counts=true", "pass the query as keywords"),
        ("/a#b", "write %23"),
        ("/a\\b", "write %5C"),
        ("/a/../b", "spell out the whole path"),
        ("/a/./b", "spell out the whole path"),
        ("/a/%2e%2E/b", "spell out the whole path"),
        ("/a//b", "doubled or trailing /"),
        ("/a/", "doubled or trailing /"),
        ("", "doubled or trailing /"),
        ("/a\nb", "strip the line end"),
        ("/a/%0d%0a", "strip the line end"),
        ("/a\x00", "strip the line end"),
    ],
)
def test_T15_what_would_change_the_meaning_of_a_path_is_refused_with_the_cure(text: str, cure: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^path: ") as caught:
        addressing.split(text, "path")

    assert cure in str(caught.value)


@given(st.text())
def test_T15_a_typed_path_stays_a_path_below_the_base(text: str) -> None:
    try:
        segments = addressing.split(text, "path")
    except InvalidRequest:
        return

    parts = urlsplit("https://host/api/" + "/".join(segments))

    assert "host" == parts.netloc
    assert ("", "") == (parts.query, parts.fragment)
    assert parts.path.startswith("/api/")
    assert not {"", ".", ".."} & {unquote(part) for part in segments}


@given(st.text())
def test_encoding_a_typed_path_again_changes_nothing(text: str) -> None:
    try:
        once = addressing.split(text, "path")
    except InvalidRequest:
        return

    assert once == addressing.split("/".join(once), "path")


# ---- queries


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        (0, [("x", "0")]),
        (False, [("x", "false")]),
        (True, [("x", "true")]),
        ("", [("x", "")]),
        (None, []),
        (MISSING, []),
        (1.5, [("x", "1.5")]),
        (Kind.A, [("x", "3")]),
        (Sort.NEWEST, [("x", "new est")]),
        (Snowflake(5), [("x", "5")]),
        (WithId(), [("x", "7")]),
        ([1, "a"], [("x", "1"), ("x", "a")]),
        ((), []),
        (datetime(2020, 1, 1, tzinfo=UTC), [("x", "2020-01-01T00:00:00+00:00")]),
    ],
)
def test_only_none_and_missing_are_left_out_of_a_query(value: object, pairs: list[tuple[str, str]]) -> None:
    assert pairs == list(addressing.query_pairs({"x": value}))


@pytest.mark.parametrize("value", [object(), b"a", float("nan"), {"a": 1}, [[1]], {1}])
def test_what_a_query_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"^x"):
        list(addressing.query_pairs({"x": value}))


SCALARS: st.SearchStrategy[Any] = st.text(st.characters(exclude_categories=["Cs"])) | st.integers() | st.booleans()


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), SCALARS | st.lists(SCALARS)))
def test_H_a_query_is_read_back_as_it_was_given(parameters: dict[str, object]) -> None:
    pairs = list(addressing.query_pairs(parameters))

    text = addressing.encode_query(pairs)

    assert pairs == parse_qsl(text, keep_blank_values=True)
    assert text.isascii()
    assert not set(text) & set(" #\r\n/")


# ---- templates

TABLE = {
    "get_user": ("GET", "/users/{user_id}", "users"),
    "get_me": ("GET", "/users/@me", "users"),
    "leave_guild": ("DELETE", "/users/@me/guilds/{guild_id}", "users"),
    "search_members": ("GET", "/guilds/{guild_id}/members/search", "members"),
    "get_member": ("GET", "/guilds/{guild_id}/members/{user_id}", "members"),
    "set_nick": ("PATCH", "/guilds/{guild_id}/members/@me", "members"),
    "edit_member": ("PATCH", "/guilds/{guild_id}/members/{user_id}", "members"),
    "follow_up": ("POST", "/webhooks/{webhook_id}/{webhook_token}", "webhooks"),
}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("acord.core.signals.templates")
    module.TEMPLATES = TABLE
    monkeypatch.setitem(sys.modules, "acord.core.signals.templates", module)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/users/5", ("get_user", "/users/{user_id}")),
        ("GET", "/users/@me", ("get_me", "/users/@me")),
        ("DELETE", "/users/@me/guilds/5", ("leave_guild", "/users/@me/guilds/{guild_id}")),
        ("GET", "/guilds/1/members/search", ("search_members", "/guilds/{guild_id}/members/search")),
        ("GET", "/guilds/1/members/2", ("get_member", "/guilds/{guild_id}/members/{user_id}")),
        # A literal of another method must not hide the parameter of this one.
        ("GET", "/guilds/1/members/@me", ("get_member", "/guilds/{guild_id}/members/{user_id}")),
        ("PATCH", "/guilds/1/members/@me", ("set_nick", "/guilds/{guild_id}/members/@me")),
        # A known path with a new method keeps its template.
        ("PUT", "/users/5", (None, "/users/{user_id}")),
        ("PUT", "/users/@me", (None, "/users/@me")),
        ("GET", "/users", None),
        ("GET", "/users/5/new", None),
    ],
)
def test_a_concrete_path_finds_its_operation(method: str, path: str, found: object) -> None:
    assert found == addressing.find(method, path.strip("/").split("/"))


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/channels/1/brand-new-thing", "/channels/{channel_id}/brand-new-thing"),
        ("/channels/1/messages/2/new", "/channels/{channel_id}/messages/{message_id}/new"),
        ("/webhooks/1/secret/new", "/webhooks/{webhook_id}/{webhook_token}/new"),
        ("/interactions/1/secret/new", "/interactions/{interaction_id}/{interaction_token}/new"),
        ("/new/1/2", "/new/{id1}/{id2}"),
        ("/new/1/Thing%20x", "/new/{id1}/{value2}"),
        ("/users/@me/new", "/users/@me/new"),
    ],
)
def test_an_unknown_path_gets_a_template_without_ids_and_tokens(path: str, template: str) -> None:
    assert template == addressing.guess(path.strip("/").split("/"))


@given(st.text(min_size=1))
def test_T2_a_token_never_gets_into_a_guessed_template(token: str) -> None:
    assert "/webhooks/{webhook_id}/{webhook_token}" == addressing.guess(["webhooks", "1", token])
    assert "/webhooks/{webhook_id}/{webhook_token}/x" == addressing.guess(["webhooks", "1", token, "x"])


def test_major_values_are_those_of_the_resource_that_the_path_begins_with() -> None:
    values = {"guild_id": "1", "user_id": "2"}

    assert (("guild_id", "1"),) == addressing.major("/guilds/{guild_id}/members/{user_id}", values)
    assert () == addressing.major("/users/@me/guilds/{guild_id}", values)
    assert (("user_id", "2"),) == addressing.major("/x/{user_id}", values, ["user_id"])


def test_T2_a_bucket_key_has_a_digest_in_place_of_the_token() -> None:
    one, other = (
        dict(addressing.major("/webhooks/{webhook_id}/{webhook_token}", {"webhook_id": "1", "webhook_token": token}))
        for token in ("secret", "secret2")
    )

    assert "secret" not in str(one)
    assert one != other


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_p14_the_first_route_without_free_file_descriptors_is_one_clear_error_and_the_next_one_works() -> None:
    loaded(
        "import os, resource; from acord.core.abc import Route; from acord.core.errors import TransportError\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (32, 64)); held = []\n"
        "try:\n"
        "    while True: held.append(os.open(os.devnull, os.O_RDONLY))\n"
        "except OSError: pass\n"
        "try: Route('GET', path='/users/@me')\n"
        "except TransportError as exc: said = exc\n"
        "for one in held: os.close(one)\n"
        "assert said.outcome == 'not_sent' and 'Too many open files' in str(said), said\n"
        "assert Route('GET', path='/users/@me').operation.name == 'get_my_user'"
    )


def test_a_secret_is_a_string_that_does_not_show_itself() -> None:
    secret = addressing.Secret("canary")

    assert ("canary", "'***'") == (secret, repr(secret))


@pytest.mark.parametrize("call", [
    lambda: addressing.split("a/\ud800", "path"),
    lambda: addressing.segment("\ud800", "id"),
    lambda: addressing.encode_query([("a", "\ud800")]),
])  # fmt: skip
def test_lone_surrogates_are_refused_wherever_they_stand(call: Any) -> None:
    with pytest.raises(InvalidRequest, match="lone surrogates"):
        call()


def test_the_values_of_a_path_are_named_by_its_template_and_credentials_are_hidden() -> None:
    values = addressing.parameters_of("/webhooks/{webhook_id}/{webhook_token}", ["webhooks", "1", "a%20b"])

    assert {"webhook_id": "1", "webhook_token": "a b"} == values
    assert "'***'" == repr(values["webhook_token"])


def test_without_a_table_of_templates_no_path_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "acord.core.signals.templates", ModuleType("empty"))

    assert addressing.find("GET", ["users", "@me"]) is None


def test_P14_a_table_of_templates_that_cannot_be_opened_is_a_request_that_was_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(name: str) -> ModuleType:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(addressing, "import_module", full)

    with pytest.raises(TransportError, match="Too many open files") as caught:
        addressing.find("GET", ["users", "@me"])
    assert "not_sent" == caught.value.outcome

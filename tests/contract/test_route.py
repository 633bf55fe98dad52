"""What the published documentation promises of `acord.core.abc`."""

import inspect
import pickle
import sys
from types import ModuleType
from typing import Any

import pytest

import acord.core.abc as core_abc
from acord.core.abc import Route, buildURL
from acord.core.errors import InvalidRequest
from acord.core.operation import Operation, Parameter
from acord.core.shapes import Id, Object, String
from acord.core.types import MISSING

CREATE = Operation(
    "create_message",
    "POST",
    "/channels/{channel_id}/messages",
    parameters=[Parameter("channel_id", "path", Id())],
    body=Object("Message", {}, {"content": String(max=5)}),
    returns={200: "Message"},
)
EXECUTE = Operation(
    "execute_webhook",
    "POST",
    "/webhooks/{webhook_id}/{webhook_token}",
    parameters=[Parameter("webhook_id", "path", Id()), Parameter("webhook_token", "path", String())],
)
SECRET = "canary-token-canary"


@pytest.fixture(autouse=True)
def generated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two modules that are generated, with as much in them as is needed here."""
    signals: Any = ModuleType("acord.core.signals.templates")
    signals.TEMPLATES = {
        "create_message": ("POST", "/channels/{channel_id}/messages", "messages"),
        "execute_webhook": ("POST", "/webhooks/{webhook_id}/{webhook_token}", "webhooks"),
        "get_me": ("GET", "/users/@me", "users"),
        "leave_guild": ("DELETE", "/users/@me/guilds/{guild_id}", "users"),
    }
    routes: Any = ModuleType("acord.routes")
    routes.OPERATIONS = {"create_message": CREATE, "execute_webhook": EXECUTE}
    monkeypatch.setitem(sys.modules, "acord.core.signals.templates", signals)
    monkeypatch.setitem(sys.modules, "acord.routes", routes)


# ---- module attributes


def test_the_attributes_have_their_documented_values() -> None:
    assert (10, "https://discord.com/api", "json", 1420070400000) == (
        core_abc.API_VERSION,
        core_abc.BASE_API_URL,
        core_abc.GATEWAY_ENCODING,
        core_abc.DISCORD_EPOCH,
    )


def test_version_and_base_are_read_at_the_moment_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    route = Route("GET", path="/users/@me")
    before = route.url

    monkeypatch.setattr(core_abc, "API_VERSION", 9)
    monkeypatch.setattr(core_abc, "BASE_API_URL", "https://example.test/api/")

    assert "https://discord.com/api/v10/users/@me" == before
    assert "https://example.test/api/v9/users/@me" == route.url
    assert "https://example.test/api/v9/users" == buildURL("users")


# ---- the signature


def test_route_is_called_as_documented() -> None:
    parameters = inspect.signature(Route.__init__).parameters

    assert ["self", "method", "bucket", "paths", "path", "parameters"] == list(parameters)
    assert ("GET", {}, "/") == (parameters["method"].default, parameters["bucket"].default, parameters["path"].default)
    assert inspect.Parameter.VAR_POSITIONAL == parameters["paths"].kind
    assert inspect.Parameter.KEYWORD_ONLY == parameters["path"].kind
    assert inspect.Parameter.VAR_KEYWORD == parameters["parameters"].kind


def test_without_arguments_it_is_the_root() -> None:
    route = Route()

    assert ("GET", "/", ()) == (route.method, route.path, route.paths)
    assert "https://discord.com/api/v10" == route.url


def test_a_path_needs_nothing_else() -> None:
    route = Route("DELETE", path="/users/@me/guilds/123")

    assert ("DELETE", "/users/@me/guilds/123") == (route.method, route.path)
    assert ("users", "@me", "guilds", "123") == route.paths
    assert "https://discord.com/api/v10/users/@me/guilds/123" == route.url


def test_a_string_where_bucket_stands_is_the_first_segment() -> None:
    assert Route("GET", "users", "@me") == Route("GET", path="/users/@me")


def test_segments_may_be_ids() -> None:
    assert "/channels/5/messages" == Route("GET", "channels", 5, "messages").path


def test_path_follows_the_segments() -> None:
    assert "/channels/5/messages" == Route("GET", {}, "channels", 5, path="/messages").path


def test_bucket_fills_the_names_in_the_path() -> None:
    route = Route("GET", {"channel_id": 5}, path="/channels/{channel_id}/brand-new")

    assert "/channels/5/brand-new" == route.path
    assert "/channels/{channel_id}/brand-new" == route.template


def test_a_value_from_bucket_stays_in_its_segment() -> None:
    assert "/x/a%2F..%2Fb" == Route("GET", {"name": "a/../b"}, path="/x/{name}").path


def test_a_name_without_a_value_is_refused_with_the_cure() -> None:
    with pytest.raises(InvalidRequest, match=r"a value for \{channel_id\}.*pass \{'channel_id'"):
        Route("GET", path="/channels/{channel_id}/messages")


def test_bucket_may_name_what_the_path_does_not() -> None:
    route = Route("GET", {"guild_id": 7}, path="/brand-new")

    assert 7 == route.guild_id
    assert "/brand-new" == route.path


def test_a_path_where_the_method_stands_is_refused_with_the_cure() -> None:
    with pytest.raises(InvalidRequest, match=r"^method: .*path="):
        Route("/users/@me")


@pytest.mark.parametrize("bucket", [5, None, ["a"]])
def test_anything_else_where_bucket_stands_is_refused(bucket: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"^bucket: "):
        Route("GET", bucket)


# ---- the query


def test_parameters_are_the_query_and_nothing_else() -> None:
    route = Route("GET", path="/users/@me", json="1", data="2", reason="3", model="4", auth="5", files="6", headers="7")

    assert route.url.endswith("?json=1&data=2&reason=3&model=4&auth=5&files=6&headers=7")
    assert (MISSING, None, ()) == (route.body, route.reason, route.files)


def test_falsy_values_other_than_none_are_kept() -> None:
    route = Route("GET", path="/x", a=0, b=False, c="", d=None)

    assert route.url.endswith("/x?a=0&b=false&c=")
    assert {"a": 0, "b": False, "c": "", "d": None} == route.parameters


def test_values_are_encoded() -> None:
    assert Route("GET", path="/x", q="a b&c=ü").url.endswith("/x?q=a%20b%26c%3D%C3%BC")


# ---- what a path may not be


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("/guilds/1?with_counts=1", "keywords"),
        ("/guilds/1#top", "%23"),
        ("/channels/../users/@me", "whole path"),
        ("/channels/%2e%2e/users", "whole path"),
        ("/users/@me\r\nX-Evil: 1", "line end"),
        ("/users//guilds", "doubled"),
        ("/users/@me/", "trailing"),
    ],
)
def test_T15_a_path_that_means_something_else_raises_and_names_the_cure(path: str, cure: str) -> None:
    for make in (lambda: Route("GET", path=path), lambda: Route("GET", path), lambda: buildURL(path)):
        with pytest.raises(InvalidRequest) as caught:
            make()
        assert cure in str(caught.value)


# ---- buildURL


def test_build_url_is_full_and_versioned() -> None:
    assert "https://discord.com/api/v10/channels/5/messages?limit=5&x=0" == buildURL(
        "channels", 5, "messages", limit=5, x=0, y=None
    )
    assert "https://discord.com/api/v10/users/@me" == buildURL("/users/@me")
    assert "https://discord.com/api/v10" == buildURL()


# ---- template and bucket by itself


def test_a_concrete_path_finds_its_template_bucket_and_operation() -> None:
    route = Route("POST", path="/channels/123/messages")

    assert "/channels/{channel_id}/messages" == route.template
    assert {"channel_id": "123"} == route.bucket
    assert CREATE is route.operation
    assert (("channel_id", "123"),) == route.major


def test_two_routes_of_one_template_share_all_but_the_major_values() -> None:
    one, other = (Route("POST", path=f"/channels/{channel}/messages") for channel in (1, 2))

    assert one.template == other.template
    assert one.major != other.major


def test_the_helpers_route_has_the_same_bucket_as_the_raw_one() -> None:
    helper, raw = CREATE.route({"channel_id": 123}, {}), Route("POST", path="/channels/123/messages")

    assert (helper.template, helper.major, helper.bucket) == (raw.template, raw.major, raw.bucket)


def test_ids_in_the_path_are_readable() -> None:
    route = Route("POST", path=f"/webhooks/11/{SECRET}")

    assert (11, SECRET) == (route.webhook_id, route.webhook_token)
    assert (None, None) == (route.channel_id, route.guild_id)
    assert 123 == Route("DELETE", path="/users/@me/guilds/123").guild_id
    assert 5 == Route("GET", path="/channels/5").channel_id


def test_a_raw_route_states_no_type() -> None:
    route = Route("POST", path="/channels/123/messages")

    assert MISSING is route.returns
    assert MISSING is route.returns_for(200)
    assert "Message" == CREATE.route({"channel_id": 1}, {}).returns


def test_an_unreleased_path_is_no_less_a_route() -> None:
    route = Route("GET", path="/channels/5/brand-new-thing")

    assert route.operation is None
    assert "/channels/{channel_id}/brand-new-thing" == route.template
    assert (("channel_id", "5"),) == route.major


# ---- a value


def test_routes_compare_and_hash_by_content() -> None:
    one, other = (CREATE.route({"channel_id": id}, {}, {"content": "hi"}) for id in (1, "1"))

    assert one == other
    assert 1 == len({one, other})
    assert one != CREATE.route({"channel_id": 1}, {}, {"content": "ho"})
    assert Route("GET", path="/x", a=1) != Route("GET", path="/x", a=2)
    assert Route("GET", path="/x") != Route("POST", path="/x")
    assert Route("GET", path="/x") != "GET /x"


def test_a_route_does_not_change() -> None:
    route: Any = Route("GET", path="/x")

    for name in ("method", "anything", "_path"):
        with pytest.raises(AttributeError, match="does not change"):
            setattr(route, name, "y")
    with pytest.raises(TypeError):
        route.bucket["a"] = "b"


def test_routes_are_stored_and_sent_by_others() -> None:
    for route in (
        CREATE.route({"channel_id": 1}, {}, {"content": "hi"}),
        Route("GET", path=f"/webhooks/1/{SECRET}", a=1),
    ):
        other = pickle.loads(pickle.dumps(route))  # noqa: S301

        assert route == other
        assert (route.url, route.body, repr(route)) == (other.url, other.body, repr(other))


async def test_awaiting_a_route_says_where_it_belongs() -> None:
    with pytest.raises(TypeError, match=r"pass it to http\.request\(\.\.\.\)"):
        await Route("GET", path="/x")


# ---- what it shows


def test_a_route_prints_what_it_asks_for() -> None:
    route = Route("DELETE", path="/users/@me/guilds/123", force=True)

    assert "<Route DELETE /users/@me/guilds/123 {'force': True}>" == repr(route)
    assert "DELETE /users/@me/guilds/{}" == str(route)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Route("POST", path=f"/webhooks/11/{SECRET}"),
        lambda: Route("POST", "webhooks", 11, SECRET),
        lambda: Route(
            "POST", {"webhook_id": 11, "webhook_token": SECRET}, path="/webhooks/{webhook_id}/{webhook_token}"
        ),
        lambda: Route("GET", path=f"/webhooks/11/{SECRET}/brand-new"),
        lambda: Route("POST", path=f"/interactions/11/{SECRET}/callback"),
        lambda: Route("POST", {"interaction_token": SECRET}, path="/brand-new"),
        lambda: EXECUTE.route({"webhook_id": 11, "webhook_token": SECRET}, {}),
    ],
)
def test_T2_no_token_in_anything_that_prints_a_route(make: Any) -> None:
    route = make()

    shown = [
        repr(route),
        str(route),
        f"{route}",
        repr(route.bucket),
        repr(route.paths),
        repr(route.major),
        route.template,
    ]
    shown += [repr(route.webhook_token), repr(dict(route.bucket)), repr([route])]

    assert "canary" not in "".join(shown)
    assert SECRET in [*route.bucket.values()]


@pytest.mark.parametrize("token", [f"{SECRET}\n", f"{SECRET}/..", f"{SECRET}\ud800"])
def test_T2_no_token_in_the_error_for_a_bad_one(token: str) -> None:
    for make in (
        lambda: Route("POST", path=f"/webhooks/11/{token}"),
        lambda: EXECUTE.route({"webhook_id": 11, "webhook_token": token}, {}),
        lambda: EXECUTE.route({"webhook_id": token, "webhook_token": token}, {}),
    ):
        try:
            route = make()
        except InvalidRequest as error:
            assert "canary" not in f"{error!r} {error} {error.args} {vars(error)}"
        else:
            assert "canary" not in repr(route)

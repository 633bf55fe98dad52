"""Applications: what they say of themselves.

Source: Discord docs, Resources > Application; Resources > Application Role Connection Metadata.
"""

from collections.abc import Callable
from typing import Any, cast

from acord.sandbox.answers import Json, missing_access, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import instant
from acord.sandbox.world.images import with_images
from acord.sandbox.world.state import World
from acord.sandbox.world.views import only

__all__ = ["own_application"]

GRANTED = 604800.0  # seconds that a bearer token lives (Topics > OAuth2)
_LIMITED = 1 << 13 | 1 << 15 | 1 << 19
"""The flags that an application sets itself: the privileged intents in their form for small bots."""
_FIELDS = (
    "icon",
    "cover_image",
    "explicit_content_filter",
    "max_participants",
    "interactions_endpoint_url",
    "tags",
    "custom_install_url",
    "install_params",
    "role_connections_verification_url",
    "integration_types_config",
    "event_webhooks_status",
    "event_webhooks_url",
    "event_webhooks_types",
)
_MAY_BE_NULL = frozenset(
    {"icon", "max_participants", "interactions_endpoint_url", "role_connections_verification_url", "event_webhooks_url"}
)
"""Of these an application shows null; the others it does not have where they have no value."""


@handles("get_my_application", "get_my_oauth2_application", "get_application")
def get_application(world: World, call: Call) -> Json:
    return _view(world, own_application(world, call))


@handles("update_my_application", "update_application")
def update_application(world: World, call: Call) -> Json:
    application = own_application(world, call)
    body: Json = with_images(call.body, "icon", "cover_image")
    for field in _FIELDS:
        if field in body and body[field] is None and field not in _MAY_BE_NULL:
            application.pop(field, None)
        elif field in body:
            application[field] = _SHAPED.get(field, _as_it_is)(body[field])
    description = body.get("description")
    if description is not None:
        application["description"] = description if isinstance(description, str) else description["default"]
    if body.get("flags") is not None:
        application["flags"] = application["flags"] & ~_LIMITED | int(body["flags"]) & _LIMITED
    return _view(world, application)


@handles("get_my_oauth2_authorization")
def get_my_oauth2_authorization(world: World, call: Call) -> Json:
    """What a user has granted: the application, the scopes, and the user where the scope ``identify`` is among them."""
    application = world.applications[call.application_id]
    scopes: frozenset[str] = frozenset() if call.account is None else call.account.scopes
    shown: Json = {
        "application": only(application, "id", "name", "icon", "description", "bot_public", "verify_key"),
        "scopes": sorted(scopes),
        "expires": instant(world.now() + GRANTED),
    }
    return shown | ({"user": world.user(call.user_id)} if "identify" in scopes else {})


@handles("get_application_role_connections_metadata")
def get_application_role_connections_metadata(world: World, call: Call) -> list[Json]:
    application = own_application(world, call)
    return list(world.more.get("role_connections_metadata", {}).get(application["id"], {}).values())


@handles("update_application_role_connections_metadata")
def update_application_role_connections_metadata(world: World, call: Call) -> list[Json]:
    application = own_application(world, call)
    records: dict[str, Json] = {
        one["key"]: {key: _dense(value) for key, value in one.items() if value is not None} for one in call.body or ()
    }
    world.more.setdefault("role_connections_metadata", {})[application["id"]] = records
    return list(records.values())


def own_application(world: World, call: Call) -> Json:
    """The application in the path, or the caller's; 10002 where there is none, 50001 where it is another's."""
    application_id = call.path.get("application_id", call.application_id)
    if application_id == "@me":
        application_id = call.application_id
    if application_id not in world.applications:
        raise unknown("application")
    if application_id != call.application_id:
        raise missing_access()
    return world.applications[application_id]


def _as_it_is(value: Any) -> Any:
    return value


def _install_params(given: Json | None) -> Json | None:
    """What an application asks for when it is installed: as it comes back, permissions as digits."""
    if given is None:
        return None
    return {"scopes": given.get("scopes") or [], "permissions": str(int(given.get("permissions") or 0))}


def _integration_types(given: dict[str, Json | None] | None) -> Json | None:
    if given is None:
        return None
    return {
        kind: {key: _install_params(value) for key, value in (settings or {}).items() if value is not None}
        for kind, settings in given.items()
    }


_SHAPED: dict[str, Callable[[Any], Any]] = {
    "install_params": _install_params,
    "integration_types_config": _integration_types,
}


def _dense(value: Any) -> Any:
    """Translations without those that are null."""
    if not isinstance(value, dict):
        return value
    table = cast(Json, value)
    return {key: text for key, text in table.items() if text is not None}


def _view(world: World, application: Json) -> Json:
    bot = application["bot"]["id"]
    return application | {
        "approximate_guild_count": sum(bot in guild.members for guild in world.guilds.values()),
        "approximate_user_install_count": 0,
    }

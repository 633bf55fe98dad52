"""What has been bought of an application: its goods, and who may use them.

Source: Discord docs, Resources > Entitlement; Resources > SKU.
"""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import SKUFlags
from acord.models.enums import EntitlementOwnerType, EntitlementType, SKUType
from acord.sandbox.answers import Json, Refusal, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.applications import own_application
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__ = ["add_sku", "grant"]


@handles("list_skus")
def list_skus(world: World, call: Call) -> list[Json]:
    application = own_application(world, call)
    return [one for one in _skus(world).values() if one["application_id"] == application["id"]]


@handles("get_entitlements")
def get_entitlements(world: World, call: Call) -> list[Json]:
    own_application(world, call)
    query = call.query
    found = [one for one in _entitlements(world, call.application_id) if _wanted(world, one, query)]
    limit, before, after = query.get("limit", 100), query.get("before"), query.get("after")
    if after is not None:
        return [one for one in found if int(one["id"]) > int(after)][:limit]
    if before is not None:
        found = [one for one in found if int(one["id"]) < int(before)]
    return found[-limit:]


@handles("get_entitlement")
def get_entitlement(world: World, call: Call) -> Json:
    own_application(world, call)
    return _entitlement(world, call)


@handles("get_current_user_application_entitlements")
def get_current_user_application_entitlements(world: World, call: Call) -> list[Json]:
    own_application(world, call)
    return [
        one
        for one in _entitlements(world, call.application_id)
        if one.get("user_id") == call.user_id
        and _wanted(world, one, {"sku_ids": call.query.get("sku_ids")})
        and not (call.query.get("exclude_consumed") and one["consumed"])
    ]


@handles("create_entitlement")
def create_entitlement(world: World, call: Call) -> Json:
    """One for tests: it has no period, and nobody pays."""
    application = own_application(world, call)
    sku, owner = str(call.body["sku_id"]), str(call.body["owner_id"])
    if call.body["owner_type"] == EntitlementOwnerType.GUILD:
        return grant(world, application["id"], sku, guild_id=world.guild(owner).id)
    return grant(world, application["id"], sku, user_id=world.user(owner)["id"])


@handles("delete_entitlement")
def delete_entitlement(world: World, call: Call) -> None:
    own_application(world, call)
    entitlement = _entitlement(world, call)
    if entitlement["type"] != EntitlementType.TEST_MODE_PURCHASE:
        text = "Only test entitlements can be deleted"
        raise Refusal(403, ErrorCode.ONLY_SANDBOX_ENTITLEMENTS, text)
    entitlement["deleted"] = True
    _tell(world, "ENTITLEMENT_DELETE", entitlement)


@handles("consume_entitlement")
def consume_entitlement(world: World, call: Call) -> None:
    own_application(world, call)
    entitlement = _entitlement(world, call)
    if _skus(world)[entitlement["sku_id"]]["type"] != SKUType.CONSUMABLE:
        raise Refusal(400, ErrorCode.ONLY_CONSUMABLE_SKUS, "Only consumable SKUs can be consumed")
    entitlement["consumed"] = True
    _tell(world, "ENTITLEMENT_UPDATE", entitlement)


# What the other resources and tests do with them


def add_sku(world: World, application_id: str, name: str, kind: int = SKUType.DURABLE) -> Json:
    """Goods that an application sells; nobody is told."""
    sku: Json = {
        "id": world.ids(),
        "type": int(kind),
        "application_id": application_id,
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "flags": int(SKUFlags.AVAILABLE),
    }
    _skus(world)[sku["id"]] = sku
    return sku


def grant(
    world: World,
    application_id: str,
    sku_id: str,
    *,
    user_id: str | None = None,
    guild_id: str | None = None,
    kind: int = EntitlementType.TEST_MODE_PURCHASE,
    ends_at: str | None = None,
) -> Json:
    """A user or a guild gets something; gives the entitlement. 10027 where the application does not sell it."""
    sku = _skus(world).get(sku_id)
    if sku is None or sku["application_id"] != application_id:
        raise Refusal(404, ErrorCode.UNKNOWN_SKU, "Unknown SKU")
    entitlement: Json = {
        "id": world.ids(),
        "sku_id": sku_id,
        "application_id": application_id,
        "deleted": False,
        "starts_at": None if ends_at is None else world.time(),
        "ends_at": ends_at,
        "type": int(kind),
        "consumed": False,
    }
    if user_id is not None:
        entitlement["user_id"] = user_id
    if guild_id is not None:
        entitlement["guild_id"] = guild_id
    world.more.setdefault("entitlements", {})[entitlement["id"]] = entitlement
    _tell(world, "ENTITLEMENT_CREATE", entitlement)
    return entitlement


def _wanted(world: World, entitlement: Json, query: Any) -> bool:
    skus = query.get("sku_ids")
    if skus:
        asked = skus.split(",") if isinstance(skus, str) else [str(one) for one in skus]
        if entitlement["sku_id"] not in asked:
            return False
    for key in ("user_id", "guild_id"):
        if query.get(key) is not None and entitlement.get(key) != str(query[key]):
            return False
    ended = entitlement["ends_at"] is not None and entitlement["ends_at"] <= world.time()
    if ended and (query.get("exclude_ended") or query.get("only_active")):
        return False
    # Deleted ones are left out unless they are asked for.
    return not (entitlement["deleted"] and query.get("exclude_deleted") is not False)


def _entitlement(world: World, call: Call) -> Json:
    entitlement = world.more.get("entitlements", {}).get(call.path["entitlement_id"])
    if entitlement is None or entitlement["application_id"] != call.application_id:
        raise unknown("entitlement")
    return entitlement


def _entitlements(world: World, application_id: str) -> list[Json]:
    found = (one for one in world.more.get("entitlements", {}).values() if one["application_id"] == application_id)
    return sorted(found, key=lambda one: int(one["id"]))


def _skus(world: World) -> dict[str, Json]:
    return world.more.setdefault("skus", {})


def _tell(world: World, name: str, entitlement: Json) -> None:
    bot = world.applications[entitlement["application_id"]]["bot"]["id"]
    world.emit(name, entitlement, users=frozenset({bot}))

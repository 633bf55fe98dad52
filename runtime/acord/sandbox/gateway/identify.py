"""Whether an identify is in order, and with which code the connection is closed where it is not."""

from typing import Final

from acord.core.signals.gateway import CloseCode, Intents
from acord.flags import ApplicationFlags
from acord.sandbox.answers import Json
from acord.sandbox.calls import Account
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.gateway.sessions import Identified
from acord.sandbox.world import content
from acord.sandbox.world.state import World

__all__ = ["account_of", "check", "on_shard"]

SWITCHES: Final = {
    Intents.GUILD_PRESENCES: ApplicationFlags.GATEWAY_PRESENCE | ApplicationFlags.GATEWAY_PRESENCE_LIMITED,
    Intents.GUILD_MEMBERS: ApplicationFlags.GATEWAY_GUILD_MEMBERS | ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED,
    Intents.MESSAGE_CONTENT: content.SWITCHES,
}
"""Privileged intent -> the flags of an application for which it is switched on.

Source: Discord docs, Resources > Application > Application Flags.
"""


def account_of(world: World, token: str) -> Account | None:
    """The bot whose token this is; it stands without ``Bot`` here."""
    account = world.accounts.get(token)
    return account if account is not None and account.kind == "bot" else None


def on_shard(world: World, user_id: str, shard: int, shards: int) -> list[str]:
    """The guilds of this bot that lie on this shard."""
    return [
        guild.id
        for guild in world.guilds.values()
        if user_id in guild.members and (int(guild.id) >> 22) % shards == shard
    ]


def check(world: World, d: Json, options: GatewayOptions) -> Identified | CloseCode:
    """``d`` fits the shape of an identify."""
    account = account_of(world, d["token"])
    if account is None:
        return CloseCode.AUTHENTICATION_FAILED
    shard, shards = d.get("shard", (0, 1))
    if shard >= shards:
        return CloseCode.INVALID_SHARD
    if len(on_shard(world, account.user_id, shard, shards)) > options.guilds_per_shard:
        return CloseCode.SHARDING_REQUIRED
    intents = int(d["intents"])
    if intents < 0 or intents & ~int(Intents.all()):
        return CloseCode.INVALID_INTENTS
    flags = world.applications[account.application_id].get("flags", 0)
    for intent, switches in SWITCHES.items():
        if intents & intent and not flags & switches:
            return CloseCode.DISALLOWED_INTENTS
    return Identified(
        d["token"],
        account,
        Intents(intents),
        shard,
        shards,
        "shard" in d,
        d.get("compress", False),
        d.get("large_threshold", 50),
        d.get("presence"),
    )

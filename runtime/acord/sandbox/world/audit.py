"""The audit log: who did what and why, as entries, as events, and as a list to look through."""

from collections.abc import Iterable, Mapping
from typing import Any

from acord.flags import Permissions
from acord.models.enums import AuditLogActionType
from acord.sandbox.answers import Json
from acord.sandbox.calls import Call
from acord.sandbox.world import shown
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import THREADS, Guild, World
from acord.sandbox.world.views import allowed

__all__ = ["AuditLogActionType", "diff", "log", "made", "unmade"]

_HIDDEN = frozenset({"id", "guild_id", "user", "token", "last_message_id", "last_pin_timestamp"})
"""What no change tells: it is the target itself, somebody else's, or no setting."""


def diff(old: Mapping[str, Any], new: Mapping[str, Any], *, rename: Mapping[str, str] | None = None) -> list[Json]:
    """The changes between two states of an object; a value that is or was null is left out, as Discord does.

    ``rename``: a field to the key that the log has for it, as ``{"avatar": "avatar_hash"}``.
    """
    changes: list[Json] = []
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before == after or key in _HIDDEN:
            continue
        change: Json = {"key": (rename or {}).get(key, key)}
        if before is not None:
            change["old_value"] = before
        if after is not None:
            change["new_value"] = after
        changes.append(change)
    return changes


def made(new: Mapping[str, Any], *, rename: Mapping[str, str] | None = None) -> list[Json]:
    """The changes of an object that there was not before."""
    return diff({}, new, rename=rename)


def unmade(old: Mapping[str, Any], *, rename: Mapping[str, str] | None = None) -> list[Json]:
    """The changes of an object that there is no more."""
    return diff(old, {}, rename=rename)


def log(
    world: World,
    guild: Guild,
    by: Call | str,
    action: AuditLogActionType,
    target_id: str | None,
    *,
    changes: Iterable[Json] = (),
    options: Mapping[str, object] | None = None,
) -> Json:
    """Write an entry and tell the bots that may read the log; gives the entry.

    ``by``: the request (its user and its reason are noted), or the id of a user who did it by hand.
    """
    entry: Json = {
        "id": world.ids(),
        "user_id": by if isinstance(by, str) else by.user_id,
        "target_id": target_id,
        "action_type": int(action),
    }
    if found := list(changes):
        entry["changes"] = found
    if options:
        entry["options"] = {key: str(value) for key, value in options.items()}
    if isinstance(by, Call) and by.reason:
        entry["reason"] = by.reason
    guild.audit_log.append(entry)
    world.emit(
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
        {**entry, "guild_id": guild.id},
        guild_id=guild.id,
        users=allowed(world, guild, Permissions.VIEW_AUDIT_LOG),
    )
    return entry


@handles("list_guild_audit_log_entries")
def list_guild_audit_log_entries(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.VIEW_AUDIT_LOG)
    before, after = call.query.get("before"), call.query.get("after")
    entries = [entry for entry in guild.audit_log if _wanted(entry, call.query)]
    if before is not None:
        entries = [entry for entry in entries if int(entry["id"]) < int(before)]
    if after is not None:
        entries = [entry for entry in entries if int(entry["id"]) > int(after)]
    # Oldest first only where `after` says from where; else the newest come first.
    if after is None:
        entries.reverse()
    return _with_referenced(world, guild, entries[: call.query.get("limit", 50)])


def _wanted(entry: Json, query: Mapping[str, Any]) -> bool:
    fields = ("user_id", "target_id", "action_type")
    return all(query.get(field) is None or str(query[field]) == str(entry[field]) for field in fields)


def _with_referenced(world: World, guild: Guild, entries: list[Json]) -> Json:
    """The entries with the objects that their ids stand for."""
    ids = {str(entry[key]) for entry in entries for key in ("user_id", "target_id") if entry[key] is not None}
    return {
        "audit_log_entries": entries,
        "users": [world.users[one] for one in sorted(ids & world.users.keys(), key=int)],
        "integrations": [],
        "webhooks": [_webhook(world, world.webhooks[one]) for one in sorted(ids & world.webhooks.keys(), key=int)],
        "guild_scheduled_events": [guild.scheduled_events[one] for one in sorted(ids & guild.scheduled_events.keys())],
        "threads": [
            channel
            for one in sorted(ids & world.channels.keys(), key=int)
            if (channel := world.channels[one])["type"] in THREADS
        ],
        "application_commands": [world.commands[one] for one in sorted(ids & world.commands.keys(), key=int)],
        "auto_moderation_rules": [
            rule for one, rule in guild.more.get("auto_moderation_rules", {}).items() if one in ids
        ],
    }


def _webhook(world: World, webhook: Json) -> Json:
    """Without the token: reading the log does not let anybody write."""
    seen = {key: value for key, value in webhook.items() if key != "token"}
    return seen | ({"user": shown.user(world, webhook["user"])} if "user" in webhook else {})

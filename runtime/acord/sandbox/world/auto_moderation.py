"""Rules of auto moderation; they are kept, and nothing is held against them.

Source: Discord docs, Resources > Auto Moderation.
"""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import AuditLogActionType, AutomodActionType, AutomodTriggerType
from acord.sandbox.answers import Json, Refusal, invalid, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import allowed

__all__: list[str] = []

MOST = {AutomodTriggerType.KEYWORD: 6}
"""Rules of a kind in a guild; of every other kind one."""
TIMEOUT = 60  # seconds, where a rule does not say
_METADATA: dict[int, Json] = {
    AutomodTriggerType.KEYWORD: {"keyword_filter": [], "regex_patterns": [], "allow_list": []},
    AutomodTriggerType.ML_SPAM: {},
    AutomodTriggerType.DEFAULT_KEYWORD_LIST: {"presets": [], "allow_list": []},
    AutomodTriggerType.MENTION_SPAM: {"mention_total_limit": 20, "mention_raid_protection_enabled": False},
    AutomodTriggerType.USER_PROFILE: {"keyword_filter": [], "regex_patterns": [], "allow_list": []},
}
_DEFAULTS: Json = {
    "actions": [{"type": 1, "metadata": {}}],
    "enabled": False,
    "exempt_roles": [],
    "exempt_channels": [],
}


@handles("list_auto_moderation_rules")
def list_auto_moderation_rules(world: World, call: Call) -> list[Json]:
    return list(_rules(_managed(world, call)).values())


@handles("get_auto_moderation_rule")
def get_auto_moderation_rule(world: World, call: Call) -> Json:
    return _rule(_managed(world, call), call)


@handles("create_auto_moderation_rule")
def create_auto_moderation_rule(world: World, call: Call) -> Json:
    guild = _managed(world, call)
    kind = call.body["trigger_type"]
    most = MOST.get(kind, 1)
    if sum(rule["trigger_type"] == kind for rule in _rules(guild).values()) >= most:
        text = f"Maximum number of rules of this type reached ({most})"
        raise invalid("trigger_type", text, "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED")
    rule: Json = {
        "id": world.ids(),
        "guild_id": guild.id,
        "creator_id": call.user_id,
        "trigger_type": kind,
        "trigger_metadata": dict(_METADATA.get(kind, {})),
        **_DEFAULTS,
    }
    _apply(world, guild, rule, call.body)
    _rules(guild)[rule["id"]] = rule
    _done(world, guild, call, "CREATE", rule, made(rule))
    return rule


@handles("update_auto_moderation_rule")
def update_auto_moderation_rule(world: World, call: Call) -> Json:
    guild = _managed(world, call)
    rule = _rule(guild, call)
    before = dict(rule)
    _apply(world, guild, rule, call.body)
    if rule != before:
        _done(world, guild, call, "UPDATE", rule, diff(before, rule))
    return rule


@handles("delete_auto_moderation_rule")
def delete_auto_moderation_rule(world: World, call: Call) -> None:
    guild = _managed(world, call)
    rule = _rule(guild, call)
    del _rules(guild)[rule["id"]]
    _done(world, guild, call, "DELETE", rule, unmade(rule))


def _apply(world: World, guild: Guild, rule: Json, body: Json) -> None:
    for key in ("name", "event_type", "enabled"):
        if body.get(key) is not None:
            rule[key] = body[key]
    if body.get("actions") is not None:
        rule["actions"] = [_action(world, guild, one) for one in body["actions"]]
    for key, there in (("exempt_roles", guild.roles), ("exempt_channels", world.channels)):
        if key in body:
            rule[key] = [str(one) for one in body[key] or () if str(one) in there]
    if body.get("trigger_metadata") is not None:
        known = _METADATA.get(rule["trigger_type"], {})
        given = {key: value for key, value in body["trigger_metadata"].items() if key in known and value is not None}
        rule["trigger_metadata"] = {**rule["trigger_metadata"], **given}


def _action(world: World, guild: Guild, given: Json) -> Json:
    asked: Json = given.get("metadata") or {}
    metadata = {key: value for key, value in asked.items() if value is not None}
    if "channel_id" in metadata:
        metadata["channel_id"] = str(metadata["channel_id"])
        if world.channels.get(metadata["channel_id"], {}).get("guild_id") != guild.id:
            raise unknown("channel")
    if given["type"] == AutomodActionType.USER_COMMUNICATION_DISABLED:
        metadata.setdefault("duration_seconds", TIMEOUT)
    return {"type": given["type"], "metadata": metadata}


def _managed(world: World, call: Call) -> Guild:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    return guild


def _rules(guild: Guild) -> dict[str, Json]:
    return guild.more.setdefault("auto_moderation_rules", {})


def _rule(guild: Guild, call: Call) -> Json:
    if (rule := _rules(guild).get(call.path["rule_id"])) is None:
        # Discord documents no code of its own for this.
        raise Refusal(404, ErrorCode.GENERAL_ERROR, "404: Not Found")
    return rule


def _done(world: World, guild: Guild, call: Call, what: str, rule: Json, changes: list[Json]) -> None:
    audience = allowed(world, guild, Permissions.MANAGE_GUILD)
    world.emit(f"AUTO_MODERATION_RULE_{what}", rule, guild_id=guild.id, users=audience)
    log(world, guild, call, AuditLogActionType[f"AUTO_MODERATION_RULE_{what}"], rule["id"], changes=changes)

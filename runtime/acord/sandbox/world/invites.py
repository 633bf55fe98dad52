"""Invites: how people come into a guild.

Source: Discord docs, Resources > Invite; Resources > Channel.
"""

from string import ascii_letters, digits

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, missing_permissions, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import AuditLogActionType, log, made, unmade
from acord.sandbox.world.guilds import counts
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import instant
from acord.sandbox.world.members import join
from acord.sandbox.world.roles import may_give, role_of
from acord.sandbox.world.state import THREADS, Guild, World
from acord.sandbox.world.views import allowed, only

__all__ = ["accept", "drop_invites", "invite_of"]

MAX_AGE = 86400  # seconds, where the request does not say (Resources > Channel > Create Channel Invite)
MAX_INVITES = 1000
_METADATA = frozenset({"uses", "max_uses", "max_age", "temporary", "created_at"})
_KEPT_BESIDE = frozenset({"channel_id", "role_ids", "target_user_id"})
"""What the world keeps of an invite, and shows in another form."""


@handles("create_channel_invite")
def create_channel_invite(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    if "guild_id" not in channel or channel["type"] in THREADS or channel["type"] == 4:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    guild = world.guild(channel["guild_id"])
    world.need(call.user_id, channel, Permissions.CREATE_INSTANT_INVITE)
    body: Json = call.body or {}
    settings = _settings(world, call, guild, body)
    if not body.get("unique"):
        mine = {**settings, "channel_id": channel["id"], "inviter": world.users[call.user_id], "uses": 0}
        for invite in _living(world, guild):
            if only(invite, *mine) == mine:
                return _shown(world, invite, metadata=True)
    if len(_living(world, guild)) >= MAX_INVITES:
        raise Refusal(400, ErrorCode.MAX_INVITES, f"Maximum number of invites reached ({MAX_INVITES})")
    invite = _make(world, guild, channel, call.user_id, settings)
    log(world, guild, call, AuditLogActionType.INVITE_CREATE, None, changes=made(_told(invite)))
    return _shown(world, invite, metadata=True)


@handles("invite_resolve")
def invite_resolve(world: World, call: Call) -> Json:
    invite = invite_of(world, call.path["code"])
    guild = world.guild(invite["guild_id"])
    shown = _shown(world, invite)
    if call.query.get("with_counts"):
        shown |= counts(guild)
    event = guild.scheduled_events.get(str(call.query.get("guild_scheduled_event_id")))
    return shown | ({} if event is None else {"guild_scheduled_event": event})


@handles("invite_revoke")
def invite_revoke(world: World, call: Call) -> Json:
    invite = invite_of(world, call.path["code"])
    guild = world.guild(invite["guild_id"], member=call.user_id)
    channel = world.channels[invite["channel_id"]]
    mine = Permissions.MANAGE_CHANNELS in world.permissions(call.user_id, channel)
    if not mine and Permissions.MANAGE_GUILD not in world.permissions(call.user_id, guild):
        raise missing_permissions()
    _drop(world, invite)
    log(world, guild, call, AuditLogActionType.INVITE_DELETE, None, changes=unmade(_told(invite)))
    return _shown(world, invite)


@handles("list_channel_invites")
def list_channel_invites(world: World, call: Call) -> list[Json]:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    world.need(call.user_id, channel, Permissions.MANAGE_CHANNELS)
    guild = world.guild(str(channel.get("guild_id")))
    return [_shown(world, one, metadata=True) for one in _living(world, guild) if one["channel_id"] == channel["id"]]


@handles("list_guild_invites")
def list_guild_invites(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    has = world.permissions(call.user_id, guild)
    if not has & (Permissions.MANAGE_GUILD | Permissions.VIEW_AUDIT_LOG):
        raise missing_permissions()
    # Who may only look into the log is not told what becomes of an invite.
    metadata = Permissions.MANAGE_GUILD in has
    return [_shown(world, one, metadata=metadata) for one in _living(world, guild)]


# What people and the other resources do with invites


def invite_of(world: World, code: str) -> Json:
    """10006 where there is none, or none any more."""
    invite = world.invites.get(code)
    if invite is None or _over(world, invite):
        raise unknown("invite")
    return invite


def accept(world: World, user_id: str, code: str) -> Guild:
    """A user takes an invite; gives the guild. 40007 where they are banned, 10006 where it is none."""
    invite = invite_of(world, code)
    guild = world.guild(invite["guild_id"])
    if user_id in guild.members:
        return guild
    roles = [one for one in invite.get("role_ids", ()) if one in guild.roles]
    join(world, guild, user_id, *roles)
    invite["uses"] += 1
    if invite["max_uses"] and invite["uses"] >= invite["max_uses"]:
        _drop(world, invite)
    return guild


def drop_invites(world: World, channel_id: str) -> None:
    """With a channel its invites go."""
    for invite in [one for one in world.invites.values() if one["channel_id"] == channel_id]:
        _drop(world, invite)


def _settings(world: World, call: Call, guild: Guild, body: Json) -> Json:
    age = body.get("max_age")
    settings: Json = {
        "max_age": MAX_AGE if age is None else age,
        "max_uses": body.get("max_uses") or 0,
        "temporary": bool(body.get("temporary")),
    }
    if body.get("target_type") is not None:
        settings["target_type"] = body["target_type"]
    if body.get("target_user_id") is not None:
        settings["target_user_id"] = world.user(str(body["target_user_id"]))["id"]
    asked = body.get("role_ids")
    if asked:
        world.need(call.user_id, guild, Permissions.MANAGE_ROLES)
        roles = [role_of(guild, str(one)) for one in (asked.split(",") if isinstance(asked, str) else asked)]
        for role in roles:
            may_give(guild, call.user_id, role)
        settings["role_ids"] = [role["id"] for role in roles]
    return settings


def _make(world: World, guild: Guild, channel: Json, user_id: str, settings: Json) -> Json:
    age = settings["max_age"]
    invite: Json = {
        "type": 0,
        "code": "".join(world.random.choices(ascii_letters + digits, k=8)),
        "guild_id": guild.id,
        "channel_id": channel["id"],
        "inviter": world.users[user_id],
        "created_at": world.time(),
        "expires_at": instant(world.now() + age) if age else None,
        "uses": 0,
        **settings,
    }
    world.invites[invite["code"]] = invite
    shown = only(
        invite,
        "channel_id",
        "code",
        "created_at",
        "guild_id",
        "inviter",
        "max_age",
        "max_uses",
        "target_type",
        "temporary",
        "uses",
        "expires_at",
        "role_ids",
    )
    if "target_user_id" in invite:
        shown["target_user"] = world.users[invite["target_user_id"]]
    _tell(world, "INVITE_CREATE", guild, channel, shown)
    return invite


def _drop(world: World, invite: Json) -> None:
    del world.invites[invite["code"]]
    guild = world.guild(invite["guild_id"])
    channel = world.channels[invite["channel_id"]]
    _tell(world, "INVITE_DELETE", guild, channel, only(invite, "channel_id", "guild_id", "code"))


def _tell(world: World, name: str, guild: Guild, channel: Json, data: Json) -> None:
    audience = allowed(world, guild, Permissions.MANAGE_CHANNELS, channel=channel)
    world.emit(name, data, guild_id=guild.id, users=audience)


def _living(world: World, guild: Guild) -> list[Json]:
    return [one for one in world.invites.values() if one["guild_id"] == guild.id and not _over(world, one)]


def _over(world: World, invite: Json) -> bool:
    until = invite["expires_at"]
    return until is not None and until <= world.time()


def _shown(world: World, invite: Json, *, metadata: bool = False) -> Json:
    guild = world.guilds[invite["guild_id"]]
    hidden = _KEPT_BESIDE if metadata else _KEPT_BESIDE | _METADATA
    shown = {key: value for key, value in invite.items() if key not in hidden}
    shown["guild"] = only(
        guild.data,
        "id",
        "name",
        "splash",
        "banner",
        "description",
        "icon",
        "features",
        "verification_level",
        "vanity_url_code",
        "nsfw_level",
        "nsfw",
        "premium_subscription_count",
    )
    shown["channel"] = only(world.channels[invite["channel_id"]], "id", "type", "name")
    if "target_user_id" in invite:
        shown["target_user"] = world.users[invite["target_user_id"]]
    roles = [guild.roles[one] for one in invite.get("role_ids", ()) if one in guild.roles]
    if roles:
        fields = ("id", "name", "position", "color", "colors", "icon", "unicode_emoji")
        shown["roles"] = [only(role, *fields) for role in roles]
    return shown


def _told(invite: Json) -> Json:
    told = only(invite, "code", "channel_id", "max_age", "max_uses", "uses", "temporary")
    return told | {"inviter_id": invite["inviter"]["id"]}

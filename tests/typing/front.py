"""What a checker makes of the front door and of what users may overwrite; never run."""

from typing import Any, Literal, assert_type

import acord
import acord.core.abc as core_abc
from acord import HTTPClient, Intents, Token, cdn, compute_permissions, errors, flags, formatting, routes
from acord.core import decoders as dec
from acord.core.operation import Operation
from acord.core.signals import gateway as signals


def names_of_the_front_are_typed(
    user: acord.models.User, member: acord.models.GuildMember, guild: acord.models.Guild
) -> None:
    assert_type(acord.__version__, str)
    assert_type(acord.HTTPClient.from_env(), HTTPClient)
    assert_type(acord.preload(), None)
    assert_type(Intents.GUILDS | Intents.MESSAGE_CONTENT, Intents)
    assert_type(formatting.mention_user(user), str)
    assert_type(cdn.guild_icon(guild, guild.icon or "", size=64), str)
    assert_type(
        compute_permissions(user, guild=guild, owner=guild.owner_id, roles=guild.roles, member_roles=member.roles),
        flags.Permissions,
    )
    assert_type(routes.OPERATIONS["create_message"], Operation)
    assert_type(signals.Opcode(0), signals.Opcode)
    assert_type(signals.DISPATCH, Literal[signals.Opcode.DISPATCH])
    assert_type(signals.AUTH_FAILED, Literal[signals.CloseCode.AUTHENTICATION_FAILED])

    formatting.timestamp(1, "X")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    from acord import HTTPCleint  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnusedImport]  # noqa: F401


def errors_carry_what_was_answered(error: errors.HTTPError, limited: errors.RateLimited) -> None:
    assert_type(error.status, int)
    assert_type(error.message, str)
    assert_type(limited.retry_after, float | None)


def tokens_are_values() -> None:
    assert_type(Token.bot("x"), Token)
    assert_type(Token.bot("x").reveal(), str)
    HTTPClient(token="x")
    HTTPClient(token=Token.bearer("x"))

    HTTPClient(token=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def documented_attributes_can_be_overwritten(decode: Any) -> None:
    core_abc.API_VERSION = 9
    core_abc.BASE_API_URL = "https://example.org/api"
    dec.JSON = decode

    core_abc.API_VERSION = "9"  # type: ignore[assignment]  # pyright takes any value

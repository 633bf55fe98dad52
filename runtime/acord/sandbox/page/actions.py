"""What the page's buttons do."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from acord.sandbox import faults
from acord.sandbox.answers import Json

if TYPE_CHECKING:
    from acord.sandbox.page.page import Page
    from acord.sandbox.sandbox import Sandbox

__all__ = ["Wrong", "act"]


class Wrong(Exception):
    """What was asked for cannot be done; says why."""


Action: TypeAlias = "Callable[[Sandbox, Page, Json], Json | None]"


def act(discord: "Sandbox", page: "Page", asked: Json) -> Json | None:
    """Do what was asked for. Raises `Wrong`, or the `Refusal` that a person would have met."""
    action = _ACTIONS.get(str(asked.get("do")))
    if action is None:
        raise Wrong(f"do is one of {', '.join(_ACTIONS)}")
    try:
        return action(discord, page, asked)
    except KeyError as exc:
        raise Wrong(f"{exc.args[0]} is missing, or unknown") from None
    except (ValueError, LookupError, TypeError) as exc:
        raise Wrong(str(exc)) from None


def _drop(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.drop()


def _reconnect(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.reconnect()


def _invalidate(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.invalidate(resumable=bool(asked.get("resumable")))


def _close(discord: "Sandbox", page: "Page", asked: Json) -> None:
    code = int(asked["code"])
    if not 4000 <= code <= 4999 and code not in (1000, 1001):
        raise Wrong("code is 1000, 1001 or 4000 to 4999")
    discord.gateway.close(code)


def _mute(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.mute_acks(not discord.gateway.faults.muted)


def _corrupt(discord: "Sandbox", page: "Page", asked: Json) -> None:
    discord.gateway.corrupt()


def _fault(discord: "Sandbox", page: "Page", asked: Json) -> None:
    status = int(asked["status"])
    if status and not 400 <= status <= 599:
        raise Wrong("status is 400 to 599, or 0 for a broken connection")
    body: Any = {"message": f"{status}: Sandbox fault", "code": 0}
    discord.fault(str(asked["what"]), faults.answer(status, body) if status else faults.reset)


_ACTIONS: dict[str, Action] = {
    "drop": _drop,
    "reconnect": _reconnect,
    "invalidate": _invalidate,
    "close": _close,
    "mute": _mute,
    "corrupt": _corrupt,
    "fault": _fault,
}

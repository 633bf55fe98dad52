"""Webhooks by their URL or token: routes that need no bot.  What they take is what `acord.routes.webhooks` says."""

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self
from urllib.parse import urlsplit

from acord.core.addressing import Secret
from acord.core.errors import InvalidRequest
from acord.core.formatting import id_digits
from acord.core.types import Snowflake, SnowflakeLike

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, Generic, ParamSpec, TypeVar

    from acord.core.abc import Route
    from acord.routes import webhooks

    P = ParamSpec("P")
    T = TypeVar("T")

__all__ = ["HOSTS", "Webhook"]

HOSTS: Final = frozenset({"discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com"})
"""Whose webhook URLs are taken. Only id and token are read: requests go where the client's do."""

_PATH = re.compile(r"/api(?:/v\d+)?/webhooks/(\d{1,20})/([A-Za-z0-9_.-]+)/?")

if TYPE_CHECKING:

    class _Method(Generic[P, T]):
        def __init__(self, helper: Callable[Concatenate[SnowflakeLike, str, P], Route[T]]) -> None: ...
        def __get__(self, webhook: "Webhook | None", owner: type["Webhook"]) -> Callable[P, Route[T]]: ...

else:

    def _method(name):
        """A method that fills in id and token. The module with the helper is loaded when it is called."""

        def method(self, *args, **kwds):
            helper = getattr(import_module("acord.routes.webhooks"), name)
            return helper(self.id, self.token, *args, **kwds)

        return method


class Webhook:
    """A webhook: its id and the token that is all it takes to use it.

    Its methods make routes, to be sent by any client, one without a token included::

        hook = Webhook.from_url(os.environ["WEBHOOK_URL"])
        async with HTTPClient() as http:
            message = await http.request(hook.execute(content="hi", wait=True))
            await http.request(hook.edit(message.id, content="ho"))

    An interaction's followups go the same way: `Webhook.of_interaction`.
    """

    __slots__ = ("id", "token")

    id: Snowflake
    token: str
    """Its repr shows nothing."""

    def __init__(self, id: SnowflakeLike, token: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", token):
            raise InvalidRequest("token", token, "a webhook's token: letters, digits, - and _")
        self.id = Snowflake(id_digits(id, "id"))
        self.token = Secret(token)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """The webhook that a URL from Discord's settings names.

        Taken are ``https://HOST/api/webhooks/ID/TOKEN``, with or without a version behind ``api``, where HOST is
        discord.com, ptb.discord.com, canary.discord.com or discordapp.com. Raises `InvalidRequest`, which does
        not show the URL, for everything else.
        """
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:
            raise InvalidRequest("url", url, "a webhook's URL") from None
        if parts.scheme != "https":
            raise InvalidRequest("url", url, "a webhook's URL, which begins with https://")
        if parts.hostname not in HOSTS or port not in (None, 443) or "@" in parts.netloc:
            raise InvalidRequest("url", url, f"a webhook of {', '.join(sorted(HOSTS))}")
        found = _PATH.fullmatch(parts.path)
        if found is None:
            fix = "copy it once more from the webhook's settings, or give id and token to Webhook(id, token)"
            raise InvalidRequest("url", url, "https://discord.com/api/webhooks/ID/TOKEN", fix=fix)
        if parts.query or parts.fragment:
            raise InvalidRequest("url", url, "a webhook's URL alone", fix="thread_id and wait are arguments of execute")
        return cls(found[1], found[2])

    @classmethod
    def of_interaction(cls, application_id: SnowflakeLike, token: str) -> Self:
        """The followups of an interaction, for the 15 minutes that its token lives."""
        return cls(application_id, token)

    @property
    def url(self) -> str:
        """Where it is reached. Contains the token; its repr shows nothing."""
        from acord.core.abc import buildURL

        return Secret(buildURL("webhooks", self.id, self.token))

    if TYPE_CHECKING:
        execute = _Method(webhooks.execute_webhook)
        fetch = _Method(webhooks.get_webhook_message)
        edit = _Method(webhooks.update_webhook_message)
        delete = _Method(webhooks.delete_webhook_message)
        fetch_original = _Method(webhooks.get_original_webhook_message)
        edit_original = _Method(webhooks.update_original_webhook_message)
        delete_original = _Method(webhooks.delete_original_webhook_message)
        fetch_self = _Method(webhooks.get_webhook_by_token)
        edit_self = _Method(webhooks.update_webhook_by_token)
        delete_self = _Method(webhooks.delete_webhook_by_token)
    else:
        execute = _method("execute_webhook")
        fetch = _method("get_webhook_message")
        edit = _method("update_webhook_message")
        delete = _method("delete_webhook_message")
        fetch_original = _method("get_original_webhook_message")
        edit_original = _method("update_original_webhook_message")
        delete_original = _method("delete_original_webhook_message")
        fetch_self = _method("get_webhook_by_token")
        edit_self = _method("update_webhook_by_token")
        delete_self = _method("delete_webhook_by_token")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Webhook):
            return NotImplemented
        from hmac import compare_digest

        return self.id == other.id and compare_digest(self.token, other.token)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<Webhook {self.id}>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Webhook holds a token and is not pickled: hand id and token to the other process")

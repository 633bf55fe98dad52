"""What a checker makes of pages, webhooks and hooks; never run."""

from collections.abc import AsyncIterator
from typing import assert_type

from acord import File, HTTPClient, Route, Token, Webhook
from acord.core.paginator import Pages
from acord.hooks import Hooks, RequestStarted
from acord.models import Message, OAuth2Scope, PinnedMessage, PinnedMessages
from acord.routes import messages, users


async def pages_know_their_items_and_their_answers(http: HTTPClient) -> None:
    walk = http.paginate(messages.list_pins(1), max_items=100, cursor=None, deadline=5.0)
    assert_type(walk, Pages[PinnedMessages, PinnedMessage])
    assert_type(aiter(walk), AsyncIterator[PinnedMessage])
    assert_type(walk.cursor, str | None)
    async for message in http.paginate(messages.list_messages(1)):
        assert_type(message, Message)
    async for page in walk.pages():
        assert_type(page, PinnedMessages)

    http.paginate(messages.create_message(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # no pages


async def webhooks_take_and_give_what_their_helpers_do(http: HTTPClient, hook: Webhook) -> None:
    assert_type(hook.execute(content="hi", wait=True), Route[Message | None])
    assert_type(hook.edit(1, content=None), Route[Message])
    assert_type(hook.delete(1), Route[None])
    assert_type(await http.request(hook.fetch(1)), Message)

    hook.execute(contnet="hi")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # must be seen
    hook.edit("no id", flags="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # must be seen


def pictures_are_files_bytes_or_data_uris() -> None:
    for picture in (File("cat.png"), b"GIF89a", "data:image/png;base64,AA=="):
        users.update_my_user(username="mina", avatar=picture)
    users.update_my_user(username="mina", avatar=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def scopes_are_known_by_name(granted: str) -> None:
    Token.bearer("x", scopes=["identify", OAuth2Scope.GUILDS, OAuth2Scope("tomorrows.scope")])
    Token.bearer("x", scopes=granted)
    Token.bearer("x", scopes=["identfy"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # must be seen


def hooks_are_typed_by_kind(hooks: Hooks) -> None:
    def on_request(event: RequestStarted) -> dict[str, str]:
        return {"traceparent": str(event.call)}

    Hooks(on_request=on_request)
    hooks.add(RequestStarted, on_request)

    Hooks(on_ban=on_request)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # another kind

"""Messages of webhooks: sent, fetched, edited, deleted with nothing but the webhook's token.

Where an application stands in the place of the webhook, an interaction is meant: `interactions` has what is said there.
"""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags
from acord.models import ChannelType
from acord.sandbox.answers import Answer, Json, Refusal, invalid, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world import components, interactions, mentions, messages, threads, webhooks
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.images import image_hash
from acord.sandbox.world.state import THREADS, World

__all__ = ["execute", "webhook_author"]

SENDABLE = MessageFlags.SUPPRESS_EMBEDS | MessageFlags.SUPPRESS_NOTIFICATIONS | MessageFlags.IS_COMPONENTS_V2
_POSTS = (ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA)


@handles("execute_webhook")
def execute_webhook(world: World, call: Call) -> Json | Answer:
    if interactions.is_interaction(world, call):
        return interactions.follow_up(world, call)
    message = execute(world, webhooks.by_token(world, call), call.body or {}, call)
    return messages.view(world, message, None) if call.query.get("wait") else Answer(204)


def execute(world: World, webhook: Json, body: Json, call: Call) -> Json:
    """A webhook writes into its channel, a thread of it, or a new post of its forum."""
    if webhook["channel_id"] not in world.channels:
        raise unknown("channel")
    home = world.channels[webhook["channel_id"]]
    thread_id, name = call.query.get("thread_id"), body.get("thread_name")
    _refuse_threads(home, thread_id, name)
    body = _with_components(webhook, body, call)
    author = webhook_author(webhook, body)
    how: dict[str, Any] = {
        "fields": {"webhook_id": webhook["id"]},
        "parse": mentions.USERS,
        "allowed": int(SENDABLE),
        "acting": None,
    }
    if webhook["application_id"] is not None:
        how["fields"]["application_id"] = webhook["application_id"]
    if name is not None:
        given = {"name": name, "applied_tags": body.get("applied_tags"), "message": body}
        thread = threads.post(world, home, None, given, call.files, author=author, **how)
        return world.messages[thread["id"]][thread["id"]]
    channel = home if thread_id is None else thread_of(world, home, str(thread_id))
    return messages.publish(world, messages.build(world, channel, author, body, call.files, **how))


@handles("get_webhook_message", "get_original_webhook_message")
def get_webhook_message(world: World, call: Call) -> Json:
    if interactions.is_interaction(world, call):
        return interactions.get_message(world, call)
    return messages.view(world, _message(world, call), None)


@handles("update_webhook_message", "update_original_webhook_message")
def update_webhook_message(world: World, call: Call) -> Json:
    if interactions.is_interaction(world, call):
        return interactions.edit_message(world, call)
    message = _message(world, call)
    body = _with_components(webhooks.by_token(world, call), call.body or {}, call)
    messages.edit(world, message, body, call.files, parse=mentions.USERS, acting=None)
    return messages.view(world, message, None)


@handles("delete_webhook_message", "delete_original_webhook_message")
def delete_webhook_message(world: World, call: Call) -> None:
    if interactions.is_interaction(world, call):
        return interactions.delete_message(world, call)
    return messages.remove(world, _message(world, call))


def webhook_author(webhook: Json, body: Json) -> Json:
    """Whom a message of a webhook shows as its author."""
    name = body.get("username") or webhook["name"] or "Webhook"
    avatar = webhook["avatar"]
    if body.get("avatar_url"):
        avatar = image_hash(body["avatar_url"])
    return {
        "id": webhook["id"],
        "username": name,
        "avatar": avatar,
        "discriminator": "0000",
        "public_flags": 0,
        "flags": 0,
        "bot": True,
        "global_name": None,
    }


def thread_of(world: World, home: Json, thread_id: str) -> Json:
    """10003 for what is no thread of this channel."""
    thread = world.channels.get(thread_id)
    if thread is None or thread["type"] not in THREADS or thread["parent_id"] != home["id"]:
        raise unknown("channel")
    return thread


def _message(world: World, call: Call) -> Json:
    """The webhook's own message, in the thread that the query names or in the channel; 10008."""
    webhook = webhooks.by_token(world, call)
    thread_id = call.query.get("thread_id")
    home = world.channel(webhook["channel_id"])
    channel = home if thread_id is None else thread_of(world, home, str(thread_id))
    message = world.message(channel["id"], call.path.get("message_id", "@original"))
    if message.get("webhook_id") != webhook["id"]:
        raise unknown("message")
    return message


def _with_components(webhook: Json, body: Json, call: Call) -> Json:
    """Components are passed over where the webhook is nobody's and ``with_components`` is not set."""
    given: list[Json] = body.get("components") or []
    if webhook["application_id"] is not None or not given:
        return body
    if not call.query.get("with_components"):
        return {name: value for name, value in body.items() if name != "components"}
    if components.interactive(given):
        text = "Webhooks that no application owns cannot send interactive components"
        raise invalid("components", text, "APPLICATION_WEBHOOK_REQUIRED")
    return body


def _refuse_threads(home: Json, thread_id: object, name: str | None) -> None:
    if home["type"] in _POSTS:
        if thread_id is None and name is None:
            text = "Webhooks posted to forum channels must have a thread_name or thread_id"
            raise Refusal(400, ErrorCode.FORUM_WEBHOOK_NEEDS_THREAD, text)
        if thread_id is not None and name is not None:
            text = "Webhooks posted to forum channels cannot have both a thread_name and thread_id"
            raise Refusal(400, ErrorCode.FORUM_WEBHOOK_HAS_TWO_THREADS, text)
    elif name is not None:
        text = "Webhooks can only create threads in forum channels"
        raise Refusal(400, ErrorCode.WEBHOOK_THREADS_ONLY_IN_FORUMS, text)

"""Webhooks that take what GitHub and Slack send, and write it as a message."""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.models import ChannelType
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.calls import Call
from acord.sandbox.world import webhook_messages, webhooks
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__: list[str] = []

_SHORT = 2000  # characters of a text that came from elsewhere


@handles("execute_slack_compatible_webhook")
def execute_slack_compatible_webhook(world: World, call: Call) -> str:
    webhook = webhooks.by_token(world, call)
    _no_forum(world, webhook)
    given: Json = call.body
    body: Json = {"content": given.get("text"), "embeds": [_slack(one) for one in given.get("attachments") or ()]}
    body |= {"username": given.get("username"), "avatar_url": given.get("icon_url")}
    webhook_messages.execute(world, webhook, body, call)
    return "ok"


@handles("execute_github_compatible_webhook")
def execute_github_compatible_webhook(world: World, call: Call) -> None:
    webhook = webhooks.by_token(world, call)
    _no_forum(world, webhook)
    given: Json = call.body
    sender: Json = given["sender"]
    author = {"name": sender["login"], "url": sender["html_url"], "icon_url": sender["avatar_url"]}
    embed = {**_github(given), "author": author}
    body: Json = {"embeds": [embed], "username": "GitHub"}
    webhook_messages.execute(world, webhook, body, call)


def _no_forum(world: World, webhook: Json) -> None:
    if world.channel(webhook["channel_id"])["type"] in (ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA):
        text = "Webhook services cannot be used in forum channels"
        raise Refusal(400, ErrorCode.WEBHOOK_SERVICES_NOT_IN_FORUMS, text)


def _slack(given: Json) -> Json:
    """An attachment of Slack's as an embed."""
    embed: Json = {"title": given.get("title"), "url": given.get("title_link")}
    embed["description"] = "\n".join(filter(None, (given.get("pretext"), given.get("text")))) or None
    if color := given.get("color"):
        digits = color.removeprefix("#")
        embed["color"] = int("".join(2 * one for one in digits) if len(digits) == 3 else digits, 16)
    if given.get("author_name"):
        names = {"name": "author_name", "url": "author_link", "icon_url": "author_icon"}
        embed["author"] = {name: given.get(theirs) for name, theirs in names.items()}
    if given.get("footer"):
        embed["footer"] = {"text": given["footer"], "icon_url": given.get("footer_icon")}
    for name, theirs in (("image", "image_url"), ("thumbnail", "thumb_url")):
        if given.get(theirs):
            embed[name] = {"url": given[theirs]}
    fields: list[Json] = given.get("fields") or []
    embed["fields"] = [
        {"name": one.get("name") or "\u200b", "value": one.get("value") or "\u200b", "inline": one.get("inline")}
        for one in fields
    ]
    return embed


def _github(given: Json) -> Json:
    """What happened on GitHub: a title and where it leads."""
    home: Json = given.get("repository") or {}
    place = f"[{home['full_name']}] " if home else ""
    action = given.get("action") or ""
    commits: list[Any] = given.get("commits") or []
    if commits:
        branch = str(given.get("ref") or "").removeprefix("refs/heads/")
        lines = [f"[`{one['id'][:7]}`]({one['url']}) {one['message'].partition(chr(10))[0]}" for one in commits]
        title = f"[{home.get('name', '')}:{branch}] {len(commits)} new commit{'s' * (len(commits) > 1)}"
        return {"title": title, "url": given.get("compare"), "description": "\n".join(lines)[:_SHORT]}
    for name, said in (("review", "Review"), ("comment", "New comment"), ("answer", "Answer")):
        if one := given.get(name):
            about: Json = given.get("issue") or given.get("pull_request") or given.get("discussion") or {}
            title = f"{place}{said} on #{about.get('number', '?')}: {about.get('title', '')}"
            return {"title": title[:256], "url": one["html_url"], "description": (one.get("body") or "")[:_SHORT]}
    for name, said in (("issue", "Issue"), ("pull_request", "Pull request"), ("discussion", "Discussion")):
        if one := given.get(name):
            title = f"{place}{said} {action}: #{one['number']} {one['title']}"
            return {"title": title[:256], "url": one.get("html_url"), "description": (one.get("body") or "")[:_SHORT]}
    if release := given.get("release"):
        return {"title": f"{place}New release {action}: {release['tag_name']}"[:256], "url": release["html_url"]}
    if forkee := given.get("forkee"):
        return {"title": f"{place}Fork created: {forkee['full_name']}"[:256], "url": forkee["html_url"]}
    what = action or given.get("ref_type") or "Something happened"
    return {"title": f"{place}{what}"[:256], "url": home.get("html_url")}

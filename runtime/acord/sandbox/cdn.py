"""The files that were uploaded, as Discord's CDN gives them out."""

from collections.abc import Mapping
from mimetypes import guess_type
from urllib.parse import unquote

from acord.sandbox.answers import Answer, Refusal
from acord.sandbox.rest.origins import from_elsewhere
from acord.sandbox.world.state import World

__all__ = ["stored"]

_HARMLESS = ("image/png", "image/jpeg", "image/gif", "image/webp")


def stored(world: World, path: str, headers: Mapping[str, str]) -> Answer:
    """A file of the CDN. Nothing that was uploaded is ever a page of this origin."""
    try:
        from_elsewhere(headers)
    except Refusal as refusal:
        return refusal.answer()
    content = world.attachments.get(unquote(path))
    if content is None:
        return Answer(404)
    media = guess_type(path)[0] or ""
    policy = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
    return Answer(200, content, policy, media if media in _HARMLESS else "application/octet-stream")

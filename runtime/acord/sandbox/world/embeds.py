"""Embeds: what a request says becomes what Discord shows."""

from collections.abc import Callable, Sequence
from typing import Any

from acord.sandbox.answers import Json, invalid
from acord.sandbox.world.ids import moment

__all__ = ["Media", "embeds"]

Media = Callable[[str], Json]
"""What is known of a picture by its address, which may be ``attachment://name``: url, proxy_url, size."""

MOST_CHARACTERS = 6000  # of all embeds of a message (Resources > Message > Embed Limits)
_SCHEMES = ("http://", "https://", "attachment://")


def embeds(given: Sequence[Json] | None, media: Media, *, where: str = "embeds") -> list[Json]:
    """The embeds as they are shown; 50035 for one without content, a strange address, or too much text in all."""
    shown = [_embed(one, media, f"{where}.{index}") for index, one in enumerate(given or ())]
    if sum(map(_length, shown)) > MOST_CHARACTERS:
        raise invalid(where, f"Embed size exceeds maximum size of {MOST_CHARACTERS}", "MAX_EMBED_SIZE_EXCEEDED")
    return shown


def _embed(given: Json, media: Media, where: str) -> Json:
    shown: Json = {"type": "rich"}
    for name in ("title", "description", "url", "color"):
        if given.get(name) is not None:
            shown[name] = given[name]
    if "url" in shown:
        _address(shown["url"], f"{where}.url", _SCHEMES[:2])
    if given.get("timestamp") is not None:
        shown["timestamp"] = moment(given["timestamp"])
    if given.get("fields"):
        shown["fields"] = [
            {"name": one["name"], "value": one["value"], "inline": bool(one.get("inline"))} for one in given["fields"]
        ]
    for name in ("image", "thumbnail"):
        if (picture := given.get(name)) and picture.get("url"):
            _address(picture["url"], f"{where}.{name}.url", _SCHEMES)
            shown[name] = media(picture["url"])
            if picture.get("description") is not None:
                shown[name]["description"] = picture["description"]
    for name, text in (("author", "name"), ("footer", "text")):
        if (part := given.get(name)) and (part.get(text) or part.get("icon_url")):
            shown[name] = _with_icon(part, text, media, f"{where}.{name}")
    if shown.keys() <= {"type", "color", "timestamp", "url"}:
        raise invalid(f"{where}.description", "This field is required")
    return shown


def _with_icon(part: Json, text: str, media: Media, where: str) -> Json:
    if not part.get(text):
        raise invalid(f"{where}.{text}", "This field is required")
    shown: Json = {text: part[text]}
    if part.get("url"):
        _address(part["url"], f"{where}.url", _SCHEMES[:2])
        shown["url"] = part["url"]
    if part.get("icon_url"):
        _address(part["icon_url"], f"{where}.icon_url", _SCHEMES)
        found = media(part["icon_url"])
        shown |= {"icon_url": found["url"], "proxy_icon_url": found["proxy_url"]}
    return shown


def _address(value: str, where: str, schemes: Sequence[str]) -> None:
    if not value.startswith(tuple(schemes)):
        allowed = ", ".join(f"'{scheme.removesuffix('://')}'" for scheme in schemes)
        raise invalid(where, f"Scheme must be one of ({allowed}).", "URL_TYPE_INVALID_SCHEME")


def _length(embed: Json) -> int:
    texts: list[Any] = [embed.get("title"), embed.get("description")]
    texts += [embed.get("author", {}).get("name"), embed.get("footer", {}).get("text")]
    texts += [one[key] for one in embed.get("fields", ()) for key in ("name", "value")]
    return sum(len(text) for text in texts if text)

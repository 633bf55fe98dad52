"""Uploaded files: what a message says of them, and their contents on the CDN."""

import re
import struct
from collections.abc import Sequence
from pathlib import PurePosixPath

from acord.flags import AttachmentFlags
from acord.sandbox.answers import Json, invalid
from acord.sandbox.calls import Upload
from acord.sandbox.world.state import World

__all__ = ["attach", "forget", "image_size", "media_of"]

MOST = 10  # files of a message (Resources > Message > Create Message)
_DESCRIBED = ("description", "duration_secs", "waveform")


def attach(
    world: World, channel_id: str, described: Sequence[Json] | None, files: Sequence[Upload], kept: Sequence[Json] = ()
) -> list[Json]:
    """The attachments of a message: those of ``kept`` that are described (all, where nothing is), then the new ones.

    ``described`` is the request's list: an entry has the id of an attachment of the message, or the
    number n of the part ``files[n]``.
    """
    by_id = {str(one["id"]): one for one in described or ()}
    shown = [dict(one) for one in kept if described is None or one["id"] in by_id]
    for one in shown:
        entry = by_id.get(one["id"], {})
        if "description" in entry:
            one["description"] = entry["description"]
    numbers = {number_of(file, index) for index, file in enumerate(files)}
    for index, entry in enumerate(described or ()):
        if str(entry["id"]) not in numbers and all(str(entry["id"]) != one["id"] for one in kept):
            raise invalid(f"attachments.{index}.id", "Unknown attachment id", "BASE_TYPE_CHOICES")
    if len(shown) + len(files) > MOST:
        raise invalid("attachments", f"Must be {MOST} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    for index, file in enumerate(files):
        shown.append(_new(world, channel_id, file, by_id.get(number_of(file, index), {})))
    return shown


def number_of(file: Upload, index: int) -> str:
    """The n of ``files[n]``; its place among the files where the part has another name."""
    found = re.fullmatch(r"files?\[(\d+)\]", file.field)
    return found[1] if found else str(index)


def _new(world: World, channel_id: str, file: Upload, entry: Json) -> Json:
    given = entry.get("filename") or file.filename
    name = re.sub(r"[^\w.\-]", "_", PurePosixPath(given.replace("\\", "/")).name) or "unknown"
    if entry.get("is_spoiler") and not name.startswith("SPOILER_"):
        name = f"SPOILER_{name}"
    shown: Json = {"id": world.ids(), "filename": name, "size": len(file.content)}
    path = f"/attachments/{channel_id}/{shown['id']}/{name}"
    world.attachments[path] = file.content
    shown |= {"url": world.cdn_url + path, "proxy_url": world.cdn_url + path, "content_type": file.media}
    if size := image_size(file.content):
        shown["width"], shown["height"] = size
    for key in _DESCRIBED:
        if entry.get(key) is not None:
            shown[key] = entry[key]
    if (title := entry.get("title") or (PurePosixPath(given).stem if given != name else None)) is not None:
        shown["title"] = title
    if name.startswith("SPOILER_"):
        shown["flags"] = int(AttachmentFlags.IS_SPOILER)
    return shown


def forget(world: World, channel_id: str, attachments: Sequence[Json]) -> None:
    """Take off the CDN what was uploaded in this channel; a copy of it elsewhere says that it was not there."""
    for one in attachments:
        path = one["url"].removeprefix(world.cdn_url)
        if path.startswith(f"/attachments/{channel_id}/"):
            world.attachments.pop(path, None)


def media_of(address: str, attachments: Sequence[Json], where: str) -> tuple[Json, Json | None]:
    """url, proxy_url and, where known, size and type; and the attachment where ``attachment://name`` was said."""
    if not address.startswith("attachment://"):
        return {"url": address, "proxy_url": address, "width": 0, "height": 0}, None
    name = address.removeprefix("attachment://")
    for one in attachments:
        if name in (one["filename"], one["filename"].removeprefix("SPOILER_")):
            known = ("url", "proxy_url", "width", "height", "content_type")
            return {key: one[key] for key in known if key in one}, one
    raise invalid(where, "The referenced attachment was not found", "MEDIA_ATTACHMENT_NOT_FOUND")


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or GIF; None for everything else."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return None

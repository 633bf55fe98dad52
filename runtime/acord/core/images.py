"""How an address on the content network is put together: what the builders of `acord.cdn` hand their arguments to.

Pure.  Source: Discord docs, API Reference > Image Formatting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import parse_qs, quote, urlsplit

from acord.core.errors import InvalidRequest
from acord.core.formatting import id_digits
from acord.core.types import SnowflakeLike

__all__ = ["ImageEndpoint", "attachment_expiry", "default_avatar_index"]

# Spelling in the address -> the documentation's name of the format.
_FORMAT: Final = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp", "gif": "gif", "json": "lottie"}
_EXTENSION: Final = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif", "lottie": "json"}
_DEFAULT_AVATARS: Final = 6


@dataclass(frozen=True, slots=True)
class ImageEndpoint:
    """One kind of image: where it lies, which formats there are, what tells that it is animated."""

    path: str
    """``avatars/{user_id}/{avatar}``; parameters that end in ``_id`` are ids."""
    formats: tuple[str, ...]
    """The documentation's names; the first one is the default."""
    host: str = field(kw_only=True)
    hosts: Mapping[str, str] = field(kw_only=True, default_factory=dict[str, str])
    """Formats that another host serves."""
    animated: Literal["hash", "argument", ""] = field(kw_only=True, default="")
    """Whether a hash that starts with ``a_`` or an argument of the call says that it moves."""
    sizes: tuple[int, int] | None = field(kw_only=True, default=(16, 4096))

    def url(self, values: Mapping[str, SnowflakeLike], format: str, *, size: int | None, animated: bool | None) -> str:
        """The address. InvalidRequest names the argument that Discord would not serve."""
        filled = {name: self._fill(name, value) for name, value in values.items()}
        moves = any(text.startswith("a_") for text in filled.values()) if self.animated == "hash" else bool(animated)
        if animated and not moves:
            raise InvalidRequest("animated", animated, "a hash that starts with a_: this image does not move")
        chosen = self._format(format, moves, animated)
        query: list[str] = []
        if size is not None:
            query.append(f"size={self._size(size)}")
        if chosen == "webp" and moves and animated is not False:
            query.append("animated=true")
        address = f"{self.hosts.get(chosen, self.host)}/{self.path.format_map(filled)}.{_EXTENSION[chosen]}"
        return f"{address}?{'&'.join(query)}" if query else address

    def _fill(self, name: str, value: SnowflakeLike) -> str:
        if name.endswith("_id"):
            return id_digits(value, name)
        if name == "index":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _DEFAULT_AVATARS:
                raise InvalidRequest(name, value, f"a number from 0 to {_DEFAULT_AVATARS - 1}")
            return str(int(value))
        if not isinstance(value, str) or not value.strip("."):
            raise InvalidRequest(name, value, "the hash of an image", fix="None means that there is no image")
        return quote(value, safe="")

    def _format(self, format: str, moves: bool, animated: bool | None) -> str:
        if format == "auto":
            return "webp" if moves and animated is not False and "webp" in self.formats else self.formats[0]
        chosen = _FORMAT.get(format, "")
        if chosen not in self.formats:
            offered = ", ".join(spelling for spelling, name in _FORMAT.items() if name in self.formats)
            raise InvalidRequest("format", format, f"auto or one of {offered}")
        if chosen == "gif" and self.animated and not moves:
            raise InvalidRequest("format", format, "another format: this image does not move")
        return chosen

    def _size(self, size: int) -> int:
        least, most = self.sizes or (0, 0)
        if isinstance(size, bool) or not least <= size <= most or size & (size - 1):
            raise InvalidRequest("size", size, f"a power of two from {least} to {most}")
        return size


def default_avatar_index(user: SnowflakeLike, discriminator: str | int = "0") -> int:
    """Which default avatar a user without one of their own has, for `default_user_avatar`.

    By the id; by the discriminator for an account that still has one (not ``"0"``).
    """
    number = int(discriminator)
    return number % 5 if number else (int(id_digits(user, "user")) >> 22) % _DEFAULT_AVATARS


def attachment_expiry(url: str) -> datetime | None:
    """When an attachment's signed address stops working, in UTC; None where it is not signed.

    Source: Discord docs, API Reference > Signed Attachment CDN URLs.
    """
    expires = parse_qs(urlsplit(url).query).get("ex", [""])[0]
    try:
        return datetime.fromtimestamp(int(expires, 16), UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""What an HTTP client offers beyond single requests; each is loaded by those who use it."""

from typing import TYPE_CHECKING, TypeVar, Unpack, cast

from acord.core.options import CallOptions
from acord.core.response import MAX_BODY

if TYPE_CHECKING:
    from acord.core.abc import PaginatedRoute
    from acord.core.call import Call
    from acord.core.download import Download, HasURL
    from acord.core.http import HTTPClient
    from acord.core.paginator import Pages

__all__ = ["Helpers"]

T = TypeVar("T")
Item = TypeVar("Item")


class Helpers:
    """A part of `HTTPClient`."""

    __slots__ = ()

    def paginate(
        self,
        route: "PaginatedRoute[T, Item]",
        max_items: int | None = None,
        *,
        cursor: str | None = None,
        by: str | None = None,
        prefetch: bool = True,
        **options: Unpack[CallOptions],
    ) -> "Pages[T, Item]":
        """All items of a route that has pages: ``async for message in http.paginate(list_messages(1))``.

        ``max_items`` ends it earlier; `Pages.pages` gives the answers whole. ``by`` is what moves,
        ``"before"`` or ``"after"`` where there is a choice; without it, what the route was given, else
        the operation's usual one. With both given, the other one is where the walk ends. ``cursor`` is
        `Pages.cursor` of an earlier walk over the same route. ``options`` hold for each page's request.
        Raises `InvalidRequest` for a route without pages or a cursor of another one.
        """
        from acord.core.paginator import Pages  # for those who walk

        def send(page: "PaginatedRoute[T, Item]") -> "Call[T]":
            return cast("HTTPClient", self).request(page, **options)

        return Pages(route, send, max_items=max_items, cursor=cursor, by=by, prefetch=prefetch)

    def download(
        self,
        source: "str | HasURL",
        *,
        start: int = 0,
        end: int | None = None,
        max_size: int = MAX_BODY,
        timeout: float | None = 600.0,
        deadline: float | None = None,
    ) -> "Download":
        """A file of Discord's content network, such as an attachment: await it for its bytes, or enter it.

        Bytes from ``start`` on and before ``end``.  Sent without a credential, to cdn.discordapp.com,
        media.discordapp.net and the origins that this client may send to; `UnsafeOrigin` for any other.
        Raises `DecodeError` where there is more than ``max_size`` bytes, else as `request`.
        """
        from acord.core.download import Download  # for those who download

        client = cast("HTTPClient", self)
        return Download(client, source, start=start, end=end, max_size=max_size, timeout=timeout, deadline=deadline)

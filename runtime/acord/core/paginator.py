"""Walks over all items of a route: sends what `pages` says, one page ahead of its reader."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Generic, TypeVar

from acord.core.abc import PaginatedRoute
from acord.core.errors import InvalidRequest
from acord.core.pages import Page, Spot, Walk

__all__ = ["Pages"]

T = TypeVar("T")
Item = TypeVar("Item")


class Pages(Generic[T, Item]):
    """All items of a route, page by page: ``async for item in http.paginate(...)``.

    Items come newest first where ``before`` moves, oldest first where ``after`` does, whatever the
    order inside a page. The next page is asked for while this one is read: once its second item is
    taken. A second loop goes on where the first one stopped.

    Raises what `HTTPClient.request` raises for a page; `cursor` then still is where to go on.
    """

    def __init__(
        self,
        route: PaginatedRoute[T, Item],
        send: Callable[[PaginatedRoute[T, Item]], Awaitable[T]],
        *,
        max_items: int | None = None,
        cursor: str | None = None,
        by: str | None = None,
        prefetch: bool = True,
    ) -> None:
        if max_items is not None and max_items < 0:
            raise InvalidRequest("max_items", max_items, "integer(0..), or None for all")
        self._walk = Walk(route, by=by, cursor=cursor)
        self._spot, self._send = self._walk.start, send
        self._left, self._prefetch = max_items, prefetch
        self._ended = False
        self.cut_off = False
        """Whether the walk ended at the last offset that Discord takes, with more behind it: narrow the search."""

    @property
    def by(self) -> str:
        """What moves from page to page: ``before``, ``after`` or ``offset``."""
        return self._walk.by

    @property
    def cursor(self) -> str | None:
        """Where it stands: behind the last item (or page) that was handed out. None where nothing was.

        Text without secrets, for ``paginate(route, cursor=...)`` of the same route in any process.
        """
        return self._walk.cursor(self._spot)

    def __aiter__(self) -> AsyncIterator[Item]:
        return self._items()

    async def _items(self) -> AsyncGenerator[Item]:
        async with aclosing(self._pages()) as pages:
            async for page, ahead in pages:
                for count, (item, spot) in enumerate(zip(page.items, page.spots, strict=True)):
                    if count == 1:
                        ahead()
                    self._spot = spot
                    if self._left is not None:
                        self._left -= 1
                    yield item
                    if self._left == 0:
                        return
                self._spot = page.end

    async def pages(self) -> AsyncGenerator[T]:
        """The answers whole, as Discord gives them, those with no new item left out.

        Ends with the page that reaches ``max_items``.
        """
        async with aclosing(self._pages()) as pages:
            async for page, ahead in pages:
                self._spot = page.end
                if page.items:
                    if self._left is not None:
                        self._left = max(0, self._left - len(page.items))
                    ahead()
                    yield page.value

    async def _pages(self) -> AsyncGenerator[tuple[Page[T, Item], Callable[[], None]]]:
        """Each page, and what to call once it is worth asking for the next one."""
        task: asyncio.Task[Page[T, Item]] | None = None
        spot = self._spot
        left = self._left
        try:
            while not self._ended and left != 0:
                page = await (self._fetch(spot, left) if task is None else task)
                task, spot = None, page.end
                left = None if left is None else max(0, left - len(page.items))
                self.cut_off = page.cut_off

                def ahead(page: Page[T, Item] = page, left: int | None = left) -> None:
                    nonlocal task
                    if task is None and self._prefetch and not page.last and left != 0:
                        task = asyncio.create_task(self._fetch(page.end, left), name="acord next page")
                        task.add_done_callback(_seen)

                yield page, ahead
                self._ended = page.last
        finally:
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    async def _fetch(self, spot: Spot, wanted: int | None) -> Page[T, Item]:
        route = self._walk.request(spot, wanted)
        return self._walk.read(spot, await self._send(route), wanted)


def _seen(task: "asyncio.Task[Any]") -> None:
    """A page that nobody takes any more may have failed: no word about it."""
    if not task.cancelled():
        task.exception()

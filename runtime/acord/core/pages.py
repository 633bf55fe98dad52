"""Pages: which request follows a page, which of its items are new, where a walk can be resumed.  Pure.

`paginator` sends the requests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

from acord.core.abc import PaginatedRoute
from acord.core.errors import HTTPError, InvalidRequest, ModelError
from acord.core.scalars import Timestamp
from acord.core.types import MISSING

__all__ = ["Page", "Spot", "Walk"]

T = TypeVar("T")
Item = TypeVar("Item")

LAST_ID: Final = 2**63 - 1  # no id is greater; Discord keeps them in a signed number
_TICK: Final = timedelta(microseconds=1)  # the resolution of Discord's timestamps
_NEVER: Final = frozenset[str]()


class Spot(NamedTuple):
    """A place between two items."""

    value: int | datetime | None
    """Of the last item before it; the number of items for ``offset``; None for the beginning."""
    edge: frozenset[str] = _NEVER
    """The items before it whose value is the same: a timestamp may be shared by several."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T, Item]):
    """One answer, read."""

    value: T
    items: Sequence[Item]
    """What the walk has not seen yet, in the order of the walk."""
    spots: Sequence[Spot]
    """The place behind each of them."""
    end: Spot
    last: bool
    cut_off: bool = False
    """Whether there is more that Discord gives to nobody."""


class Walk(Generic[T, Item]):
    """One way through all the items of a route, in one direction."""

    def __init__(self, route: PaginatedRoute[T, Item], *, by: str | None = None, cursor: str | None = None) -> None:
        if not isinstance(route, PaginatedRoute):  # pyright: ignore[reportUnnecessaryIsInstance]
            fix = "helpers of acord.routes make them, such as messages.list_messages(channel_id)"
            raise InvalidRequest("route", route, "a route that has pages", fix=fix)
        self.pagination = route.pagination
        operation = route.operation
        assert operation is not None  # it paginates
        given = dict(route.query)
        if "around" in given:
            raise InvalidRequest("around", given["around"], "before= or after=: around has one page only")
        self._shapes = {parameter.name: parameter.shape for parameter in operation.parameters}
        self.by = self._direction(by, given, cursor)
        """The query parameter that moves: ``before``, ``after`` or ``offset``."""
        self._timed = isinstance(self._shapes[self.by], Timestamp)
        self._most = self._limit(given)
        self._least = getattr(self._shapes["limit"], "min", None) or 1
        other = {"before": "after", "after": "before"}.get(self.by)
        self._bound = self._parse(given[other]) if other in given else None
        self._base = route.turn(**dict.fromkeys((other or "around",)), **self._needs(route.parameters))
        content = (route.path, sorted(pair for pair in route.query if pair[0] not in {self.by, "limit"}))
        self._mark = f"{operation.name}:{blake2b(repr(content).encode(), digest_size=6).hexdigest()}:{self.by}:"
        self.start = self._start(given, cursor)

    # Where it begins

    def _direction(self, by: str | None, given: Mapping[str, str], cursor: str | None) -> str:
        ways = [name for name in self.pagination.cursors if name != "around"]
        if by is None and cursor is not None:
            by = next((name for name in ways if f":{name}:" in cursor), None)
        if by is None:
            told = [name for name in ways if name in given]
            by = told[0] if len(told) == 1 else ways[0]
        if by not in ways:
            raise InvalidRequest("by", by, " or ".join(ways))
        return by

    def _limit(self, given: Mapping[str, str]) -> int:
        return int(given["limit"]) if "limit" in given else self.pagination.limit

    def _needs(self, parameters: Mapping[str, object]) -> dict[str, object]:
        for name, value in self.pagination.needs.items():
            if parameters.get(name, MISSING) not in (MISSING, None, value):
                raise InvalidRequest(name, parameters[name], f"{value}: without it there are no pages")
        return dict(self.pagination.needs)

    def _start(self, given: Mapping[str, str], cursor: str | None) -> Spot:
        if cursor is not None:
            return self._resume(cursor)
        if self.by in given:
            return Spot(self._parse(given[self.by]))
        # Where nothing is said, Discord begins with one end; the other one must be named.
        if self.by == "after" and self.pagination.order != "oldest_first":
            return Spot(0)
        if self.by == "before" and self.pagination.order == "oldest_first":
            return Spot(LAST_ID)
        return Spot(None)

    def _parse(self, text: str) -> int | datetime:
        if not self._timed:
            return int(text)
        when = datetime.fromisoformat(text)
        return when if when.tzinfo else when.replace(tzinfo=UTC)

    # What is kept between two runs of a program

    def cursor(self, spot: Spot) -> str | None:
        """The place as text that another process can go on from; None at the very beginning."""
        if spot.value is None:
            return None
        value = spot.value.isoformat() if isinstance(spot.value, datetime) else str(spot.value)
        return self._mark + "~".join((value, *sorted(spot.edge)))

    def _resume(self, cursor: str) -> Spot:
        if not cursor.startswith(self._mark):
            fix = "the route must be the same, arguments included, but for limit and the cursor itself"
            raise InvalidRequest("cursor", cursor, f"a cursor of {self._mark.split(':', 1)[0]}", fix=fix)
        value, *edge = cursor.removeprefix(self._mark).split("~")
        try:
            return Spot(self._parse(value), frozenset(edge))
        except ValueError:
            raise InvalidRequest("cursor", cursor, "a cursor as it was given") from None

    # From page to page

    def request(self, spot: Spot, wanted: int | None = None) -> PaginatedRoute[T, Item]:
        """The request for what lies behind a place; no more than ``wanted`` items where that can be said."""
        changes: dict[str, object] = {"limit": self._asked(spot, wanted)}
        if spot.value is not None:
            value = spot.value
            # Exclusive: to see what shares the last timestamp, it is asked for once more.
            changes[self.by] = value + _TICK if isinstance(value, datetime) and spot.edge else value
        return self._base.turn(**changes)

    def _asked(self, spot: Spot, wanted: int | None) -> int:
        if self.by == "offset":  # offsets count what was asked for, not what came
            return self._most
        most = self._most if wanted is None else min(self._most, wanted)
        return min(max(self._most, self.pagination.limit), max(most + len(spot.edge), self._least))

    def read(self, spot: Spot, page: T, wanted: int | None = None) -> Page[T, Item]:
        """What ``page``, the answer to `request` with the same arguments, holds.

        Raises `HTTPError` 202 for a search that is not ready yet, `ModelError` for an answer without items or
        cursors in it.
        """
        found = _dig(page, self.pagination.item)
        if not isinstance(found, (list, tuple)):
            raise self._no_page(page)
        items = cast("Sequence[Item]", found)
        more = _dig(page, self.pagination.more) if self.pagination.more else None
        if self.by == "offset":
            return self._read_offset(spot, page, items, more)
        last = not items or (not more if isinstance(more, bool) else len(items) < self._asked(spot, wanted))
        keyed = sorted(((self._key(item), item) for item in items), key=_first, reverse=self.by == "before")
        fresh = [(key, item) for key, item in keyed if self._is_new(spot, key, item)]
        inside = [(key, item) for key, item in fresh if self._is_inside(key)]
        if not fresh and items and not last:
            if not spot.edge:
                raise self._broken(self.pagination.item, "the page repeats the one before")
            return Page(page, (), (), Spot(spot.value), last=False)  # a whole page of one timestamp: step over it
        spots: list[Spot] = []
        for key, item in inside:
            spot = self._behind(spot, key, item)
            spots.append(spot)
        return Page(page, [item for _, item in inside], spots, spot, last or len(inside) < len(fresh))

    def _read_offset(self, spot: Spot, page: T, items: Sequence[Item], more: object) -> Page[T, Item]:
        begin = cast("int", spot.value or 0)
        end = begin + self._most
        total = _dig(page, self.pagination.total) if self.pagination.total else None
        if isinstance(more, bool):
            last = not more
        else:
            # Pages of a search may be short and yet not the last (Resources > Message > Search Guild Messages).
            last = end >= total if isinstance(total, int) else len(items) < self._most
        last = last or not items
        most = self.pagination.max_offset
        cut_off = not last and most is not None and end > most
        spots = [Spot(begin + count) for count in range(1, len(items))]
        return Page(page, items, [*spots, Spot(end)][: len(items)], Spot(end), last or cut_off, cut_off)

    def _key(self, item: object) -> int | datetime:
        value = _dig(item, self.pagination.key)
        try:
            if not self._timed:
                return int(value)
            return value if isinstance(value, datetime) else self._parse(value)
        except (TypeError, ValueError):
            raise self._broken(self.pagination.key, "an item without it: there is no way to the next page") from None

    def _is_new(self, spot: Spot, key: Any, item: object) -> bool:
        at: Any = spot.value
        if at is None or (key < at if self.by == "before" else key > at):
            return True
        return bool(key == at and spot.edge) and _identity(item) not in spot.edge

    def _is_inside(self, key: Any) -> bool:
        bound: Any = self._bound
        return bound is None or (key > bound if self.by == "before" else key < bound)

    def _behind(self, spot: Spot, key: int | datetime, item: object) -> Spot:
        if not self._timed:
            return Spot(key)
        return Spot(key, (spot.edge if key == spot.value else _NEVER) | {_identity(item)})

    def _no_page(self, page: object) -> Exception:
        if _dig(page, "retry_after") is not None:
            code, text = _dig(page, "code"), _dig(page, "message")
            return HTTPError(202, code if isinstance(code, int) else 0, str(text or ""), route=self._base)
        return self._broken(self.pagination.item, "no list")

    def _broken(self, where: str, what: str) -> ModelError:
        return ModelError(str(self._base.returns), [(where, what)])


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def _dig(value: Any, path: str) -> Any:
    """What lies at a path in models, mappings, or both; None where nothing does."""
    for name in path.split(".") if path else ():
        known = isinstance(value, Mapping)
        value = cast("Mapping[str, Any]", value).get(name) if known else getattr(value, name, None)
    return value


def _identity(item: object) -> str:
    """What tells items of one timestamp apart."""
    found = next((one for path in ("id", "message.id", "user_id") if (one := _dig(item, path)) is not None), "")
    return str(found)

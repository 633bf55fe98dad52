"""A Discord that has nothing but lists: it answers routes with pages, as the specification says of each operation."""

from datetime import UTC, datetime, timedelta
from typing import Any

from acord.core import base
from acord.core.abc import PaginatedRoute
from acord.core.operation import Operation
from acord.core.scalars import Timestamp

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
PATH = {"emoji_name": "x", "answer_id": 1}


def first_page(operation: Operation, **query: object) -> PaginatedRoute[Any, Any]:
    """A route for the operation, with something for each part of its path."""
    names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
    return operation.paginated_route({name: PATH.get(name, 10 + n) for n, name in enumerate(names)}, query)


class Listing:
    """``keys`` are the items, by ids or, where the operation goes by time, microseconds since `BEGIN`."""

    def __init__(self, operation: Operation, keys: range | list[int], *, typed: bool = True) -> None:
        assert operation.paginates is not None
        self.operation, self.pagination, self.typed = operation, operation.paginates, typed
        self.keys = sorted(keys)
        self.asked: list[dict[str, str]] = []
        shapes = {parameter.name: parameter.shape for parameter in operation.parameters}
        self.timed = isinstance(shapes[self.pagination.cursors[0]], Timestamp)

    async def __call__(self, route: PaginatedRoute[Any, Any]) -> Any:
        query = dict(route.query)
        self.asked.append(query)
        answer = self.answer(query)
        return base.load(str(self.operation.answer), answer, strict=False) if self.typed else answer

    def answer(self, query: dict[str, str]) -> Any:
        limit = int(query["limit"])
        page, more = self.page(query, limit)
        items = [self.item(number, key) for number, key in page]
        answer: Any = items
        if self.pagination.item:
            answer = {self.pagination.item: items}
            if self.pagination.more:
                answer[self.pagination.more] = more
            if self.pagination.total:
                answer[self.pagination.total] = len(self.keys)
        return answer

    def page(self, query: dict[str, str], limit: int) -> tuple[list[tuple[int, int]], bool]:
        numbered = list(enumerate(self.keys))
        newest_first = self.pagination.order != "oldest_first"
        if "offset" in query or "offset" in self.pagination.cursors:
            rest = numbered[int(query.get("offset", 0)) :]
            return rest[:limit], len(rest) > limit
        assert len({"before", "after"} & query.keys()) < 2
        if "before" in query:
            rest = [(n, key) for n, key in numbered if key < self.read(query["before"])]
        elif "after" in query:
            rest = [(n, key) for n, key in numbered if key > self.read(query["after"])]
        else:
            rest = numbered
        from_the_end = "before" in query or (newest_first and "after" not in query)
        page = rest[-limit:] if from_the_end else rest[:limit]
        return page[::-1] if newest_first else page, len(rest) > limit

    def read(self, text: str) -> int:
        if not self.timed:
            return int(text)
        return (datetime.fromisoformat(text) - BEGIN) // timedelta(microseconds=1)

    def item(self, number: int, key: int) -> Any:
        value: Any = (BEGIN + timedelta(microseconds=key)).isoformat() if self.timed else str(key)
        *outer, last = self.pagination.key.split(".")
        item: Any = {last: value}
        for name in reversed(outer):
            item = {name: item}
        if "id" not in item:
            item["id"] = str(number)
        return [item] if self.pagination.nested else item

    def number(self, item: Any) -> int:
        """Which item it is, from 0."""
        item = item[0] if self.pagination.nested else item
        if self.timed:
            return int(find(item, "id"))
        return self.keys.index(int(find(item, self.pagination.key)))


def find(item: Any, path: str) -> Any:
    for name in path.split("."):
        item = item[name] if isinstance(item, dict) else getattr(item, name)
    return item

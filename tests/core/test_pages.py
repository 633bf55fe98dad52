"""Pages: every operation that has them walks over all of its items, in each direction, none twice, none missing."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from acord.core.errors import HTTPError, InvalidRequest, ModelError, NotFound
from acord.core.pages import Walk
from acord.core.paginator import Pages
from acord.routes import OPERATIONS
from acord.sandbox.faults import answer
from tests.core.http_kit import GET_ME
from tests.core.listing import Listing, first_page
from tests.turning import until

PAGINATED = {name: operation for name, operation in OPERATIONS.items() if operation.paginates}
WAYS = [
    pytest.param(operation, by, id=f"{name}-{by}")
    for name, operation in PAGINATED.items()
    for by in operation.paginates.cursors  # type: ignore[union-attr]
    if by != "around"
]
MESSAGES = OPERATIONS["list_messages"]
PINS = OPERATIONS["list_pins"]
SEARCH = OPERATIONS["guild_search"]
SMALL = 2  # items of a page: the least that every operation allows


def walk(listing: Listing, route: Any = None, **kwds: Any) -> Pages[Any, Any]:
    if route is None:
        route = first_page(listing.operation, limit=SMALL)
    return Pages(route, listing, **kwds)


async def numbers(listing: Listing, pages: Pages[Any, Any]) -> list[int]:
    return [listing.number(item) async for item in pages]


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "raw"])
@pytest.mark.parametrize(("operation", "by"), WAYS)
@pytest.mark.parametrize("count", [0, 1, 2 * SMALL, 2 * SMALL + 1])
async def test_every_operation_walks_over_all_of_its_items(operation: Any, by: str, count: int, typed: bool) -> None:
    listing = Listing(operation, range(100, 100 + count), typed=typed)

    seen = await numbers(listing, walk(listing, by=by))

    assert list(range(count))[:: -1 if by == "before" else 1] == seen


@pytest.mark.parametrize(("operation", "by"), WAYS)
async def test_every_operation_asks_three_times_for_three_pages(operation: Any, by: str) -> None:
    listing = Listing(operation, range(100, 100 + 2 * SMALL + 1))

    await numbers(listing, walk(listing, by=by))

    assert 3 == len(listing.asked)
    # What shares the last timestamp comes a second time.
    assert [SMALL, *[SMALL + listing.timed] * 2] == [int(query["limit"]) for query in listing.asked]


@pytest.mark.parametrize(("operation", "by"), WAYS)
async def test_every_walk_can_be_resumed_behind_any_item(operation: Any, by: str) -> None:
    count = 2 * SMALL + 1
    listing = Listing(operation, range(100, 100 + count))
    whole = await numbers(listing, walk(listing, by=by))

    for stop in range(1, count):
        first = walk(listing, by=by)
        begun = []
        async for item in first:
            begun.append(listing.number(item))
            if len(begun) == stop:
                break
        rest = await numbers(listing, walk(listing, cursor=first.cursor))

        assert whole == begun + rest


@pytest.mark.parametrize(("operation", "by"), WAYS)
async def test_every_operation_gives_its_answers_whole(operation: Any, by: str) -> None:
    listing = Listing(operation, range(100, 100 + 2 * SMALL + 1), typed=False)

    answers = [page async for page in walk(listing, by=by).pages()]

    assert 3 == len(answers)
    key = operation.paginates.item
    assert [2, 2 + listing.timed, 1 + listing.timed] == [len(page[key] if key else page) for page in answers]


async def test_the_largest_page_is_asked_for_unless_told_otherwise() -> None:
    listing = Listing(MESSAGES, range(150))

    await numbers(listing, walk(listing, first_page(MESSAGES)))

    assert ["100", "100"] == [query["limit"] for query in listing.asked]


async def test_no_more_is_asked_for_than_is_wanted() -> None:
    listing = Listing(MESSAGES, range(500))

    seen = await numbers(listing, walk(listing, first_page(MESSAGES), max_items=130))

    assert 130 == len(seen)
    assert ["100", "30"] == [query["limit"] for query in listing.asked]


async def test_no_less_is_asked_for_than_the_operation_allows() -> None:
    archive = OPERATIONS["list_public_archived_threads"]
    listing = Listing(archive, range(9))

    assert 1 == len(await numbers(listing, walk(listing, first_page(archive), max_items=1)))
    assert "2" == listing.asked[0]["limit"]


@pytest.mark.parametrize("max_items", [0, 1, 4, 5])
async def test_max_items_ends_the_walk(max_items: int) -> None:
    listing = Listing(MESSAGES, range(100))

    assert max_items == len(await numbers(listing, walk(listing, max_items=max_items)))
    assert -(-max_items // SMALL) == len(listing.asked)


async def test_before_given_goes_back_from_there_and_after_forward() -> None:
    listing = Listing(MESSAGES, range(10))

    assert [2, 1, 0] == await numbers(listing, walk(listing, first_page(MESSAGES, before=3, limit=2)))
    assert [7, 8, 9] == await numbers(listing, walk(listing, first_page(MESSAGES, after=6, limit=2)))


@pytest.mark.parametrize(("by", "expected"), [(None, [6, 5, 4]), ("before", [6, 5, 4]), ("after", [4, 5, 6])])
async def test_both_given_are_the_two_ends(by: str | None, expected: list[int]) -> None:
    listing = Listing(MESSAGES, range(20))

    seen = await numbers(listing, walk(listing, first_page(MESSAGES, after=3, before=7, limit=2), by=by))

    assert expected == seen
    assert len(listing.asked) < 4


async def test_around_has_no_next_page() -> None:
    with pytest.raises(InvalidRequest, match="around has one page only"):
        Walk(first_page(MESSAGES, around=5))


@pytest.mark.parametrize("shared", [2, 3, 5])
async def test_items_that_share_a_timestamp_are_neither_lost_nor_doubled(shared: int) -> None:
    keys = [10, *[20] * shared, 30, 30, 40]
    listing = Listing(PINS, keys)

    seen = await numbers(listing, walk(listing, first_page(PINS, limit=3)))

    assert len(set(seen)) == len(seen)
    # Discord names no second key: of more than a page of one timestamp the rest cannot be reached.
    assert {0, len(keys) - 1, len(keys) - 2, len(keys) - 3} <= set(seen)
    assert shared > 2 or len(keys) == len(seen)


async def test_a_walk_that_shares_a_timestamp_can_be_resumed() -> None:
    listing = Listing(PINS, [10, 20, 20, 20, 30])
    first = walk(listing, first_page(PINS, limit=5))
    async for item in first:
        if listing.number(item) == 2:
            break

    rest = await numbers(listing, walk(listing, first_page(PINS, limit=5), cursor=first.cursor))

    assert 5 == len({4, 3, 2, 1, *rest})
    assert 2 not in rest
    assert 4 not in rest


async def test_the_last_offset_ends_a_search_and_says_so() -> None:
    listing = Listing(SEARCH, range(20_000), typed=False)
    pages = walk(listing, first_page(SEARCH))

    seen = await numbers(listing, pages)

    assert list(range(10_000)) == seen
    assert "9975" == listing.asked[-1]["offset"]
    assert pages.cut_off


async def test_a_short_page_of_a_search_is_not_the_last() -> None:
    listing = Listing(SEARCH, range(60), typed=False)

    async def forgetful(route: Any) -> Any:
        answer = await listing(route)
        answer["messages"] = answer["messages"][:-1]
        return answer

    seen = [listing.number(item) async for item in Pages(first_page(SEARCH), forgetful)]

    assert [n for n in range(60) if n not in (24, 49, 59)] == seen


async def test_a_search_that_is_not_ready_says_so() -> None:
    async def unready(route: Any) -> Any:
        return {"message": "Index not yet available.", "code": 110000, "retry_after": 2}

    with pytest.raises(HTTPError) as caught:
        await anext(aiter(Pages(first_page(SEARCH), unready)))

    assert (202, 110000) == (caught.value.status, caught.value.code)


async def test_an_answer_without_its_list_is_named() -> None:
    async def empty(route: Any) -> Any:
        return {"something": "else"}

    with pytest.raises(ModelError, match="items: no list"):
        await anext(aiter(Pages(first_page(PINS), empty)))


async def test_an_item_without_its_key_is_named() -> None:
    async def nameless(route: Any) -> Any:
        return [{"content": "hi"}]

    with pytest.raises(ModelError, match="id: an item without it"):
        await anext(aiter(Pages(first_page(MESSAGES), nameless)))


async def test_a_server_that_repeats_itself_does_not_loop_for_ever() -> None:
    async def stuck(route: Any) -> Any:
        return [{"id": "7"}, {"id": "6"}]

    with pytest.raises(ModelError, match="repeats the one before"):
        async for _ in Pages(first_page(MESSAGES, limit=2), stuck):
            pass


async def test_more_that_never_comes_ends() -> None:
    async def promising(route: Any) -> Any:
        return {"items": [], "has_more": True}

    assert [] == [item async for item in Pages(first_page(PINS), promising)]


async def test_what_a_walk_needs_is_added() -> None:
    members = OPERATIONS["list_thread_members"]
    listing = Listing(members, range(3))

    await numbers(listing, walk(listing))

    assert {"true"} == {query["with_member"] for query in listing.asked}


def test_what_a_walk_needs_cannot_be_refused() -> None:
    with pytest.raises(InvalidRequest, match="with_member: expected True: without it there are no pages"):
        Walk(first_page(OPERATIONS["list_thread_members"], with_member=False))


@pytest.mark.parametrize(
    ("route", "kwds"),
    [
        (OPERATIONS["list_messages"].paginated_route({"channel_id": 11}, {}), {}),
        (first_page(PINS), {}),
        (first_page(MESSAGES), {"by": "after"}),
    ],
    ids=["another channel", "another operation", "another direction"],
)
async def test_a_cursor_of_another_route_is_refused(route: Any, kwds: dict[str, str]) -> None:
    listing = Listing(MESSAGES, range(5))
    pages = walk(listing)
    await anext(aiter(pages))

    with pytest.raises(InvalidRequest, match="cursor: expected a cursor of"):
        Walk(route, cursor=pages.cursor, **kwds)


@pytest.mark.parametrize("cursor", ["", "nonsense", "list_messages:::", "list_messages:0:before:1"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        Walk(first_page(MESSAGES), cursor=cursor)


def test_a_damaged_cursor_is_refused() -> None:
    walked = Walk(first_page(MESSAGES))
    cursor = walked.cursor(walked.start._replace(value=7))
    assert cursor is not None

    with pytest.raises(InvalidRequest, match="as it was given"):
        Walk(first_page(MESSAGES), cursor=cursor + "x")


def test_a_cursor_does_not_depend_on_the_size_of_pages() -> None:
    small, large = Walk(first_page(MESSAGES, limit=2)), Walk(first_page(MESSAGES))

    cursor = small.cursor(small.start._replace(value=7))

    assert 7 == Walk(first_page(MESSAGES), cursor=cursor).start.value
    assert large.cursor(large.start._replace(value=7)) == cursor


def test_a_route_without_pages_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="a route that has pages"):
        Walk(GET_ME.route({}, {}))  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["around", "offset", "sideways"])
def test_only_the_operations_own_ways_can_be_walked(by: str) -> None:
    with pytest.raises(InvalidRequest, match="by: expected before or after"):
        Walk(first_page(MESSAGES), by=by)


def test_a_time_without_zone_is_taken_for_utc() -> None:
    assert datetime(2024, 5, 1, tzinfo=UTC) == Walk(first_page(PINS, before="2024-05-01T00:00:00")).start.value


async def test_the_next_page_is_asked_for_while_this_one_is_read() -> None:
    listing = Listing(MESSAGES, range(9))
    items = aiter(walk(listing))

    await anext(items)
    await asyncio.sleep(0)
    assert 1 == len(listing.asked)
    await anext(items)
    await asyncio.sleep(0)

    assert 2 == len(listing.asked)
    await items.aclose()  # type: ignore[attr-defined]


async def test_one_page_ahead_and_no_more() -> None:
    listing = Listing(MESSAGES, range(50))
    pages = walk(listing).pages()

    await anext(pages)
    for _ in range(20):
        await asyncio.sleep(0)

    assert 2 == len(listing.asked)
    await pages.aclose()


async def test_without_prefetch_nothing_is_asked_for_ahead() -> None:
    listing = Listing(MESSAGES, range(9))
    pages = walk(listing, prefetch=False).pages()

    await anext(pages)
    await asyncio.sleep(0)

    assert 1 == len(listing.asked)
    await pages.aclose()


async def test_leaving_the_loop_ends_the_request_under_way() -> None:
    listing, ended = Listing(MESSAGES, range(9)), asyncio.Event()

    async def slow(route: Any) -> Any:
        if listing.asked:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
        return await listing(route)

    items = aiter(Pages(first_page(MESSAGES, limit=2), slow))
    await anext(items)
    await anext(items)
    await asyncio.sleep(0)
    await items.aclose()  # type: ignore[attr-defined]

    assert ended.is_set()


async def test_a_failed_page_ahead_that_nobody_takes_is_not_complained_about() -> None:
    listing = Listing(MESSAGES, range(9))
    failed = asyncio.Event()

    async def failing(route: Any) -> Any:
        if listing.asked:
            failed.set()
            raise NotFound(404)
        return await listing(route)

    pages = Pages(first_page(MESSAGES, limit=2), failing).pages()
    await anext(pages)
    await until(failed.is_set)
    await pages.aclose()  # a complaint would be a warning, and those are errors here


async def test_after_a_failure_the_walk_goes_on_where_it_was() -> None:
    listing, fail = Listing(MESSAGES, range(6)), [False, True, False, False, False]

    async def failing(route: Any) -> Any:
        if fail.pop(0):
            raise NotFound(404)
        return await listing(route)

    pages: Pages[Any, Any] = Pages(first_page(MESSAGES, limit=2), failing)
    seen: list[int] = []

    async def go_on() -> None:
        async for item in pages:
            seen.append(listing.number(item))  # noqa: PERF401 - kept although the loop fails

    with pytest.raises(NotFound):
        await go_on()
    await go_on()

    assert [5, 4, 3, 2, 1, 0] == seen


async def test_a_client_walks_with_the_options_of_the_call(rest: Callable[..., Any]) -> None:
    page = [{"id": "9"}, {"id": "8"}]
    r = await rest(answer(200, page), answer(200, page[:1]), answer(200, []))

    walked = r.http.paginate(first_page(MESSAGES, limit=2), auth=None, deadline=5.0, prefetch=False)
    ids = [message.id async for message in walked]

    assert [9, 8] == ids
    assert "/api/v10/channels/10/messages?limit=2" == r.server.seen[0].target
    assert "/api/v10/channels/10/messages?limit=2&before=8" == r.server.seen[1].target
    assert walked.cursor is not None


def test_a_walk_that_has_not_begun_has_no_cursor() -> None:
    walk = Walk(first_page(MESSAGES))

    assert walk.cursor(walk.start) is None


async def test_a_whole_page_of_one_timestamp_is_stepped_over() -> None:
    def pin(number: int, second: int) -> dict[str, Any]:
        return {"pinned_at": f"2026-01-01T00:00:0{second}+00:00", "message": {"id": str(number)}}

    same = {"items": [pin(2, 5), pin(1, 5)], "has_more": True}
    answers = iter([same, same, {"items": [pin(0, 4)], "has_more": False}])

    async def server(route: Any) -> Any:
        return next(answers)

    seen = [item["message"]["id"] async for item in Pages(first_page(PINS, limit=2), server)]

    assert ["2", "1", "0"] == seen

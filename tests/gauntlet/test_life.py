"""Calls that are cancelled, clients that are closed: nothing may be left, and the next request must work."""

import asyncio
import itertools
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest

from acord.core import errors
from acord.core.types import File
from acord.sandbox.faults import Script, Step, answer, on_head, read, send, shut, stall
from tests.core.http_kit import GET_ME, ME, awaited
from tests.gauntlet.kit import CREATE, OK, Rest, leftovers, limited, refused
from tests.turning import until

LARGE = b"[" + b"1," * 1_500_000 + b"1]"


async def _plain(r: Rest) -> None:
    await r.get()


async def _upload(r: Rest) -> None:
    await r.create(files=[File(b"x" * 200_000, filename="a.bin")])


async def _streamed(r: Rest) -> None:
    async with r.http.request(GET_ME.route({}, {})) as response:
        async for _ in response.iter_bytes():
            await asyncio.sleep(0)


SCENES: dict[str, tuple[tuple[Script | Step, ...], Callable[[Rest], Any]]] = {
    "an answer": ((OK,), _plain),
    "a compressed answer": ((answer(200, ME, zipped=True),), _plain),
    "an upload": ((OK,), _upload),
    "a large answer": ((answer(200, LARGE),), _streamed),
    "a failure and a pause": ((answer(502), OK), _plain),
    "a 429 and its wait": ((refused(5.0, headers=limited(0, 5.0)), OK), _plain),
    "a refusal": ((answer(404, {"message": "No.", "code": 1}),), _plain),
}


WAITING = {"a failure and a pause", "a 429 and its wait"}  # time must pass in them, and none does while the loop turns


@types.coroutine
def _at_await(what: Coroutine[Any, Any, Any], number: int, late: bool) -> Generator[Any, Any, Any]:
    """Cancelled at its await of that number: as the wait begins, or ``late``, when its result is there already."""
    task = asyncio.current_task()
    assert task is not None
    for step in itertools.count():
        try:
            waiter = what.send(None)
        except StopIteration:
            return
        if step == number and late and waiter is not None:
            waiter.add_done_callback(lambda _: task.cancel())
        elif step == number:
            task.cancel()
        try:
            yield waiter
        except asyncio.CancelledError as exc:
            what.throw(exc)  # raises it again: nothing may swallow it
            raise AssertionError("the call went on after it was cancelled") from None


async def _driven(what: Any, number: int, late: bool) -> None:
    await _at_await(what, number, late)


async def _after_turns(what: Any, number: int) -> None:
    """Cancelled when the event loop has turned so often."""
    task = asyncio.ensure_future(what)
    for _ in range(number):
        await asyncio.sleep(0)
    task.cancel()
    await task


@pytest.mark.parametrize(
    ("scene", "how"),
    [
        *itertools.product(SCENES, ["at its await", "late at its await"]),
        *((scene, "at a turn of the loop") for scene in SCENES if scene not in WAITING),
    ],
)
async def test_R38_a_call_that_is_cancelled_at_any_step_leaves_nothing_behind(
    rest: Any, wire: Any, scene: str, how: str
) -> None:
    """At step k for all k, until the call is over before step k comes."""
    scripts, use = SCENES[scene]
    transport = wire(pool_size=3)
    r: Rest = await rest(*scripts, connector=transport)
    before, number, cancelled = asyncio.all_tasks(), 0, True
    while cancelled:
        r.server.turn = 0
        r.time.now += 20.0  # what an earlier round left unclear is over
        what = use(r)
        run = _after_turns(what, number) if how == "at a turn of the loop" else _driven(what, number, how[0] == "l")
        (result,) = await asyncio.gather(run, return_exceptions=True)
        cancelled = isinstance(result, asyncio.CancelledError)
        assert cancelled or result is None or isinstance(result, errors.NotFound), repr(result)
        await _settled(lambda: not transport.running)
        r.time.now += 3.0  # a request that nobody waits for may still be counted for two seconds
        snapshot = r.limiter.snapshot()
        assert (0, 0, 0) == (snapshot.in_flight, snapshot.waiting, len(r.http.waits))
        await _settled(lambda: not leftovers(before))
        number += 1

    r.server.turn, r.server.scripts = 0, (Script((OK,)),)
    assert [7] * 6 == [one.id for one in await asyncio.gather(*(r.get() for _ in range(6)))]
    assert r.server.open <= 3
    assert number > 2


async def _settled(done: Callable[[], bool]) -> None:
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0)
    raise AssertionError("what nobody wants goes on")


async def test_R38_a_call_cancelled_while_its_upload_stalls_frees_its_connection(rest: Any, wire: Any) -> None:
    r: Rest = await rest(on_head(read(10), stall()), OK, connector=wire(pool_size=1))
    task = r.start(r.create(files=[File(b"x" * 9_000_000, filename="a")]))
    await until(lambda: r.server.seen)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert 7 == (await r.get()).id


async def test_R38_cancelling_while_the_client_closes_ends_as_a_cancellation(rest: Any) -> None:
    r: Rest = await rest(answer(200, ME, limited(0, 50.0, limit=1)))
    await r.create()
    task = r.start(r.create())
    await until(lambda: r.limiter.awaiting_requests)

    task.cancel()
    await r.http.logout()

    (result,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(result, asyncio.CancelledError)


@pytest.mark.parametrize("where", ["limiter", "pause", "exchange", "body", "pool"])
async def test_R40_closing_ends_calls_wherever_they_are(rest: Any, wire: Any, where: str) -> None:
    scripts: dict[str, tuple[Script | Step, ...]] = {
        "limiter": (answer(200, ME, limited(0, 500.0, limit=1)),),
        "pause": (answer(503, None, {"Retry-After": "500"}),),
        "exchange": (stall(),),
        "body": (on_head(send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), stall()),),
        "pool": (stall(),),
    }
    r: Rest = await rest(*scripts[where], connector=wire(pool_size=1))
    calls = [r.start(r.create()), r.start(r.get() if where in ("exchange", "pool") else r.create())]
    if where == "limiter":
        await calls[0]
        await until(lambda: r.limiter.awaiting_requests)
    elif where == "pause":
        await until(lambda: 500 in r.time.slept)
    else:
        await until(lambda: r.server.seen)

    begun = r.time.now
    await r.http.logout()
    results = await asyncio.gather(*calls, return_exceptions=True)

    assert r.time.now - begun <= 5
    ended = results[1:] if where == "limiter" else results
    assert [errors.ClientClosed] * len(ended) == [type(one) for one in ended]
    assert (0, 0) == (len(r.http.waits), r.limiter.awaiting_requests)


async def test_R40_after_logout_requests_fail_clearly_and_login_opens_again(rest: Any) -> None:
    r: Rest = await rest(OK)
    await r.http.logout()

    with pytest.raises(errors.ClientClosed):
        await r.get()

    assert ME == await r.http.login()
    assert ME == await r.http.login()
    assert 7 == (await r.get()).id


async def test_R40_a_server_that_never_closes_its_side_does_not_hold_us(rest: Any) -> None:
    r: Rest = await rest(on_head(send("HTTP/1.1 200 OK\r\n\r\nx"), shut, stall()), stall())
    task = r.start(awaited(r.http.request(CREATE.route({"channel_id": 1}, {}, {"content": "x"}))))
    await until(lambda: r.server.seen)

    begun = r.time.now
    await r.http.logout()
    await asyncio.gather(task, return_exceptions=True)

    assert r.time.now - begun <= 5


async def test_R36_http2_is_not_offered(rest: Any) -> None:
    """Its faults cannot happen: without h2 installed the client never speaks it, and nothing installs it."""
    r: Rest = await rest(OK)

    await r.get()

    assert not getattr(r.http.connection, "_http2", False)
    assert r.server.seen[0].headers.keys().isdisjoint({"upgrade", "http2-settings"})


async def test_R40_a_call_that_breaks_as_its_client_closes_does_not_pause_before_it_ends(rest: Any) -> None:
    """It would be tried again, after a while: there was no wait that closing could have ended."""
    r: Rest = await rest(stall())
    call = r.start(r.get())
    await until(lambda: r.server.seen)

    begun = r.time.now
    await r.http.logout()
    with pytest.raises(errors.ClientClosed):
        await call

    assert 0.0 == pytest.approx(r.time.now - begun, abs=0.01)

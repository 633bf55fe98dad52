"""Whatever goes wrong between a client and the REST API, in whatever order: calls end in time, nothing is refused that
need not be, and nothing stays behind.
"""

import asyncio
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from acord import routes
from acord.core.abc import Route
from acord.core.errors import ACordError
from acord.sandbox import faults
from tests.invariants.life import CLOSES, Life, bounded

LATE = 0.1  # seconds after its deadline in which a call may still be ending
HTML = b"<html>bad gateway</html>"
# None of them is a success: one without limit headers says that there is no limit, which the sandbox's own belie.
FAULTS: dict[str, tuple[faults.Step, ...]] = {
    "500": (faults.answer(500, {"message": "500: Internal Server Error", "code": 0}),),
    "502": (faults.answer(502, HTML, kind="text/html"),),
    "503": (faults.answer(503, None, {"Retry-After": "2"}),),
    "504": (faults.answer(504, HTML, kind="text/html"),),
    "404": (faults.answer(404, {"message": "Unknown Message", "code": 10008}),),
    "reset": (faults.reset,),
    "cut": (faults.cut,),
    "half a head": (faults.send("HTTP/1.1 500 No\r\nContent-Le"), faults.cut),
    "half a body": (faults.send("HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\n{"), faults.cut),
    "no HTTP": (faults.send(b"\x16\x03\x01\x02\x00\x01 what\r\n\r\n"), faults.cut),
    "silence": (faults.stall(40.0), faults.cut),
    "a trickle": (
        faults.send("HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\n"),
        faults.trickle(b" ", 2.0, 20),
        faults.cut,
    ),
    "corrupt gzip": (faults.answer(500, b"\x1f\x8b no gzip", {"Content-Encoding": "gzip"}),),
    "deep JSON": (faults.answer(500, b"[" * 50_000),),
    "floods of headers": (faults.answer(500, {}, {f"X-{number}": "y" for number in range(300)}),),
}
OPERATIONS = ("create_message", "get_channel", "list_messages", "update_message", "delete_message", "*")

# From the start on: a limit that changes under a client costs it a 429. Deletions keep their everyday limits: those of
# old messages and of young ones are counted apart, and one limit over both is none of Discord's.
LIMITS = st.dictionaries(
    st.sampled_from([name for name in OPERATIONS[:-1] if name != "delete_message"]),
    st.tuples(st.integers(1, 6), st.sampled_from([1.0, 5.0, 20.0]), st.booleans()),
    max_size=3,
)


class Calls(RuleBasedStateMachine):
    """Calls under way, and what has been done to them."""

    @initialize(limits=LIMITS)
    def begin(self, limits: dict[str, tuple[int, float, bool]]) -> None:
        self.life = Life()
        for name, (limit, window, sliding) in limits.items():
            self.life.discord.limits.set(name, limit=limit, window=window, sliding=sliding)
        self.calls: list[asyncio.Task[float]] = []
        self.http = self.life.http()
        self.life.run(self.http.__aenter__())
        posted = self.life.run(self._post())
        self.ids = [message.id for message in posted]

    async def _post(self) -> list[Any]:
        route = routes.create_message(self.life.discord.general, content="first")
        return [await self.http.request(route) for _ in range(3)]

    # What is asked

    def _route(self, name: str, number: int) -> Route[Any]:
        general, message = self.life.discord.general, self.ids[number % 3]
        if name == "create_message":
            return routes.create_message(general, content=str(number))
        if name == "update_message":
            return routes.update_message(general, message, content=str(number))
        if name == "delete_message":
            return routes.delete_message(general, message)
        if name == "list_messages":
            return routes.list_messages(general, limit=1 + number % 5)
        return routes.get_channel(general)

    async def _call(self, route: Route[Any], deadline: float) -> float:
        """How many seconds after its deadline it ended; negative for before."""
        begun = self.life.time.now
        try:
            await self.http.request(route, deadline=deadline)
        except ACordError:
            pass
        return self.life.time.now - begun - deadline

    @rule(
        name=st.sampled_from(OPERATIONS[:-1]),
        count=st.integers(1, 8),
        deadline=st.sampled_from([0.5, 5.0, 60.0, 300.0]),
    )
    def ask(self, name: str, count: int, deadline: float) -> None:
        for _ in range(count):
            route = self._route(name, len(self.calls))
            self.calls.append(self.life.loop.create_task(self._call(route, deadline)))

    # What goes wrong

    @rule(
        what=st.sampled_from(OPERATIONS),
        fault=st.sampled_from(sorted(FAULTS)),
        times=st.integers(1, 4),
        after=st.booleans(),
        chance=st.sampled_from([0.3, 1.0]),
    )
    def break_it(self, what: str, fault: str, times: int, after: bool, chance: float) -> None:
        self.life.discord.fault(what, *FAULTS[fault], times=times, after=after, chance=chance)

    @rule(part=st.integers(1, 4))
    def give_up(self, part: int) -> None:
        for task in self.calls[::part]:
            task.cancel()

    @rule(seconds=st.sampled_from([0.0, 0.05, 1.0, 6.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.life.wait(seconds)
        self._look()

    def _look(self) -> None:
        ended = [one for one in self.calls if one.done() and not one.cancelled()]
        assert all(one.result() <= LATE for one in ended), "I1: a call ended after its deadline"
        avoidable = [(one.operation, one.why) for one in self.life.discord.limits.avoidable()]
        assert [] == avoidable, f"I3: {avoidable}"

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        life, calls = self.life, self.calls
        try:
            life.discord.faults.clear()
            life.wait(301.0)
            assert all(one.done() for one in calls), "I1: a call did not end"
            self._look()
            snapshot = self.http.ratelimiter.snapshot()  # type: ignore[union-attr]
            assert (0, 0) == (snapshot.waiting, snapshot.in_flight), "I5: the limiter keeps what is over"
            late = life.loop.create_task(self._call(self._route("get_channel", 0), 60.0))
            life.wait(0.0)
            begun = life.time.now
            life.run(self.http.logout())
            assert life.time.now - begun <= CLOSES, "I6: closing took too long"
            life.wait(0.1)
            assert late.done(), "I6: a call outlives its client"
        except BaseException:
            life.drop(self.http.logout())
            raise
        life.end()


def test_I1_I3_I4_I5_I6_calls_end_in_time_whatever_goes_wrong() -> None:
    run_state_machine_as_test(Calls, settings=bounded(12, 16))

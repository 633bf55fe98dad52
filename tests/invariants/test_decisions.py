"""The same inputs at the same times, with the same chance: the same decisions, of limiter, policy and session."""

from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from acord.core.buckets import read_reply
from acord.core.lanes import Lane
from acord.core.scheduler import Scheduler, Ticket
from acord.core.session_table import State
from acord.core.verdict import Policy
from tests.gateway.driver import Drive
from tests.invariants.life import bounded
from tests.limiter.replies import headers

LANES = [Lane("bot", "GET", f"/kind{number % 3}/{{}}", major=str(number % 5)) for number in range(15)]
NOISE: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-5, 10**12) | st.text(max_size=4) | st.just({})


class Twin:
    """Everything that decides, and what it has decided."""

    def __init__(self) -> None:
        self.random, self.now = Random(11), 1000.0
        self.events: list[Any] = []
        self.limiter = Scheduler(on_event=self.events.append)
        self.policy = Policy(self.random.random)
        self.session = Drive()
        self.session.session._random = self.random.random
        self.session.start()
        self.sent: list[Ticket] = []

    def drain(self) -> None:
        for ticket in self.limiter.settled:
            self.events.append((ticket.key, ticket.state, ticket.refusal))
            if ticket.state == "sent":
                self.sent.append(ticket)
        self.limiter.settled.clear()
        self.events.append((self.limiter.wake_at(), self.session.state, self.session.session.deadline()))


class Attempt:
    def __init__(self, number: int, limited: int, outcome: Any, status: int | None, idempotent: bool) -> None:
        self.number, self.limited, self.outcome, self.status = number, min(limited, number), outcome, status
        self.idempotent, self.body, self.retry_after = idempotent, None, None


class Twins(RuleBasedStateMachine):
    """Two of everything, which are told the same."""

    def __init__(self) -> None:
        super().__init__()
        self.twins = (Twin(), Twin())

    def _same(self) -> None:
        one, other = self.twins
        for twin in self.twins:
            twin.drain()
        assert one.events == other.events, "I8"
        assert one.session.all == other.session.all, "I8"

    @rule(lane=st.sampled_from(LANES), count=st.integers(1, 60), max_wait=st.sampled_from([None, 0.0, 5.0]))
    def submit(self, lane: Lane, count: int, max_wait: float | None) -> None:
        for twin in self.twins:
            for _ in range(count):
                twin.limiter.submit(lane, twin.now, max_wait=max_wait)
        self._same()

    @rule(which=st.integers(0, 99), remaining=st.integers(0, 5), status=st.sampled_from([200, 429, 404, 500]),
          name=st.sampled_from(["a", "b"]), scope=st.sampled_from([None, "global", "shared", "user"]))  # fmt: skip
    def report(self, which: int, remaining: int, status: int, name: str, scope: str | None) -> None:
        for twin in self.twins:
            if not twin.sent:
                return
            ticket = twin.sent.pop(which % len(twin.sent))
            fields = headers(remaining, at=twin.now, name=name) | (
                {} if scope is None else {"X-RateLimit-Scope": scope}
            )
            twin.limiter.report(ticket, read_reply(status, fields, 1.5 if status == 429 else None), twin.now)
        self._same()

    @rule(number=st.integers(1, 6), limited=st.integers(0, 5), outcome=st.sampled_from(["done", "unknown", "not_sent"]),
          status=st.sampled_from([None, 200, 404, 429, 500, 503]), idempotent=st.booleans())  # fmt: skip
    def decide(self, number: int, limited: int, outcome: str, status: int | None, idempotent: bool) -> None:
        for twin in self.twins:
            twin.events.append(twin.policy.decide(Attempt(number, limited, outcome, status, idempotent)))
        self._same()

    @rule(op=st.sampled_from([0, 1, 7, 9, 10, 11, 99]), d=NOISE, s=st.none() | st.integers(0, 50),
          t=st.sampled_from([None, "READY", "RESUMED", "MESSAGE_CREATE"]))  # fmt: skip
    def receive(self, op: int, d: Any, s: int | None, t: str | None) -> None:
        if op == 10:
            d = {"heartbeat_interval": 41250}
        elif t == "READY":
            d = {"session_id": "abc"}
        for twin in self.twins:
            twin.session.receive(op, d, s, t)
        self._same()

    @rule(
        what=st.sampled_from(["opened", "granted", "beat", "close", "fault"]),
        code=st.sampled_from([None, 1000, 4000, 4007]),
    )
    def happen(self, what: str, code: int | None) -> None:
        for twin in self.twins:
            drive = twin.session
            if what == "close":
                drive.close(code)
            elif what == "fault":
                drive.did(drive.session.fault(drive.session.connection, "corrupt", drive.now))
            else:
                getattr(drive, what)()
        self._same()

    @rule(seconds=st.sampled_from([0.01, 0.5, 5.0, 45.0]))
    def wait(self, seconds: float) -> None:
        for twin in self.twins:
            twin.now += seconds
            twin.limiter.advance(twin.now)
            twin.session.wait(seconds)
            # Nothing that the peer says ends a session for good but a code that does.
            assert twin.session.state not in (State.CLOSED, State.FATAL), "I7"
        self._same()


def test_I7_I8_twins_that_are_told_the_same_decide_the_same() -> None:
    run_state_machine_as_test(Twins, settings=bounded(60, 40))

"""The limiter's pure core as a client of the simulator."""

from collections.abc import Mapping

from acord.core.buckets import read_reply
from acord.core.lanes import Lane
from acord.core.scheduler import Scheduler, Ticket
from tests.limiter.world import Request


class Driver:
    """One bot. Subclasses break it on purpose."""

    def __init__(self, scheduler: Scheduler | None = None) -> None:
        self.scheduler = scheduler or Scheduler()
        self.tickets: dict[int, Ticket] = {}
        self.requests: dict[int, Request] = {}

    def lane(self, number: int, request: Request) -> Lane:
        return Lane("bot", "GET", request.route.template, major=request.major, keys=request.keys)

    def submit(self, number: int, request: Request, now: float) -> None:
        self.requests[number] = request
        self._keep(number, self.scheduler.submit(self.lane(number, request), now))

    def _keep(self, number: int, ticket: Ticket) -> None:
        self.tickets[number] = ticket

    def reply(
        self, number: int, status: int, headers: Mapping[str, str], retry_after: float | None, now: float
    ) -> None:
        ticket = self.tickets.pop(number)
        self.scheduler.report(ticket, read_reply(status, headers, retry_after), now)
        if status == 429:
            self._keep(number, self.scheduler.submit(self.lane(number, self.requests[number]), now, place=ticket.key))

    def lost(self, number: int, now: float) -> None:
        self.scheduler.cancel(self.tickets.pop(number), now, sent=True)

    def sends(self, now: float) -> list[int]:
        self.scheduler.advance(now)
        settled, self.scheduler.settled[:] = self.scheduler.settled[:], []
        assert not [ticket for ticket in settled if ticket.refusal]
        numbers = {id(ticket): number for number, ticket in self.tickets.items()} if settled else {}
        return [numbers[id(ticket)] for ticket in settled if ticket.state == "sent"]

    def wake(self) -> float | None:
        return self.scheduler.wake_at()

"""A connection: what a client sends is checked and carried out, what it is sent is written in its form."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from acord.commands import COMMANDS, MAX_BYTES, RATE
from acord.core.command import Command
from acord.core.errors import InvalidRequest
from acord.core.shapes import Object
from acord.core.signals.gateway import SENT, VERDICTS, CloseCode, Opcode, Verdict
from acord.sandbox.answers import Json
from acord.sandbox.gateway import commands, identify
from acord.sandbox.gateway.faults import Cancel, damage
from acord.sandbox.gateway.forms import Form, Unreadable
from acord.sandbox.gateway.rates import Recent
from acord.sandbox.gateway.sessions import Identified, Session, Told
from acord.sandbox.reading import Faults, read

if TYPE_CHECKING:
    from acord.sandbox.gateway.server import Gateway

__all__ = ["Link", "Wire"]

_BY_OPCODE: Final[Mapping[int, type[Command]]] = {int(command.op): command for command in COMMANDS.values()}
_BEFORE: Final = frozenset({Opcode.HEARTBEAT, Opcode.IDENTIFY, Opcode.RESUME})
"""What may be sent before there is a session."""
_ENDS: Final = frozenset({1000, 1001})
"""Codes with which a client ends its session (Events > Gateway > Initiating a Disconnect)."""


class Wire(Protocol):
    """What carries the bytes of one connection."""

    def send(self, data: bytes, text: bool) -> None:
        """One WebSocket message."""
        ...

    def raw(self, data: bytes) -> None:
        """Bytes as they are, whatever they do to the WebSocket."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """A close frame; `Link.gone` says when the connection is over."""
        ...

    def abort(self) -> None:
        """End the connection without a word."""
        ...


class Link:
    """One connection of a client. The `Gateway` makes it, its wire calls `received` and `gone`."""

    def __init__(self, gateway: "Gateway", wire: Wire, number: int, version: int) -> None:
        self.gateway, self.wire, self.number, self.version = gateway, wire, number, version
        self.form = Form()
        self.session: Session | None = None
        self.open = True
        self.corrupt = 0
        """So many of the next messages are damaged."""
        self._rate = Recent(RATE.count, RATE.seconds)
        self._deadline: Cancel | None = None

    def __repr__(self) -> str:
        state = "closed" if not self.open else "before a session" if self.session is None else self.session.id[:8]
        return f"<Link {self.number} {state}>"

    def hello(self) -> None:
        self._await_beat()
        self.send(Opcode.HELLO, {"heartbeat_interval": round(self.gateway.options.heartbeat_interval * 1000)})

    # Out

    def send(self, op: Opcode, data: object = None) -> None:
        """What is no event."""
        self.gateway.faults.passes(op.name, lambda: self._write(int(op), json.dumps(data)))

    def dispatch(self, told: Told) -> None:
        """An event of the session that this connection has."""
        self._write(int(Opcode.DISPATCH), told.data, told.s, told.name)

    def _write(self, op: int, data: str, s: int | None = None, t: str | None = None) -> None:
        if not self.open:
            return
        self._report("out", lambda: {"t": t, "s": s, "op": op, "d": json.loads(data)})
        frame = self.form.write(op, data, s, t)
        if self.corrupt:
            self.corrupt -= 1
            frame = damage(frame, self.gateway.random)
        self.wire.send(*frame)

    def close(self, code: int, reason: str = "") -> None:
        """Close; a code after which a new session is due ends this one."""
        if self.open:
            self._end(ends=VERDICTS.get(code) not in (None, Verdict.RESUME))
            self.wire.close(code, reason)

    def drop(self) -> None:
        """End without a word, as when the network breaks; the session stays."""
        if self.open:
            self._end(ends=False)
            self.wire.abort()

    # In

    def gone(self, code: int | None) -> None:
        """The connection is over; ``code`` is what the client closed it with, None where it did not."""
        if self.open:
            self._end(ends=code in _ENDS)

    def received(self, data: str | bytes) -> None:
        """One message of the client."""
        if not self.open:
            return None
        size = len(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        if size > MAX_BYTES:
            return self.close(CloseCode.DECODE_ERROR, "too large")
        if self._rate.take(self.gateway.now()):
            return self.close(CloseCode.RATE_LIMITED)
        try:
            message = self.form.read(data)
        except Unreadable as exc:
            return self.close(CloseCode.DECODE_ERROR, str(exc)[:100])
        self._report("in", lambda: _hidden(message))
        op, d = int(message["op"]), message.get("d")
        if op not in SENT:
            return self.close(CloseCode.UNKNOWN_OPCODE)
        if self.session is None and op not in _BEFORE:
            return self.close(CloseCode.NOT_AUTHENTICATED)
        if self.session is not None and op in (Opcode.IDENTIFY, Opcode.RESUME):
            return self.close(CloseCode.ALREADY_AUTHENTICATED)
        try:
            checked = _checked(_BY_OPCODE[op], d)
        except InvalidRequest as exc:
            return self.close(CloseCode.UNKNOWN_OPCODE, f"invalid payload: {exc.argument}"[:100])
        if op == Opcode.HEARTBEAT:
            self._beaten()
        elif op == Opcode.IDENTIFY:
            self._identify(checked)
        elif op == Opcode.RESUME:
            self._resume(checked)
        else:
            assert self.session is not None
            commands.COMMANDS[op](self.gateway, self.session, checked)
        return None

    # Beginning

    def _identify(self, d: Json) -> None:
        gateway = self.gateway
        who = identify.check(gateway.world, d, gateway.options)
        if not isinstance(who, Identified):
            return self.close(who)
        starts = gateway.starts(who.account)
        if not starts.spend(gateway.now()):
            gateway.reset_token(who.token)
            return self.close(CloseCode.AUTHENTICATION_FAILED)
        if not starts.slot(who.shard, gateway.now()):
            return self.send(Opcode.INVALID_SESSION, False)
        self.form.payloads = who.compress
        return gateway.begin(self, who)

    def _resume(self, d: Json) -> None:
        gateway = self.gateway
        account = identify.account_of(gateway.world, d["token"])
        if account is None:
            return self.close(CloseCode.AUTHENTICATION_FAILED)
        session = gateway.sessions.get(d["session_id"])
        if session is None or session.who.account != account:
            return self.send(Opcode.INVALID_SESSION, False)
        if d["seq"] > session.seq:
            return self.close(CloseCode.INVALID_SEQ)
        if not session.has_since(d["seq"]):
            return self.send(Opcode.INVALID_SESSION, False)
        return gateway.resume(self, session, d["seq"])

    # Beats

    def _beaten(self) -> None:
        self._await_beat()
        if not self.gateway.faults.muted:
            self.send(Opcode.HEARTBEAT_ACK)

    def _await_beat(self) -> None:
        if self._deadline is not None:
            self._deadline()
        options = self.gateway.options
        patience = options.heartbeat_interval * options.heartbeat_patience
        self._deadline = self.gateway.later(patience, lambda: self.close(options.silent_code, "no heartbeat"))

    # The end

    def _end(self, *, ends: bool) -> None:
        self.open = False
        if self._deadline is not None:
            self._deadline()
        self.gateway.left(self, ends=ends)

    def _report(self, way: str, frame: Callable[[], Json]) -> None:
        if self.gateway.on_frame is not None:
            self.gateway.on_frame(self, "in" if way == "in" else "out", frame())


def _checked(command: type[Command], d: Any) -> Any:
    """The payload, if it is one of this command; fields that nobody knows are left out, as Discord does."""
    given: Any = d
    if isinstance(command.shape, Object):
        if not isinstance(d, dict):
            raise InvalidRequest("d", d, "an object")
        given = dict(commands.lenient(command.op, cast(Json, d)))
        if "properties" in given:
            given["properties"] = {"os": "", "browser": "", "device": ""}  # nothing depends on them
    faults = Faults()
    checked: Any = read(command.shape, given, (), faults, text=False)
    if faults.found:
        place, _, message = faults.found[0]
        raise InvalidRequest(".".join(map(str, place)) or "d", None, message)
    if isinstance(command.shape, Object):
        command(**checked)  # refuses fields that exclude each other
    return checked


def _hidden(message: Json) -> Json:
    """For those who look on: without the token."""
    d = message.get("d")
    if isinstance(d, dict) and "token" in d:
        return {**message, "d": {**cast(Json, d), "token": "***"}}
    return message

"""The gateway: its connections and sessions, whom it tells what, and what a test may make it do."""

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Literal, NamedTuple, TypeAlias

from acord.core.signals.gateway import CloseCode, Intents, Opcode
from acord.events import EVENTS
from acord.sandbox.answers import Json
from acord.sandbox.calls import Account
from acord.sandbox.gateway import presence
from acord.sandbox.gateway.faults import Faults, Hold, Later
from acord.sandbox.gateway.forms import Form, text_of
from acord.sandbox.gateway.identify import on_shard
from acord.sandbox.gateway.intents import told
from acord.sandbox.gateway.links import Link, Wire
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.gateway.rates import Recent
from acord.sandbox.gateway.sessions import Identified, Session
from acord.sandbox.gateway.snapshot import by_guild, guild_create, ready
from acord.sandbox.gateway.starts import Starts
from acord.sandbox.judge import problems
from acord.sandbox.world.state import Happening, World
from acord.sandbox.world.voice import leave_voice

__all__ = ["Gateway", "OnFrame", "Violation"]

OnFrame: TypeAlias = Callable[[Link, Literal["in", "out"], Json], None]


class Violation(NamedTuple):
    """An event that contradicts the specification, and where."""

    event: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.event}: {'; '.join(self.problems)}"


class Gateway:
    """Listens to the world from its making on. Without I/O: wires carry its bytes, ``later`` keeps its time."""

    def __init__(
        self,
        world: World,
        *,
        now: Callable[[], float],
        later: Later,
        seed: int = 0,
        options: GatewayOptions | None = None,
    ) -> None:
        """``now`` is monotonic; ``later`` calls back after so many seconds and gives what cancels that."""
        self.world, self.now, self.later = world, now, later
        self.options = options or GatewayOptions()
        self.random = Random(f"gateway {seed}")
        self.url = "wss://gateway.invalid"
        """Set by the wire: where clients connect, without a query."""
        self.links: list[Link] = []
        """Open connections, oldest first."""
        self.sessions: dict[str, Session] = {}
        """By id; also those that wait for their resume."""
        self.faults = Faults(later)
        self.ignored: deque[tuple[Opcode, str]] = deque(maxlen=1000)
        """Commands that Discord passes over without a word, and why."""
        self.member_requests: dict[tuple[str, str], Recent] = {}
        """By bot and guild, requests for all members."""
        self.violations: list[Violation] = []
        """Events that were sent and that Discord would not send so: mistakes in the sandbox."""
        self.on_frame: OnFrame | None = None
        """Told of every message, without tokens."""
        self._starts: dict[str, Starts] = {}
        self._connections = 0
        world.listeners.append(self._happened)

    # Connections

    def connect(self, query: Mapping[str, str], wire: Wire) -> Link:
        """A client has connected with this query; the answer is HELLO, or a close code."""
        self._connections += 1
        version = query.get("v", "")
        link = Link(self, wire, self._connections, int(version) if version.isdecimal() and len(version) < 5 else 0)
        self.links.append(link)
        try:
            link.form = Form(query.get("encoding", "json"), query.get("compress"))
        except ValueError as exc:
            link.close(CloseCode.DECODE_ERROR, str(exc)[:100])
            return link
        if link.version not in self.options.versions:
            link.close(CloseCode.INVALID_API_VERSION)
            return link
        link.hello()
        return link

    def info(self, account: Account | None = None) -> Json:
        """The body of get_gateway, or with a bot's account of get_bot_gateway."""
        if account is None:
            return {"url": self.url}
        guilds = len(on_shard(self.world, account.user_id, 0, 1))
        return {
            "url": self.url,
            "shards": self.options.shards or max(1, -(-guilds // 1000)),
            "session_start_limit": self.starts(account).describe(self.now()),
        }

    def starts(self, account: Account) -> Starts:
        """What is left of a bot's session starts; to be looked at and set."""
        if account.user_id not in self._starts:
            self._starts[account.user_id] = Starts(self.options.max_concurrency, self.options.identify_slack)
        return self._starts[account.user_id]

    # Sessions; called by links

    def begin(self, link: Link, who: Identified) -> None:
        """A new session on this connection: READY, then its guilds."""
        session = Session(f"{self.random.getrandbits(128):032x}", who, self.options.replay)
        session.link = link
        link.session = session
        presence.appear(self.world, session)
        self.sessions[session.id] = session
        self.tell(session, "READY", ready(self.world, session, link.version, self.url))
        if Intents.GUILDS in session.intents:
            channels = by_guild(self.world)
            for guild_id in on_shard(self.world, session.user_id, who.shard, who.shards):
                guild, inside = self.world.guilds[guild_id], channels.get(guild_id, [])
                self.tell(session, "GUILD_CREATE", guild_create(self.world, guild, session, self.options, inside))

    def resume(self, link: Link, session: Session, seq: int) -> None:
        """The session goes on on this connection: what it missed, then RESUMED."""
        if session.link is not None:
            session.link.close(CloseCode.UNKNOWN_ERROR, "resumed elsewhere")
        if session.expires is not None:
            session.expires()
            session.expires = None
        link.form.payloads = session.who.compress
        session.link = link
        link.session = session
        session.replay(seq)
        self.tell(session, "RESUMED", {})

    def left(self, link: Link, *, ends: bool) -> None:
        """A connection is over; its session is too, or waits for a while."""
        self.links.remove(link)
        session = link.session
        if session is None or session.link is not link:
            return
        session.link = None
        if ends:
            self.forget(session)
        elif session.id in self.sessions:
            self._expect_back(session)

    def _expect_back(self, session: Session) -> None:
        session.expires = self.later(self.options.session_lifetime, partial(self.forget, session))

    def forget(self, session: Session) -> None:
        """End a session: it cannot be resumed, and where it was the bot's last, the bot goes offline."""
        if self.sessions.pop(session.id, None) is None:
            return
        session.link = None
        if session.expires is not None:
            session.expires()
        for guild_id in list(session.voice):
            if guild_id in self.world.guilds:
                leave_voice(self.world, self.world.guilds[guild_id], session.user_id)
        others = [other for other in self.sessions.values() if other.user_id == session.user_id]
        presence.disappear(self.world, session, others)

    def reset_token(self, token: str) -> str:
        """What Discord does to a bot that identifies too often: its sessions end, its token is another: that one."""
        account = self.world.accounts.pop(token)
        for session in [one for one in self.sessions.values() if one.who.account == account]:
            self.forget(session)
        for link in [one for one in self.links if one.session is not None and one.session.who.account == account]:
            link.close(CloseCode.AUTHENTICATION_FAILED)
        new = f"{self.random.getrandbits(192):048x}"
        self.world.accounts[new] = account
        return new

    def ignore(self, op: Opcode, why: str) -> None:
        self.ignored.append((op, why))

    # Telling

    def tell(self, session: Session, name: str, data: object) -> None:
        """An event for one session."""
        self._check(name, data)
        self._pass(session, name, text_of(data))

    def _check(self, name: str, data: object) -> None:
        if self.options.check and name in EVENTS and (wrong := problems(EVENTS[name], data)):
            self.violations.append(Violation(name, wrong))

    def _happened(self, happening: Happening) -> None:
        text = ""
        for session in list(self.sessions.values()):
            data = told(self.world, session, happening, self.options)
            if data is None:
                continue
            if data is not happening.data:
                self.tell(session, happening.name, data)
                continue
            if not text:
                self._check(happening.name, data)
                text = text_of(data)
            self._pass(session, happening.name, text)
        if happening.name == "VOICE_STATE_UPDATE":
            self._voice_changed(happening.data)
        elif happening.name == "GUILD_CREATE" and happening.guild_id in self.world.guilds:
            guild = self.world.guilds[happening.guild_id]
            for session in list(self.sessions.values()):
                if session.covers(guild.id) and session.user_id not in guild.presences:
                    presence.appear(self.world, session, guild)

    def _voice_changed(self, state: Json) -> None:
        """Who comes into a voice channel, or is moved to another, is told of the server to speak with.

        Source: Discord docs, Topics > Voice Connections > Connecting to Voice.
        """
        session = self.sessions.get(state["session_id"])
        if session is None:
            return
        guild_id, channel_id = state["guild_id"], state["channel_id"]
        before = session.voice.pop(guild_id, None)
        if channel_id is None:
            return
        session.voice[guild_id] = channel_id
        if channel_id != before:
            token = f"{self.random.getrandbits(64):016x}"
            server = {"token": token, "guild_id": guild_id, "endpoint": self.options.voice_endpoint}
            self.tell(session, "VOICE_SERVER_UPDATE", server)

    def _pass(self, session: Session, name: str, text: str) -> None:
        self.faults.passes(name, lambda: session.tell(name, text))

    # What a test may make it do; without links to all

    def drop(self, *links: Link) -> None:
        """End connections without a word; their sessions can be resumed."""
        for link in self._meant(links):
            link.drop()

    def close(self, code: int = CloseCode.UNKNOWN_ERROR, *links: Link) -> None:
        """Close connections with a code; one after which a new session is due ends the session."""
        for link in self._meant(links):
            link.close(code)

    def reconnect(self, *links: Link) -> None:
        """Ask to reconnect (opcode 7); who stays is closed a few seconds later."""
        for link in self._meant(links):
            link.send(Opcode.RECONNECT)
            late = partial(link.close, CloseCode.UNKNOWN_ERROR, "reconnect")
            self.later(self.options.reconnect_patience, late)

    def invalidate(self, *links: Link, resumable: bool = False) -> None:
        """Say that the session is invalid (opcode 9); unless ``resumable`` it is over."""
        for link in self._meant(links):
            session, link.session = link.session, None
            if session is not None and not resumable:
                self.forget(session)
            elif session is not None:
                session.link = None
                self._expect_back(session)
            link.send(Opcode.INVALID_SESSION, resumable)

    def ask_beat(self, *links: Link) -> None:
        """Ask for a heartbeat (opcode 1)."""
        for link in self._meant(links):
            link.send(Opcode.HEARTBEAT)

    def mute_acks(self, muted: bool = True) -> None:
        """Stop acknowledging heartbeats, or begin again."""
        self.faults.muted = muted

    def corrupt(self, *links: Link, messages: int = 1) -> None:
        """Damage the next messages of a connection."""
        for link in self._meant(links):
            link.corrupt += messages

    def delay(self, seconds: float, event: str | None = None) -> None:
        """Send late from now on, 0 no more: this event, or everything. An opcode's name stands for what is no event."""
        self.faults.delay(seconds, event)

    def hold(self, event: str | None = None) -> Hold:
        """Keep back an event, or everything, until the hold is released; it is a context manager as well."""
        return self.faults.hold(event)

    def outage(self, guild_id: str, *, over: bool = False) -> None:
        """A guild goes down for everyone in it, or comes back."""
        data: Json = {"id": guild_id, "unavailable": True}
        if over:
            self.world.emit("GUILD_CREATE", {"id": guild_id}, guild_id=guild_id)
        else:
            self.world.emit("GUILD_DELETE", data, guild_id=guild_id)

    def _meant(self, links: tuple[Link, ...]) -> list[Link]:
        return list(links or self.links)

"""What went over the wire, without the secrets: for assertions, for JSON lines, for a sequence diagram."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from msgspec import DecodeError, json

from acord.core import addressing
from acord.sandbox.answers import Refusal
from acord.sandbox.rest.requests import Options
from acord.sandbox.rest.routing import segments
from acord.sandbox.wire.peer import Received

__all__ = ["HIDDEN", "Frame", "Recorder", "Request", "json_of", "named", "redacted"]

DEEPEST = 64
"""Levels of a value that are kept."""
SECRETS = frozenset({"token", "client_secret", "access_token", "refresh_token", "code_verifier", "authorization"})
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and how it was answered."""

    at: float
    """Seconds since the sandbox began."""
    method: str
    path: str
    """Below the version, without query; secret parts are ``***``."""
    query: str
    operation: str | None
    """The operationId; None for what the spec does not know."""
    status: int | None
    """None where there was no answer: a fault, or the client went away."""
    body: Any = field(default=None, repr=False)
    """The JSON of the request (of a multipart one, its ``payload_json``)."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    answer: Any = field(default=None, repr=False)
    fault: bool = False
    """Whether a fault was played."""
    generated: bool = False
    """Whether the answer is an example, with nothing behind it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A gateway message in one direction."""

    at: float
    """Seconds since the sandbox began."""
    connection: int
    shard: tuple[int, int]
    direction: Literal["in", "out"]
    """``in`` is from the client."""
    op: int | None
    t: str | None = None
    s: int | None = None
    d: Any = field(default=None, repr=False)


Entry: TypeAlias = Request | Frame


def redacted(value: Any, depth: int = 0) -> Any:
    """The JSON without what logs in, and without what no writer of JSON takes back."""
    if depth > DEEPEST and isinstance(value, (dict, list)):
        return "..."
    if isinstance(value, dict):
        return {
            _sound(key): HIDDEN if key in SECRETS and isinstance(one, str) else redacted(one, depth + 1)
            for key, one in value.items()  # pyright: ignore[reportUnknownVariableType]
        }
    if isinstance(value, list):
        return [redacted(one, depth + 1) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return _sound(value)


def _sound(value: Any) -> Any:
    """Half a surrogate pair and a number of more than 64 bits can be read, and not be written."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return str(value)
    return value


def json_of(seen: Received) -> Any:
    """The JSON that a request carries, alone or as ``payload_json``; None where it carries none, or nothing sound."""
    body = seen.body
    if seen.headers.get("content-type", "").startswith("multipart/"):
        _, _, body = body.partition(b'name="payload_json"')
        _, _, body = body.partition(b"\r\n\r\n")
        body, _, _ = body.partition(b"\r\n--")
    try:
        return json.decode(body) if body else None
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _hidden_path(template: str, path: Mapping[str, str]) -> str:
    """The template with its values, secret ones as ``***``."""
    for name, value in path.items():
        template = template.replace("{" + name + "}", HIDDEN if addressing.is_secret(name) else value)
    return template


def named(method: str, path: str) -> tuple[str | None, str]:
    """The operation of a request, and its path without secrets."""
    try:
        parts = segments(path, Options().versions)
    except Refusal:
        return None, path[:200]
    found = addressing.find("GET" if method == "HEAD" else method, parts)
    if found is None:
        return None, "/" + "/".join(parts)[:200]
    name, template = found
    return name, _hidden_path(template, addressing.parameters_of(template, parts))


class Recorder:
    """The newest entries, oldest first; how many are kept is bounded, and so is what they say: 64 MiB of JSON."""

    def __init__(self, keep: int = 10_000, *, most: int = 64 << 20) -> None:
        self.entries: deque[Entry] = deque()
        self._weights: deque[int] = deque()
        self._weight = 0
        self._keep, self._most = keep, most
        self.count = 0
        """How many there have been."""
        self._watchers: list[Callable[[Entry], None]] = []

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        said = (entry.body, entry.answer) if isinstance(entry, Request) else entry.d
        self._weights.append(len(json.encode(said)))
        self._weight += self._weights[-1]
        while len(self.entries) > self._keep or (self._weight > self._most and len(self.entries) > 1):
            self.entries.popleft()
            self._weight -= self._weights.popleft()
        self.count += 1
        for watcher in list(self._watchers):
            watcher(entry)

    def clear(self) -> None:
        """Forget all entries, but not how many there have been."""
        self.entries.clear()
        self._weights.clear()
        self._weight = 0

    def watch(self, watcher: Callable[[Entry], None]) -> Callable[[], None]:
        """Call with each new entry, until what is returned is called."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    @property
    def requests(self) -> list[Request]:
        return [one for one in self.entries if isinstance(one, Request)]

    @property
    def frames(self) -> list[Frame]:
        return [one for one in self.entries if isinstance(one, Frame)]

    def lines(self) -> Iterator[str]:
        """Each entry as a line of JSON, with its ``kind``."""
        for one in self.entries:
            kind = "request" if isinstance(one, Request) else "frame"
            yield json.encode({"kind": kind, **asdict(one)}).decode()

    def write(self, path: Path | str) -> None:
        """Every entry into a file of JSON lines."""
        Path(path).write_text("".join(f"{line}\n" for line in self.lines()), encoding="utf-8")

    def mermaid(self) -> str:
        """What happened as the text of a mermaid sequence diagram."""
        return "\n".join(
            ["sequenceDiagram", "    participant C as client", "    participant D as Discord", *self._arrows()]
        )

    def _arrows(self) -> Iterable[str]:
        for one in self.entries:
            if isinstance(one, Request):
                yield f"    C->>D: {_shown(f'{one.method} {one.path}')}"
                status = "no answer" if one.status is None else str(one.status)
                yield f"    D{'--x' if one.status is None else '-->>'}C: {status}"
            else:
                what = _shown(f"op {one.op} {one.t or ''}".strip())
                yield f"    C-)D: {what}" if one.direction == "in" else f"    D-)C: {what}"


def _shown(text: str) -> str:
    """Text that ends no line and no message of a diagram."""
    return "".join(c if c.isprintable() and c not in ";#" else " " for c in text)[:120]

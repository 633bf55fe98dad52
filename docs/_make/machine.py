"""The drawing of the gateway session, made from its table: each state, and what leads from it to another."""

from collections.abc import Iterator
from html import escape
from math import hypot
from typing import Final

from acord.core.session_table import State, transitions

__all__ = ["arrows", "drawing", "rows"]

PLACES: Final = {
    State.IDLE: (110, 60),
    State.CONNECTING: (110, 190),
    State.HELLO: (110, 330),
    State.WAIT_SLOT: (110, 480),
    State.IDENTIFYING: (350, 570),
    State.RESUMING: (350, 400),
    State.READY: (620, 480),
    State.BACKOFF: (620, 190),
    State.FATAL: (880, 330),
    State.CLOSED: (880, 60),
}
WIDTH, HEIGHT, BOX = 1000, 640, (148, 46)
_NAMES: Final = {
    "stop": "stop",
    "stop, keep session": "stop",
    "connecting failed": "failed",
    "connection opened": "opened",
    "closed, may resume": "closed",
    "closed, session gone": "closed",
    "closed, fatal": "closed, fatal",
    "fault": "fault",
    "timer": "timer",
    "beat due": "no ACK",
    "malformed message": "malformed",
}
_FAR = (State.CLOSED, State.FATAL)


def arrows() -> dict[tuple[State, State], list[str]]:
    """What leads from one state to another, without what stays; in the words of the table."""
    found: dict[tuple[State, State], list[str]] = {}
    for row in transitions():
        for to in row.to:
            if to is not row.state:
                names = found.setdefault((row.state, to), [])
                if row.on.value not in names:
                    names.append(row.on.value)
    return found


def rows() -> Iterator[tuple[str, str, str, str]]:
    """The whole table, for reading: state, input, what is done, next state."""
    for row in transitions():
        yield row.state.value, row.on.value, row.effect, " or ".join(to.value for to in row.to)


def drawing() -> str:
    """SVG that takes its colours from the page. Ways to closed and fatal are drawn once, for all states they leave."""
    parts = [
        f'<svg class="machine" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg" '
        'aria-label="States of the gateway session and what leads from one to the next">',
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="currentColor"/></marker></defs>',
    ]
    drawn = arrows()
    for (start, end), names in drawn.items():
        if end not in _FAR:
            parts.append(_arrow(start, end, names, (end, start) in drawn))
    for end in _FAR:
        starts = [start for start, other in drawn if other is end]
        names = list(dict.fromkeys(name for (_, other), found in drawn.items() if other is end for name in found))
        x, y = PLACES[end]
        up = y + BOX[1] / 2 + 8
        note = f"{', '.join(dict.fromkeys(_NAMES.get(name, name) for name in names))}"
        where = "from every other state" if len(starts) >= len(State) - 2 else "from every open or opening connection"
        parts += [_label(x, up + 10, note), _label(x, up + 26, where)]
    parts += [_box(state) for state in State]
    return "\n".join([*parts, "</svg>"])


def _box(state: State) -> str:
    (x, y), (width, height) = PLACES[state], BOX
    kind = "end" if state in _FAR else "ready" if state is State.READY else "state"
    return (
        f'<rect class="{kind}" x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width}" height="{height}" rx="8"/>'
        f'<text class="name" x="{x}" y="{y + 5}" text-anchor="middle">{escape(state.name)}</text>'
    )


def _arrow(start: State, end: State, names: list[str], both: bool) -> str:
    (x1, y1), (x2, y2) = PLACES[start], PLACES[end]
    length = hypot(x2 - x1, y2 - y1)
    across = (-(y2 - y1) / length, (x2 - x1) / length)
    aside = 11 if both else 0
    x1, y1, x2, y2 = (x1 + across[0] * aside, y1 + across[1] * aside, x2 + across[0] * aside, y2 + across[1] * aside)
    (ax, ay), (bx, by) = _edge(x1, y1, x2, y2), _edge(x2, y2, x1, y1)
    words = list(dict.fromkeys(_NAMES.get(name, name) for name in names))
    if len(words) > 3:
        words = ["lost, closed, late", "or asked to reconnect"]
    middle = ((ax + bx) / 2 + across[0] * 4, (ay + by) / 2 + across[1] * 4)
    lines = [
        f'<line x1="{ax:.0f}" y1="{ay:.0f}" x2="{bx:.0f}" y2="{by:.0f}" stroke="currentColor" marker-end="url(#tip)"/>'
    ]
    for index, word in enumerate(words):
        lines.append(_label(middle[0], middle[1] + 14 * (index - (len(words) - 1) / 2) + 4, word))
    return "".join(lines)


def _edge(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float]:
    """Where the line leaves the box around its start."""
    dx, dy = x2 - x1, y2 - y1
    scale = min(
        (BOX[0] / 2 + 3) / abs(dx) if dx else float("inf"), (BOX[1] / 2 + 3) / abs(dy) if dy else float("inf")
    )
    return x1 + dx * scale, y1 + dy * scale


def _label(x: float, y: float, text: str) -> str:
    return f'<text class="way" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'

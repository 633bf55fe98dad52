"""The drawing of the gateway session, made from its table: each state, and what leads from it to another."""

from collections.abc import Iterator
from html import escape
from math import hypot
from typing import Final

from acord.core.session_table import OPEN, State, transitions

__all__ = ["arrows", "drawing", "rows"]

PLACES: Final = {
    State.IDLE: (120, 40),
    State.CONNECTING: (120, 150),
    State.HELLO: (120, 300),
    State.RESUMING: (410, 300),
    State.WAIT_SLOT: (120, 430),
    State.IDENTIFYING: (410, 430),
    State.READY: (680, 365),
    State.BACKOFF: (550, 150),
    State.FATAL: (890, 150),
    State.CLOSED: (890, 40),
}
WIDTH, HEIGHT, BOX = 1000, 500, (148, 46)
GROUP = (24, 246, 752, 236)
"""Around the states of an open connection: x, y, width, height."""
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
    "op 7 Reconnect": "op 7",
    "op 9 Invalid Session, true": "op 9",
    "op 9 Invalid Session, false": "op 9",
    "op 10 Hello": "op 10",
    "identify slot granted": "slot granted",
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
    parts += _group(drawn)
    for (start, end), names in drawn.items():
        if end not in _FAR and not (start in OPEN and end is State.BACKOFF):
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


def _group(drawn: dict[tuple[State, State], list[str]]) -> list[str]:
    """The open connection, from all of whose states one way leads to the pause before the next."""
    if missing := [state for state in OPEN if (state, State.BACKOFF) not in drawn]:
        raise ValueError(f"draw these one by one, they do not lead to BACKOFF: {missing}")
    words = list(dict.fromkeys(_NAMES.get(one, one) for state in OPEN for one in drawn[state, State.BACKOFF]))
    x, y, width, height = GROUP
    middle = PLACES[State.BACKOFF][0]
    below = PLACES[State.BACKOFF][1] + BOX[1] / 2 + 3
    half = (len(words) + 1) // 2
    return [
        f'<rect class="group" x="{x}" y="{y}" width="{width}" height="{height}" rx="14"/>',
        f'<line x1="{middle}" y1="{y}" x2="{middle}" y2="{below}" stroke="currentColor" marker-end="url(#tip)"/>',
        _label(middle + 120, below + 24, ", ".join(words[:half])),
        _label(middle + 120, below + 40, ", ".join(words[half:])),
    ]


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
    dx, dy = across[0] * aside, across[1] * aside
    start_at, end_at = (x1 + dx, y1 + dy), (x2 + dx, y2 + dy)
    (ax, ay), (bx, by) = _edge(*start_at, *end_at), _edge(*end_at, *start_at)
    words = list(dict.fromkeys(_NAMES.get(name, name) for name in names))
    if len(words) > 3:
        words = [", ".join(words[:2]), ", ".join(words[2:])]
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
    scale = min((BOX[0] / 2 + 3) / abs(dx) if dx else float("inf"), (BOX[1] / 2 + 3) / abs(dy) if dy else float("inf"))
    return x1 + dx * scale, y1 + dy * scale


def _label(x: float, y: float, text: str) -> str:
    return f'<text class="way" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'

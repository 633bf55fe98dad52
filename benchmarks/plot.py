"""Groups of bars as an SVG that follows the reader's light or dark scheme. Pure."""

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

__all__ = ["Group", "bars"]

WIDTH, LEFT, RIGHT = 720, 170, 90
BAR, GAP, HEAD, APART = 16, 6, 26, 18
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .bar { fill: #9aa4b2 }
  .ours { fill: #3b6fd4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #d7dce2 }
    .bar { fill: #66707d }
    .ours { fill: #7aa5f5 }
  }
"""


class Group(NamedTuple):
    """Bars with one scale."""

    title: str
    unit: str
    bars: list[tuple[str, float]]
    """Ours are those whose name begins with ACord."""


def bars(groups: Sequence[Group], label: str) -> str:
    """The picture; shorter bars are better. ``label`` is what it says to those who do not see it."""
    parts: list[str] = []
    y = 8
    for group in groups:
        parts.append(f'<text class="title" x="8" y="{y + 14}">{escape(group.title)}</text>')
        y += HEAD
        most = max((value for _, value in group.bars), default=0) or 1
        for name, value in group.bars:
            wide = round((WIDTH - LEFT - RIGHT) * value / most, 1)
            kind = "bar ours" if name.startswith("ACord") else "bar"
            shown = f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
            parts += [
                f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>',
                f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{wide}" height="{BAR}" rx="2"/>',
                f'<text x="{LEFT + wide + 6:g}" y="{y + 13}">{shown}{escape(group.unit)}</text>',
            ]
            y += BAR + GAP
        y += APART
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="{escape(label, {chr(34): "&quot;"})}">'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"

"""The picture of the house in ARCHITECTURE.md: its floors, from the table that the tests hold the imports against."""

from html import escape

from tests.test_floors import FLOORS

__all__ = ["drawing", "floors"]

TITLES = {
    0: "values: ids, enums, tokens, files, clock",
    1: "generated signals: opcodes, codes, flags",
    2: "requests as values: routes, shapes, errors, decoders",
    3: "models and events, generated; loading and dumping",
    4: "generated helpers: routes, commands, cdn",
    5: "decisions without I/O: limits, retries, sessions",
    6: "carriers: HTTP transport, heartbeat threads",
    7: "REST client, gateway connection",
    8: "client, sandbox, testing, command line, extensions",
}
WIDTH, HIGH, GAP, LINE = 860, 30, 8, 15
_MOST = 140  # characters on a line of names


def floors() -> dict[int, list[str]]:
    """Floor -> its modules, without ``acord.core.``."""
    found: dict[int, set[str]] = {}
    for module, floor in FLOORS.items():
        found.setdefault(floor, set()).add(module.rstrip(".").removeprefix("acord.core."))
    return {floor: sorted(names) for floor, names in sorted(found.items(), reverse=True)}


def drawing() -> str:
    """SVG, the top floor first; dark on light of its own, for it is also seen outside of the site."""
    parts: list[str] = []
    y = GAP
    for floor, names in floors().items():
        lines = _lines(names)
        height = HIGH + LINE * len(lines)
        parts.append(f'<rect x="{GAP}" y="{y}" width="{WIDTH - 2 * GAP}" height="{height}" rx="6"/>')
        parts.append(f'<text class="t" x="24" y="{y + 20}">{floor} · {escape(TITLES.get(floor, ""))}</text>')
        parts += [
            f'<text class="n" x="24" y="{y + 20 + LINE * (index + 1)}">{escape(line)}</text>'
            for index, line in enumerate(lines)
        ]
        y += height + GAP
    style = (
        "svg{background:#fff}rect{fill:#f1f8e9;stroke:#7cb342}text{font-family:sans-serif;fill:#1b1b1b}"
        ".t{font-size:14px;font-weight:600}.n{font-size:11px;fill:#444}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="The floors of the library: a module imports only from floors below">\n<style>{style}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _lines(names: list[str]) -> list[str]:
    lines = [""]
    for name in names:
        added = f"{lines[-1]} · {name}".removeprefix(" · ")
        if len(added) > _MOST:
            lines.append(name)
        else:
            lines[-1] = added
    return lines

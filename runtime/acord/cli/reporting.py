"""How `acord doctor` shows what it found: a list with colours for people, JSON for programs."""

from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.status import Status
from rich.text import Text

from acord.cli import screen
from acord.cli.connect import Access
from acord.cli.doctor import examine
from acord.cli.findings import Finding, Level
from acord.cli.text import harmless, json_text
from acord.core.signals.gateway import Intents

__all__ = ["report"]

NARROW: Final = 60  # columns, below which what was found stands on lines of its own
# A sign and a word for each, so that colour is never what tells them apart.
_SIGNS: Final[dict[Level, tuple[str, str]]] = {
    "ok": ("ok     ", "green"),
    "note": ("note   ", "cyan"),
    "warning": ("warning", "yellow"),
    "fault": ("fault  ", "bold red"),
}


async def report(access: Access, *, intents: Intents | None, guild: str | None, as_json: bool) -> bool:
    """Show each finding; whether there was no fault."""
    found: list[Finding] = []
    out = screen.console()
    watch = Status("looking ...", console=out) if out.is_terminal and not as_json else None
    if watch is not None:
        watch.start()
    try:
        async for one in examine(access, intents=intents, guild=guild):
            found.append(one)
            if not as_json:
                _show(one, out)
    finally:
        if watch is not None:
            watch.stop()
    faults = sum(one.level == "fault" for one in found)
    if as_json:
        print(json_text({"ok": not faults, "findings": [one._asdict() for one in found]}))
    else:
        out.print(Text(f"{faults} faults" if faults != 1 else "1 fault", style="bold red" if faults else "bold green"))
    return not faults


def _show(one: Finding, out: Console) -> None:
    sign, style = _SIGNS[one.level]
    said = Text(harmless(one.text))
    if one.cure:
        said.append(f"\n-> {harmless(one.cure)}", style="dim" if one.level == "note" else "")
    head = Text(sign, style=style), Text(one.check, style="bold")
    if out.width < NARROW:
        screen.show(Text("  ").join(head), out)
        screen.show(Padding(said, (0, 0, 0, 2)), out)
        return
    row = screen.table()
    row.add_column(no_wrap=True)
    row.add_column(no_wrap=True, width=14)
    row.add_column(overflow="fold")
    row.add_row(*head, said)
    screen.show(row, out)

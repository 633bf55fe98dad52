"""Where commands write: results to stdout, all else to stderr.  Colours for terminals, unless NO_COLOR is set."""

import os
import sys
from typing import IO, Any, Final

from rich.console import Console, RenderableType
from rich.highlighter import JSONHighlighter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from acord.cli.text import harmless, json_text

__all__ = ["cell", "console", "note", "progress", "show", "show_json", "table"]

PIPED: Final = 400  # columns


def console(stream: IO[str] | None = None) -> Console:
    """A console on stdout, or another stream; others' text is printed as it is, never read as markup."""
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    file = sys.stdout if stream is None else stream
    return Console(
        file=file,
        # What goes into a file or another program is not folded to a screen that is not there.
        width=None if file.isatty() or os.environ.get("COLUMNS") else PIPED,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=plain,
        color_system=None if plain else "auto",
    )


def cell(value: object, style: str = "") -> Text:
    """A value as text for a table, on one line, harmless."""
    return Text("" if value is None else harmless(str(value)), style=style)


def table(*columns: str) -> Table:
    """An empty table without lines, that folds what is too wide."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=bool(columns), padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(name, overflow="fold")
    return made


def show(what: RenderableType, out: Console, *, fold: bool = True) -> None:
    """Print it; where that is no terminal, without the blanks that fill a table's last column.

    What is not to ``fold``, as an address, goes over the screen's edge as one piece.
    """
    if out.is_terminal:
        out.print(what, soft_wrap=not fold)
        return
    with out.capture() as captured:
        out.print(what, soft_wrap=not fold)
    out.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def show_json(value: Any, *, compact: bool = False) -> None:
    """A value as JSON on stdout: indented and coloured for people, on one line for programs."""
    text = json_text(value, indent=None if compact else 2)
    out = console()
    if compact or not out.is_terminal:
        print(text)
        return
    shown = Text(text)
    JSONHighlighter().highlight(shown)
    out.print(shown, soft_wrap=True)


def note(text: str) -> None:
    """A word beside the result, for whoever watches."""
    console(sys.stderr).print(Text(harmless(text), style="dim"), soft_wrap=True)


def progress(*, shown: bool = True) -> Progress:
    """A bar on stderr that goes when the work is done; silent where stderr is no terminal."""
    err = console(sys.stderr)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not (shown and err.is_terminal),
    )

"""Markdown out of values: tables, code, escapes."""

import re
from collections.abc import Iterable, Sequence
from posixpath import relpath

__all__ = ["anchor", "cell", "code", "fence", "link", "table", "title"]


def cell(text: str) -> str:
    """Text for one cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def code(text: object) -> str:
    """In backticks, and fit for a cell: a bar in code must be escaped there, too."""
    shown = str(text).replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def fence(text: str, language: str = "python") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, or nothing where there are no rows. Bars in cells are the caller's to escape."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *lines])


def link(text: str, page: str, target: str) -> str:
    """A link from one page of the site to another; both as paths below its root."""
    path, hash_, name = target.partition("#")
    return f"[{text}]({relpath(path, page.rpartition('/')[0] or '.')}{hash_}{name})"


def anchor(heading: str) -> str:
    """The id that a heading gets."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def title(name: str) -> str:
    """The name of a module as a heading."""
    words = name.replace("_", " ").replace("oauth2", "OAuth2").replace("sdk", "SDK")
    return words[:1].upper() + words[1:]

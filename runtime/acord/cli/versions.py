"""`acord version`: what a report should name.  Loads nothing of the library but its number."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Final

from acord import __version__

__all__ = ["BUILT_ON", "EXTRAS", "has_cli", "installed", "line", "missing", "versions"]

BUILT_ON: Final = ("pydantic", "httpx", "websockets", "msgspec")
# Extra -> the modules that it brings, and what for.
EXTRAS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "cli": (("typer", "rich"), "the commands"),
    "codegen": (("datamodel_code_generator", "jinja2", "yaml", "ruff"), "acord generate"),
    "otel": (("opentelemetry",), "traces and metrics"),
    "speed": (("aiohttp",), "cheaper requests"),
    "zstd": ((("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"),), "zstd on the gateway"),
}


def installed(name: str) -> str | None:
    """The version of a distribution; None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def missing(extra: str) -> list[str]:
    """The modules of an extra that are not installed."""
    return [name for name in EXTRAS[extra][0] if not _found(name)]


def _found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it
        return False


def has_cli() -> bool:
    """Whether the commands can run."""
    return not missing("cli")


def versions() -> dict[str, str | None]:
    """This library, Python and what it is built on; None for what is missing."""
    known: dict[str, str | None] = {"acord": __version__, "python": platform.python_version()}
    return known | {name: installed(name) for name in BUILT_ON}


def line() -> str:
    """All of them, in one line."""
    found = versions()
    python = f"Python {found.pop('python')}"
    head, *rest = (f"{name} {number or '(missing)'}" for name, number in found.items())
    return ", ".join((head, python, *rest))

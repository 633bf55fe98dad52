"""Where the other libraries are: in an environment of their own, by name and version, which ``make bench`` makes."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".venv" / "bench"
ASKED = """
import json, sys
from importlib.metadata import version, PackageNotFoundError
found = {}
for name in sys.argv[1:]:
    try: found[name] = version(name)
    except PackageNotFoundError: pass
print(json.dumps(found))
"""
# A library, and what makes it fast.
NAMES = ("discord.py", "hikari", "aiohttp", "orjson", "aiodns", "Brotli", "ciso8601", "msgspec")


@dataclass(frozen=True)
class Peer:
    """A library, and how to run a script for it."""

    name: str
    version: str
    command: tuple[str, ...]
    folder: Path
    suffix: str


def python() -> str | None:
    """The interpreter that has discord.py and hikari; None where there is none."""
    path = HOME / "python" / "bin" / "python"
    return str(path) if path.exists() else None


@cache
def versions() -> dict[str, str]:
    """What that interpreter has."""
    if (path := python()) is None:
        return {}
    found: dict[str, str] = json.loads(subprocess.check_output([path, "-c", ASKED, *NAMES], text=True))
    return found


def peers() -> list[Peer]:
    """Those that are installed."""
    found: list[Peer] = []
    path = python()
    for name, suffix in (("discord.py", "discord_py.py"), ("hikari", "hikari.py")):
        if path is not None and name in versions():
            found.append(Peer(name, versions()[name], (path, "-W", "ignore"), ROOT, suffix))
    node, package = shutil.which("node"), HOME / "js" / "node_modules" / "discord.js" / "package.json"
    if node is not None and package.exists():
        version = json.loads(package.read_text())["version"]
        found.append(Peer("discord.js", version, (node,), HOME / "js", "discord_js.mjs"))
    return found

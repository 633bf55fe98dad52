"""What a newcomer runs first: the README's call and the demo, both against the small Discord of the examples."""

import asyncio
import os
import re
import sys
from pathlib import Path

from examples._loopback import loopback

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join(str(ROOT / root) for root in (".", "generated", "runtime"))


async def run(*arguments: str, **environment: str) -> tuple[int | None, str]:
    """Exit status of a new interpreter, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env=os.environ | {"PYTHONPATH": PATHS, "PYTHONWARNINGS": "error"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()


async def test_the_call_in_the_readme_does_what_it_says(tmp_path: Path) -> None:
    block, _ = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)

    async with loopback() as discord:
        script = tmp_path / "call.py"
        script.write_text(f"import acord.core.abc as core_abc\ncore_abc.BASE_API_URL = {discord.url!r}\n{block}")
        status, printed = await run(str(script), DISCORD_TOKEN="a.b.c")

    me, guild, error = printed.splitlines()
    assert 0 == status
    assert me.startswith("I am acorn since 2023-12-01")
    assert "The oak" == guild
    assert "10003 Unknown Channel" == error
    assert ["GET /api/v10/users/@me", "GET /api/v10/users/@me/guilds", "POST /api/v10/channels/1/messages"] == (
        discord.requests
    )


async def test_the_demo_ends_well() -> None:
    status, printed = await run(str(ROOT / "examples" / "demo.py"))

    assert 0 == status, printed
    assert "every answer fitted the specification" in printed

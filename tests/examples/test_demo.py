"""The demo, as a newcomer runs it."""

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join(str(ROOT / root) for root in ("generated", "runtime"))


async def test_the_demo_ends_well_without_a_warning() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "examples" / "demo.py"),
        env=os.environ | {"PYTHONPATH": PATHS, "PYTHONWARNINGS": "error"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()

    assert 0 == process.returncode, printed.decode()
    assert b"every answer fitted the specification" in printed

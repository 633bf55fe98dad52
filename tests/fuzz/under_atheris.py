"""One target of `fuzz_gateway` under atheris: what it reads is instrumented while it is imported.

python tests/fuzz/under_atheris.py TARGET [libFuzzer's options] CORPUS
"""

import sys

import atheris  # type: ignore[import-not-found, unused-ignore]

READERS = [f"acord.core.{name}" for name in ("frames", "inflate", "etf", "envelope", "express")]

with atheris.instrument_imports(include=READERS):
    from acord.core import express, frames  # noqa: F401  # and with them all of these

from acord.core.errors import DecodeError  # noqa: E402
from tests.fuzz.fuzz_gateway import seeds  # noqa: E402

target, _ = seeds()[sys.argv.pop(1)]


def one(data: bytes) -> None:
    try:
        target(data)
    except DecodeError:
        pass


atheris.Setup(sys.argv, one)
atheris.Fuzz()

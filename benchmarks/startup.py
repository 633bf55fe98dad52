"""What importing costs: processor time of a new interpreter, its bytecode compiled before.

    python benchmarks/startup.py [--quick] [--keep]

Medians of user and system time; every statement takes its turn in every round. The floors are an interpreter that does
nothing and one that imports asyncio. What is compared is compared within a round, and the median of that is stated: the
machine's speed may change from one to the next.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable
from operator import sub, truediv
from pathlib import Path
from statistics import median

from measure import environment, keep, start_ups, table

MESSAGE = str(Path(__file__).parent / "data" / "message.json")
HTTP = "HTTPClient + a helper"
HELPER = "from acord import HTTPClient; from acord.routes import messages; messages.delete_message(1, 2)"
FIRST = "first decoded message"
STATEMENTS = {
    "interpreter": "pass",
    "asyncio": "import asyncio",
    "pydantic": "from pydantic import BaseModel",
    "acord": "import acord",
    "acord.core.decoders": "import acord.core.decoders",
    "signals.gateway": "import acord.core.signals.gateway",
    "HTTPClient": "from acord import HTTPClient",
    HTTP: HELPER,
    "one route module": "from acord.routes import messages",
    "all route modules": "import acord.routes as r; [getattr(r, name) for name in dir(r)]",
    FIRST: f"from acord.core.base import load; load('Message', open({MESSAGE!r}).read())",
    "all models": "import acord.models as m; [getattr(m, name) for name in dir(m)]",
    "preload()": "import acord; acord.preload()",
}
LAZY = (
    "import sys, acord; print(*sorted({'asyncio', 'pydantic', 'httpx', 'websockets', 'msgspec'} & sys.modules.keys()))"
)


def verify() -> None:
    """What the figure of `import acord` is about: that nothing is loaded which is not used."""
    loaded = subprocess.check_output([sys.executable, "-c", LAZY], env=environment(), text=True).split()
    if loaded:
        raise SystemExit(f"import acord loads {', '.join(loaded)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--keep", action="store_true", help="write the results to benchmarks/results/")
    arguments = parser.parse_args()
    verify()
    seconds = start_ups(list(STATEMENTS.values()), 5 if arguments.quick else 15)
    rounds = {name: [each * 1e3 for each in seconds[text]] for name, text in STATEMENTS.items()}
    spent = {name: round(median(values), 2) for name, values in rounds.items()}
    floor, loop = spent["interpreter"], spent["asyncio"]
    table(
        "Start-up, ms of processor time",
        ("statement", "ms", "above the interpreter", "/ interpreter", "/ asyncio"),
        [
            (name, f"{each:.1f}", f"{each - floor:.1f}", f"{each / floor:.2f}", f"{each / loop:.2f}")
            for name, each in spent.items()
        ],
    )
    idle, base = rounds["interpreter"], rounds["pydantic"]
    compared = {
        "import acord over the interpreter, ms": _median(map(sub, rounds["acord"], idle)),
        "HTTPClient + a helper / asyncio": _median(map(truediv, rounds[HTTP], rounds["asyncio"])),
        "first decoded message above pydantic / pydantic": _median(
            map(truediv, map(sub, rounds[FIRST], base), map(sub, base, idle))
        ),
    }
    table("Within a round", ("what", "median"), [(name, f"{each:.2f}") for name, each in compared.items()])
    if arguments.keep:
        print(keep("startup", {"ms_of_cpu": spent, "compared": compared}))


def _median(figures: Iterable[float]) -> float:
    return round(median(figures), 3)


if __name__ == "__main__":
    main()

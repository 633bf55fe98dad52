"""What importing costs: processor time of a new interpreter, its bytecode compiled before.

    python benchmarks/startup.py [--quick] [--keep]

Medians of user and system time; every statement takes its turn in every round. The floors are an interpreter that does
nothing and one that imports asyncio.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from measure import environment, keep, start_ups, table

MESSAGE = str(Path(__file__).parent / "data" / "message.json")
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
    "HTTPClient + a helper": HELPER,
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
    spent = {name: round(seconds[text] * 1e3, 2) for name, text in STATEMENTS.items()}
    idle, loop = spent["interpreter"], spent["asyncio"]
    table(
        "Start-up, ms of processor time",
        ("statement", "ms", "above the interpreter", "/ interpreter", "/ asyncio"),
        [
            (name, f"{each:.1f}", f"{each - idle:.1f}", f"{each / idle:.2f}", f"{each / loop:.2f}")
            for name, each in spent.items()
        ],
    )
    own = spent["pydantic"]
    print(f"\nThe first decoded message / pydantic's own import: {(spent[FIRST] - own) / own:.2f}")
    if arguments.keep:
        print(keep("startup", {"ms_of_cpu": spent}))


if __name__ == "__main__":
    main()

"""The rate limiter against a simulated Discord: 429s that could have been avoided, and time over the optimum.

    python benchmarks/limiter_simulated.py [--quick] [--keep]

The limiter's pure core, the simulator of its tests, and no waiting: seconds are simulated ones. The optimum is what a
client needs that knows every limit. Random scripts mix hidden, shared and announced limits with lost and cancelled
requests and other traffic.
"""

import argparse
import statistics
import sys

from hypothesis import HealthCheck, Phase, given, settings
from measure import ROOT, keep, table

sys.path.insert(0, str(ROOT))

from acord.sandbox.limits.counting import Kind, Limit
from tests.limiter.driver import Driver
from tests.limiter.scripts import scripts
from tests.limiter.simulator import run
from tests.limiter.world import Request, Script, SimRoute

KINDS: tuple[Kind, ...] = ("fixed", "aligned", "leaky")
SIZES = ((5, 5.0), (30, 4.0), (10, 10.0), (2, 20.0))
SEEDS = range(5)


def binding() -> dict[str, list[float]]:
    """Finish over the optimum where a bucket binds: six times what it lets through, and a window a bucket."""
    found: dict[str, list[float]] = {}
    for kind in KINDS:
        for size, window in SIZES:
            route = SimRoute("/a", (Limit("a", kind, size, window, "hash-a"),))
            bursts = ((size * 6, Request(0.0, route)),)
            runs = [
                run(Script(bursts, base=0.04, spread=0.04, global_limit=None, seed=seed), Driver()) for seed in SEEDS
            ]
            assert not [one for each in runs for one in each.refused]
            found[f"{kind} {size} in {window:g} s"] = [each.finish / each.optimum for each in runs]
    return found


def at_the_gate() -> dict[str, list[float]]:
    """The same where the global limit binds: 1,000 requests without any other."""
    found: dict[str, list[float]] = {}
    for kind in KINDS:
        bursts = ((1_000, Request(0.0, SimRoute("/free"))),)
        runs = [run(Script(bursts, spread=0.1, global_kind=kind, seed=seed), Driver()) for seed in SEEDS]
        assert not [one for each in runs for one in each.refused]
        found[f"global, {kind}"] = [each.finish / each.optimum for each in runs]
    return found


def at_random(count: int) -> dict[str, int]:
    """What so many random scripts earn."""
    total = {"scripts": 0, "requests": 0, "refused": 0, "avoidable": 0, "unfinished": 0}

    @settings(
        max_examples=count, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck], database=None,
        phases=[Phase.generate],
    )  # fmt: skip
    @given(scripts())
    def each(script: Script) -> None:
        result = run(script, Driver())
        total["scripts"] += 1
        total["requests"] += len(script.requests)
        total["refused"] += len(result.refused)
        total["avoidable"] += len(result.avoidable)
        total["unfinished"] += result.unfinished

    each()
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50 random scripts instead of 300")
    parser.add_argument("--keep", action="store_true", help="write the results to benchmarks/results/")
    arguments = parser.parse_args()
    over = {name: round(statistics.median(each), 3) for name, each in (binding() | at_the_gate()).items()}
    table("Finish over the optimum", ("", "ratio"), [(name, f"{each:.3f}") for name, each in over.items()])
    total = at_random(50 if arguments.quick else 300)
    table("Random scripts", ("", "number"), [(name, f"{each:,}") for name, each in total.items()])
    if arguments.keep:
        print(keep("limiter_simulated", {"over_optimum": over, "random": total}))


if __name__ == "__main__":
    main()

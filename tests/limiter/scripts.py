"""Random scripts for the simulator: what hypothesis may combine."""

from typing import Literal

from hypothesis import strategies as st

from acord.sandbox.limits.counting import Kind, Limit
from tests.limiter.world import GLOBAL, Request, Script, SimRoute

KINDS: tuple[Kind, ...] = ("fixed", "aligned", "leaky")
SIZES = ((1, 0.25), (3, 1.0), (5, 1.0), (5, 5.0), (10, 10.0), (30, 4.0), (50, 1.0), (2, 2.0), (10, 60.0))


@st.composite
def buckets(draw: st.DrawFn, name: str) -> Limit:
    size, window = draw(st.sampled_from(SIZES))
    return Limit(name, draw(st.sampled_from(KINDS)), size, window, f"hash-{name}")


@st.composite
def routes(draw: st.DrawFn) -> list[SimRoute]:
    found = [SimRoute(f"/r{n}", (draw(buckets(f"b{n}")),)) for n in range(draw(st.integers(1, 3)))]
    first = found[0].limits[0]
    if draw(st.booleans()):
        found.append(SimRoute("/same-bucket", (first,)))
    elif draw(st.booleans()):
        # One hash, counted apart: only windows, since tokens that come back one by one cannot be told from it (two
        # counts of one hash give the ends of two windows in turn, as one leaky bucket gives ends that move).
        size, window = draw(st.sampled_from([(5, 5.0), (10, 10.0), (10, 60.0)]))
        pair = [SimRoute(f"/apart{n}", (Limit(f"apart{n}", "fixed", size, window, "hash-apart"),)) for n in range(2)]
        found += pair
    if draw(st.booleans()):
        found.append(SimRoute("/free"))
    if draw(st.booleans()):
        hidden = Limit(
            "hidden",
            draw(st.sampled_from(["fixed", "leaky"])),
            draw(st.integers(1, 4)),
            draw(st.sampled_from([20.0, 60.0, 600.0])),
            shared=draw(st.booleans()),
        )
        seen = draw(st.sampled_from([(), (first,), (Limit("own", "fixed", 10, 15.0, "hash-own"),)]))
        found.append(SimRoute("/hidden", (*seen, hidden)))
    if draw(st.integers(0, 3)) == 0:
        # A second layer whose hash is first seen on its own 429.
        layer = Limit("layer", "fixed", draw(st.integers(1, 4)), 20.0, "hash-layer")
        found.append(SimRoute("/layered", (Limit("over", "fixed", 10, 5.0, "hash-over"), layer)))
    return found


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    choices = draw(routes())
    bursts: list[tuple[int, Request]] = []
    for _ in range(draw(st.integers(1, 6))):
        route = draw(st.sampled_from(choices))
        count = draw(st.integers(1, 25 if route.template in ("/hidden", "/layered") else 60))
        at, major = draw(st.sampled_from([0.0, 0.0, 0.3, 1.0, 2.5, 7.0])), draw(st.sampled_from("123"))
        bursts.append((count, Request(at, route, major)))
    fates: st.SearchStrategy[Literal["reply_lost", "request_lost", "cancelled"]]
    fates = st.sampled_from(["reply_lost", "request_lost", "cancelled"])
    for _ in range(draw(st.integers(0, 3))):
        index = draw(st.integers(0, len(bursts) - 1))
        if bursts[index][1].route.template.startswith("/apart"):
            # Headers that contradict each other and a loss that nobody sees: either count could be the one that spent.
            continue
        bursts.insert(index, (1, bursts[index][1]._replace(fate=draw(fates))))
    # Where the global limit binds, its gate's slack of 0.1 s covers requests that differ by as much on their way. To
    # cover 0.95 s it would have to be as long, and every second of sending would take two: no eighth, but the double.
    most = 0.1 if sum(count for count, _ in bursts) > GLOBAL - 5 else 0.95
    # Nor can it cover connections that all begin at once, before any reply: see the tests of the global limit.
    setup = 0.0 if most == 0.1 else draw(st.sampled_from([0.0, 0.0, 0.3, 1.0]))
    bans = ((2.0, draw(st.sampled_from([10.0, 90.0]))),) if draw(st.integers(0, 9)) == 0 else ()
    others: tuple[tuple[float, Limit, str, int], ...] = ()
    if draw(st.integers(0, 4)) == 0:
        others = tuple((at, choices[0].limits[0], "1", 2) for at in (0.5, 1.5, 4.0))
    return Script(
        tuple(bursts),
        base=draw(st.sampled_from([0.02, 0.05, 0.1, 0.25])),
        spread=draw(st.sampled_from([0.0, 0.02, 0.1, most])),
        seed=draw(st.integers(0, 10_000)),
        global_kind=draw(st.sampled_from(KINDS)),
        bans=bans,
        others=others,
        setup=setup,
        clock_step=draw(st.sampled_from([None, None, (3.0, -3600.0), (3.0, 3600.0)])),
    )

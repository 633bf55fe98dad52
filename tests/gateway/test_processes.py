"""What only a process of its own can show: signals, forks, interpreters that end, descriptors that run out."""

import asyncio
import shutil
import signal
import subprocess

import pytest

from acord.sandbox.faults import answer, stall
from acord.sandbox.scripted import scripted
from acord.sandbox.scripted_gateway import GatewayPeer, scripted_gateway
from tests.gauntlet.kit import refused
from tests.programs import program
from tests.stopwatch import stopwatch

# What all programs here begin with.
BOT = """
import asyncio, os, sys
from acord import Client, Dispatch, HTTPClient, Intents, Route, errors

TOKEN = "canary.token.value"

def bot(**options):
    return Client(token=TOKEN, intents=Intents.GUILDS, url=sys.argv[1], shard_count=1, max_concurrency=1, **options)
"""


async def work(peer: GatewayPeer, first: int = 1, last: int = 1) -> None:
    for number in range(first, last + 1):
        await peer.send(0, {"n": number}, number + 1, "WORK")


# Signals

IN_DISPATCH = f"""{BOT}
client = bot()

@client.on(Dispatch)
async def listener(dispatch):
    if dispatch.name == "WORK":
        print("now")
        await asyncio.Event().wait()

client.run()
"""

IN_IDENTIFY = f"""{BOT}
bot().run()
"""

IN_A_LIMIT_WAIT = f"""{BOT}
from acord.core.hooks import Hooks

waits = Hooks(on_wait=lambda wait: print("now"))
client = bot(http=HTTPClient(token=TOKEN, base_url=sys.argv[2], hooks=waits))

@client.on(Dispatch)
async def listener(dispatch):
    if dispatch.name == "WORK":
        await client.http.request(Route("GET", path="/users/@me"))

client.run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", ["dispatch", "identify", "limit wait"])
async def test_p1_a_signal_ends_it_within_five_seconds(moment: str, number: signal.Signals) -> None:
    identified, codes = asyncio.Event(), list[int | None]()

    async def script(peer: GatewayPeer) -> None:
        await peer.hello()
        await peer.expect(2)
        identified.set()
        if moment != "identify":
            await peer.send(0, {"session_id": "abc", "resume_gateway_url": peer.server.url}, 1, "READY")
            await work(peer)
        codes.append(await peer.gone())

    source = {"dispatch": IN_DISPATCH, "identify": IN_IDENTIFY, "limit wait": IN_A_LIMIT_WAIT}[moment]
    async with (
        scripted_gateway(script) as server,
        scripted(refused(60.0), stall()) as rest,
        program(source, server.url, f"{rest.url}/api") as running,
    ):
        await (identified.wait() if moment == "identify" else running.says("now"))
        async with stopwatch() as took:
            running.process.send_signal(number)
            code, errors = await running.ends()

            assert (0, "") == (code, errors)
            assert took.seconds < 5
    assert [1000] == codes


# Forks

FORKING = f"""{BOT}
import signal

client = bot()

def first_uses():
    yield client.run_forever()
    yield client.close()
    yield client.wait_for(Dispatch)
    yield client.gateway.close()
    yield client.gateway.shards[0].close()
    yield anext(client.gateway)
    yield anext(client.gateway.shards[0])
    yield client.gateway.send(None)
    yield client.http.request(Route("GET", path="/users/@me")).__await__()

def child():
    for use in first_uses():
        try:
            use.send(None)
        except errors.ForkedClient:
            print("forked")
        else:
            os._exit(1)
    os._exit(7)

@client.on(Dispatch)
def listener(dispatch):
    if dispatch.name == "WORK" and dispatch.value["n"] == 1:
        pid = os.fork()
        if pid == 0:
            try:
                child()
            finally:
                os._exit(2)
        print("child", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    elif dispatch.name == "WORK":
        print("parent goes on")
        os.kill(os.getpid(), signal.SIGTERM)

client.run()
"""


async def test_p6_a_forked_child_is_refused_at_its_first_use_and_the_parent_goes_on() -> None:
    codes: list[int | None] = []

    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await work(peer, last=2)
        codes.append(await peer.gone())

    # From 3.12 on Python itself warns of a fork beside threads, of which heartbeats are one.
    async with scripted_gateway(script) as server, program(FORKING, server.url, warnings="error") as running:
        code, errors = await running.ends()

        assert ["forked"] * 9 + ["child 7", "parent goes on"] == running.lines, errors
        assert 0 == code
    assert [1000] == codes
    assert 1 == len(server.peers)


# Interpreters that end

LEFT_OPEN = f"""{BOT}
async def main():
    client = bot()
    await client.__aenter__()
    running = asyncio.ensure_future(client.run_forever())
    await client.wait_for(Dispatch)
    running.cancel()
    print("open")

asyncio.run(main())
"""

EXIT_IN_THE_MIDDLE = f"""{BOT}
async def main():
    global client
    client = bot()
    await client.__aenter__()
    await client.wait_for(Dispatch)
    print("open")
    sys.exit(0)

asyncio.run(main())
"""

LOOP_THAT_IS_LEFT = f"""{BOT}
client = bot()

async def main():
    await client.__aenter__()
    await client.wait_for(Dispatch)
    print("open")

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
"""

SHARD_LEFT_OPEN = f"""{BOT}
from acord import Gateway

async def main():
    gateway = Gateway(TOKEN, intents=1, url=sys.argv[1], shard_count=1, max_concurrency=1)
    await gateway.open()
    await anext(gateway)
    print("open")

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(LEFT_OPEN, id="asyncio.run ends first"),
        pytest.param(EXIT_IN_THE_MIDDLE, id="sys.exit"),
        pytest.param(LOOP_THAT_IS_LEFT, id="its loop is closed"),
        pytest.param(SHARD_LEFT_OPEN, id="a gateway"),
    ],
)
async def test_p7_an_interpreter_that_ends_without_closing_warns_once_and_ends(source: str) -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.gone()

    async with scripted_gateway(script) as server, program(source, server.url, warnings="always") as running:
        await running.says("open")
        async with stopwatch() as took:
            code, errors = await running.ends()
            assert took.seconds < 5

        assert 0 == code, errors
        assert 1 == errors.count("ResourceWarning: <") == errors.count("Warning:"), errors
        assert "was not closed" in errors
        assert not {"Traceback", "Task was destroyed", "never retrieved", "Exception ignored"} & _phrases(errors), (
            errors
        )


def _phrases(text: str) -> set[str]:
    return {one for one in ("Traceback", "Task was destroyed", "never retrieved", "Exception ignored") if one in text}


# Descriptors

EXHAUSTED = f"""{BOT}
import logging, resource

logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
kinds, limits = [], resource.getrlimit(resource.RLIMIT_NOFILE)
http = HTTPClient(token=TOKEN, base_url=sys.argv[2])
client = bot(http=http, on_report=lambda shard, what: kinds.append(getattr(what, "kind", what)))

async def ask(deadline):
    async with http.request(Route("GET", path="/users/@me"), deadline=deadline) as response:
        print("answered", response.status)

def descriptors(many):  # below the limit none is free, so that what ends meanwhile leaves none
    resource.setrlimit(resource.RLIMIT_NOFILE, (many, limits[1]))

@client.on(Dispatch)
async def listener(dispatch):
    if dispatch.name == "WORK" and dispatch.value["n"] == 1:
        await ask(30.0)
        descriptors(3)
        print("exhausted")
        try:
            await ask(1.0)
        except errors.TransportError as exc:
            print("rest", exc.outcome)
        while kinds.count("unreachable") < 2:
            await asyncio.sleep(0.01)
        descriptors(limits[0])
        print("released")
        await ask(30.0)
        recovered.set()
    elif dispatch.name == "WORK":
        print("recovered")
        await recovered.wait()
        await client.close()

async def main():
    global recovered
    recovered = asyncio.Event()
    async with client:
        await client.run_forever()

asyncio.run(main())
"""


async def test_p14_without_descriptors_it_backs_off_says_so_once_and_recovers() -> None:
    async def first(peer: GatewayPeer) -> None:
        await peer.ready()
        await work(peer)
        await running_says_exhausted.wait()
        await peer.drop()

    async def second(peer: GatewayPeer) -> None:
        await peer.resume()
        await peer.send(0, {"n": 2}, 9, "WORK")
        await peer.gone()

    running_says_exhausted = asyncio.Event()
    async with (
        scripted_gateway(first, second) as server,
        scripted(answer(200, {}, {"Connection": "close"})) as rest,
        program(EXHAUSTED, server.url, f"{rest.url}/api", warnings="always") as running,
    ):
        await running.says("exhausted")
        running_says_exhausted.set()
        code, errors = await running.ends()

        expected = ["answered 200", "exhausted", "rest not_sent", "released", "answered 200", "recovered"]
        assert (sorted(expected), 0) == (sorted(running.lines), code), errors
        said = [line for line in errors.splitlines() if "unreachable" in line]
        assert ["Too many open files"] == [line.rpartition("] ")[2] for line in said], errors
        assert "Traceback" not in errors
    assert 2 == len(server.peers)


# A network that is gone

HALF_OPEN = """
import asyncio, subprocess
from tests.stopwatch import stopwatch
from acord.core.gateway import Shard
from acord.sandbox.scripted_gateway import scripted_gateway

INTERVAL = 1.0

async def script(peer):
    await peer.hello(INTERVAL * 1000)
    await peer.expect(2)
    await peer.send(0, {"session_id": "abc", "resume_gateway_url": peer.server.url}, 1, "READY")
    await peer.gone()

async def resumes(peer):
    await peer.resume()
    await peer.gone()

def network(*change):
    subprocess.run(("tc", "qdisc", *change), check=True, capture_output=True)

async def main():
    async with scripted_gateway(script, resumes) as server:
        lost = asyncio.Event()

        def told(what):
            if getattr(what, "kind", None) == "zombie":
                lost.set()

        async with Shard("canary.token.value", intents=1, url=server.url, on_report=told) as shard:
            await anext(shard)
            while shard.latency is None:
                await asyncio.sleep(0.01)
            network("add", "dev", "lo", "root", "pfifo", "limit", "0")  # whatever is sent is lost
            async with stopwatch() as took:
                await lost.wait()
                print("within two intervals" if took.seconds < 2 * INTERVAL + 0.5 else "late")
            network("del", "dev", "lo", "root")
            print((await anext(shard)).name)

asyncio.run(main())
"""


def _own_network() -> tuple[str, ...]:
    """What runs a command in a network of its own, where packets can be lost; empty where that is not allowed."""
    tools = ("unshare", "ip", "tc")
    if not all(map(shutil.which, tools)):
        return ()
    own = ("unshare", "--user", "--map-root-user", "--net")
    loses = "ip link set lo up && tc qdisc add dev lo root pfifo limit 0"
    if subprocess.run((*own, "sh", "-c", loses), capture_output=True).returncode:
        return ()
    return (*own, "sh", "-c", 'ip link set lo up && exec "$0" "$@"')


async def test_g7_a_peer_that_vanishes_without_a_word_is_noticed_within_two_intervals() -> None:
    own = _own_network()
    if not own:
        pytest.skip("needs a network of its own, where packets can be lost: unshare and tc")
    async with program(HALF_OPEN, before=own) as running:
        code, errors = await running.ends()

    assert (["within two intervals", "RESUMED"], 0) == (running.lines, code), errors

"""What the sandbox serves: REST requests and gateway events a second, to a client that does as little as can be done.

    python benchmarks/sandbox.py [--keep]

The client is a process of its own that writes prepared bytes and counts what comes back.  What the sandbox takes and
gives is held against the specification all the while, as always.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter

from measure import keep, table

from acord.sandbox import Sandbox

REQUESTS, EVENTS, CONNECTIONS, LISTED = 4_000, 20_000, 8, 50


async def _answers(port: int, request: bytes, count: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.close()


async def _load(port: int, request: bytes) -> None:
    each = REQUESTS // CONNECTIONS
    await asyncio.gather(*(_answers(port, request, each) for _ in range(CONNECTIONS)))


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    head = f"{method} /api/v10{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bot {token}\r\n"
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{head}{kind}\r\n".encode() + body


async def _elsewhere(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.PIPE
    )


async def rest(method: str, path: Callable[[Sandbox], str], body: bytes = b"") -> float:
    """Requests a second over eight connections, to a sandbox whose channel has 50 messages."""
    async with Sandbox(limits=False, keep=100) as discord:
        while len(discord.messages(discord.general)) < LISTED:
            discord.alice.send(discord.general, "of a list of fifty")
        request = _request(method, path(discord), discord.token, body)
        process = await _elsewhere("rest", str(discord.port.number), request.hex())
        out, _ = await process.communicate()
    return REQUESTS / float(out)


async def gateway() -> float:
    """Events a second to one connection, JSON, uncompressed."""
    async with Sandbox(limits=False, keep=100) as discord:
        process = await _elsewhere("gateway", discord.gateway_url, discord.token)
        assert process.stdout is not None
        assert b"ready" in await process.stdout.readline()
        begun = perf_counter()
        for n in range(EVENTS):
            discord.alice.type(discord.general)
            if not n % 100:
                await asyncio.sleep(0)
        await process.stdout.readline()
        took = perf_counter() - begun
        process.kill()
        await process.wait()
    return EVENTS / took


async def _listen(url: str, token: str) -> None:
    from websockets.asyncio.client import connect

    async with connect(f"{url}/?v=10&encoding=json", compression=None, max_size=None, ping_interval=None) as socket:
        await socket.recv()
        properties = {"os": "", "browser": "", "device": ""}
        identify = {"op": 2, "d": {"token": token, "intents": 1 | 1 << 11, "properties": properties}}
        await socket.send(json.dumps(identify))
        while b"GUILD_CREATE" not in await socket.recv(decode=False):
            pass
        print("ready", flush=True)
        for _ in range(EVENTS):
            await socket.recv(decode=False)
        print("done", flush=True)


async def _timed(load: Awaitable[None]) -> None:
    begun = perf_counter()
    await load
    print(perf_counter() - begun)


async def main() -> None:
    hello = b'{"content": "hello"}'

    def messages(discord: Sandbox) -> str:
        return f"/channels/{discord.general}/messages"

    served = {
        "GET /users/@me": await rest("GET", lambda discord: "/users/@me"),
        "GET a channel's 50 messages": await rest("GET", messages),
        "POST a message": await rest("POST", messages, hello),
        "TYPING_START to one bot": await gateway(),
    }
    table("What the sandbox serves", ("", "a second"), [(name, f"{each:,.0f}") for name, each in served.items()])
    if "--keep" in sys.argv:
        print(keep("sandbox", {"a_second": {name: round(each) for name, each in served.items()}}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["rest", port, request]:
            asyncio.run(_timed(_load(int(port), bytes.fromhex(request))))
        case ["gateway", url, token]:
            asyncio.run(_listen(url, token))
        case _:
            asyncio.run(main())

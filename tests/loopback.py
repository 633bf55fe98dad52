"""A scripted HTTP server on loopback: it can send what no honest server would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from json import dumps
from typing import Any

Script = Callable[["Seen", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class Server:
    url: str
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    errors: list[BaseException] = field(default_factory=list)


def reply(
    status: int, body: Any = None, headers: dict[str, str] | None = None, *, kind: str = "application/json"
) -> Script:
    """The answer with this status and body: bytes as they are, None for none, anything else as JSON."""
    raw = b"" if body is None else body if isinstance(body, bytes) else dumps(body).encode()

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        lines = {"Content-Length": str(len(raw)), **({"Content-Type": kind} if raw else {}), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + raw)
        await writer.drain()

    return answer


def raw(data: bytes, *, close: bool = False) -> Script:
    """These bytes, whatever they mean; then, perhaps, the end of the connection."""

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return answer


async def silence(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """No answer until the client has gone."""
    await asyncio.Event().wait()


async def until(condition: Callable[[], object]) -> None:
    """Return once it holds; the event loop turns meanwhile."""
    while not condition():  # noqa: ASYNC110 - what is awaited has no event of its own
        await asyncio.sleep(0)


@asynccontextmanager
async def serve(*scripts: Script) -> AsyncIterator[Server]:
    """A server that answers with the scripts in turn, with the last one for ever."""
    server, tasks = Server(""), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        number = server.connections
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ", 2)
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                while headers.get("transfer-encoding") == "chunked":
                    size = int(await reader.readline(), 16)
                    body += (await reader.readexactly(size + 2))[:-2]
                    if not size:
                        break
                script = scripts[min(len(server.seen), len(scripts) - 1)]
                server.seen.append(Seen(method, target, headers, body, number))
                await script(server.seen[-1], writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        except BaseException as exc:
            server.errors.append(exc)
        finally:
            tasks.discard(task)
            writer.transport.abort()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert [] == server.errors

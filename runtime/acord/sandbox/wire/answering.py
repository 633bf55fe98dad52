"""An honest answer on the wire."""

from email.utils import formatdate
from http import HTTPStatus

from msgspec import json

from acord.sandbox.answers import Answer
from acord.sandbox.wire.peer import Peer

__all__ = ["write"]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Said"


async def write(peer: Peer, answer: Answer) -> None:
    """Send it, and end the connection where the client asked for that."""
    body = answer.body if isinstance(answer.body, bytes) else b"" if answer.body is None else json.encode(answer.body)
    lines = {"Date": formatdate(usegmt=True), "Via": "1.1 sandbox", **answer.headers}
    if body:
        lines["Content-Type"] = answer.media
    if answer.status != 204:
        lines["Content-Length"] = str(len(body))
    last = peer.request.headers.get("connection", "").lower() == "close"
    if last:
        lines["Connection"] = "close"
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    data = f"HTTP/1.1 {answer.status} {_phrase(answer.status)}\r\n{head}\r\n".encode("latin-1")
    peer.writer.write(data if peer.request.method == "HEAD" else data + body)
    await peer.writer.drain()
    if last:
        peer.writer.close()

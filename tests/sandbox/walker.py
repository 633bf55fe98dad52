"""Walks over the sandbox with the real client and a connected gateway, and holds all it is told against the exported
documents by jsonschema.
"""

import json
from typing import Any

from acord.core.abc import Route
from acord.core.client import Client
from acord.core.event import Event
from acord.sandbox.sandbox import Sandbox
from tests.exported import complaints, event_complaints


class Walker:
    """One client's requests, and what its gateway says of them."""

    def __init__(self, sandbox: Sandbox, client: Client) -> None:
        self.sandbox, self.client = sandbox, client
        self.heard: list[str] = []
        """Names of the events that the client's listener got, oldest first."""
        client.on(Event)(self._hear)

    def _hear(self, event: Event) -> None:
        self.heard.append(event.event_name)

    async def __call__(self, route: Route[Any], *, status: int | None = None) -> Any:
        """The JSON of an answer that is a success (or has this status) and is as the document says."""
        assert route.operation is not None
        async with self.client.http.request(route) as response:
            text = await response.read()
            body = json.loads(text) if text and "json" in response.headers.get("content-type", "") else text or None
            generated = "x-sandbox" in response.headers
        name = route.operation.name
        assert response.status == status if status else response.status < 300, f"{name}: {response.status} {body}"
        assert not generated, f"{name} is carried out by nobody"
        assert [] == complaints(name, response.status, body)
        return body

    async def gone(self, route: Route[Any]) -> int:
        """The code of the refusal of what is not there."""
        body = await self(route, status=404)
        code: int = body["code"]
        return code

    async def hears(self, *names: str) -> None:
        """Return once the client was told of all of these; then forget what it was told."""
        await self.sandbox.until(lambda: set(names) <= set(self.heard))
        self.heard.clear()

    def judge(self) -> None:
        """Every event that was sent is as the document says."""
        told = [frame for frame in self.sandbox.frames if frame.direction == "out" and frame.op == 0]
        assert told
        wrong = [one for frame in told for one in event_complaints(str(frame.t), frame.d)]
        assert [] == wrong

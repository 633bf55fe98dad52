"""What a checker makes of calls; never run."""

from typing import Any, assert_type

from acord.core.abc import Route
from acord.core.call import Call
from acord.core.http import HTTPClient
from acord.core.response import Response


async def check(http: HTTPClient, route: Route[list[str]], nothing: Route[None]) -> None:
    assert_type(http.request(route), Call[list[str]])
    assert_type(await http.request(route, timeout=1.0, deadline=None), list[str])
    assert_type(await http.request(nothing), None)
    async with http.request(route) as response:
        assert_type(response, Response[list[str]])
        assert_type(await response.value(), list[str])
        assert_type(await response.read(), bytes)

    assert_type(await http.request(Route("GET", path="/new/thing", limit=5)), Any)
    assert_type(await http.request(Route("GET", path="/new/thing"), model=dict[str, int]), dict[str, int])

    http.request(route, timeuot=1.0)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]  # must be seen

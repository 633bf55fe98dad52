"""A typed client at work, against a very small Discord on this machine.  Run it: make demo"""

import asyncio
import os
import sys
from time import perf_counter

from _loopback import CHANNEL, Loopback, loopback

import acord.core.abc as abc
from acord import HTTPClient, Route, errors
from acord.routes import create_message, get_channel, get_my_user, list_messages

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOUR else text


def heading(text: str) -> None:
    print(f"\n{paint('1', text)}")


def show(discord: Loopback, code: str, result: str) -> None:
    """The user's line, what went over the wire since the last one, and what came of it."""
    print(f"  {paint('36', code)}")
    for line in discord.requests:
        print(f"    {paint('2', '->')} {paint('2', line)}")
    discord.requests.clear()
    print(f"    {paint('32', '=>')} {result}")


def fail(discord: Loopback, code: str, error: Exception) -> None:
    text = str(error).replace("\n", "\n       ")
    show(discord, code, f"{paint('31', type(error).__name__)} {text}")


async def main() -> None:
    begun, drifts = perf_counter(), list[object]()
    async with loopback() as discord, HTTPClient(token="x", base_url=discord.url, on_drift=drifts.append) as http:
        print(f"{paint('1', 'ACord')}, a typed client, and a very small Discord on {discord.url}")

        heading("Typed calls: a helper makes the request, the client sends it, a model comes back")
        me = await http.request(get_my_user())
        made = f"{type(me).__name__} {me.username!r}, made on {me.id.created_at:%d %B %Y}"
        show(discord, "me = await http.request(get_my_user())", made)
        channel = await http.request(get_channel(CHANNEL))
        show(
            discord, "channel = await http.request(get_channel(CHANNEL))", f"{type(channel).__name__}, {channel.type!r}"
        )

        heading("A JSON body: what is not given is not sent, None clears")
        await http.request(create_message(CHANNEL, content="good morning"))
        await http.request(create_message(CHANNEL, content="good night", embeds=[{"title": "sleep well"}]))
        discord.requests.clear()
        message = await http.request(create_message(CHANNEL, content="hello, world"))
        sent = (
            f"{type(message).__name__} {message.content!r} by {message.author.username}, {message.timestamp:%H:%M:%S}"
        )
        show(discord, 'message = await http.request(create_message(CHANNEL, content="hello, world"))', sent)

        heading("Query parameters")
        older = await http.request(list_messages(CHANNEL, before=message, limit=2))
        found = ", ".join(repr(one.content) for one in older)
        show(discord, "older = await http.request(list_messages(CHANNEL, before=message, limit=2))", found)

        heading("What Discord would refuse is not sent")
        try:
            await http.request(list_messages(CHANNEL, limit=500))
        except errors.InvalidRequest as error:
            fail(discord, "await http.request(list_messages(CHANNEL, limit=500))", error)

        heading("What Discord refuses is a typed error")
        try:
            await http.request(get_channel(1))
        except errors.NotFound as error:
            fail(discord, "await http.request(get_channel(1))", error)

        heading("An endpoint that no release knows yet")
        thing = await http.request(Route("GET", path=f"/channels/{CHANNEL}/brand-new-thing", sparkle=True))
        code = 'await http.request(Route("GET", path=f"/channels/{CHANNEL}/brand-new-thing", sparkle=True))'
        show(discord, code, repr(thing))

        heading("Another API version, from the next request on")
        abc.API_VERSION = 9
        async with http.request(get_my_user()) as response:
            result = f"status {response.status}, {len(await response.read())} bytes"
        show(discord, "abc.API_VERSION = 9; async with http.request(get_my_user()) as response: ...", result)

    verdict = (
        f"{len(drifts)} answers contradicted the specification" if drifts else "every answer fitted the specification"
    )
    print(paint("2", f"\nDone in {perf_counter() - begun:.2f} s; {verdict}; nothing left this machine."))


if __name__ == "__main__":
    asyncio.run(main())

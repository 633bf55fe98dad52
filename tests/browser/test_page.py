"""The sandbox's page in a real browser.  `make test-browser` installs what drives it, and says what is missing."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from acord import Client, Intents, events
from acord.routes import bulk_set_application_commands, create_interaction_response, create_message
from acord.sandbox import Sandbox

api: Any = pytest.importorskip("playwright.async_api")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SHOTS = os.environ.get("ACORD_SHOTS")
"""A folder: what was looked at is kept there."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script> **bold** `co<b>de`"


class Look:
    """A page, and what it complained about."""

    def __init__(self, page: Any, discord: Sandbox) -> None:
        self.page, self.discord = page, discord
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.discord.origin, "data:")):
            self.complaints.append(f"foreign: {request.url}")

    async def says(self, text: str) -> None:
        await self.page.get_by_role("log").get_by_text(text, exact=True).last.wait_for(timeout=10_000)

    async def say(self, text: str) -> None:
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.get_by_label("Message", exact=True).press("Enter")

    async def shot(self, name: str) -> None:
        if SHOTS:
            await self.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.fixture
async def browser() -> AsyncGenerator[Any]:
    async with api.async_playwright() as play:
        started = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


async def look(browser: Any, discord: Sandbox, **options: Any) -> Look:
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    page = await context.new_page()
    seen = Look(page, discord)
    await page.goto(discord.page_url)
    await page.get_by_text("live", exact=True).wait_for()
    return seen


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncGenerator[Client]:
    """Answers !ping, has a button, a select menu and a slash command with a modal behind it."""
    client = sandbox.client(intents=Intents.all())
    http = client.http

    @client.on(events.MessageCreate)
    async def said(message: events.MessageCreate) -> None:
        if message.content == "!ping":
            await http.request(create_message(message.channel_id, content="pong"))
        if message.content == "!button":
            button: Any = {"type": 2, "style": 1, "label": "Press me", "custom_id": "b"}
            options = [{"label": "Oak", "value": "oak"}, {"label": "Elm", "value": "elm"}]
            menu: Any = {"type": 3, "custom_id": "m", "placeholder": "Which tree?", "options": options}
            rows: Any = [{"type": 1, "components": [button]}, {"type": 1, "components": [menu]}]
            await http.request(create_message(message.channel_id, content="A button:", components=rows))

    @client.on(events.InteractionCreate)
    async def used(event: Any) -> None:
        data = event.model_dump(mode="json")["data"]
        answer: Any = {"type": 4, "data": {"content": "You pressed it."}}
        if data.get("values"):
            answer["data"]["content"] = f"You chose {data['values'][0]}."
        if data.get("name") == "greet":
            answer["data"] = {"content": f"Hello {data['options'][0]['value']}!", "flags": 64}
        if data.get("name") == "form":
            text = {"type": 4, "custom_id": "t", "label": "Your name", "style": 1}
            answer = {
                "type": 9,
                "data": {"custom_id": "f", "title": "A form", "components": [{"type": 1, "components": [text]}]},
            }
        if data.get("custom_id") == "f":
            answer["data"]["content"] = "Thank you."
        await http.request(create_interaction_response(event.id, event.token, **answer))

    name: Any = {"type": 3, "name": "name", "description": "Whom", "required": True}
    commands: Any = [
        {"name": "greet", "description": "Greets somebody", "options": [name]},
        {"name": "form", "description": "Shows a form"},
    ]
    async with client:
        running = asyncio.create_task(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        await http.request(bulk_set_application_commands(sandbox.seeds.application_id, commands))
        yield client
    await running


@pytest.mark.usefixtures("bot")
async def test_a_person_talks_to_a_bot_on_the_page(browser: Any, sandbox: Sandbox) -> None:
    seen = await look(browser, sandbox)
    page = seen.page

    await seen.say("!ping")
    await seen.says("pong")
    await seen.say("!button")
    await page.get_by_role("button", name="Press me").click()
    await seen.says("You pressed it.")
    await page.get_by_label("Which tree?").select_option("elm")
    await seen.says("You chose elm.")
    await page.get_by_label("Message", exact=True).fill("/gr")
    await page.get_by_role("option", name="/greet").click()
    await seen.say("/greet name:Bob")
    await seen.says("Hello Bob!")
    await seen.says("only they can see this")
    await seen.say("/form")
    await page.get_by_label("Your name").fill("Alice")
    await page.get_by_role("button", name="Submit").click()
    await seen.says("Thank you.")
    await seen.shot("talk")

    assert [] == seen.complaints


@pytest.mark.usefixtures("bot")
async def test_a_dropped_socket_is_seen_to_resume(browser: Any, sandbox: Sandbox) -> None:
    seen = await look(browser, sandbox)
    page = seen.page

    await page.get_by_role("tab", name="Break it").click()
    await page.get_by_role("button", name="Drop the socket").click()
    await page.get_by_role("tab", name="Live").click()
    await page.get_by_text("▼ RESUMED").wait_for(timeout=20_000)
    await page.get_by_role("tab", name="Gateway").click()
    await page.get_by_role("cell", name="#2").wait_for()
    await page.get_by_role("cell", name=" ms").wait_for(timeout=15_000)
    await seen.shot("resumed")
    await seen.say("!ping")
    await seen.says("pong")

    assert [] == seen.complaints


async def test_what_people_and_bots_write_is_text(browser: Any, sandbox: Sandbox) -> None:
    """T30"""
    async with sandbox.http() as http:
        embed: Any = {"title": HOSTILE, "description": HOSTILE, "fields": [{"name": HOSTILE, "value": HOSTILE}]}
        button: Any = {"type": 2, "style": 1, "label": HOSTILE[:60], "custom_id": "b"}
        row: Any = {"type": 1, "components": [button]}
        await http.request(create_message(sandbox.general, content=HOSTILE, embeds=[embed], components=[row]))
    sandbox.world.channels[sandbox.general]["topic"] = HOSTILE

    seen = await look(browser, sandbox)
    await seen.page.get_by_text("onerror").first.wait_for()

    assert "owned" not in await seen.page.title()
    assert 0 == await seen.page.locator("#messages img, #messages script").count()
    assert [] == seen.complaints


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_used_with_the_keyboard_alone(browser: Any, sandbox: Sandbox, scheme: str) -> None:
    seen = await look(browser, sandbox, color_scheme=scheme)
    page = seen.page
    await page.get_by_role("tab", name="Live").focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await page.get_by_role("button", name="Drop the socket").wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await sandbox.until(lambda: any(one.t == "RESUMED" for one in sandbox.frames))
    await seen.shot(f"faults-{scheme}")

    assert [] == seen.complaints


@pytest.mark.usefixtures("bot")
async def test_at_a_phones_width_one_pane_is_seen_at_a_time(browser: Any, sandbox: Sandbox) -> None:
    seen = await look(browser, sandbox, viewport={"width": 390, "height": 844})
    page = seen.page

    await seen.say("!ping")
    await seen.says("pong")
    await seen.shot("phone")
    await page.get_by_role("button", name="Wire").click()
    await page.get_by_text("MESSAGE_CREATE").first.wait_for()
    await page.get_by_role("button", name="Channels").click()
    await page.get_by_role("button", name="# random").click()
    await page.get_by_text("Nothing was said here yet.").wait_for()

    assert 390 >= await page.evaluate("document.documentElement.scrollWidth")
    assert [] == seen.complaints

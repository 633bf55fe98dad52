"""python -m docs._make.pictures: draws docs/pictures, the sandbox's page in a browser among them."""

import asyncio
import shutil
import sys
from importlib import import_module
from typing import Any

from acord import Intents, events
from acord.routes import bulk_set_application_commands, create_interaction_response, create_message
from acord.sandbox import Sandbox
from docs._make.floors import drawing
from docs._make.sources import ROOT

PICTURES = ROOT / "docs" / "pictures"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-quic")  # fmt: skip


def draw() -> None:
    """What needs no browser."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "floors.svg").write_text(drawing(), encoding="utf-8")


async def photograph() -> None:
    """The page of the sandbox, with a bot at work."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    playwright: Any = import_module("playwright.async_api")
    async with (
        Sandbox() as discord,
        discord.client(intents=Intents.all()) as client,
        playwright.async_playwright() as play,
    ):
        http = client.http

        @client.on(events.MessageCreate)
        async def said(message: events.MessageCreate) -> None:
            if message.content == "!ping":
                await http.request(create_message(message.channel_id, content="pong"))
            if message.content == "!plant":
                buttons: Any = [
                    {"type": 2, "style": 3, "label": "Oak", "custom_id": "oak"},
                    {"type": 2, "style": 2, "label": "Elm", "custom_id": "elm"},
                ]
                embed: Any = {
                    "title": "Which tree?", "description": "Both grow **slowly**.", "color": 0x228B22,
                    "fields": [{"name": "Planted so far", "value": "12", "inline": True}],
                }  # fmt: skip
                rows: Any = [{"type": 1, "components": buttons}]
                await http.request(create_message(message.channel_id, embeds=[embed], components=rows))

        @client.on(events.InteractionCreate)
        async def used(event: Any) -> None:
            name = event.model_dump(mode="json")["data"].get("custom_id", "tree")
            answer: Any = {"type": 4, "data": {"content": f"One {name} more."}}
            await http.request(create_interaction_response(event.id, event.token, **answer))

        running = asyncio.create_task(client.run_forever())
        await discord.until(lambda: any(one.t == "GUILD_CREATE" for one in discord.frames))
        commands: Any = [{"name": "plant", "description": "Plants a tree"}]
        await http.request(bulk_set_application_commands(discord.seeds.application_id, commands))
        browser = await play.chromium.launch(executable_path=chromium, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1180, "height": 720}, color_scheme="dark")
        await page.goto(discord.page_url)
        await page.get_by_text("live", exact=True).wait_for()
        for text, answer in (("!ping", "pong"), ("!plant", "Which tree?")):
            await page.get_by_label("Message", exact=True).fill(text)
            await page.get_by_label("Message", exact=True).press("Enter")
            await page.get_by_role("log").get_by_text(answer, exact=True).last.wait_for()
        await page.get_by_role("button", name="Oak").click()
        await page.get_by_text("One oak more.").wait_for()
        await page.wait_for_timeout(400)
        await page.screenshot(path=str(PICTURES / "sandbox.png"))
        await browser.close()
        await client.close()
        await running


def main() -> int:
    draw()
    if "--drawings" not in sys.argv:
        asyncio.run(photograph())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

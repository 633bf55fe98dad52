"""The site in a real browser, read from a folder: it asks no other host for anything, and its search works."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

api: Any = pytest.importorskip("playwright.async_api")
SITE = Path(__file__).parents[2] / "site"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the site is not built: make docs"),
]
PAGES = [
    "index.html",
    "reference/operations/messages/create_message.html",
    "reference/events/message_create.html",
    "reference/close-codes.html",
    "reference/models/messages.html",
    "explanation/session.html",
    "api/rest.html",
]


@pytest.fixture
async def browser() -> AsyncGenerator[Any]:
    async with api.async_playwright() as play:
        started = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


async def look(browser: Any, page: str, **options: Any) -> tuple[Any, list[str]]:
    """A page of the site, and what is wrong with it: other hosts that it asks, errors."""
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    seen = await context.new_page()
    wrong: list[str] = []
    seen.on("request", lambda one: wrong.append(one.url) if not one.url.startswith(("file:", "data:")) else None)
    seen.on("requestfailed", lambda one: wrong.append(f"lost: {one.url}"))
    seen.on("pageerror", lambda error: wrong.append(str(error)))
    seen.on("console", lambda one: wrong.append(one.text) if one.type in ("error", "warning") else None)
    await seen.goto((SITE / page).as_uri())
    await seen.wait_for_load_state("networkidle")
    return seen, wrong


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_asks_no_other_host(browser: Any, page: str) -> None:
    _, wrong = await look(browser, page)

    assert [] == wrong


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}])
async def test_no_page_is_wider_than_the_screen(browser: Any, options: dict[str, Any]) -> None:
    for page in PAGES:
        seen, wrong = await look(browser, page, **options)
        widths = await seen.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], page
        assert [] == wrong


async def test_an_operation_is_found_by_its_name(browser: Any) -> None:
    seen, wrong = await look(browser, "index.html")

    await seen.keyboard.press("f")
    await seen.locator(".md-search__input").press_sequentially("bulk_delete_messages")
    await seen.locator(".md-search-result__item a").first.click()
    await seen.wait_for_url("**/bulk_delete_messages.html*")

    assert [] == wrong


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


async def test_links_between_pages_lead_somewhere(browser: Any) -> None:
    """Those that mkdocs does not know, too: the types in tables are links of our own."""
    script = "[...document.querySelectorAll('a[href]')].map((one) => one.href)"
    known: dict[str, str] = {}
    for page in PAGES:
        seen, _ = await look(browser, page)
        for href in await seen.evaluate(script):
            if href.startswith("file:"):
                path, _, name = href.removeprefix("file://").partition("#")
                text = known.get(path) or known.setdefault(path, read(path))
                assert not name or f'id="{name}"' in text or f"id={name}" in text, href

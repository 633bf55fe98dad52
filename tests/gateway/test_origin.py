"""Gateway URLs: a token goes to Discord, or to where the user said in code."""

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies as st

from acord.core.origin import Origin, connect_url, gateway_url, is_loopback, origin_of


@pytest.mark.parametrize(
    ("url", "rebuilt"),
    [
        ("wss://gateway.discord.gg", "wss://gateway.discord.gg"),
        ("wss://gateway.discord.gg/", "wss://gateway.discord.gg"),
        ("wss://gateway.discord.gg:443/", "wss://gateway.discord.gg"),
        ("WSS://Gateway-US-East1-B.Discord.GG", "wss://gateway-us-east1-b.discord.gg"),
        ("wss://gateway.discord.gg/?v=6&encoding=etf", "wss://gateway.discord.gg"),
    ],
)
def test_t9_discords_urls_are_rebuilt_from_their_parts(url: str, rebuilt: str) -> None:
    assert rebuilt == gateway_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        5,
        b"wss://gateway.discord.gg",
        "gateway.discord.gg",
        "//gateway.discord.gg",
        "http://gateway.discord.gg",
        "https://gateway.discord.gg",
        "ws://gateway.discord.gg",
        "wss://discord.gg",
        "wss://evil.example",
        "wss://gateway.discord.gg.evil.example",
        "wss://gatewaydiscord.gg",
        "wss://discord.gg.",
        "wss://gateway.discord.gg.",
        "wss://.discord.gg",
        "wss://-.discord.gg",
        "wss://a..discord.gg",
        "wss://evil.example/.discord.gg",
        "wss://evil.example?.discord.gg",
        "wss://evil.example#.discord.gg",
        "wss://evil.example\\.discord.gg",
        "wss://evil.example%2f.discord.gg",
        "wss://user@gateway.discord.gg",
        "wss://user:pass@gateway.discord.gg",
        "wss://@gateway.discord.gg",
        "wss://gateway.discord.gg@evil.example",
        "wss://gateway.discord.gg:80",
        "wss://gateway.discord.gg:8443",
        "wss://gateway.discord.gg:0",
        "wss://gateway.discord.gg:x",
        "wss://gateway.discord.gg:99999",
        "wss://gateway.discord.gg/path",
        "wss://gateway.discord.gg//",
        "wss://127.0.0.1",
        "wss://[::1]",
        "wss://[::1",
        "wss://2130706433",
        "wss://localhost",
        "wss://gateway.discord.gg\n",
        "wss://gate\tway.discord.gg",
        " wss://gateway.discord.gg",
        "wss://g\u0430teway.discord.gg",
        "wss://gateway\u3002discord.gg",
        "wss://" + "a." * 5000 + "discord.gg",
    ],
    ids=lambda url: repr(url)[:40],
)
def test_t9_everything_else_is_refused(url: object) -> None:
    assert None is gateway_url(url)


@given(st.text() | st.from_regex(r"wss?://[a-z@:/?#.\\%\[\]0-9]{0,40}discord\.gg[a-z@:/?#.]{0,20}"))
def test_t9_whatever_is_accepted_leads_to_discord_for_every_parser(url: str) -> None:
    rebuilt = gateway_url(url)

    if rebuilt is not None:
        parts = urlsplit(rebuilt)
        assert ("wss", None, "", "", "") == (parts.scheme, parts.port, parts.path, parts.query, parts.fragment)
        assert (parts.hostname or "").endswith(".discord.gg")
        assert parts.netloc == parts.hostname


@given(st.ip_addresses())
def test_t9_addresses_are_refused(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)

    assert None is gateway_url(f"wss://{host}")


@pytest.mark.parametrize("named", ["ws://127.0.0.1:8765", "wss://proxy.internal:8443", "ws://[::1]:80"])
def test_t9_what_the_user_named_in_code_is_allowed_and_nothing_beside_it(named: str) -> None:
    origin = origin_of(named)
    assert origin is not None

    assert origin == origin_of(gateway_url(named, [origin]))
    assert None is gateway_url(named)
    assert None is gateway_url("ws://127.0.0.1:9999", [origin])


def test_an_origin_has_the_port_of_its_scheme() -> None:
    assert Origin("wss", "gateway.discord.gg", 443) == origin_of("wss://gateway.discord.gg")
    assert Origin("ws", "localhost", 80) == origin_of("ws://localhost/")


def test_the_query_is_ours_and_whole() -> None:
    assert "wss://x.discord.gg/?v=10&encoding=etf" == connect_url(
        "wss://x.discord.gg/", version=10, encoding="etf", compress=None
    )
    assert "wss://x.discord.gg/?v=9&encoding=json&compress=zstd-stream" == connect_url(
        "wss://x.discord.gg", version=9, encoding="json", compress="zstd-stream"
    )


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("gateway.discord.gg", False)],
)
def test_t9_this_machine_is_told_from_all_others(host: str, here: bool) -> None:
    assert here is is_loopback(Origin("ws", host, 80))

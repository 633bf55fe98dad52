"""`acord.core.signals`: the names that the published documentation promises, and what a close code tells to do."""

import subprocess
import sys

import pytest

from acord.core.signals import gateway, voice

OPCODES = {
    "DISPATCH": 0, "HEARTBEAT": 1, "IDENTIFY": 2, "PRESENCE": 3, "VOICE": 4, "RESUME": 6, "RECONNECT": 7,
    "GUILDMEMBERS": 8, "INVALIDSESSION": 9, "HELLO": 10, "HEARTBEATACK": 11,
    "PRESENCE_UPDATE": 3, "VOICE_STATE_UPDATE": 4, "REQUEST_GUILD_MEMBERS": 8, "INVALID_SESSION": 9,
    "HEARTBEAT_ACK": 11, "REQUEST_SOUNDBOARD_SOUNDS": 31, "REQUEST_CHANNEL_INFO": 43,
}  # fmt: skip
CLOSE_CODES = {
    "UNKNOWN_ERROR": 4000, "UNKNOWN_OPCODE": 4001, "DECODE_ERROR": 4002, "FORBIDDEN": 4003, "AUTH_FAILED": 4004,
    "ALREADY_AUTHENTICATED": 4005, "INVALID_SEQ": 4007, "RATELIMIT": 4008, "SESSION_TIMEOUT": 4009,
    "INVALID_SHARD": 4010, "SHARD_REQUIRED": 4011, "INVALID_API_VERSION": 4012, "INVALID_INTENTS": 4013,
    "DISALLOWED_INTENT": 4014, "NOT_AUTHENTICATED": 4003, "AUTHENTICATION_FAILED": 4004, "RATE_LIMITED": 4008,
    "SHARDING_REQUIRED": 4011, "DISALLOWED_INTENTS": 4014,
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), OPCODES.items())
def test_an_opcode_is_found_in_the_module_and_in_its_class(name: str, value: int) -> None:
    assert value == getattr(gateway, name)
    assert getattr(gateway, name) is gateway.Opcode(value)
    assert getattr(gateway, name) is gateway.Opcode[name]


@pytest.mark.parametrize(("name", "value"), CLOSE_CODES.items())
def test_a_close_code_is_found_in_the_module_and_in_its_class(name: str, value: int) -> None:
    assert value == getattr(gateway, name)
    assert getattr(gateway, name) is gateway.CloseCode(value)
    assert getattr(gateway, name) is gateway.CloseCode[name]


@pytest.mark.parametrize(
    ("verdict", "codes"),
    [
        (gateway.Verdict.RESUME, [1000, 1001, 1006, 4000, 4001, 4002, 4005, 4006, 4008, 4999]),
        (gateway.Verdict.NEW_SESSION, [4003, 4007, 4009]),
        (gateway.Verdict.FATAL, [4004, 4010, 4011, 4012, 4013, 4014]),
    ],
)
def test_a_gateway_close_code_tells_what_to_do_next(verdict: gateway.Verdict, codes: list[int]) -> None:
    assert [verdict] * len(codes) == [gateway.CloseCode(code).verdict for code in codes]


@pytest.mark.parametrize(
    ("verdict", "codes"),
    [
        (voice.Verdict.RESUME, [1000, 1006, 4015]),
        (voice.Verdict.NEW_SESSION, [4006, 4009, 4011]),
        (voice.Verdict.WAIT, [4014, 4022]),
        (voice.Verdict.FATAL, [4001, 4002, 4003, 4004, 4005, 4012, 4016, 4017, 4020, 4021]),
    ],
)
def test_a_voice_close_code_tells_what_to_do_next(verdict: voice.Verdict, codes: list[int]) -> None:
    assert [verdict] * len(codes) == [voice.CloseCode(code).verdict for code in codes]


def test_a_refused_token_comes_with_advice_about_the_token() -> None:
    assert "token" in gateway.CloseCode(4004).advice


def test_a_close_code_of_tomorrow_is_kept_and_has_advice() -> None:
    code = gateway.CloseCode(4099)

    assert code == 4099
    assert not code.is_known
    assert code.advice == gateway.UNLISTED_ADVICE


@pytest.mark.parametrize("code", [4001, 4002, 4005])
def test_codes_that_blame_the_client_say_so(code: int) -> None:
    assert gateway.CloseCode(code).is_client_bug


def test_codes_that_blame_nobody_do_not() -> None:
    assert not gateway.CloseCode(4000).is_client_bug


def test_the_intents_add_up() -> None:
    assert gateway.Intents.all() == 53_608_447
    assert gateway.Intents.privileged() == (1 << 1) | (1 << 8) | (1 << 15)
    assert gateway.Intents.default() | gateway.Intents.privileged() == gateway.Intents.all()
    assert gateway.Intents.none() == 0


def test_the_default_intents_need_no_switch() -> None:
    assert not gateway.Intents.default() & gateway.Intents.privileged()


def test_an_intent_of_tomorrow_is_kept() -> None:
    assert gateway.Intents(1 << 40) | gateway.GUILDS == (1 << 40) + 1


def test_older_names_of_intents_mean_the_same() -> None:
    assert gateway.GUILD_BANS is gateway.Intents.GUILD_MODERATION
    assert gateway.GUILD_EMOJIS_AND_STICKERS is gateway.Intents.GUILD_EXPRESSIONS


def test_an_event_knows_the_intents_that_let_it_through() -> None:
    wanted = gateway.EVENT_INTENTS["MESSAGE_CREATE"]

    assert gateway.Intents.GUILD_MESSAGES & wanted
    assert gateway.Intents.DIRECT_MESSAGES & wanted
    assert not gateway.Intents.GUILDS & wanted
    assert "INTERACTION_CREATE" not in gateway.EVENT_INTENTS


def test_what_a_client_may_send_is_told_from_what_discord_sends() -> None:
    assert {0, 1, 7, 9, 10, 11} == gateway.RECEIVED
    assert {1, 2, 3, 4, 6, 8, 31, 43} == gateway.SENT


def test_the_preferred_encryption_comes_first_and_the_required_one_last() -> None:
    assert voice.PREFERRED_MODES == ("aead_aes256_gcm_rtpsize", "aead_xchacha20_poly1305_rtpsize")


def test_binary_voice_opcodes_are_those_of_mls() -> None:
    assert {25, 26, 27, 28, 29, 30} == voice.BINARY


def test_the_signals_load_neither_asyncio_nor_pydantic() -> None:
    program = (
        "import sys, acord.core.signals.gateway; print(sorted({'asyncio', 'pydantic', 'httpx'} & sys.modules.keys()))"
    )
    path = [entry for entry in sys.path if entry]

    shown = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; " + program],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.strip() == "[]"

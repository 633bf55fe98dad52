import copy
import hmac
import io
import json
import pickle
import random
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from acord.core import abc
from acord.core.types import (
    MISSING,
    DigitFlags,
    File,
    Missing,
    OpenFlags,
    OpenIntEnum,
    OpenStrEnum,
    Snowflake,
    Token,
)
from tests.interpreter import loaded

CANARY = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.canary-canary-canary"


class Kind(OpenIntEnum):
    TEXT = 0
    VOICE = 2


class Locale(OpenStrEnum):
    GERMAN = "de"
    GREEK = "el"


class Flags(OpenFlags):
    A = 1
    B = 2
    C = 4


class Rights(DigitFlags):
    KICK = 2
    BAN = 4


class Thing(BaseModel):
    id: Snowflake
    kind: Kind
    locale: Locale
    flags: Flags
    rights: Rights


# ---- MISSING


def test_missing_is_one_value_in_every_process() -> None:
    assert MISSING is pickle.loads(pickle.dumps(MISSING))  # noqa: S301
    assert MISSING is copy.deepcopy(MISSING)


def test_missing_prints_as_it_is_written() -> None:
    assert "MISSING" == repr(MISSING)


def test_missing_equals_no_value_that_could_be_sent() -> None:
    with pytest.raises(ValueError, match="not a valid Missing"):
        Missing("MISSING")


# ---- Snowflake


def test_a_snowflake_knows_when_it_was_made() -> None:
    expected = datetime(2016, 4, 30, 11, 18, 25, 796000, tzinfo=UTC)

    assert expected == Snowflake(175928847299117063).created_at


def test_the_epoch_that_the_user_rebinds_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abc, "DISCORD_EPOCH", 0)

    assert datetime(1970, 1, 1, tzinfo=UTC) == Snowflake(0).created_at


@given(st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2150, 1, 1), timezones=st.just(UTC)))
def test_an_id_from_a_moment_gives_that_moment_to_the_millisecond(when: datetime) -> None:
    made = Snowflake.from_datetime(when)

    assert timedelta() <= when - made.created_at < timedelta(milliseconds=1)


@given(st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2150, 1, 1), timezones=st.just(UTC)))
def test_low_and_high_enclose_every_id_of_a_millisecond(when: datetime) -> None:
    low, high = Snowflake.from_datetime(when), Snowflake.from_datetime(when, high=True)

    assert low.created_at == high.created_at
    assert Snowflake(low - 1).created_at < low.created_at if low else True
    assert Snowflake(high + 1).created_at > high.created_at


def test_an_offset_is_the_same_moment() -> None:
    east = datetime.fromisoformat("2020-01-01T02:00:00+02:00")

    assert Snowflake.from_datetime(datetime(2020, 1, 1, tzinfo=UTC)) == Snowflake.from_datetime(east)


def test_a_naive_datetime_is_refused_with_the_cure() -> None:
    with pytest.raises(ValueError, match="tzinfo"):
        Snowflake.from_datetime(datetime(2020, 1, 1))


def test_a_moment_before_discord_has_no_id() -> None:
    with pytest.raises(ValueError, match="2015-01-01"):
        Snowflake.from_datetime(datetime(2014, 12, 31, tzinfo=UTC))


def test_a_time_range_holds_its_start_and_not_its_end() -> None:
    start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC)

    after, before = Snowflake.between(start, end)

    assert after < Snowflake.from_datetime(start) < before
    assert after == Snowflake.from_datetime(start) - 1
    assert before == Snowflake.from_datetime(end)


def test_a_time_range_may_begin_before_discord() -> None:
    after, _ = Snowflake.between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))

    assert 0 == after


@pytest.mark.parametrize("text", ['"175928847299117063"', "175928847299117063"])
def test_both_spellings_of_an_id_load_and_digits_are_dumped(text: str) -> None:
    adapter = TypeAdapter(Snowflake)

    value = adapter.validate_json(text)

    assert Snowflake is type(value)
    assert b'"175928847299117063"' == adapter.dump_json(value)


def test_a_snowflake_survives_pickling_as_itself() -> None:
    value = pickle.loads(pickle.dumps(Snowflake(5)))  # noqa: S301

    assert Snowflake is type(value)


# ---- open enums


@pytest.mark.parametrize(("cls", "raw"), [(Kind, 99), (Locale, "tlh")])
def test_an_unknown_value_is_a_member_to_be(cls: Any, raw: Any) -> None:
    member = cls(raw)

    assert cls is type(member)
    assert not member.is_known
    assert raw == member
    assert "x" == {raw: "x"}[member]
    assert member == cls(raw)


@pytest.mark.parametrize("member", [Kind.TEXT, Kind(99), Locale.GERMAN, Locale("tlh"), Flags(9), Rights(3)])
def test_members_known_and_unknown_survive_pickle_and_copy(member: Any) -> None:
    for other in (pickle.loads(pickle.dumps(member)), copy.copy(member), copy.deepcopy(member)):  # noqa: S301
        assert type(member) is type(other)
        assert member == other


def test_unknown_values_leave_no_trace_in_memory() -> None:
    for value in range(1000, 3000):
        Kind(value)
        Locale(str(value))

    assert {0, 2} == set(Kind._value2member_map_)
    assert {"de", "el"} == set(Locale._value2member_map_)


def test_a_value_that_is_spelt_like_a_members_name_is_still_unknown() -> None:
    assert not Locale("GERMAN").is_known
    assert Locale("de").is_known


@pytest.mark.parametrize("value", ["0", 1.5, None, True])
def test_what_is_no_integer_is_no_member(value: Any) -> None:
    if value is True:
        assert Kind(2) == Kind.VOICE
        with pytest.raises(ValueError, match="True"):
            Kind(True)
    else:
        with pytest.raises(ValueError, match="not a valid Kind"):
            Kind(value)


def test_members_are_written_as_their_values() -> None:
    assert '[0, 99, "de", "tlh"]' == json.dumps([Kind.TEXT, Kind(99), Locale.GERMAN, Locale("tlh")])
    assert ("UNKNOWN_99", "tlh") == (Kind(99).name, str(Locale("tlh")))


# ---- flags


def test_taking_a_flag_away_keeps_bits_without_a_name() -> None:
    flags = Flags((1 << 40) | 3)

    assert (1 << 40) | 2 == flags & ~Flags.A


def test_inverting_twice_changes_nothing() -> None:
    assert Flags.B == ~~Flags.B
    assert Flags.A not in ~Flags.A
    assert Flags.C in ~Flags.A


@given(st.integers(0, 2**63))
def test_flags_keep_every_bit(value: int) -> None:
    assert value == int(Flags(value))
    assert Flags is type(Flags(value) | Flags.A)


def test_combinations_do_not_pile_up() -> None:
    source = random.Random(7)
    for _ in range(2_000):
        Flags(source.getrandbits(50))
        ~Flags(source.getrandbits(50))

    assert len(Flags._value2member_map_) < 300
    assert {v: Flags._value2member_map_[v] for v in (1, 2, 4)} == {1: Flags.A, 2: Flags.B, 4: Flags.C}


def test_decoding_keeps_a_bounded_number_of_combinations() -> None:
    adapter = TypeAdapter(Flags)
    for value in range(10_000, 16_000):
        adapter.validate_python(value)

    from acord.core import enums

    assert len(enums._tables[Flags]) <= 4_096


def test_a_negative_bit_set_is_refused() -> None:
    with pytest.raises(ValidationError, match="not negative"):
        TypeAdapter(Flags).validate_json("-1")


def test_models_keep_what_is_new_and_dump_what_was_received() -> None:
    text = '{"id":"5","kind":99,"locale":"tlh","flags":1099511627777,"rights":"1099511627778"}'

    thing = Thing.model_validate_json(text)

    assert (Kind, Locale, Flags, Rights) == (
        type(thing.kind),
        type(thing.locale),
        type(thing.flags),
        type(thing.rights),
    )
    assert json.loads(text) == thing.model_dump(mode="json")
    assert json.loads(text) == json.loads(thing.model_dump_json())


def test_known_values_load_as_the_members_themselves() -> None:
    thing = Thing.model_validate_json('{"id":"5","kind":2,"locale":"de","flags":1,"rights":"4"}')

    assert Kind.VOICE is thing.kind
    assert Locale.GERMAN is thing.locale
    assert Flags.A is thing.flags
    assert Rights.BAN is thing.rights


# ---- Token


def test_T1_a_token_shows_nothing() -> None:
    token = Token.bot(CANARY)

    shown = f"{token} {token!r} {token!s} {token:>80} %s %r" % (token, token)

    assert "canary" not in shown
    with pytest.raises(TypeError):
        vars(token)


def test_T1_a_token_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Token.bot(CANARY))


@pytest.mark.parametrize("other", [CANARY, "another", Token.bot(CANARY), Token.bot("another")])
def test_T25_tokens_are_compared_in_constant_time(other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, two: compared.append(one) or real(one, two))

    equal = Token.bot(CANARY) == other

    assert (other == CANARY) == equal
    assert [CANARY.encode()] == compared[:1]


def test_a_token_equals_the_string_it_was_made_from() -> None:
    assert Token.bot(CANARY) == CANARY
    assert Token.bot(CANARY) == CANARY
    assert 1 == {CANARY: 1}[Token.bot(CANARY)]  # type: ignore[index]  # equality with str is the contract
    assert "another" != Token.bot(CANARY)
    assert Token.bot(CANARY) != Token.bearer(CANARY)


def test_a_token_is_revealed_on_request_only() -> None:
    assert Token.bot(CANARY).reveal() == CANARY


@pytest.mark.parametrize(
    ("token", "header"),
    [
        (Token.bot("abc"), "Bot abc"),
        (Token.bearer("abc"), "Bearer abc"),
        (Token.basic(1, "se"), "Basic MTpzZQ=="),
        (Token.none(), None),
    ],
)
def test_each_kind_writes_its_own_header(token: Token, header: str | None) -> None:
    assert header == token.header()


def test_fingerprints_tell_credentials_apart_and_are_the_same_everywhere() -> None:
    assert Token.bot("abc").fingerprint == Token.bot("abc").fingerprint
    assert 3 == len({Token.bot("abc").fingerprint, Token.bot("abd").fingerprint, Token.bearer("abc").fingerprint})
    assert "21053d48bade833d" == Token.bot("abc").fingerprint


@pytest.mark.parametrize("value", ["Bot abc", "bearer abc", "", "abc\n", " abc", "a b", "abcé", "a\x00b"])
def test_a_token_that_cannot_be_right_is_refused_at_once(value: str) -> None:
    for make in (Token.bot, Token.bearer):
        with pytest.raises(ValueError, match="token"):
            make(value)


@pytest.mark.parametrize("kind", ["bot", "bearer", "basic"])
def test_T4_a_refused_token_is_in_no_local_of_our_frames(kind: str) -> None:
    arguments = ["Bot " + CANARY] if kind != "basic" else ["1", "Bot " + CANARY]

    with pytest.raises(ValueError, match="token") as caught:
        getattr(Token, kind)(*arguments)

    report = traceback.TracebackException(ValueError, caught.value, caught.tb, capture_locals=True)
    ours = [str(frame.locals) for frame in report.stack if frame.filename.endswith("credentials.py")]
    assert ours
    assert "canary" not in "".join(ours)


def test_of_takes_a_string_for_a_bots() -> None:
    token = Token.bearer("abc")

    assert "bot" == Token.of("abc").kind
    assert token is Token.of(token)
    assert not Token.none()


# ---- File


def test_a_path_is_opened_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"meow")
    file = File(path)

    for _ in range(2):
        with file.open() as stream:
            assert b"meow" == stream.read()
        assert stream.closed
    assert "cat.png" == file.filename
    assert file.repeatable


def test_bytes_need_a_name() -> None:
    with pytest.raises(ValueError, match="filename="):
        File(b"meow")


def test_bytes_are_copied_from_a_buffer_that_may_change() -> None:
    buffer = bytearray(b"meow")
    file = File(buffer, "cat.txt")

    buffer[:] = b"wuff"

    with file.open() as stream:
        assert b"meow" == stream.read()


def test_R4_an_open_file_is_rewound_to_where_it_stood_and_left_open() -> None:
    stream = io.BytesIO(b"head-body")
    stream.seek(5)
    file = File(stream, "x.bin")

    for _ in range(2):
        with file.open() as opened:
            assert b"body" == opened.read()
    assert not stream.closed


def test_R4_what_cannot_seek_is_not_repeatable() -> None:
    class Pipe(io.RawIOBase):
        def seekable(self) -> bool:
            return False

    assert not File(Pipe(), "x.bin").repeatable  # type: ignore[arg-type]  # a pipe


def test_a_function_opens_it_each_time() -> None:
    file = File(lambda: io.BytesIO(b"meow"), "cat.txt")

    for _ in range(2):
        with file.open() as stream:
            assert b"meow" == stream.read()


def test_a_spoiler_is_marked_in_the_name_once() -> None:
    assert "SPOILER_cat.png" == File(b"", "cat.png", spoiler=True).filename
    assert "SPOILER_cat.png" == File(b"", "SPOILER_cat.png", spoiler=True).filename
    assert File(b"", "SPOILER_cat.png").spoiler


@pytest.mark.parametrize("name", ["a\r\nX: y", "a\x00", "a\n"])
def test_T14_control_characters_in_a_file_name_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="control"):
        File(b"", name)


def test_the_floor_loads_neither_pydantic_nor_asyncio() -> None:
    found = loaded("import acord.core.abc, acord.core.operation, acord.core.shapes")

    assert not found & {"pydantic", "asyncio", "httpx", "msgspec", "dataclasses", "inspect"}

"""Stores of sessions: what a file holds, and what becomes of a broken one."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from acord import FileSession, MemorySession
from acord.core import sessions as module
from acord.core.ledger import Ledger
from tests.gateway.driver import stored


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_what_was_saved_is_there_and_what_was_dropped_is_not(tmp_path: Path, kind: str) -> None:
    store = MemorySession() if kind == "memory" else FileSession(tmp_path / "s.json")
    await store.save([stored(shard_id=0, shard_count=2), stored(shard_id=1, shard_count=2, seq=9)])
    await store.save([stored(shard_id=1, shard_count=2, seq=10)])
    await store.drop([0], 2)

    assert await store.load(0, 2) is None
    assert stored(shard_id=1, shard_count=2, seq=10) == await store.load(1, 2)
    assert await store.load(1, 4) is None
    await store.close()


async def test_another_process_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "s.json"
    first, second = FileSession(path), FileSession(path)
    await first.save([stored()])
    await first.close()

    assert stored() == await second.load(0, 1)
    await second.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "7",
        '{"format": 2, "sessions": {}}',
        '{"format": 1, "sessions": []}',
        '{"format": 1, "sessions": {"0/1": {}}}',
        '{"format": 1, "sessions": {"0/1": 7}}',
        "[" * 100_000,
        "\x00\xff",
    ],
)
async def test_p2_a_broken_file_is_no_session_and_a_warning(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "s.json"
    path.write_text(content, "latin-1")
    store = FileSession(path)

    assert await store.load(0, 1) is None
    assert ["acord.core.sessions"] == [record.name for record in caplog.records]
    await store.save([stored()])
    await store.close()
    assert 1 == json.loads(path.read_text())["format"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
async def test_p2_a_write_that_is_cut_off_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "s.json"
    store = FileSession(path)
    await store.save([stored(seq=1)])

    def fails(*_: Any) -> None:
        raise OSError("no power")

    with monkeypatch.context() as patched:
        patched.setattr(*((os, "fsync", fails) if step == "fsync" else (Path, "replace", fails)))
        with pytest.raises(OSError, match="no power"):
            await store.save([stored(seq=2)])
    await store.close()

    assert ["s.json"] == [one.name for one in tmp_path.iterdir()]  # noqa: ASYNC240  # a test may wait for its disk
    assert 1 == json.loads(path.read_text())["sessions"]["0/1"]["seq"]


async def test_the_file_reaches_the_disk_before_it_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: (order.append("fsync"), sync(number))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (order.append("replace"), replace(self, to))[1])
    store = FileSession(tmp_path / "s.json")
    await store.save([stored()])
    await store.close()

    assert ["fsync", "replace", "fsync"] == order


async def test_a_file_that_was_not_written_here_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE", 10)
    (tmp_path / "s.json").write_text("x" * 11)
    store = FileSession(tmp_path / "s.json")

    assert await store.load(0, 1) is None
    await store.close()


async def test_no_thread_survives_closing(tmp_path: Path) -> None:
    import threading

    store = FileSession(tmp_path / "s.json")
    await store.save([stored()])
    assert any("acord-sessions" in thread.name for thread in threading.enumerate())
    await store.close()

    assert not any("acord-sessions" in thread.name for thread in threading.enumerate())


# What is handled


def test_the_oldest_that_is_open_holds_the_number_back() -> None:
    ledger = Ledger()
    ledger.begins(1)
    pages = {seq: ledger.open(seq) for seq in (2, 3, 5)}

    assert 1 == ledger.handled
    Ledger.close(pages[3], 3)
    assert 1 == ledger.handled
    Ledger.close(pages[2], 2)
    assert 4 == ledger.handled
    Ledger.close(pages[5], 5)
    assert ledger.handled is None


def test_ready_itself_is_never_asked_for_again() -> None:
    ledger = Ledger()
    ledger.begins(7)
    ledger.open(7)

    assert 7 == ledger.handled


def test_what_is_open_of_an_old_session_does_not_count_in_the_new() -> None:
    ledger = Ledger()
    ledger.begins(1)
    old = ledger.open(2)
    ledger.begins(1)
    ledger.open(2)
    Ledger.close(old, 2)

    assert (1, 1) == (ledger.handled, len(ledger))


def test_an_event_without_a_number_is_not_noted() -> None:
    ledger = Ledger()
    Ledger.close(ledger.open(None), None)

    assert (None, 0) == (ledger.handled, len(ledger))

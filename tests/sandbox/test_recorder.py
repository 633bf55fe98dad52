"""What is kept of what went over the wire: the newest, as far as it is neither too many nor too much."""

from typing import Any

from acord.sandbox.recorder import Frame, Recorder


def frame(number: int, d: Any = None) -> Frame:
    return Frame(0.0, 1, (0, 1), "out", 0, "T", number, d)


def kept(record: Recorder) -> list[int | None]:
    return [one.s for one in record.frames]


def test_the_oldest_goes_where_there_are_too_many() -> None:
    record = Recorder(keep=2)

    for number in range(4):
        record.add(frame(number))

    assert ([2, 3], 4) == (kept(record), record.count)


def test_the_oldest_goes_where_all_say_too_much_together() -> None:
    record = Recorder(most=250)

    for number in range(4):
        record.add(frame(number, "x" * 98))  # 100 bytes as JSON

    assert [2, 3] == kept(record)


def test_what_alone_says_too_much_is_kept_until_the_next_comes() -> None:
    record = Recorder(most=10)

    record.add(frame(1, "x" * 50))
    alone = kept(record)
    record.add(frame(2))

    assert ([1], [2]) == (alone, kept(record))


def test_what_was_forgotten_weighs_nothing() -> None:
    record = Recorder(most=250)
    record.add(frame(1, "x" * 98))

    record.clear()
    for number in (2, 3):
        record.add(frame(number, "x" * 98))

    assert ([2, 3], 3) == (kept(record), record.count)

import asyncio

from acord.core.clock import Clock, SystemClock


def test_the_system_clock_never_runs_backwards() -> None:
    clock: Clock = SystemClock()

    first = clock.monotonic()

    assert first <= clock.monotonic()


async def test_a_sleep_of_less_than_nothing_lets_others_run_and_returns() -> None:
    ran: list[str] = []
    asyncio.get_running_loop().call_soon(ran.append, "other")

    await SystemClock().sleep(-5)

    assert ["other"] == ran

"""Virtual time and a gateway without sockets."""

import pytest

from acord.core import performer
from tests.gateway.fleet import Fleet, VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def fleet(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """What every shard of the test connects to."""
    made = Fleet(clock)
    monkeypatch.setattr(performer, "dial", made.dial)
    return made

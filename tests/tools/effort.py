"""How much hypothesis tries: the same few samples in every run of the suite, many at random where there is time.

``ACORD_SOAK=1`` is for `make deep`; all of tests/generated takes some seven minutes of one core then.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

__all__ = ["PATIENCE", "SOAK", "effort"]

SOAK = os.environ.get("ACORD_SOAK") == "1"
PATIENCE = pytest.mark.timeout(3_600 if SOAK else 300)


def effort(examples: int, *, soak: int) -> settings:
    """Settings for samples of an official fact: ``examples`` of them, ``soak`` at random where there is time."""
    return settings(
        max_examples=soak if SOAK else examples,
        deadline=None,
        database=None,
        derandomize=not SOAK,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        phases=[Phase.generate],
    )

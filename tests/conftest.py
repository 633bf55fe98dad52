"""One profile of Hypothesis for all tests: a loaded machine is no failure, and a failure can be run again."""

from hypothesis import settings

settings.register_profile("acord", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("acord")

"""For all tests: the fixtures that ACord gives its users, and one profile of Hypothesis."""

from hypothesis import settings

# Where ACord is installed pytest finds it by itself; from a checkout it is named.
pytest_plugins = ["acord.testing.plugin"]

# A loaded machine is no failure, and a failure can be run again.
settings.register_profile("acord", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("acord")

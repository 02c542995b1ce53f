"""Settings of all tests."""

from hypothesis import settings

# a busy computer is no failure: speed is measured in bench/, never here
settings.register_profile("ocella", deadline=None, derandomize=True)
settings.load_profile("ocella")

"""Settings of all tests."""

import importlib.util
import os
import sys

from hypothesis import settings

# small networks are quicker in one thread than in threads that wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")

if importlib.util.find_spec("torchvision") is not None:
    from tests.torchvision.cpu_torchvision import make_importable

    make_importable()

# a busy computer is no failure: speed is measured in bench/, never here
settings.register_profile("ocella", deadline=None, derandomize=True)
settings.load_profile("ocella")


def pytest_runtest_setup() -> None:
    """Libraries make small networks from torch's own randomness, which so is the same in any order of tests."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(5)

"""Settings of all tests."""

import importlib.util

from hypothesis import settings

if importlib.util.find_spec("torchvision") is not None:
    from tests.torchvision.cpu_torchvision import make_importable

    make_importable()

# a busy computer is no failure: speed is measured in bench/, never here
settings.register_profile("ocella", deadline=None, derandomize=True)
settings.load_profile("ocella")

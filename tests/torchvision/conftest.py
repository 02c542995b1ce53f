"""These tests need torchvision, timm, open_clip, docTR and rfdetr: `make test` runs them in an environment that has them."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest

if importlib.util.find_spec("torchvision") is None:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("torchvision")

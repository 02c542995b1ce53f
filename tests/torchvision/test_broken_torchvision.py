"""What a person is told whose torchvision was not built for the installed torch, which breaks transformers too."""

import json
import os
import subprocess
import sys

import pytest
from tests.checkpoints.clip import make

from ocella.errors import OcellaError
from ocella.models.checkpoints.transformers_checkpoint import transformers_class

TELL = """
import json, sys
from pathlib import Path
from ocella import load
from ocella.errors import OcellaError
from ocella.models.entry import zoo
from ocella.models.checkpoints.timm_checkpoint import import_library
from ocella.models.checkpoints.transformers_checkpoint import transformers_class

told = {}
for asked in sys.argv[2:]:
    try:
        exec(asked)
    except OcellaError as error:
        told[asked] = f"{type(error).__name__} {error}"
print(json.dumps(told))
"""
PLANTED = 'raise RuntimeError("operator torchvision::nms does not exist")\n'
ONE_INDEX = (
    "which is installed but cannot be imported: operator torchvision::nms does not exist",
    "install both from one index, like pip install --force-reinstall torch torchvision --index-url https://",
)
UNINSTALL = (
    "because the installed torchvision does not fit torch: operator torchvision::nms does not exist",
    "run: pip uninstall torchvision",
)
CASES = {
    "load('clip-vit-base-patch32', weights=Path(sys.argv[1]))": ("transformers cannot load CLIPModel", *UNINSTALL),
    "transformers_class('DepthProImageProcessor')": ("cannot load DepthProImageProcessor", *UNINSTALL),
    "import_library(zoo.get('fastvit-t8-apple-in1k').card, 'timm')": ("'fastvit-t8-apple-in1k' needs timm", *ONE_INDEX),
    "import_library(zoo.get('pe-core-t-16-384').card, 'open_clip')": ("needs open_clip", *ONE_INDEX),
    "load('doctr', device='cpu')": ("'doctr' needs doctr.models", *ONE_INDEX),
    "load('rf-detr-keypoint-preview', device='cpu')": ("needs rfdetr", *ONE_INDEX),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By a process without the stand-in of these tests; a torchvision that works all the same is hidden by a broken one."""
    folder, environment = tmp_path_factory.mktemp("broken"), dict(os.environ)
    make(folder, "clip-vit-base-patch32")
    alone = [sys.executable, "-W", "ignore", "-c"]
    if not subprocess.run([*alone, "import torchvision"], capture_output=True, check=False).returncode:
        (folder / "torchvision").mkdir()
        (folder / "torchvision" / "__init__.py").write_text(PLANTED, encoding="utf-8")
        environment["PYTHONPATH"] = str(folder)
    asked = [*alone, TELL, str(folder), *CASES]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("asked", CASES)
def test_it_is_named_with_the_way_out(told: dict[str, str], asked: str) -> None:
    assert told[asked].startswith("OcellaError ")
    for part in CASES[asked]:
        assert part in told[asked]


def test_one_that_works_is_not_blamed() -> None:
    with pytest.raises(OcellaError, match=r"transformers [0-9.]+ has no NoSuchClass.*pip install 'ocella\[torch\]'"):
        transformers_class("NoSuchClass")

"""docTR on small networks, beside its own pipeline on the same ones."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doctr import models as doctr_models
from safetensors.torch import load_file, save_file
from tests.checkpoints.doctr import NETWORKS, make, page
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import Mismatch, NotFound, Unreadable
from ocella.models.tasks import TextReader
from ocella.types import Image

THIN = [(1, 1), (1, 300), (300, 1), (3000, 4000)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("doctr")
    make(made, "doctr")
    return made


@pytest.fixture(scope="module")
def reader(folder: Path) -> TextReader:
    return opened(folder)


@pytest.fixture(scope="module")
def theirs(folder: Path) -> Any:
    """The package's own pipeline, without the layers joined that ocella joins for speed."""
    parts = []
    for name, library in (("detection", doctr_models.detection), ("recognition", doctr_models.recognition)):
        network = getattr(library, NETWORKS[name])(pretrained=False, pretrained_backbone=False)
        network.load_state_dict(load_file(folder / f"{name}.safetensors"))
        network.cfg = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        parts.append(network)
    return doctr_models.ocr_predictor(*parts, pretrained=False).eval()


def opened(folder: Path) -> TextReader:
    model = ocella.load("doctr", weights=folder, device="cpu", threads=1)
    assert isinstance(model, TextReader)
    return model


def assert_same(reader: TextReader, theirs: Any, image: Image) -> int:
    """How many lines both found; those of the package without area are in the border around the image."""
    (expected,) = theirs([image.pixels.copy()]).pages
    lines = [line for block in expected.blocks for line in block.lines]
    lines = [line for line in lines if np.ptp(np.clip(line.geometry, 0, 1), axis=0).all()]
    (found,) = reader.predict([image])
    assert found.texts == tuple(" ".join(w.value for w in line.words) for line in lines)
    for polygon, sure, line in zip(found.polygons, found.confidence, lines, strict=True):
        corners = np.array(line.geometry).reshape(2, 2).clip(0, 1) * [image.width, image.height]
        np.testing.assert_allclose([polygon[0], polygon[2]], corners, atol=1e-4 * max(image.size_hw))
        assert sure == pytest.approx(np.mean([w.confidence for w in line.words]), abs=1e-4)
    return len(lines)


@pytest.mark.parametrize("size_hw", [(128, 128), (200, 150), (150, 240)])
def test_lines_are_the_packages(reader: TextReader, theirs: Any, size_hw: tuple[int, int]) -> None:
    pixels, _ = page(*size_hw, seed=7)
    assert assert_same(reader, theirs, Image(pixels)) >= 3
    (found,) = reader.predict([Image(pixels)])
    assert len(set(found.texts)) >= 2


@pytest.mark.parametrize("size_hw", THIN)
def test_thin_and_large_images_are_read_as_the_package_reads_them(
    reader: TextReader, theirs: Any, size_hw: tuple[int, int]
) -> None:
    assert_same(reader, theirs, picture(*size_hw))


def test_lines_lie_where_the_ink_is(reader: TextReader) -> None:
    pixels, inked = page(128, 128, seed=8)
    (found,) = reader.predict([Image(pixels)])
    covered = np.zeros_like(inked)
    for (x1, y1), (x2, y2) in found.polygons[:, [0, 2]].round().astype(int).tolist():
        covered[y1:y2, x1:x2] = True
    assert (covered & inked).sum() > 0.5 * inked.sum()


def test_the_published_networks_are_the_usual_ones(tmp_path: Path) -> None:
    sizes = 0
    for name, network in (
        ("detection", doctr_models.fast_base(pretrained=False, pretrained_backbone=False)),
        ("recognition", doctr_models.crnn_vgg16_bn(pretrained=False, pretrained_backbone=False)),
    ):
        sizes += sum(p.numel() for p in network.parameters())
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / f"{name}.safetensors")
    assert opened(tmp_path).card.parameters == sizes


def test_folders_that_hold_no_such_networks(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="must be a file"):
        opened(tmp_path)
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    settings = tmp_path / "detection.json"
    settings.write_text(settings.read_text(encoding="utf-8").replace("fast_tiny", "fast_small"), encoding="utf-8")
    with pytest.raises(Unreadable, match="can be loaded"):
        opened(tmp_path)
    settings.write_text(json.dumps({"arch": "os.system"}), encoding="utf-8")
    with pytest.raises(Mismatch, match=r"detection\.json must name one of .*fast_base as arch, but names 'os\.system'"):
        opened(tmp_path)
    settings.write_text("{", encoding="utf-8")
    with pytest.raises(Unreadable, match="can be loaded"):
        opened(tmp_path)

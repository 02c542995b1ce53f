"""DETIC, CoDet and VLPart against small packages with the interfaces of their originals."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.checkpoints.detectron_package import install, write
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue, MissingExtra, MissingPackage, NotFound, Refused, Unreadable
from ocella.models.checkpoints.detectron_package import DetectronDetector
from ocella.models.entry import zoo
from ocella.models.load import find_entry
from ocella.types import ClassDef, Detections, Image, Ontology

ENCODERS = {
    "detic": "detic.modeling.text.text_encoder",
    "codet": "codet.modeling.text.text_encoder",
    "vlpart": "vlpart.modeling.text_encoder.text_encoder",
}
every_family = pytest.mark.parametrize("family", ENCODERS)
ASKED = Ontology((ClassDef("pet", ("Cat, big", "dog")), ClassDef("tree"), ClassDef("red car")))
PROMPTS = ("cat, big", "dog", "tree", "red car")
CLASSES = (0, 0, 1, 2)


def load(family: str, folder: Path, **options: Any) -> DetectronDetector:
    write(folder, family)
    model = ocella.load(family, weights=folder, pickle=True, device="cpu", **options)
    assert isinstance(model, DetectronDetector)
    return model


def coloured(height: int, width: int) -> Image:
    """Two regions whose colours differ by far, and differ when red and blue are swapped."""
    pixels = picture(height, width).pixels.copy()
    pixels[: height // 2, : width // 2] = (230, 20, 40)
    pixels[height // 2 :, : width // 2] = (10, 90, 250)
    return Image(pixels)


def originals(model: DetectronDetector, family: str, pixels: np.ndarray[Any, Any], floor: float) -> Any:
    """What the original's own predictor says to pixels with those prompts as its vocabulary."""
    encoder = import_module(ENCODERS[family]).build_text_encoder(pretrain=True).eval()
    vectors = encoder([f"a {p}" for p in PROMPTS]).T
    vectors = torch.nn.functional.normalize(torch.cat([vectors, torch.zeros(len(vectors), 1)], dim=1), dim=0)
    heads = model._predictor.model.roi_heads
    heads.num_classes = len(PROMPTS)
    for name, part in heads.named_modules():
        if name.endswith("cls_score"):
            setattr(part, {"vlpart": "zs_weight_inference"}.get(family, "zs_weight"), vectors)
        if name.startswith("box_predictor") and not name.endswith(("cls_score", "linear")):
            part.test_score_thresh = floor
    return model._predictor(pixels)["instances"]


@every_family
@pytest.mark.parametrize("size_hw", [(48, 64), (90, 30)])
def test_it_finds_what_the_original_finds(family: str, size_hw: tuple[int, int], tmp_path: Path) -> None:
    image, model = coloured(*size_hw), load(family, tmp_path)
    (found,) = model.predict([image], ASKED, threshold=0.2)
    theirs = originals(model, family, np.ascontiguousarray(image.pixels[:, :, ::-1]), 0.2)
    assert found.classes == ("pet", "tree", "red car")
    assert len(found) >= 2
    assert found.masks is not None
    for i in range(len(found)):
        prompt = found.data["prompt"][i].lower()
        same = (
            (theirs.pred_classes == PROMPTS.index(prompt)).numpy()
            & (np.abs(theirs.scores.numpy() - found.confidence[i]) < 1e-6)
            & (np.abs(theirs.pred_boxes.tensor.numpy() - found.xyxy[i]).max(axis=1) < 1e-4)
        )
        assert same.any(), "boxes, scores and prompts are the original's"
        assert found.class_id[i] == CLASSES[PROMPTS.index(prompt)], "a comma in a prompt shifts nothing"
        assert (found.masks[i].dense()[0] == theirs.pred_masks[int(np.flatnonzero(same)[0])].numpy()).all()
    best = theirs.scores.numpy().max()
    assert found.confidence.max() == pytest.approx(best, abs=1e-6)
    as_rgb = originals(model, family, image.pixels.copy(), 0.2)
    assert as_rgb.scores.numpy().max() != pytest.approx(best, abs=1e-3), "pixels are BGR, as documented"


@every_family
def test_each_ontology_has_its_own_vocabulary(family: str, tmp_path: Path) -> None:
    image, model = coloured(48, 64), load(family, tmp_path)
    other = Ontology.of("red car", "tree")
    first = model.predict([image], ASKED, threshold=0.2)
    (second,) = model.predict([image], other, threshold=0.2)
    assert second.classes == ("red car", "tree")
    assert model.predict([image], ASKED, threshold=0.2) == first
    article = model.predict([image], Ontology.of("a red car", "the tree"), threshold=0.2)[0]
    assert article.classes == ("a red car", "the tree")


@every_family
def test_thresholds_and_negatives(family: str, tmp_path: Path) -> None:
    image, model = coloured(48, 64), load(family, tmp_path)

    def found(*classes: ClassDef, threshold: float) -> Detections:
        return model.predict([image], Ontology(classes), threshold=threshold)[0]

    (low,) = model.predict([image], ASKED, threshold=0.0)
    (high,) = model.predict([image], ASKED, threshold=0.5)
    assert low.confidence.min() < 0.5, "the threshold may be lower than that of the card"
    assert (high.confidence >= 0.5).all()
    top = str(low.data["prompt"][low.confidence.argmax()])
    assert len(found(ClassDef(top), threshold=0.1)) > 0
    assert len(found(ClassDef(top, threshold=1.0), threshold=0.1)) == 0
    rival = next(p for p in PROMPTS if p != top.lower())
    assert len(found(ClassDef("thing", (rival,), negatives=(top,)), threshold=0.0)) < len(
        found(ClassDef("thing", (rival, top)), threshold=0.0)
    )
    with pytest.raises(InvalidValue, match=r"within 0\.\.1"):
        found(ClassDef(top), threshold=1.5)


def test_parts_are_named_with_a_colon_or_without(tmp_path: Path) -> None:
    model = load("vlpart", tmp_path)
    (found,) = model.predict([coloured(48, 64)], Ontology.of("Dog:Head"), threshold=0.0)
    (same,) = model.predict([coloured(48, 64)], Ontology.of("dog head"), threshold=0.0)
    np.testing.assert_array_equal(found.confidence, same.confidence)
    assert set(found.names) == {"Dog:Head"}


@every_family
def test_a_prompt_that_would_be_cut_is_refused(family: str, tmp_path: Path) -> None:
    model = load(family, tmp_path)
    with pytest.raises(InvalidValue, match="has too many tokens: 103"):
        model.predict([coloured(9, 9)], Ontology.of("x" * 99))


def test_texts_that_cannot_be_read_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load("detic", tmp_path)

    def unreachable(*, pretrain: bool) -> None:
        raise OSError(f"no route to host, pretrain={pretrain}")

    monkeypatch.setattr(import_module(ENCODERS["detic"]), "build_text_encoder", unreachable)
    with pytest.raises(NotFound, match="not in the cache of the package clip"):
        model.predict([coloured(9, 9)], ASKED)


@every_family
def test_without_the_package_the_error_says_what_to_do(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, family)
    root = str(install())
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p != root])
    for name in [n for n in sys.modules if n.split(".")[0] in {*ENCODERS, "detectron2", "centernet"}]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingPackage, match="not one command") as told:
        ocella.load(family, weights=tmp_path, pickle=True)
    stand_in = find_entry(family).card.stand_in
    assert isinstance(told.value, MissingExtra)
    assert f"Take '{stand_in}' instead" in str(told.value)
    assert "github.com/facebookresearch/detectron2" in str(told.value)
    assert zoo.get(stand_in).card.extra == "torch"


@every_family
def test_weights_that_cannot_be_used(family: str, tmp_path: Path) -> None:
    write(tmp_path, family)
    file = tmp_path / f"tiny_{family}.pth"
    with pytest.raises(Refused, match=r"is a pickle, which .* reads in full"):
        ocella.load(family, weights=file)
    with pytest.raises(NotFound, match="got nothing"):
        ocella.load(family, pickle=True)
    (tmp_path / "second.pth").write_bytes(file.read_bytes())
    with pytest.raises(NotFound, match="with 2"):
        ocella.load(family, weights=tmp_path, pickle=True)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "other.pth").write_bytes(file.read_bytes())
    with pytest.raises(NotFound, match=r"expected other\.yaml beside it"):
        ocella.load(family, weights=alone / "other.pth", pickle=True)
    (alone / "other.yaml").write_text("MODEL: {NO_SUCH_KEY: 1}")
    with pytest.raises(Unreadable, match=r"Non-existent config key: MODEL\.NO_SUCH_KEY"):
        ocella.load(family, weights=alone, pickle=True)
    (alone / "other.yaml").write_bytes((tmp_path / f"tiny_{family}.yaml").read_bytes())
    torch.save({"model": {"foreign": torch.zeros(1)}}, alone / "other.pth")
    with pytest.raises(Unreadable, match="no tensor of the file fits"):
        ocella.load(family, weights=alone, pickle=True)


def test_settings_are_found_in_the_repository(tmp_path: Path) -> None:
    write(tmp_path, "detic")
    configs = install() / "configs" / "deep"
    configs.mkdir(parents=True, exist_ok=True)
    (tmp_path / "tiny_detic.yaml").rename(configs / "tiny_detic.yaml")
    try:
        model = ocella.load("detic", weights=tmp_path / "tiny_detic.pth", pickle=True, device="cpu")
    finally:
        (configs / "tiny_detic.yaml").unlink()
    assert model.card.checkpoint == "file tiny_detic.pth"
    assert model.card.name == "detic-lcocoi21k-clip-swinb"

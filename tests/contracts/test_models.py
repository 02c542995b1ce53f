"""Every model of the registry keeps the same promises.

Cards are checked for all. Models whose weights come with the installed packages run on those; every other runs on a
small checkpoint that `tests/checkpoints/` makes with the model's own library. Not run here: models behind a server, and
those whose extra is not installed in this environment; the mark `torchvision` picks them where it is.
"""

import atexit
import dataclasses
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module, util
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

import ocella_starter
from ocella.errors import InvalidValue, NoMatch
from ocella.media.load import load as load_image
from ocella.models import tasks
from ocella.models import zoo as zoo_package
from ocella.models.card import ModelCard, ScoreKind, Task
from ocella.models.entry import LoadOptions, ModelEntry, zoo
from ocella.models.load import find_entry, list_models
from ocella.models.tasks import (
    Classifier,
    Detector,
    Embedder,
    KeypointDetector,
    Model,
    Segmenter,
    SemanticSegmenter,
    TextReader,
    VideoSegmenter,
    VisionLanguageModel,
)
from ocella.types import (
    Answer,
    ClassDef,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Image,
    Masks,
    Ontology,
    SegmentationMap,
    TextLines,
)

PHOTOS = Path(ocella_starter.__file__).parent / "photos"
INTERFACES = {
    c.task: c for c in vars(tasks).values() if isinstance(c, type) and issubclass(c, Model) and c is not Model
}
CLOSE = 1e-4
"""How far scores and pixels may move when an image is run in a batch instead of alone (relative and absolute)."""


NEEDS = {"timm": "timm", "rfdetr": "rfdetr", "doctr": "doctr"}
"""The package that shows whether an extra, which the usual test environment lacks, is installed."""


def is_embedded(entry: ModelEntry) -> bool:
    """Whether its weights come with the installed packages."""
    return entry.card.parameters > 0 and entry.card.checkpoint.startswith(("ocella-starter", "rapidocr"))


def is_here(card: ModelCard) -> bool:
    """Whether what runs it is installed."""
    return card.extra not in NEEDS or util.find_spec(NEEDS[card.extra]) is not None


MODULES = {
    unit.name: file.stem
    for file in sorted(Path(zoo_package.__path__[0]).glob("[!_]*.py"))
    for unit in import_module(f"ocella.models.zoo.{file.stem}").UNITS
}
every_card = pytest.mark.parametrize("card", [e.card for e in zoo], ids=lambda c: c.name)
EMBEDDED = [e.name for e in zoo if is_embedded(e)]
RUN = [e.name for e in zoo if is_embedded(e) or (e.card.library != "server" and is_here(e.card) and e.name in MODULES)]
every_embedded = pytest.mark.parametrize("name", EMBEDDED)


def marks(name: str) -> list[pytest.MarkDecorator]:
    """`torchvision` for what only the second test environment can run."""
    return [pytest.mark.torchvision] if zoo.get(name).card.extra in NEEDS else []


every_run = pytest.mark.parametrize("name", [pytest.param(n, marks=marks(n)) for n in RUN])


def kind(name: str) -> tuple[Any, ...]:
    """What sizes of one network share: the file, the task and what it opens. Their checkpoints here are the same."""
    entry = zoo.get(name)
    return MODULES[name], entry.card.task, entry.opens, entry.card.outlines, entry.card.open_vocabulary


def first_of_its_kind_at_once(names: Sequence[str]) -> list[Any]:
    """Other sizes of a network that has its turn are left to the long tests."""
    seen: set[tuple[Any, ...]] = set()
    found = []
    for name in names:
        found.append(pytest.param(name, marks=marks(name) + [pytest.mark.long] * (kind(name) in seen)))
        seen.add(kind(name))
    return found


every_model = pytest.mark.parametrize("name", first_of_its_kind_at_once(RUN))


def of_task(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [n for n in EMBEDDED if zoo.get(n).card.task in names])


def run_of_task(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", first_of_its_kind_at_once([n for n in RUN if zoo.get(n).card.task in names]))


@cache
def options_of(name: str) -> LoadOptions:
    """How to load it here: on its own weights, or on a small checkpoint made for this run."""
    if is_embedded(zoo.get(name)):
        return LoadOptions(device="cpu", threads=1)
    torch.manual_seed(5)  # libraries make their weights from torch's own randomness
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=scratch()))
    return LoadOptions(device="cpu", **import_module(f"tests.checkpoints.{MODULES[name]}").make(folder, name))


@cache
def scratch() -> str:
    """A folder for checkpoints, gone when the tests are."""
    made = tempfile.TemporaryDirectory(prefix="ocella-checkpoints-")
    atexit.register(made.cleanup)
    return made.name


@cache
def built(name: str) -> Any:
    return zoo.get(name).build(options_of(name))


@cache
def photo(name: str) -> Image:
    return load_image(PHOTOS / name)


def noise(height: int, width: int) -> Image:
    rng = np.random.default_rng(height * 1000 + width)
    return Image(rng.integers(0, 256, (height, width, 3), np.uint8))


def ontology_for(model: Model) -> Ontology | None:
    """Two classes, in another order than the model's own, for a model that takes an ontology."""
    if isinstance(model, Detector | Classifier | SemanticSegmenter) and len(model.card.classes) > 1:
        return Ontology.of(*model.card.classes[1::-1])
    return Ontology.of("cat", "red dog") if isinstance(model, Detector | Classifier | SemanticSegmenter) else None


def run(model: Any, images: list[Image]) -> list[Any]:
    """`predict` of any task: with the least that it needs."""
    if isinstance(model, Segmenter):
        boxes = [np.array([[0, 0, i.width, i.height], [0, 0, 1, 1]], np.float32) for i in images]
        return list(model.predict(images, boxes))
    if isinstance(model, VideoSegmenter):
        return [next(iter(model.predict([i], np.array([[0, 0, i.width, i.height]], np.float32)))) for i in images]
    if isinstance(model, VisionLanguageModel):
        return list(model.predict(images, "What is this?", max_tokens=4))
    if isinstance(model, Detector) and model.card.open_vocabulary:
        return list(model.predict(images, ontology_for(model), threshold=0.05))
    if isinstance(model, Classifier | SemanticSegmenter) and not model.card.classes:
        return list(model.predict(images, ontology_for(model)))
    return list(model.predict(images))


# --- cards


def test_names_and_aliases_are_unique_and_kebab_case() -> None:
    names = [n for e in zoo for n in (e.name, *e.card.aliases)]
    assert len(set(names)) == len(names)
    assert [n for e in zoo for n in (e.name,) if not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", n)] == []
    for entry in zoo:
        assert all(find_entry(n) is entry for n in (entry.name, *entry.card.aliases))


@every_card
def test_a_card_says_what_the_tables_and_the_licence_gate_need(card: ModelCard) -> None:
    assert card.task in get_args(Task)
    for field in ("summary", "checkpoint", "code_license", "weights_license", "run_here"):
        assert getattr(card, field).strip(), field
    assert type(card.commercial_use) is bool
    if re.search(r"AGPL|GPL|NC|non-?commercial|research only", card.weights_license + card.code_license):
        assert not card.commercial_use
    assert len(card.input_hw) == 2
    assert 0 <= card.threshold <= 1
    assert (card.parameters > 0) == (card.megabytes > 0) == (min(card.input_hw) > 0)
    for number in card.accuracy:
        assert all((number.metric, number.data, number.source))
        assert 0 < number.value < 1
    assert all(type(c) is str and c for c in card.classes)


@every_card
def test_a_card_comes_back_from_json(card: ModelCard) -> None:
    back = ModelCard.from_json(json.loads(json.dumps(card.to_json())))
    assert back == card
    assert [type(getattr(back, f.name)) for f in dataclasses.fields(card)] == [
        type(getattr(card, f.name)) for f in dataclasses.fields(card)
    ]


@every_card
def test_an_extra_is_one_that_the_package_has(card: ModelCard) -> None:
    assert card.extra in {"", *(metadata("ocella").get_all("Provides-Extra") or [])}


def test_what_is_not_built_here_is_so_by_the_rule() -> None:
    left = [e.card for e in zoo if e.name not in RUN]
    assert [c.name for c in left if c.library != "server" and is_here(c)] == []
    assert EMBEDDED


def test_lists_are_cut_from_the_cards() -> None:
    assert [c.name for c in list_models()] == [e.name for e in zoo]
    assert all(c.commercial_use for c in list_models(license="commercial"))
    assert {c.task for c in list_models(task="detect")} == {"detect"}
    with pytest.raises(InvalidValue, match="license must be 'commercial' or nothing, got 'mit'"):
        list_models(license="mit")


# --- models that are here


@every_run
def test_the_class_is_that_of_the_card_s_task_and_it_says_something(name: str) -> None:
    model = built(name)
    assert isinstance(model, INTERFACES[zoo.get(name).card.task])
    assert model.task == model.card.task
    assert model.card.name == name
    (found,) = run(model, [photo("coffee.png")])
    assert_sound(found, photo("coffee.png"))


@every_embedded
def test_what_comes_with_the_install_is_small(name: str) -> None:
    assert zoo.get(name).card.megabytes < 40


NO_TORCH = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "transformers", "torchvision", "supervision", "rapidocr"):
            raise ImportError(name + " is not for this test")
sys.meta_path.insert(0, Blocked())
from ocella.models.entry import LoadOptions, zoo
for name in sys.argv[1:]:
    zoo.get(name).build(LoadOptions(device="cpu", threads=1))
"""


def test_a_card_without_an_extra_needs_none() -> None:
    subprocess.run(
        [sys.executable, "-c", NO_TORCH, *(n for n in EMBEDDED if not zoo.get(n).card.extra)], check=True, timeout=120
    )


@every_model
def test_no_image_gives_no_result(name: str) -> None:
    model = built(name)
    empty = model.predict([], []) if isinstance(model, Segmenter) else run(model, [])
    assert empty == []


@every_model
@pytest.mark.parametrize("size_hw", [(1, 1), (1, 300), (300, 1), (480, 640), (3000, 4000)], ids=str)
def test_any_size_gives_a_sound_result(name: str, size_hw: tuple[int, int]) -> None:
    image = noise(*size_hw)
    (found,) = run(built(name), [image])
    assert_sound(found, image)


@every_model
def test_a_photograph_gives_a_sound_result(name: str) -> None:
    for found, file in zip(
        run(built(name), [photo("cat.png"), photo("page.png")]), ("cat.png", "page.png"), strict=True
    ):
        assert_sound(found, photo(file))


@every_model
def test_grey_and_transparent_files_give_a_sound_result(name: str, tmp_path: Path) -> None:
    pixels = photo("cat.png").pixels
    for mode in ("L", "RGBA", "LA", "P"):
        file = tmp_path / f"{mode}.png"
        Pillow.fromarray(pixels).convert(mode).save(file)
        image = load_image(file)
        (found,) = run(built(name), [image])
        assert_sound(found, image)


def assert_sound(found: Any, image: Image) -> None:
    SOUND[type(found)](found, image)


def sound_boxes(found: Detections, image: Image) -> None:
    assert np.isfinite(found.xyxy).all()
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [image.width, image.height, image.width, image.height]).all()
    assert found.classes
    assert all(type(n) is str for n in (*found.names, *found.classes))
    if found.keypoints is not None:
        assert np.isfinite(found.keypoints.xy).all()
        assert ((found.keypoints.xy >= 0) & (found.keypoints.xy <= [image.width, image.height])).all()


def sound_scores(found: Classification, _: Image) -> None:
    assert np.isfinite(found.confidence).all()
    assert found.multi_label or abs(found.confidence.sum() - 1) < 1e-3
    assert all(type(n) is str for n in found.classes)


def sound_vector(found: Embedding, _: Image) -> None:
    assert abs(np.linalg.norm(found.vector) - 1) < 1e-3


def sound_masks(found: Masks, image: Image) -> None:
    assert found.size_hw == image.size_hw
    assert len(found) == 2


def sound_map(found: SegmentationMap, image: Image) -> None:
    assert found.class_id.shape == image.size_hw
    assert found.classes


def sound_lines(found: TextLines, _: Image) -> None:
    assert np.isfinite(found.polygons).all()
    assert all(type(t) is str for t in found.texts)


def sound_depth(found: DepthMap, image: Image) -> None:
    assert found.depth.shape == image.size_hw
    assert np.isfinite(found.depth).all()


def sound_answer(found: Answer, _: Image) -> None:
    assert type(found.text) is str
    assert found.prompt
    assert found.score_kind in get_args(ScoreKind)


SOUND: dict[type, Callable[[Any, Image], None]] = {
    Answer: sound_answer,
    DepthMap: sound_depth,
    Detections: sound_boxes,
    Classification: sound_scores,
    Embedding: sound_vector,
    Masks: sound_masks,
    SegmentationMap: sound_map,
    TextLines: sound_lines,
}


@every_model
def test_a_batch_is_as_its_images_alone(name: str) -> None:
    model = built(name)
    images = [photo("astronaut.png"), noise(60, 90), photo("cat.png")]
    batch = run(model, images)
    assert len(batch) == len(images)
    for together, image in zip(batch, images, strict=True):
        (alone,) = run(model, [image])
        assert_close(together.to_json(), alone.to_json())


@every_model
def test_twice_is_the_same(name: str) -> None:
    model = built(name)
    assert run(model, [photo("coffee.png")]) == run(model, [photo("coffee.png")])


def assert_close(one: Any, two: Any) -> None:
    """Two JSON forms that differ in numbers by CLOSE at most."""
    assert type(one) is type(two)
    if isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one:
            assert_close(one[key], two[key])
    elif isinstance(one, list) and one and isinstance(one[0], int | float):
        np.testing.assert_allclose(one, two, rtol=CLOSE, atol=CLOSE)
    elif isinstance(one, list):
        assert len(one) == len(two)
        for a, b in zip(one, two, strict=True):
            assert_close(a, b)
    else:
        assert one == two


@every_model
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match=r"device must be auto or one of .*cpu.* here, got 'abacus'"):
        zoo.get(name).build(replace(options_of(name), device="abacus"))


@of_task("detect", "keypoints")
def test_a_threshold_is_respected(name: str) -> None:
    model: Detector | KeypointDetector = built(name)
    images = [photo("astronaut.png"), photo("camera.png")]
    counts = []
    for least in (0.05, None, 0.45):
        found = model.predict(images, threshold=least)
        floor = np.float32(model.card.threshold if least is None else least)
        assert all((f.confidence >= floor).all() for f in found)
        for few, all_of_them in zip(found, model.predict(images, threshold=0.05), strict=True):
            np.testing.assert_allclose(all_of_them[all_of_them.confidence >= floor].xyxy, few.xyxy)
        counts.append(sum(map(len, found)))
    assert counts[0] >= counts[1] >= counts[2] > 0
    assert counts[0] > counts[2]


@of_task("detect", "keypoints")
def test_classes_are_not_lost_where_nothing_is_found(name: str) -> None:
    model: Detector | KeypointDetector = built(name)
    (nothing,) = model.predict([photo("page.png")], threshold=1.0)
    (something,) = model.predict([photo("astronaut.png")])
    assert len(nothing) == 0
    assert nothing.classes == something.classes == model.card.classes


@of_task("detect")
def test_with_an_ontology_the_classes_are_its_own_in_its_order(name: str) -> None:
    model: Detector = built(name)
    ontology = Ontology((ClassDef("feline", ("cat",)), ClassDef("human", ("person",))))
    for file, expected in (("astronaut.png", "human"), ("page.png", None)):
        (found,) = model.predict([photo(file)], ontology)
        assert found.classes == ("feline", "human")
        assert set(found.names) == ({expected} if expected else set())
    (empty,) = model.predict([photo("page.png")], ontology, threshold=1.0)
    assert empty.classes == ("feline", "human")


@of_task("detect")
def test_a_class_s_own_threshold_goes_before_the_run_s(name: str) -> None:
    model: Detector = built(name)
    image = photo("cat.png")

    def found(cat: float | None, dog: float | None, threshold: float) -> set[str]:
        ontology = Ontology((ClassDef("cat", threshold=cat), ClassDef("dog", threshold=dog)))
        return set(model.predict([image], ontology, threshold=threshold)[0].names)

    assert found(None, None, 0.3) == {"cat", "dog"}
    assert found(None, 0.95, 0.3) == {"cat"}
    assert found(0.3, None, 0.95) == {"cat"}
    assert found(0.95, 0.3, 0.0) == {"dog"}


@of_task("detect", "classify")
def test_a_prompt_that_is_nothing_it_knows_is_refused_before_any_image(name: str) -> None:
    model = built(name)
    if not model.classes:
        assert model.matches(Ontology.of("forklift")) == ()
        return
    assert [m.known is not None for m in model.matches(ontology_for(model))] == [True, True]
    with pytest.raises(NoMatch, match="no image was touched"):
        model.predict([], Ontology.of("zxqv gadget"))


@of_task("classify")
def test_a_classifier_scores_the_ontology_s_classes(name: str) -> None:
    model: Classifier = built(name)
    ontology = Ontology((ClassDef("drink", ("espresso",)), ClassDef("pet", ("tabby",))))
    (cup,), (cat,) = (model.predict([photo(f)], ontology) for f in ("coffee.png", "cat.png"))
    assert cup.classes == cat.classes == ("drink", "pet")
    assert cup.top()[0][0] == "drink"
    assert cat.top()[0][0] == "pet"


@of_task("embed")
def test_vectors_say_whose_they_are_and_texts_are_embedded_or_refused(name: str) -> None:
    model: Embedder = built(name)
    (vector,) = model.predict([photo("cat.png")])
    assert vector.model == name
    if model.card.open_vocabulary:
        (text,) = model.embed_text(["a cat"])
        assert text.model == name
        assert text.vector.shape == vector.vector.shape
    else:
        from ocella.errors import Refused

        with pytest.raises(Refused, match="has no text side"):
            model.embed_text(["a cat"])


@run_of_task("detect", "classify", "semantic-segment")
def test_names_are_the_ontology_s_in_its_order(name: str) -> None:
    model = built(name)
    ontology = ontology_for(model)
    assert ontology is not None
    for found in model.predict([photo("cat.png"), noise(1, 1)], ontology):
        assert found.classes == ontology.names


@run_of_task("segment")
def test_no_boxes_give_no_masks(name: str) -> None:
    model: Segmenter = built(name)
    (masks,) = model.predict([noise(20, 30)], [np.zeros((0, 4), np.float32)])
    assert (len(masks), masks.size_hw) == (0, (20, 30))


@of_task("segment")
def test_a_mask_of_one_class_stays_in_its_box(name: str) -> None:
    model: Segmenter = built(name)
    (masks,) = model.predict([noise(20, 30)], [np.array([[0, 0, 1, 1]], np.float32)])
    assert not masks.dense()[0, 1:].any()
    assert not masks.dense()[0, :, 1:].any()


@of_task("semantic-segment")
def test_a_map_s_threshold_is_respected(name: str) -> None:
    model: SemanticSegmenter = built(name)
    shares = [model.predict([photo("astronaut.png")], threshold=t)[0].share()["person"] for t in (0.1, 0.5, 0.99)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[2]


@of_task("ocr")
def test_a_blank_page_has_no_text(name: str) -> None:
    reader: TextReader = built(name)
    (nothing,) = reader.predict([Image(np.full((200, 300, 3), 255, np.uint8))])
    assert nothing == TextLines.empty()

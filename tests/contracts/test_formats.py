"""Every format of the registry keeps the same promises."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.convert import export_dataset
from ocella.datasets.format import Format, detect_format, formats
from ocella.errors import OcellaError, Refused
from ocella.types import Annotation, Classification, Detections, Masks, Source, State

PERSON = Source("person", "ana")
CLASSES = ("cat", "dog", "small bird", "no")
PIXELS_OFF = {"coco": 0.0, "yolo": 1e-3, "voc": 1.0}
"""How far a corner may move on a round trip; VOC keeps whole pixels and at least one of them."""

every_format = pytest.mark.parametrize("unit", list(formats), ids=lambda u: u.name)
box_formats = pytest.mark.parametrize("unit", [f for f in formats if "detect" in f.tasks], ids=lambda u: u.name)


def accepted(value: Detections | Classification) -> Annotation:
    state: State = "accepted"
    return Annotation(value, PERSON, (state,) * (len(value) if isinstance(value, Detections) else 1))


def put_image(file: Path, size_hw: tuple[int, int]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    shade = sum(file.name.encode()) % 256
    Pillow.new("RGB", size_hw[::-1], (shade, 0, 255 - shade)).save(file)


def boxes_of(rows: Sequence[tuple[float, float, float, float, int]], masks: Masks | None = None) -> Detections:
    xyxy = np.array([r[:4] for r in rows], np.float32).reshape(-1, 4)
    ids = np.array([r[4] for r in rows], np.int64)
    return Detections(xyxy, np.ones(len(rows), np.float32), ids, CLASSES, masks)


def of_task(root: Path, unit: Format) -> Dataset:
    """A small data set that the format holds without loss."""
    splits: list[tuple[str, str]] = [("a.png", "train"), ("b.png", "train"), ("c.png", "val")]
    samples = []
    for i, (name, split) in enumerate(splits):
        put_image(root / "images" / name, (20, 30))
        label: Detections | Classification
        if "detect" in unit.tasks:
            label = boxes_of([(1, 2, 10 + i, 12, i), (0, 0, 30, 20, 1)][: 2 - i % 2])
        else:
            label = Classification(np.eye(4, dtype=np.float32)[i], CLASSES)
        samples.append(Sample(f"images/{name}", (20, 30), split=split, annotations=(accepted(label),)))  # type: ignore[arg-type]
    task = "detect" if "detect" in unit.tasks else "classify"
    return Dataset(root, task, CLASSES, tuple(samples))


def rows(dataset: Dataset) -> Iterator[tuple[str, str, list[list[object]]]]:
    """What counts of every label, boxes to a thousandth of a pixel."""
    for sample in dataset:
        found: list[list[object]] = [[c.top(), c.multi_label] for c in sample.labels(Classification)]
        found += [[d.names, d.confidence.tolist(), np.round(d.xyxy, 3).tolist()] for d in sample.labels(Detections)]
        yield Path(sample.file).name, sample.split, found


@every_format
def test_what_it_can_hold_comes_back_equal_and_without_a_loss(unit: Format, tmp_path: Path) -> None:
    dataset = of_task(tmp_path / "ours", unit)
    assert unit.losses(dataset) == []
    unit.write(dataset, tmp_path / "theirs")
    back = unit.read(tmp_path / "theirs", tmp_path / "back")
    assert back.classes == dataset.classes
    assert back.task == dataset.task
    assert list(rows(back)) == list(rows(dataset))
    assert "problems" not in back.info
    assert all(back.image(s).size_hw == s.size_hw for s in back)


@every_format
def test_knows_its_own_files_and_only_those(unit: Format, tmp_path: Path) -> None:
    unit.write(of_task(tmp_path / "ours", unit), tmp_path / "theirs")
    assert [f.name for f in formats if f.recognises(tmp_path / "theirs")] == [unit.name]
    found = detect_format(tmp_path / "theirs")
    assert found is unit


@every_format
def test_writes_over_nothing(unit: Format, tmp_path: Path) -> None:
    target = tmp_path / "theirs"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    with pytest.raises(Refused, match="not empty"):
        unit.write(of_task(tmp_path / "ours", unit), target)
    assert [p.name for p in target.iterdir()] == ["mine.txt"]


@every_format
def test_writes_all_or_nothing(unit: Format, tmp_path: Path) -> None:
    dataset = of_task(tmp_path / "ours", unit)
    (tmp_path / "ours" / "images" / "c.png").unlink()
    with pytest.raises(OcellaError, match=r"c\.png"):
        unit.write(dataset, tmp_path / "theirs")
    assert [p.name for p in tmp_path.iterdir()] == ["ours"]


@every_format
def test_an_empty_folder_is_refused(unit: Format, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert not unit.recognises(tmp_path / "empty")
    with pytest.raises(OcellaError):
        unit.read(tmp_path / "empty", tmp_path / "out")


@every_format
def test_equal_stems_stay_apart(unit: Format, tmp_path: Path) -> None:
    dataset = of_task(tmp_path / "ours", unit)
    put_image(tmp_path / "ours" / "images" / "sub" / "A.jpg", (20, 30))
    twin = dataset.samples[1].replace(file="images/sub/A.jpg")
    unit.write(dataset.replace(samples=(*dataset.samples, twin)), tmp_path / "theirs")
    back = unit.read(tmp_path / "theirs", tmp_path / "back")
    assert len(back) == 4
    assert sum(len(s.annotations) for s in back) == 4


@every_format
def test_turned_photos_leave_upright(unit: Format, tmp_path: Path) -> None:
    dataset = of_task(tmp_path / "ours", unit)
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.new("RGB", (20, 30)).save(tmp_path / "ours" / "images" / "turned.jpg", exif=exif)
    turned = dataset.samples[0].replace(file="images/turned.jpg")
    unit.write(dataset.replace(samples=(turned, *dataset.samples[1:])), tmp_path / "theirs")
    (written,) = (tmp_path / "theirs").rglob("turned.jpg")
    with Pillow.open(written) as image:
        assert image.size == (30, 20)
        assert image.getexif().get(0x0112, 1) == 1


@every_format
def test_a_task_it_cannot_hold_is_refused(unit: Format, tmp_path: Path) -> None:
    dataset = of_task(tmp_path / "ours", unit).replace(task="depth")
    with pytest.raises(Refused, match="none but its own folder"):
        export_dataset(dataset, tmp_path / "theirs", unit.name)
    assert not (tmp_path / "theirs").exists()


sizes = st.tuples(st.integers(2, 40), st.integers(2, 40))


@st.composite
def images_of_boxes(draw: st.DrawFn) -> tuple[tuple[int, int], list[tuple[float, float, float, float, int]]]:
    height, width = draw(sizes)
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        x1 = draw(st.floats(0, width - 1, width=32))
        y1 = draw(st.floats(0, height - 1, width=32))
        x2 = draw(st.floats(float(np.float32(x1 + 0.5)), width, width=32))
        y2 = draw(st.floats(float(np.float32(y1 + 0.5)), height, width=32))
        rows.append((x1, y1, x2, y2, draw(st.integers(0, len(CLASSES) - 1))))
    return (height, width), rows


@box_formats
@given(drawn=st.lists(images_of_boxes(), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(drawn=[((2, 2), [(1.0, 1.0, 2.0, 2.0, 3)])])
@example(drawn=[((40, 40), [(38.6, 0.0, 39.4, 0.6, 0)])])
def test_boxes_come_back_as_exactly_as_stated(
    unit: Format, drawn: list[tuple[tuple[int, int], list[tuple[float, float, float, float, int]]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        samples = []
        for i, (size_hw, rows) in enumerate(drawn):
            put_image(root / "ours" / "images" / f"{i}.png", size_hw)
            samples.append(Sample(f"images/{i}.png", size_hw, annotations=(accepted(boxes_of(rows)),)))
        dataset = Dataset(root / "ours", "detect", CLASSES, tuple(samples))
        unit.write(dataset, root / "theirs")
        back = unit.read(root / "theirs", root / "back")
        assert back.classes == CLASSES
        assert "problems" not in back.info
        for before, after in zip(dataset, back, strict=True):
            was, now = before.detections(CLASSES), after.detections(CLASSES)
            assert now.names == was.names
            np.testing.assert_allclose(now.xyxy, was.xyxy, atol=PIXELS_OFF[unit.name], rtol=1e-6)


mask_formats = pytest.mark.parametrize("unit", [formats.get("coco"), formats.get("yolo")], ids=lambda u: u.name)


@mask_formats
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_masks_with_holes_and_parts_come_back_pixel_by_pixel(unit: Format, data: st.DataObject) -> None:
    height, width = data.draw(st.tuples(st.integers(2, 9), st.integers(2, 9)))
    bits = data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    dense = np.array(bits, bool).reshape(1, height, width)
    dense[0, 0, 0] = True
    ys, xs = np.nonzero(dense[0])
    rows = [(float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1), 1)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        put_image(root / "ours" / "images" / "0.png", (height, width))
        found = accepted(boxes_of(rows, Masks.from_dense(dense)))
        sample = Sample("images/0.png", (height, width), annotations=(found,))
        unit.write(Dataset(root / "ours", "detect", CLASSES, (sample,)), root / "theirs")
        (back,) = unit.read(root / "theirs", root / "back")
        (value,) = back.labels(Detections)
        assert value.masks is not None
        np.testing.assert_array_equal(value.masks.dense(), dense)
        np.testing.assert_allclose(value.xyxy, [rows[0][:4]], atol=1e-3)


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@every_format
@given(classes=st.lists(names, min_size=2, max_size=3, unique=True))
@settings(max_examples=25, deadline=None)
@example(classes=["yes", "no", "~"])
@example(classes=["1", "0"])
@example(classes=["\x85a", "\ufeff", "\u2028"])
@example(classes=["<&>'\"", "# no comment: {}"])
@example(classes=["😀 é", "  "])
def test_class_names_come_back_or_are_refused(unit: Format, classes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        put_image(root / "ours" / "images" / "0.png", (10, 10))
        boxes = Detections(np.array([[1, 1, 5, 5]], np.float32), np.ones(1, np.float32), np.array([1]), tuple(classes))
        of_image = Classification(np.eye(len(classes), dtype=np.float32)[1], tuple(classes))
        label = accepted(boxes if "detect" in unit.tasks else of_image)
        task = "detect" if "detect" in unit.tasks else "classify"
        sample = Sample("images/0.png", (10, 10), annotations=(label,))
        try:
            unit.write(Dataset(root / "ours", task, tuple(classes), (sample,)), root / "theirs")
        except Refused:
            assert not (root / "theirs").exists()
            return
        back = unit.read(root / "theirs", root / "back")
        assert back.classes == tuple(classes)
        shown = [n for d in back.samples[0].labels(Detections) for n in d.names]
        shown += [c.top()[0][0] for c in back.samples[0].labels(Classification)]
        assert shown == [classes[1]]


@st.composite
def mixed(draw: st.DrawFn) -> Annotation:
    """Objects with some of everything that a format may lose."""
    n = draw(st.integers(0, 3))
    boxes = np.array([[i, i, i + draw(st.sampled_from([1, 2, 3.25])), i + 4] for i in range(n)], np.float32)
    dense = np.zeros((n, 10, 12), bool)
    for i in range(n):
        dense[i, i : i + 4, i : i + 2] = True
        dense[i, i + 1, i] = draw(st.booleans())
    value = Detections(
        boxes.reshape(-1, 4),
        np.array([draw(st.sampled_from([1.0, 0.5])) for _ in range(n)], np.float32),
        np.arange(n),
        CLASSES,
        Masks.from_dense(dense) if n and draw(st.booleans()) else None,
        track_id=np.arange(n) + 5 if n and draw(st.booleans()) else None,
        data={"difficult": np.arange(n) % 2} if n > 1 and draw(st.booleans()) else {},
    )
    source = draw(st.sampled_from([PERSON, Source("model", "m")]))
    states: list[State] = ["accepted", "proposed", "rejected"]
    return Annotation(value, source, tuple(draw(st.sampled_from(states)) for _ in range(n)))


@box_formats
@given(labels=st.lists(st.lists(mixed(), max_size=1), min_size=1, max_size=2))
@settings(max_examples=60, deadline=None)
def test_where_no_loss_is_said_nothing_is_lost(unit: Format, labels: list[list[Annotation]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        samples = []
        for i, found in enumerate(labels):
            put_image(root / "ours" / "images" / f"{i}.png", (10, 12))
            samples.append(Sample(f"images/{i}.png", (10, 12), split="train", annotations=tuple(found)))
        dataset = Dataset(root / "ours", "detect", CLASSES, tuple(samples))
        if unit.losses(dataset):
            return
        unit.write(dataset, root / "theirs")
        back = unit.read(root / "theirs", root / "back")
        for before, after in zip(dataset, back, strict=True):
            assert after.seen == before.seen
            was, now = before.detections(CLASSES), after.detections(CLASSES)
            np.testing.assert_allclose(now.xyxy, was.xyxy, atol=1e-3)
            same = (now.names, now.confidence.tolist(), now.masks) == (was.names, was.confidence.tolist(), was.masks)
            assert same
            assert (now.track_id is None) == (was.track_id is None)
            assert {k: v.tolist() for k, v in now.data.items()} == {k: v.tolist() for k, v in was.data.items()}

from pathlib import Path

import pytest
from PIL import Image as Pillow

from ocella.datasets.intake import Found, Intake, image_index, images_in, split_named
from ocella.errors import DatasetError
from ocella.types import Detections


def put(file: Path, shade: int = 0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (20, 10), (shade, 0, 0)).save(file)
    return file


def test_an_image_comes_in_by_link_and_upright(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    (tmp_path / "in").mkdir()
    Pillow.new("RGB", (20, 10)).save(tmp_path / "in" / "a.jpg", exif=exif)
    sample = Intake(tmp_path / "out", "coco").image(tmp_path / "in" / "a.jpg", "sub/a.jpg", "val")
    assert sample is not None
    assert (sample.file, sample.size_hw, sample.split) == ("images/sub/a.jpg", (20, 10), "val")
    assert len(sample.sha256) == 64
    assert (tmp_path / "out" / sample.file).read_bytes() == (tmp_path / "in" / "a.jpg").read_bytes()


def test_other_content_under_one_name_gets_a_name_of_its_own(tmp_path: Path) -> None:
    intake = Intake(tmp_path / "out", "coco")
    first = intake.image(put(tmp_path / "x" / "a.png", 1), "a.png")
    second = intake.image(put(tmp_path / "y" / "a.png", 2), "A.png")
    again = intake.image(tmp_path / "x" / "a.png", "a.png")
    assert first is not None
    assert second is not None
    assert second.file == f"images/A-{second.sha256[:8]}.png"
    assert again == first


def test_a_second_try_after_a_crash_finds_its_images(tmp_path: Path) -> None:
    file = put(tmp_path / "a.png")
    samples = [Intake(tmp_path / "out", "coco").image(file, "a.png") for _ in range(2)]
    assert samples[0] == samples[1]
    assert len(list((tmp_path / "out" / "images").iterdir())) == 1


@pytest.mark.parametrize("name", ["../../a.png", "/a.png", "x/../../a.png"])
def test_a_name_stays_inside(name: str, tmp_path: Path) -> None:
    sample = Intake(tmp_path / "out", "coco").image(put(tmp_path / "in.png"), name)
    assert sample is not None
    assert sample.file in ("images/a.png", "images/x/a.png")


@pytest.mark.parametrize(("data", "said"), [(b"", "a.png"), (b"not an image", "a.png"), (None, "a.png")])
def test_what_cannot_be_read_is_a_problem_by_name(data: bytes | None, said: str, tmp_path: Path) -> None:
    if data is not None:
        (tmp_path / "a.png").write_bytes(data)
    intake = Intake(tmp_path / "out", "coco")
    assert intake.image(tmp_path / "a.png", "a.png") is None
    assert said in intake.problems[0]


@pytest.mark.parametrize(
    ("xyxy", "kept", "problems"),
    [
        ((1, 2, 3, 4), [1, 2, 3, 4], 0),
        ((0, 0, 20, 10), [0, 0, 20, 10], 0),
        ((-0.005, 0, 20.005, 10), [0, 0, 20, 10], 0),
        ((-1, 0, 21, 10), [0, 0, 20, 10], 1),
        ((3, 3, 3, 5), None, 1),
        ((20, 0, 22, 5), None, 1),
        ((float("inf"), 0, 1, 1), None, 1),
    ],
)
def test_boxes_are_cut_or_left_out_with_a_word(
    xyxy: tuple[float, float, float, float], kept: list[float] | None, problems: int, tmp_path: Path
) -> None:
    intake = Intake(tmp_path / "out", "coco")
    sample = intake.image(put(tmp_path / "a.png"), "a.png")
    assert sample is not None
    (label,) = intake.objects([Found("a.txt, line 1", "cat", xyxy)], sample, ("cat",))
    assert isinstance(label.value, Detections)
    assert label.value.xyxy.tolist() == ([] if kept is None else [kept])
    assert label.value.classes == ("cat",)
    assert len(intake.problems) == problems
    assert all("a.txt, line 1" in p and "cat" in p for p in intake.problems)


def test_no_image_at_all_is_refused_with_the_reasons(tmp_path: Path) -> None:
    intake = Intake(tmp_path, "coco")
    intake.problems.append("a.png is gone.")
    with pytest.raises(DatasetError, match=r"a\.png is gone"):
        intake.dataset("detect", ("cat",))


@pytest.mark.parametrize(
    ("name", "split"),
    [("train", "train"), ("Valid", "val"), ("train2017", "train"), ("testing", "test"), ("cat", ""), ("2017", "")],
)
def test_names_of_splits(name: str, split: str) -> None:
    assert split_named(name) == split


def test_images_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", "a.png", ".hidden.png", "deep/c.png", ".cache/d.png"):
        put(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert [p.name for p in images_in(tmp_path)] == ["a.jpg", "a.png", "b.PNG"]
    assert [p.name for p in images_in(tmp_path, deep=True)] == ["a.jpg", "a.png", "b.PNG", "c.png"]
    assert images_in(tmp_path / "gone") == []
    assert image_index(tmp_path)["a"].name == "a.jpg"
    assert image_index(tmp_path)["a.png"].name == "a.png"

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocella.datasets import Dataset, Sample, split
from ocella.errors import InvalidValue
from ocella.types import Annotation, Detections, Source

CLASSES = ("common", "rare", "other")
PERSON = Source("person", "ana")


def shows(*ids: int) -> tuple[Annotation, ...]:
    boxes = np.tile(np.array([[0, 0, 5, 5]], np.float32), (len(ids), 1))
    return (Annotation(Detections(boxes, np.ones(len(ids), np.float32), np.array(ids, np.int64), CLASSES), PERSON),)


def plain(n: int, group_of: dict[int, str] | None = None) -> Dataset:
    groups = group_of or {}
    return Dataset(
        Path("d"), "detect", CLASSES, tuple(Sample(f"{i:04d}.png", (9, 9), group=groups.get(i, "")) for i in range(n))
    )


def video(n: int, name: str = "clip", start: int = 0) -> tuple[Sample, ...]:
    seconds = [(start + i, Sample(f"{name}/{n - i:04d}.png", (9, 9), group=name)) for i in range(n)]
    return tuple(s.replace(source={"seconds": t}) for t, s in seconds)


def counts(dataset: Dataset) -> Counter[str]:
    return Counter(s.split for s in dataset)


@pytest.mark.parametrize(
    ("n", "val", "test", "expected"),
    [
        (100, 0.2, 0.0, {"train": 80, "val": 20}),
        (100, 0.2, 0.1, {"train": 70, "val": 20, "test": 10}),
        (10, 0.5, 0.0, {"train": 5, "val": 5}),
        (2, 0.2, 0.0, {"train": 1, "val": 1}),
        (3, 0.1, 0.1, {"train": 1, "val": 1, "test": 1}),
        (5, 0.01, 0.0, {"train": 4, "val": 1}),
    ],
)
def test_shares_hold_and_no_part_is_empty(n: int, val: float, test: float, expected: dict[str, int]) -> None:
    assert counts(split(plain(n), val=val, test=test)) == expected


@pytest.mark.parametrize(("val", "test"), [(0.0, 0.1), (1.0, 0.0), (0.6, 0.4), (-0.1, 0.0), (0.2, -0.1)])
def test_wrong_shares_are_refused(val: float, test: float) -> None:
    with pytest.raises(InvalidValue, match="shares"):
        split(plain(10), val=val, test=test)


@pytest.mark.parametrize("n", [0, 1])
def test_one_image_cannot_be_split(n: int) -> None:
    with pytest.raises(InvalidValue, match="at least 2"):
        split(plain(n))


def test_the_seed_decides_and_repeats() -> None:
    first, same, other = (split(plain(50), seed=seed) for seed in (1, 1, 2))
    assert first == same
    assert {s.file for s in first.split("val")} != {s.file for s in other.split("val")}


@given(
    groups=st.lists(st.integers(0, 12), min_size=2, max_size=40),
    ids=st.lists(st.lists(st.integers(0, 2), max_size=3), min_size=40, max_size=40),
    val=st.floats(0.05, 0.5),
    test=st.sampled_from([0.0, 0.1, 0.3]),
    seed=st.integers(0, 3),
)
@settings(max_examples=80, deadline=None)
def test_a_group_never_straddles(groups: list[int], ids: list[list[int]], val: float, test: float, seed: int) -> None:
    samples = [Sample(f"{i}.png", (9, 9), annotations=shows(*ids[i])) for i in range(len(groups))]
    dataset = Dataset(Path("d"), "detect", CLASSES, tuple(samples))
    by_file = {f"{i}.png": f"g{g}" for i, g in enumerate(groups)}
    parts = {"train", "val", "test"} if test else {"train", "val"}
    if len(set(groups)) < len(parts):
        return
    done = split(dataset, val=val, test=test, groups=by_file, seed=seed)
    homes: dict[str, set[str]] = {}
    for sample in done:
        homes.setdefault(by_file[sample.file], set()).add(sample.split)
    assert all(len(splits) == 1 for splits in homes.values())
    assert set(counts(done)) == parts
    assert "optimistic" not in done.info


def test_the_samples_own_groups_count_where_none_are_given() -> None:
    dataset = plain(60, {i: f"clip {i // 10}" for i in range(60)})
    done = split(dataset)
    for clip in range(6):
        assert len({s.split for s in done if s.group == f"clip {clip}"}) == 1


def test_groups_given_win_over_the_samples_own() -> None:
    dataset = plain(20, {i: f"own {i}" for i in range(20)})
    done = split(dataset, groups={f"{i:04d}.png": f"g{i // 5}" for i in range(20)})
    for g in range(4):
        assert len({s.split for s in done.samples[5 * g : 5 * g + 5]}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_rare_classes_are_spread(seed: int) -> None:
    samples = [Sample(f"{i}.png", (9, 9), annotations=shows(0, *([1] if i < 10 else []))) for i in range(100)]
    done = split(Dataset(Path("d"), "detect", CLASSES, tuple(samples)), val=0.2, seed=seed)
    rare = Counter(s.split for s in done if "rare" in s.detections(CLASSES).names)
    assert rare == {"train": 8, "val": 2}
    assert counts(done) == {"train": 80, "val": 20}


def test_one_video_is_cut_by_time_with_a_gap_and_says_so() -> None:
    done = split(Dataset(Path("d"), "detect", CLASSES, video(100)), val=0.2, test=0.1)
    in_time = [s.split for s in sorted(done, key=lambda s: s.source["seconds"])]
    assert in_time == ["train"] * 68 + [""] * 2 + ["val"] * 18 + [""] * 2 + ["test"] * 10
    assert "optimistic" in done.info["optimistic"]
    assert "4 images" in done.info["split"]


def test_two_videos_for_three_parts_are_each_cut_by_time() -> None:
    dataset = Dataset(Path("d"), "detect", CLASSES, (*video(50, "a"), *video(20, "b", start=1000)))
    done = split(dataset, val=0.2, test=0.2)
    for name in ("a", "b"):
        in_time = [s.split for s in sorted(done, key=lambda s: s.source["seconds"]) if s.group == name and s.split]
        assert sorted(set(in_time), key=in_time.index) == ["train", "val", "test"]
    assert "optimistic" in done.info


@given(n=st.integers(2, 120), val=st.floats(0.01, 0.9), test=st.sampled_from([0.0, 0.05, 0.09]))
@settings(deadline=None)
def test_a_cut_by_time_keeps_order_and_fills_every_part(n: int, val: float, test: float) -> None:
    dataset = Dataset(Path("d"), "detect", CLASSES, video(n))
    if test and n == 2:
        with pytest.raises(InvalidValue, match="too few"):
            split(dataset, val=val, test=test)
        return
    in_time = [s.split for s in sorted(split(dataset, val=val, test=test), key=lambda s: s.source["seconds"])]
    named = [s for s in in_time if s]
    assert named == sorted(named, key=["train", "val", "test"].index)
    assert set(named) == ({"train", "val", "test"} if test else {"train", "val"})
    if n >= 10 and in_time.count("train") > 1:
        assert in_time[named.count("train")] == ""


def test_the_optimistic_note_goes_when_a_better_split_is_made() -> None:
    flat = split(Dataset(Path("d"), "detect", CLASSES, video(20)))
    assert "optimistic" in flat.info
    again = split(flat, groups={s.file: s.file for s in flat})
    assert "optimistic" not in again.info
    assert "20 groups" in again.info["split"]

"""Splits that do not leak: a group is never divided."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from ocella.datasets.dataset import Dataset
from ocella.datasets.sample import Sample, Split
from ocella.errors import InvalidValue
from ocella.types import Classification, Detections

__all__ = ["split"]


def split(
    dataset: Dataset, *, val: float = 0.2, test: float = 0.0, groups: Mapping[str, str] | None = None, seed: int = 0
) -> Dataset:
    """Give every sample a split, by shares of the images. Samples of one group (`groups` by file, else their own) stay
    together; classes are spread as evenly as whole groups allow. A set with fewer groups than parts, such as one video,
    is cut by time with a gap, and `info["optimistic"]` says that its numbers flatter. Raises InvalidValue.
    """
    if not (0 < val < 1 and 0 <= test < 1 and val + test < 1):
        raise InvalidValue(f"val and test must be shares with val > 0 and val + test < 1, got {val} and {test}.")
    if len(dataset) < 2:
        raise InvalidValue(f"A split needs at least 2 images, got {len(dataset)}.")
    members: dict[str, list[Sample]] = {}
    for sample in dataset:
        members.setdefault((groups or {}).get(sample.file) or sample.group or sample.file, []).append(sample)
    if len(members) < 2 + (test > 0):
        return _by_time(dataset, members.values(), val, test)
    chosen = _by_group(members, {"train": 1 - val - test, "val": val, "test": test}, seed)
    place = {s.file: name for group, name in chosen.items() for s in members[group]}
    info = {k: v for k, v in dataset.info.items() if k != "optimistic"}
    shared = sum(len(m) > 1 for m in members.values())
    info["split"] = f"{len(members)} groups, {shared} of them with several images, none divided; seed {seed}"
    return dataset.map(lambda s: s.replace(split=place[s.file])).replace(info=info)


def _by_group(members: Mapping[str, list[Sample]], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Greedy: groups by rarity of their classes and size, each to the split that lacks most of what it holds."""
    assert set(shares) <= set(get_args(Split))
    content = {g: sum((_content(s) for s in samples), Counter[str]()) for g, samples in members.items()}
    total = sum(content.values(), Counter[str]())
    lack = {name: {k: share * n for k, n in total.items()} for name, share in shares.items() if share > 0}
    order = sorted(members, key=lambda g: (min(total[k] for k in content[g]), -len(members[g]), _draw(g, seed)))
    chosen: dict[str, str] = {}
    for group in order:
        want = {
            name: sum(need[k] / total[k] * n for k, n in content[group].items()) / sum(content[group].values())
            for name, need in lack.items()
        }
        best = max(want, key=lambda name: (round(want[name] / shares[name], 9), _draw(group + name, seed)))
        chosen[group] = best
        for k, n in content[group].items():
            lack[best][k] -= n
    return _none_empty(chosen, members, lack)


def _none_empty(
    chosen: dict[str, str], members: Mapping[str, list[Sample]], names: Mapping[str, object]
) -> dict[str, str]:
    for name in names:
        if name not in chosen.values():
            counts = Counter(chosen.values())
            donors = [g for g in chosen if counts[chosen[g]] > 1]
            chosen[min(donors, key=lambda g: len(members[g]))] = name
    return chosen


def _content(sample: Sample) -> Counter[str]:
    """What a sample adds to its split: itself, and each class it shows."""
    found = {f"class {n}" for d in sample.labels(Detections) for n in d.names}
    found |= {f"class {c.top()[0][0]}" for c in sample.labels(Classification)}
    return Counter({"image": 1, **dict.fromkeys(found, 1)})


def _draw(text: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{text}".encode()).hexdigest()


def _by_time(dataset: Dataset, groups: Iterable[Sequence[Sample]], val: float, test: float) -> Dataset:
    """Of each group the last images are held back, with a gap that no split gets; a group too small for that trains."""
    place: dict[str, Split] = {}
    for members in groups:
        ordered = sorted(members, key=lambda s: (float(s.source.get("seconds", 0)), s.file))
        place |= zip((s.file for s in ordered), _cut(len(ordered), val, test), strict=True)
    missing = {"train", "val", *(["test"] if test else [])} - set(place.values())
    if missing:
        raise InvalidValue(
            f"{len(dataset)} images that belong together are too few for {', '.join(sorted(missing))}. Add images, "
            f"or ask for fewer parts."
        )
    left_out = list(place.values()).count("")
    info = {**dataset.info, "split": f"cut by time, {left_out} images between the parts left out"}
    info["optimistic"] = (
        "All images come from too few groups (such as one video, or near-duplicates of each other) to keep groups whole. "
        "The parts were cut by time, but they show the same scenes: numbers on them are optimistic for any other scene."
    )
    return dataset.map(lambda s: s.replace(split=place[s.file])).replace(info=info)


def _cut(n: int, val: float, test: float) -> list[Split]:
    """Splits of n images in order of time: train, gap, val, gap, test. A gap is 2 % of the images (one at least where
    there are 10) and never takes the last image of the part before it.
    """
    n_test, n_val = (max(1, round(n * share)) if share else 0 for share in (test, val))
    if n_val + n_test >= n:
        n_test, n_val = min(n_test, 1), 1
    n_train = n - n_val - n_test
    if n_train < 1:
        return ["train"] * n
    gap = max(int(n >= 10), round(0.02 * n))
    after_train = min(gap, n_train - 1)
    after_val = min(gap, n_val - 1) if n_test else 0
    names: list[Split] = ["train"] * (n_train - after_train)
    names += [""] * after_train
    names += ["val"] * (n_val - after_val)
    names += [""] * after_val
    names += ["test"] * n_test
    return names

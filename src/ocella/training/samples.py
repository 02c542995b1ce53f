"""Training samples: a data set's images once at training size, uint8, with their labels in those pixels."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.datasets.dataset import Dataset
from ocella.datasets.sample import Sample
from ocella.errors import DatasetError
from ocella.models.detection.nanodet_decode import stretch
from ocella.models.embedding.efficientnet_prepare import efficientnet_prepare
from ocella.types import Classification, Detections, Image

__all__ = ["BoxSample", "LabelSample", "PixelCache", "box_samples", "fitting_size", "label_samples", "without_slivers"]

Pixels = npt.NDArray[np.uint8]
_IN_MEMORY = 1 << 30


@dataclass(frozen=True, eq=False)
class BoxSample:
    """`pixels` (h, w, 3) at training size, `xyxy` (n, 4) in them; `truth` in the pixels of the image as it is."""

    file: str
    size_hw: tuple[int, int]
    pixels: Pixels
    xyxy: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int64]
    truth: Detections


@dataclass(frozen=True, eq=False)
class LabelSample:
    """`pixels` (h, w, 3) at training size and the class they show."""

    file: str
    pixels: Pixels
    class_id: int


class PixelCache:
    """Room for n images of one size: in memory up to 1 GiB, beyond that in a file of `folder`."""

    def __init__(self, count: int, size_hw: tuple[int, int], folder: Path, name: str) -> None:
        shape = (count, *size_hw, 3)
        if int(np.prod(shape)) <= _IN_MEMORY:
            self.pixels = np.empty(shape, np.uint8)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self.pixels = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.uint8, shape)


def without_slivers(found: Detections) -> Detections:
    """Only boxes at least one pixel wide and high; others cannot be learned or scored."""
    sides = found.xyxy[:, 2:] - found.xyxy[:, :2]
    return found[(sides >= 1).all(1)]


def box_samples(dataset: Dataset, input_hw: tuple[int, int], folder: Path, name: str) -> tuple[list[BoxSample], int]:
    """Samples that someone looked at, and how many degenerate boxes were left out; raises DatasetError without any box."""
    chosen = _seen(dataset)
    cache = PixelCache(len(chosen), input_hw, folder, name)
    samples, dropped = [], 0
    for row, sample in zip(cache.pixels, chosen, strict=True):
        row[:] = stretch(dataset.image(sample).pixels, input_hw)
        labels = sample.detections(dataset.classes)
        truth = without_slivers(labels)
        dropped += len(labels) - len(truth)
        scale = np.array([input_hw[1] / sample.size_hw[1], input_hw[0] / sample.size_hw[0]] * 2, np.float32)
        samples.append(BoxSample(sample.file, sample.size_hw, row, truth.xyxy * scale, truth.class_id, truth))
    if not any(len(s.xyxy) for s in samples):
        raise DatasetError(
            f"None of the {len(samples)} '{name}' images of {dataset.root} shows an object to learn or to measure by. "
            f"Label with other prompts or a lower threshold, or split again with another seed."
        )
    return samples, dropped


def label_samples(dataset: Dataset, input_hw: tuple[int, int], folder: Path, name: str) -> list[LabelSample]:
    """Samples with a class; the last label of each image counts."""
    chosen = [(s, s.labels(Classification)) for s in _seen(dataset)]
    labelled = [(s, found[-1]) for s, found in chosen if found]
    if not labelled:
        raise DatasetError(f"{dataset.root} has no classified image to train on. Run: ocella label --task classify")
    cache = PixelCache(len(labelled), input_hw, folder, name)
    samples = []
    for row, (sample, label) in zip(cache.pixels, labelled, strict=True):
        row[:] = _classifier_pixels(dataset.image(sample), input_hw)
        samples.append(LabelSample(sample.file, row, dataset.classes.index(label.top()[0][0])))
    return samples


def _classifier_pixels(image: Image, input_hw: tuple[int, int]) -> Pixels:
    """What the classifier sees of an image, before it is normalised."""
    normalised = efficientnet_prepare(image, input_hw)
    return np.rint(normalised * 128 + 127).astype(np.uint8).transpose(1, 2, 0)


def fitting_size(dataset: Dataset, longest: int) -> tuple[int, int]:
    """Height and width in multiples of 32, the longer one `longest`, nearest to the images' median aspect."""
    ratio = float(np.median([s.size_hw[0] / s.size_hw[1] for s in dataset]))
    shorter = max(32, round(longest * min(ratio, 1 / ratio) / 32) * 32)
    return (shorter, longest) if ratio <= 1 else (longest, shorter)


def _seen(dataset: Iterable[Sample]) -> list[Sample]:
    chosen = [s for s in dataset if s.seen]
    if not chosen:
        raise DatasetError("There is no labelled image to train on. Label the images first, with: ocella label")
    return chosen

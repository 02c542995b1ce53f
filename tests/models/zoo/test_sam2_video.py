"""SAM 2 on video, on a small random checkpoint, beside the library's own way through a whole video."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.sam2 import SIDE
from tests.checkpoints.sam2_video import make
from torch.nn.functional import interpolate
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

import ocella
from ocella.errors import InvalidValue, Mismatch
from ocella.models.segmentation.sam2_pixels import prepare
from ocella.models.zoo.sam2_video import Sam2Video
from ocella.ops.masks import boxes_of
from ocella.types import Detections, Image, Masks

FRAMES = [picture(60, 90, i) for i in range(18)]
"""More than the sixteen that the network remembers: from there on a stream and a whole video are one."""
BOXES = np.array([[5, 5, 40, 40], [20, 20, 80, 50], [0, 0, 10, 60]], np.float32)
POINTS = np.array([[[20, 20, 1], [70, 9, 0]], [[50, 30, 1], [0, 0, -1]], [[4, 40, 1], [0, 0, -1]]], np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-sam2-video")
    make(made, "sam2.1-hiera-tiny-video")
    return made


@pytest.fixture(scope="module")
def tracker(folder: Path) -> Sam2Video:
    model = ocella.load("sam2.1-hiera-tiny-video", weights=folder, device="cpu", threads=1)
    assert isinstance(model, Sam2Video)
    return model


def library(
    folder: Path, points: list[tuple[npt.NDArray[np.float32], list[int]]]
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Masks in full size and presence of each object in each frame, with the whole video in one session."""
    network = transformers.Sam2VideoModel.from_pretrained(folder).eval()
    video = torch.cat([prepare(f.pixels, {"size": {"height": SIDE, "width": SIDE}}) for f in FRAMES])
    session = Sam2VideoInferenceSession(video=video, video_height=60, video_width=90, dtype=torch.float32)
    for number, (xy, labels) in enumerate(points):
        scaled = torch.from_numpy(xy * np.array([SIDE / 90, SIDE / 60], np.float32))[None, None]
        asked = {"point_coords": scaled, "point_labels": torch.tensor(labels)[None, None]}
        session.add_point_inputs(session.obj_id_to_idx(number), 0, asked)
    session.obj_with_new_inputs = list(session.obj_ids)
    for out in network.propagate_in_video_iterator(session, start_frame_idx=0):
        full = interpolate(out.pred_masks, (60, 90), mode="bilinear", align_corners=False)[:, 0] > 0
        yield full, out.object_score_logits.flatten().sigmoid()


PROMPTS = {
    "boxes": (BOXES, None, [(b.reshape(2, 2), [2, 3]) for b in BOXES]),
    "points": (
        None,
        POINTS,
        [(POINTS[0, :, :2], [1, 0]), (POINTS[1, :1, :2], [1]), (POINTS[2, :1, :2], [1])],
    ),
    "both": (
        BOXES,
        POINTS,
        [
            (np.concatenate([b.reshape(2, 2), p[p[:, 2] >= 0, :2]]), [2, 3, *p[p[:, 2] >= 0, 2].astype(int).tolist()])
            for b, p in zip(BOXES, POINTS, strict=True)
        ],
    ),
}


@pytest.mark.parametrize("kind", list(PROMPTS))
def test_frames_are_the_librarys(folder: Path, tracker: Sam2Video, kind: str) -> None:
    boxes, points, theirs = PROMPTS[kind]
    counts = []
    for found, (full, presence) in zip(
        tracker.predict(iter(FRAMES), boxes, points=points), library(folder, theirs), strict=True
    ):
        seen = [i for i in range(3) if presence[i] > 0.5 and full[i].any()]
        assert found.track_id is not None
        assert found.track_id.tolist() == seen
        np.testing.assert_allclose(found.confidence, presence[seen], atol=1e-4)
        expected = Masks.from_dense(full[seen].numpy().reshape(-1, 60, 90))
        assert found.masks == expected
        assert np.array_equal(found.xyxy, boxes_of(expected))
        counts.append(len(found))
    assert len(counts) == len(FRAMES)
    assert len(set(counts)) > 1, "objects vanish and come back"


def test_memory_does_not_grow_with_the_video(tracker: Sam2Video) -> None:
    sizes = []

    def frames() -> Iterator[Image]:
        for i in range(40):
            yield FRAMES[i % 18]
            sizes.append(sum(t.numel() for t in held(session)))

    session = tracker._session()
    tracker._session = lambda: session  # type: ignore[method-assign]  # to look into the one that is used
    assert len(list(tracker.predict(frames(), BOXES))) == 40
    del tracker._session
    assert len(session.processed_frames) == 0
    assert sizes[25] == sizes[-1], "from when the memory is full, nothing is added"


def held(value: object) -> Iterator[torch.Tensor]:
    """Every tensor that is reachable from a session."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from held(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from held(part)
    elif type(value).__name__.startswith("Sam2Video"):
        yield from held(vars(value))


def test_frames_are_taken_as_they_come(tracker: Sam2Video) -> None:
    taken = []

    def frames() -> Iterator[Image]:
        for i, frame in enumerate(FRAMES):
            taken.append(i)
            yield frame

    found = tracker.predict(frames(), BOXES)
    assert taken == []
    next(found)
    assert taken == [0]
    next(found)
    assert taken == [0, 1]


def test_one_video_does_not_know_of_another(tracker: Sam2Video) -> None:
    alone = list(tracker.predict(FRAMES[:4], BOXES))
    first, second = tracker.predict(FRAMES[:4], BOXES), tracker.predict(FRAMES[4:8], BOXES[:1])
    mixed = [next(first), *(next(f) for _ in range(3) for f in (second, first))]
    assert [mixed[0], *mixed[2::2]] == alone


def test_nothing_to_follow_and_no_frames(tracker: Sam2Video) -> None:
    assert list(tracker.predict([], BOXES)) == []
    nothing = list(tracker.predict(FRAMES[:2], np.zeros((0, 4), np.float32)))
    assert nothing == [Detections.empty(("object",))] * 2


def test_what_cannot_be(tracker: Sam2Video) -> None:
    with pytest.raises(InvalidValue, match="boxes or points"):
        tracker.predict(FRAMES)
    with pytest.raises(Mismatch, match="got 3 and 1"):
        tracker.predict(FRAMES, BOXES, points=POINTS[:1])
    with pytest.raises(Mismatch, match=r"frame 1 is \(30, 30\)"):
        list(tracker.predict([FRAMES[0], picture(30, 30)], BOXES))

"""SAM 2 and 2.1 on video: objects shown in the first frame, followed frame by frame in flat memory."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.sam2_pixels import input_hw, prepare
from ocella.models.segmentation.sam_prompts import ObjectPrompts
from ocella.models.tasks import VideoSegmenter
from ocella.ops.masks import boxes_of
from ocella.types import Detections, Image, Masks

__all__ = ["UNITS", "Sam2Video"]

_CLASSES = ("object",)
_BOX_LABELS = (2, 3)
"""The network takes a box as two points with labels of their own: upper left, lower right."""
_TINY = ModelCard(
    name="sam2.1-hiera-tiny-video",
    try_order=1,
    advice="follows through a video what is pointed at in its first frame",
    task="track",
    summary="follows what boxes or points show in the first frame of a video; the smallest SAM 2.1",
    checkpoint="hub: facebook/sam2.1-hiera-tiny (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=38_962_498,
    megabytes=155.8,
    input_hw=(1024, 1024),
    classes=_CLASSES,
    threshold=0.5,
    extra="torch",
    good_at="following a few things of any kind through a shot, also when they are hidden for a while",
    bad_at="new things that come into view; many objects (each is followed by itself); cuts; things that look alike",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/sam2.1-hiera-tiny", "revision": "main"},
    system="SAM 2",
    library="transformers",
    prompts=("box", "point"),
    speed="slow",
    memory_gb=3,
)
_SIZES = {
    "tiny": (38_962_498, "the smallest", 0.765),
    "small": (46_060_354, "small", 0.766),
    "base-plus": (80_850_178, "of middle size", 0.782),
    "large": (224_446_642, "the largest", 0.795),
}


def _card(version: str, size: str) -> ModelCard:
    parameters, words, overlap = _SIZES[size]
    checkpoint = f"sam{version}-hiera-{size}"
    measured = Accuracy("J&F", overlap, "SA-V test", "github.com/facebookresearch/sam2 README")
    return replace(
        _TINY,
        name=f"{checkpoint}-video",
        summary=f"follows what boxes or points show in the first frame of a video; SAM {version}, {words}",
        checkpoint=f"hub: facebook/{checkpoint} (revision main)",
        parameters=parameters,
        megabytes=parameters * 4 / 1e6,
        accuracy=(measured,) if version == "2.1" else (),
        superseded_by=f"sam2.1-hiera-{size}-video" if version == "2" else "",
        data={"hub": f"facebook/{checkpoint}", "revision": "main"},
        memory_gb=5 if size == "large" else 3,
    )


class Sam2Video(VideoSegmenter):
    """Every object has a memory of the first frame and of the last few; what lies further back is forgotten, so memory
    does not grow with the video. An object's confidence is how sure the network is that it is in view.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "sam2_video", "Sam2VideoModel")
        self._card = adopt_card(card, options, self._opened)

    def predict(
        self,
        frames: Iterable[Image],
        boxes: npt.NDArray[np.float32] | None = None,
        *,
        points: npt.NDArray[np.float32] | None = None,
    ) -> Iterator[Detections]:
        """Objects in view, frame by frame; objects that are not are left out. Raises InvalidValue without prompts, Mismatch
        where the size of frames changes.
        """
        if boxes is None and points is None:
            raise InvalidValue("Say what to follow: boxes or points of things in the first frame.")
        return self._follow(frames, ObjectPrompts(boxes, points))

    def _follow(self, frames: Iterable[Image], prompts: ObjectPrompts) -> Iterator[Detections]:
        import torch

        session, size_hw = self._session(), (0, 0)
        for number, frame in enumerate(frames):
            if number == 0:
                size_hw = frame.size_hw
                self._ask(session, prompts, size_hw)
            elif frame.size_hw != size_hw:
                raise Mismatch(f"Frames must all be of the size {size_hw}, but frame {number} is {frame.size_hw}.")
            if not len(prompts):
                yield Detections.empty(_CLASSES)
                continue
            pixels = prepare(frame.pixels, self._opened.image).to(self._opened.device, self._opened.dtype)
            with torch.inference_mode():
                out = self._opened.network(inference_session=session, frame_idx=number, frame=pixels)
            self._forget(session, number)
            order = np.argsort(out.object_ids).tolist()  # the session has them in the order of asking
            yield self._detections(out.pred_masks[order], out.object_score_logits.flatten()[order], size_hw)

    def _session(self) -> Any:
        from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

        device = self._opened.device
        return Sam2VideoInferenceSession(
            inference_device=device,
            inference_state_device=device,
            video_storage_device=device,
            dtype=self._opened.dtype,
        )

    def _ask(self, session: Any, prompts: ObjectPrompts, size_hw: tuple[int, int]) -> None:
        """Tell the session what to follow, each object by the number of its row."""
        import torch

        height, width = input_hw(self._opened.image)
        scale = np.array([width / size_hw[1], height / size_hw[0]], np.float32)
        for group in prompts.groups(1):
            xy, labels = np.zeros((0, 2), np.float32), np.zeros(0, np.int64)
            if group.boxes is not None:
                xy, labels = group.boxes.reshape(2, 2), np.array(_BOX_LABELS)
            if group.xy is not None and group.labels is not None:
                xy, labels = np.concatenate([xy, group.xy[0]]), np.concatenate([labels, group.labels[0]])
            asked = {
                "point_coords": torch.from_numpy((xy * scale)[None, None]),
                "point_labels": torch.from_numpy(labels[None, None]),
            }
            session.add_point_inputs(session.obj_id_to_idx(group.rows[0]), 0, asked)
        session.obj_with_new_inputs = list(session.obj_ids)

    def _forget(self, session: Any, number: int) -> None:
        """Drop what no later frame will ask for: pixels, full masks, and memories out of reach."""
        config = self._opened.network.config
        reach = max(config.num_maskmem, config.max_object_pointers_in_encoder)
        session.processed_frames.pop(number)
        for memory in session.output_dict_per_obj.values():
            memory["non_cond_frame_outputs"].pop(number - reach, None)
            for kept in memory.values():
                for name in ("high_res_masks", "pred_masks"):
                    kept.get(number, {}).pop(name, None)
        for tracked in session.frames_tracked_per_obj.values():
            tracked.clear()

    def _detections(self, logits: Any, presence: Any, size_hw: tuple[int, int]) -> Detections:
        """From logits (n, 1, h, w) and how surely each object is in view; one mask at a time is in full size."""
        from torch.nn.functional import interpolate

        runs = []
        for mask in logits:
            full = interpolate(mask[None].float(), size_hw, mode="bilinear")[0] > 0
            runs.append(Masks.from_dense(full.cpu().numpy()).run(0).tolist())
        masks = Masks.from_counts(runs, size_hw)
        confidence = presence.float().sigmoid().cpu().numpy()
        rows = np.flatnonzero((confidence > self._card.threshold) & (masks.area > 0))
        seen = masks[rows]
        class_id = np.zeros(len(rows), np.int64)
        return Detections(boxes_of(seen), confidence[rows], class_id, _CLASSES, masks=seen, track_id=rows)


_CARDS = tuple(_card(version, size) for version in ("2.1", "2") for size in _SIZES)
UNITS = tuple(ModelEntry(card, partial(Sam2Video, card), ("Sam2VideoModel",)) for card in _CARDS)

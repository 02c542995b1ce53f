"""SAM 2's own preparation, which needs torchvision, beside the one that does not; and its pipelines from end to end."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints import sam2, sam2_video
from tests.checkpoints.parts import picture

import ocella
from ocella.models.segmentation.sam2_pixels import prepare
from ocella.models.segmentation.sam_prompts import ObjectPrompts
from ocella.models.zoo.sam2 import Sam2
from ocella.models.zoo.sam2_video import Sam2Video

SIDE = {"height": sam2.SIDE, "width": sam2.SIDE}
BOXES = np.array([[5, 5, 40, 40], [20, 10, 45, 28]], np.float32)


@pytest.mark.parametrize("size_hw", [(48, 64), (300, 200), (30, 20), (128, 128), (97, 501), (2, 1)])
def test_preparation_is_the_librarys(size_hw: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (*size_hw, 3), np.uint8)
    theirs = transformers.Sam2ImageProcessor(size=SIDE)(pixels, input_data_format="channels_last", return_tensors="pt")
    torch.testing.assert_close(prepare(pixels, {"size": SIDE}), theirs["pixel_values"], atol=1e-5, rtol=0)
    frames = transformers.Sam2VideoVideoProcessor(size=SIDE)(videos=[pixels[None]], return_tensors="pt")
    torch.testing.assert_close(prepare(pixels, {"size": SIDE}), frames["pixel_values_videos"][0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("size_hw", [(48, 64), (200, 150)])
def test_masks_are_the_librarys(tmp_path: Path, size_hw: tuple[int, int]) -> None:
    sam2.make(tmp_path, "sam2.1-hiera-tiny")
    image = picture(*size_hw)
    network = transformers.Sam2Model.from_pretrained(tmp_path).eval()
    processor = transformers.Sam2Processor(transformers.Sam2ImageProcessor(size=SIDE))
    inputs = processor(images=image.pixels.copy(), input_boxes=[BOXES.tolist()], return_tensors="pt")
    with torch.inference_mode():
        out = network(**inputs, multimask_output=False)
    full = processor.post_process_masks(out.pred_masks, inputs["original_sizes"])[0]
    segmenter = ocella.load("sam2", weights=tmp_path, device="cpu", threads=1)
    assert isinstance(segmenter, Sam2)
    (masks,) = segmenter.predict([image], [BOXES])
    assert np.array_equal(masks.dense(), full[:, 0].numpy())
    for row, logits, _ in segmenter.look(image, ObjectPrompts(BOXES, None)):
        np.testing.assert_allclose(logits, out.pred_masks[0, row, 0], atol=1e-4, rtol=1e-5)


def test_frames_are_the_librarys(tmp_path: Path) -> None:
    sam2_video.make(tmp_path, "sam2.1-hiera-tiny-video")
    frames = [picture(60, 90, i) for i in range(17)]
    network = transformers.Sam2VideoModel.from_pretrained(tmp_path).eval()
    processor = transformers.Sam2VideoProcessor(
        transformers.Sam2ImageProcessor(size=SIDE), transformers.Sam2VideoVideoProcessor(size=SIDE)
    )
    session = processor.init_video_session(video=np.stack([f.pixels for f in frames]), inference_device="cpu")
    processor.add_inputs_to_inference_session(
        inference_session=session, frame_idx=0, obj_ids=[0, 1], input_boxes=[BOXES.tolist()]
    )
    tracker = ocella.load("sam2.1-hiera-tiny-video", weights=tmp_path, device="cpu", threads=1)
    assert isinstance(tracker, Sam2Video)
    theirs = network.propagate_in_video_iterator(session, start_frame_idx=0)
    for found, out in zip(tracker.predict(frames, BOXES), theirs, strict=True):
        full = processor.post_process_masks([out.pred_masks], original_sizes=[[60, 90]])[0][:, 0].numpy()
        presence = out.object_score_logits.flatten().sigmoid().numpy()
        seen = [i for i in range(2) if presence[i] > 0.5 and full[i].any()]
        assert found.track_id is not None
        assert found.track_id.tolist() == seen
        assert found.masks is not None
        assert (found.masks.dense() != full[seen]).sum() <= 3
        # the memory is kept in bfloat16, so a last digit of a pixel may become a thousandth some frames later
        np.testing.assert_allclose(found.confidence, presence[seen], atol=2e-3)

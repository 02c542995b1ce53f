"""MobileSAM on small random weights under the published names. Its encoder is compared with timm's TinyViT in
tests/torchvision.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.mobile_sam import CHANNELS, make
from tests.checkpoints.parts import picture
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

import ocella
from ocella.errors import Mismatch, NotFound, Refused
from ocella.models.segmentation.sam_segmenter import SamSegmenter


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make(tmp_path_factory.mktemp("tiny-mobile-sam"), "mobile-sam")
    return Path(made["weights"])


@pytest.fixture(scope="module")
def segmenter(weights: Path) -> SamSegmenter:
    model = ocella.load("mobile-sam", weights=weights, pickle=True, device="cpu", threads=1)
    assert isinstance(model, SamSegmenter)
    assert model.card.checkpoint == "file mobile_sam.pt"
    return model


@pytest.mark.parametrize("size_hw", [(90, 60), (50, 120)])
def test_masks_are_those_of_the_librarys_pipeline(segmenter: SamSegmenter, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    height, width = size_hw
    boxes = np.array([[5, 5, width / 2, height / 2], [10, 20, width - 5, height - 9]], np.float32)
    processor = transformers.SamProcessor(SamImageProcessorPil())
    inputs = processor(images=image.pixels, input_boxes=[boxes.tolist()], return_tensors="pt")
    network = segmenter._opened.network
    with torch.inference_mode():
        view = network.get_image_embeddings(inputs["pixel_values"])
        out = network(image_embeddings=view, input_boxes=inputs["input_boxes"], multimask_output=False)
    full = processor.post_process_masks(out.pred_masks, inputs["original_sizes"], inputs["reshaped_input_sizes"])[0]
    (masks,) = segmenter.predict([image], [boxes])
    assert np.array_equal(masks.dense(), full[:, 0].numpy())
    assert 0 < masks.area[0] < height * width
    assert masks[0] != masks[1]


def test_features_are_as_fine_as_sams(segmenter: SamSegmenter) -> None:
    encoder = segmenter._opened.network.vision_encoder
    (features,) = encoder(torch.zeros(1, 3, 1024, 1024))
    assert features.shape == (1, 32, 64, 64)
    assert encoder.layers[1].blocks[0].window == 3


def test_one_tensor_of_places_serves_image_and_prompts(weights: Path, segmenter: SamSegmenter) -> None:
    network = segmenter._opened.network
    published = torch.load(weights, weights_only=True)["prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"]
    assert torch.equal(network.shared_image_embedding.positional_embedding, published)
    assert network.shared_image_embedding is network.prompt_encoder.shared_embedding


def without(tensors: dict[str, Any], word: str) -> dict[str, Any]:
    return {n: t for n, t in tensors.items() if word not in n}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: without(t, "image_encoder"), "lacks vision_encoder.layers.1"),
        (lambda t: without(t, "point_embeddings.2"), "lacks 1, like prompt_encoder.point_embed.2.weight"),
        (lambda t: {**t, "image_encoder.extra": torch.zeros(1)}, "has 1 more, like vision_encoder.extra"),
        (
            lambda t: {**t, "mask_decoder.iou_token.weight": torch.zeros(2, 2)},
            "of another shape, like mask_decoder.iou",
        ),
        (lambda _: {"anything": torch.zeros(3)}, "lacks vision_encoder"),
    ],
)
def test_other_weights_are_refused(weights: Path, tmp_path: Path, change: Any, words: str) -> None:
    torch.save(change(torch.load(weights, weights_only=True)), tmp_path / "other.pt")
    with pytest.raises(Mismatch, match=words):
        ocella.load("mobile-sam", weights=tmp_path / "other.pt", pickle=True, device="cpu")


def test_a_pickle_is_opened_on_purpose_only(weights: Path) -> None:
    with pytest.raises(Refused, match="pickle=True"):
        ocella.load("mobile-sam", weights=weights, device="cpu")
    with pytest.raises(NotFound, match="Fetch the file by hand"):
        ocella.load("mobile-sam", device="cpu")


def test_the_small_file_has_other_sizes_than_the_published_one() -> None:
    from ocella.models.networks.tiny_vit import TinyVitSizes

    assert TinyVitSizes().channels == (64, 128, 160, 320) != CHANNELS

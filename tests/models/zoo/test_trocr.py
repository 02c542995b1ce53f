"""TrOCR on small random checkpoints, beside the library's own preparation and generation."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.trocr import make

import ocella
from ocella.errors import Mismatch
from ocella.models.compose.line_by_line import LineByLine, straightened
from ocella.models.tasks import TextReader
from ocella.models.zoo.trocr import TrOCR
from ocella.types import Image


@pytest.fixture(scope="module", params=["trocr-small-printed", "trocr-base-handwritten"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrOCR]:
    folder = tmp_path_factory.mktemp(request.param)
    model = ocella.load(request.param, device="cpu", **make(folder, request.param))
    assert isinstance(model, TrOCR)
    return folder, model


def reference(folder: Path, image: Image) -> tuple[str, float]:
    """Text and mean probability of its tokens, by the library alone."""
    images = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    words = transformers.AutoTokenizer.from_pretrained(folder)
    network = transformers.VisionEncoderDecoderModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        out = network.generate(
            images(image.pixels, return_tensors="pt").pixel_values,
            max_new_tokens=22, num_beams=1, do_sample=False, output_scores=True, return_dict_in_generate=True,
        )  # fmt: skip
    ids = out.sequences[0, 1:]
    kept = [i for i, token in enumerate(ids.tolist()) if token != words.eos_token_id]
    sure = [float(out.scores[i][0].softmax(dim=-1)[ids[i]]) for i in kept]
    return words.decode(ids, skip_special_tokens=True).strip(), float(np.mean(sure))


@pytest.mark.parametrize("size_hw", [(32, 200), (64, 64), (20, 500)])
def test_text_and_confidence_are_the_librarys(made: tuple[Path, TrOCR], size_hw: tuple[int, int]) -> None:
    folder, model = made
    image = picture(*size_hw)
    text, sure = reference(folder, image)
    assert text
    (found,) = model.predict([image])
    assert found.texts == (text,)
    np.testing.assert_allclose(found.confidence, [sure], atol=1e-4)
    assert found.polygons[0].tolist() == [[0, 0], [size_hw[1], 0], [size_hw[1], size_hw[0]], [0, size_hw[0]]]


def test_batch_equals_singles(made: tuple[Path, TrOCR]) -> None:
    _, model = made
    images = [picture(32, 200), picture(20, 90, 1), picture(64, 64, 2)]
    singles = [model.predict([i])[0] for i in images]
    model.batch = 3
    together = model.predict(images)
    model.batch = 1
    assert [t.texts for t in together] == [s.texts for s in singles]
    for one, many in zip(singles, together, strict=True):
        np.testing.assert_allclose(many.confidence, one.confidence, atol=1e-5)


def test_an_encoder_decoder_that_is_no_trocr_is_refused(tmp_path: Path) -> None:
    vit = transformers.ViTConfig(
        hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=64, patch_size=16
    )
    gpt = transformers.GPT2Config(n_embd=32, n_layer=1, n_head=2, vocab_size=50, add_cross_attention=True)
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(vit, gpt)
    transformers.VisionEncoderDecoderModel(config).save_pretrained(tmp_path)
    with pytest.raises(Mismatch, match=r"decoder of the type trocr, but .* has a gpt2"):
        ocella.load("trocr-small-printed", weights=tmp_path, device="cpu")


def test_lines_that_another_reader_finds_are_read_one_by_one(made: tuple[Path, TrOCR]) -> None:
    import cv2

    _, model = made
    pixels = np.full((240, 640, 3), 255, np.uint8)
    for text, at in (("EXIT 12", (40, 70)), ("Gate B", (380, 200))):
        cv2.putText(pixels, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3, cv2.LINE_AA)
    image = Image(pixels)
    finder = ocella.load("pp-ocr", device="cpu", threads=1)
    assert isinstance(finder, TextReader)
    joined = LineByLine(finder, model)
    (found,) = joined.predict([image])
    (lines,) = finder.predict([image])
    np.testing.assert_array_equal(found.polygons, lines.polygons)
    expected = [model.predict([straightened(image, p)])[0] for p in lines.polygons]
    assert found.texts == tuple(e.text for e in expected)
    assert joined.card.name == f"pp-ocr+{model.card.name}"
    assert joined.card.score_kind == "token-probability"
    blank = Image(np.full((100, 200, 3), 255, np.uint8))
    assert len(joined.predict([blank])[0]) == 0


def test_a_line_is_turned_straight() -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[10:50, 20:30] = (200, 10, 10)  # a line that runs upwards
    corners = np.array([[20, 50], [20, 10], [30, 10], [30, 50]], np.float32)
    found = straightened(Image(pixels), corners)
    assert found.size_hw == (10, 40)
    assert (found.pixels[1:-1, 1:-1] == (200, 10, 10)).all()
    assert straightened(Image(pixels), np.zeros((4, 2), np.float32)).size_hw == (1, 1)

"""YOLO-World: an open-vocabulary YOLO, as an ONNX file that a person exports; its weights are never shipped."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch, NotFound, Unreadable
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.load import load
from ocella.models.onnx.fastest import file_sha256
from ocella.models.onnx.file import load_onnx
from ocella.models.onnx.layout import corners
from ocella.models.onnx.letterbox import ImageInput
from ocella.models.onnx.runtime import Session, Slot
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable
from ocella.models.tasks import Detector, Embedder
from ocella.types import Detections, Image

__all__ = ["UNITS", "YoloWorld"]

Floats = npt.NDArray[np.float32]

_CLIP = "clip-vit-base-patch32-embed"
"""Whose texts YOLO-World is trained with."""
_LOWEST = 0.001
_CARD = ModelCard(
    name="yolo-world-onnx",
    try_order=6,
    advice="boxes from words in real time, from a file that you export yourself",
    task="detect",
    summary="finds what short English texts name, at the speed of a YOLO; bring your own ONNX export",
    checkpoint="your own export: an ONNX file with inputs for image and text vectors",
    code_license="GPL-3.0 (AILab-CVC/YOLO-World) or AGPL-3.0 (Ultralytics); the decoder here is Ocella's own",
    weights_license="GPL-3.0 (AILab-CVC/YOLO-World) or AGPL-3.0 (Ultralytics)",
    commercial_use=False,
    parameters=0,
    megabytes=0,
    input_hw=(0, 0),
    open_vocabulary=True,
    threshold=0.2,
    extra="torch",
    aliases=("yolo-world",),
    good_at="many images and few, common things",
    bad_at="rare things, attributes and relations",
    run_here="small self-made checkpoints only",
    system="YOLO-World",
    library="onnx",
    prompts=("text",),
    score_kind="probability",
    speed="fast",
    memory_gb=1,
    clause="GPL-3.0 and AGPL-3.0 ask for the source of what is built on the weights; an enterprise licence is sold by the "
    "authors of either",
    stand_in="omdet-turbo-swin-tiny",
)


class YoloWorld(OpenDetector):
    """An export with two inputs, image and vectors of texts. Vectors are those of CLIP: from `<name>.npz` beside the
    file (texts to vectors), else from the CLIP checkpoint in the folder `text_encoder` beside it, else fetched.
    """

    def __init__(self, path: Path, session: Session, options: LoadOptions) -> None:
        super().__init__()
        self._path, self._session, self._options = path, session, options
        self._image, self._texts = _two_inputs(path, session)
        height, width = self._image.shape[2] or 640, self._image.shape[3] or 640
        self._input = ImageInput((height, width), dtype=self._image.dtype)
        self._outputs = _two_outputs(path, session)
        self._room, self._clip = self._texts.shape[1], _Texts(path, options)
        self.batch = 1 if self._image.shape[0] == 1 else options.batch or 4
        card = options.card or _CARD
        self._card = replace(
            card,
            checkpoint=f"file {path.name}",
            megabytes=path.stat().st_size / 1e6,
            input_hw=(height, width),
            sha256=file_sha256(path),
        )

    def _encode(self, texts: Sequence[str]) -> Floats:
        vectors = self._clip.vectors(texts)
        if self._texts.shape[2] not in (0, vectors.shape[1]):
            raise Mismatch(
                f"{self._path} takes text vectors of {self._texts.shape[2]} numbers, but these have {vectors.shape[1]}. "
                f"YOLO-World is trained with '{_CLIP}'."
            )
        return vectors

    def _find(self, images: Sequence[Image], table: PromptTable, encoded: Floats, threshold: float) -> list[Detections]:
        pixels, places = self._input.batch(images)
        parts = [self._forward(pixels, part) for part in self._parts(encoded)]
        scores = np.concatenate([s for _, s in parts], axis=2)[..., : len(encoded)]
        found = []
        for row_scores, boxes, place in zip(scores, parts[0][0], places, strict=True):
            # no class asks for less than the lowest floor, so that thousands of cells stay out of NMS
            floor = max(_LOWEST, float(table.floors(threshold).min()))
            rows = np.flatnonzero(row_scores.max(axis=1) >= floor)
            rows = rows[np.argsort(-row_scores[rows].max(axis=1), kind="stable")[:3000]]
            xyxy = place.boxes(np.nan_to_num(boxes[rows]))
            xyxy[:, 2:] = np.maximum(xyxy[:, :2], xyxy[:, 2:])
            found.append(table.detections(row_scores[rows].clip(0, 1), xyxy, place.size_hw, threshold, iou=0.7))
        return found

    def _parts(self, encoded: Floats) -> list[Floats]:
        """The vectors in groups of as many as the file takes, the last filled up with zeros."""
        room = self._room or len(encoded)
        groups = [encoded[i : i + room] for i in range(0, len(encoded), room)]
        return [np.pad(group, ((0, room - len(group)), (0, 0))) for group in groups]

    def _forward(self, pixels: npt.NDArray[Any], vectors: Floats) -> tuple[Floats, Floats]:
        """Boxes (n, cells, 4) as corners in input pixels and scores (n, cells, texts)."""
        texts = np.repeat(vectors[None], len(pixels), axis=0).astype(self._texts.dtype)
        out = self._session.run({self._image.name: pixels, self._texts.name: texts})
        if len(self._outputs) == 2:
            boxes, scores = (out[name].astype(np.float32) for name in self._outputs)
            return boxes, scores
        raw = out[self._outputs[0]].astype(np.float32)
        if raw.shape[1] == 4 + len(vectors):
            raw = raw.transpose(0, 2, 1)
        return np.stack([corners(row[:, :4]) for row in raw]), raw[..., 4:]


class _Texts:
    """Vectors of texts, from a file or from CLIP, which is loaded once it is needed."""

    def __init__(self, path: Path, options: LoadOptions) -> None:
        self._file, self._folder, self._options = path.with_suffix(".npz"), path.parent / "text_encoder", options
        self._encoder: Embedder | None = None

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (texts, d)."""
        if self._file.is_file():
            return self._read(texts)
        if self._encoder is None:
            weights = self._folder if self._folder.is_dir() else None
            encoder = load(_CLIP, device="cpu", threads=self._options.threads, weights=weights)
            assert isinstance(encoder, Embedder)
            self._encoder = encoder
        return np.stack([e.vector for e in self._encoder.embed_text(list(texts))])

    def _read(self, texts: Sequence[str]) -> Floats:
        try:
            with np.load(self._file, allow_pickle=False) as held:
                lacking = [t for t in texts if t not in held.files]
                if lacking:
                    raise InvalidValue(
                        f"{self._file} has vectors of {len(held.files)} texts, but not of '{lacking[0]}'. Add it, or take the "
                        "file away to have CLIP read the texts."
                    )
                rows = np.stack([held[t].astype(np.float32).reshape(-1) for t in texts])
        except (OSError, ValueError, EOFError) as error:
            if isinstance(error, InvalidValue):
                raise
            raise Unreadable(f"{self._file} must hold vectors by text, as numpy.savez writes them: {error}.") from error
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def _two_inputs(path: Path, session: Session) -> tuple[Slot, Slot]:
    """Image and text vectors."""
    images = [s for s in session.takes if len(s.shape) == 4]
    texts = [s for s in session.takes if len(s.shape) == 3]
    if len(images) != 1 or len(texts) != 1 or len(session.takes) != 2:
        shapes = ", ".join(f"{s.name} {s.shape}" for s in session.takes)
        raise Mismatch(f"{path} must take an image (n, 3, h, w) and text vectors (n, texts, d), but takes {shapes}.")
    return images[0], texts[0]


def _two_outputs(path: Path, session: Session) -> tuple[str, ...]:
    """Boxes and scores by name, or the one output (n, 4 + texts, cells) that has both."""
    if len(session.gives) == 1:
        return (session.gives[0].name,)
    boxes = [s.name for s in session.gives if "box" in s.name]
    scores = [s.name for s in session.gives if "score" in s.name]
    if len(boxes) == len(scores) == 1:
        return boxes[0], scores[0]
    shapes = ", ".join(f"{s.name} {s.shape}" for s in session.gives)
    raise Mismatch(f"{path} must give one output (n, 4 + texts, cells), or boxes and scores, but gives {shapes}.")


def _build(options: LoadOptions) -> Detector:
    """With texts as an input, or with the classes of its export baked in."""
    path = options.weights
    if path is not None and path.is_dir():
        path = next(iter(sorted(path.glob("*.onnx"))), path)
    if path is None or not path.is_file():
        raise NotFound(
            f"'{_CARD.name}' is run from your own export: its weights are GPL or AGPL and are not shipped. Give the file: "
            f"ocella.load('{_CARD.name}', weights=Path('yolo-world.onnx')). The nearest model that needs none is "
            f"'{_CARD.stand_in}'."
        )
    session = Session.of(path, options)
    if len(session.takes) > 1:
        return YoloWorld(path, session, options)
    fixed = replace(options, task="detect", card=replace(options.card or _CARD, open_vocabulary=False))
    model = load_onnx(path, fixed)
    assert isinstance(model, Detector)
    return model


UNITS = (ModelEntry(_CARD, _build),)

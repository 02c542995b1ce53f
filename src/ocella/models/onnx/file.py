"""Any ONNX file with a task and a list of classes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, Mismatch, OcellaError
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions
from ocella.models.license_gate import check_license
from ocella.models.onnx.detector import OnnxDetector, OnnxPoseDetector
from ocella.models.onnx.fastest import file_sha256
from ocella.models.onnx.layout import BLANK, Given, Layout, recognise, recognise_room
from ocella.models.onnx.letterbox import IMAGENET
from ocella.models.onnx.metadata import Exported, read_exported
from ocella.models.onnx.network import OnnxNetwork, preprocessor_settings
from ocella.models.onnx.runtime import Session
from ocella.models.onnx.whole_image import OnnxClassifier, OnnxDepth, OnnxEmbedder, OnnxSegmenter, sigmoid
from ocella.models.scores import softmax
from ocella.models.tasks import Model
from ocella.types.keypoints import Skeleton

__all__ = ["Known", "load_onnx", "torch_file_refused"]

_BATCH = 8


@dataclass(frozen=True)
class Known:
    """What is known of a file from elsewhere, and goes before what it says or looks like: its name, the least
    confidence, settings of `ImageInput`, and the points of an object.
    """

    name: str = ""
    threshold: float | None = None
    image: Mapping[str, Any] = field(default_factory=dict)
    skeleton: Skeleton | None = None


class _Brought:
    """A file, opened: its network, what its exporter said, its classes and what was asked for."""

    def __init__(self, path: Path, options: LoadOptions, known: Known) -> None:
        self.path, self.options, self.known = path, options, known
        self.exported = read_exported(path)
        self.task = options.task or self.exported.task
        if self.task not in _BUILDS:
            raise InvalidValue(f"{path} needs a task: one of {', '.join(_BUILDS)}, got '{self.task}'.")
        self.classes = _classes(path, options.classes, self.exported)
        self.network = OnnxNetwork(path, Session.of(path, options), options.input_hw or self.exported.input_hw)
        self.batch = options.batch or _BATCH

    @property
    def given(self) -> Given:
        """What the layouts are told."""
        network = self.network
        points = self.exported.points
        if self.known.skeleton is not None:
            points = len(self.known.skeleton.names), 3
        return Given(network.input.input_hw, network.outputs, self.classes, points, lambda: network.grey)

    def card(self, layout: str, threshold: float) -> ModelCard:
        """What is known of the file: nothing of its licence but what it says itself."""
        named = self.options.card
        card = ModelCard(
            name=self.known.name or self.path.stem,
            task=self.task,  # type: ignore[arg-type]  # one of _BUILDS
            summary=f"brought by you: an ONNX file, read as {layout}",
            checkpoint=f"file {self.path.name}",
            code_license="whatever made the file",
            weights_license=self.exported.license or "unknown: look where it came from",
            commercial_use=False,
            parameters=0,
            megabytes=self.path.stat().st_size / 1e6,
            input_hw=self.network.input.input_hw,
            classes=tuple(c for c in self.classes if c not in BLANK),
            threshold=threshold if self.known.threshold is None else self.known.threshold,
            run_here="nothing yet",
            data={"layout": layout},
            sha256=file_sha256(self.path),
            clause="the licence of weights that you bring is not known here",
        )
        if named is None:
            return card
        own = {name: getattr(card, name) for name in ("checkpoint", "megabytes", "input_hw", "classes", "sha256")}
        return replace(named, **own)

    def detector(self) -> OnnxDetector:
        """By the layout of its outputs."""
        layout = self._laid_out(self._named(self.given))
        given = self.given
        kept = [i for i, name in enumerate(self.classes) if name not in BLANK]
        columns = [kept.index(i) if i in kept else -1 for i in range(len(self.classes))]
        card = self.card(layout.name, layout.threshold)
        return OnnxDetector(card, self.network, layout, given, self.batch, columns)

    def pose(self) -> OnnxPoseDetector:
        """By the layout of its outputs; of one class where no names say more."""
        self.classes = self.classes or ("person",)
        layout = self._laid_out(self.given)
        given = self.given
        card = self.card(layout.name, layout.threshold)
        return OnnxPoseDetector(card, self.network, layout, given, self.batch, self.known.skeleton)

    def classifier(self) -> OnnxClassifier:
        """One output of scores: probabilities already, or made such by softmax, or by sigmoid where the layout says."""
        given = self._named(self.given, rank=2)
        self._prepare_whole(ultralytics=bool(self.exported.classes))
        output = self._output(given, lambda shape: _flat(shape) == len(self.classes), f"(n, {len(self.classes)})")
        shares = {"logits": softmax, "sigmoid": sigmoid, "probabilities": lambda rows: rows}
        chosen = self._layout_of(shares) or ("probabilities" if self._are_shares(output) else "logits")
        return OnnxClassifier(self.card(chosen, 0.0), self.network, output, shares[chosen], self.batch)

    def embedder(self) -> OnnxEmbedder:
        """The only output of one vector an image, or the one that is named for it."""
        self._prepare_whole()
        given = self.given
        named = [o.name for o in given.outputs if o.name in ("image_embeds", "embeddings", "pooler_output")]
        output = named[0] if named else self._output(given, lambda s: len(s) >= 2 and _flat(s) == s[1], "(n, d)")
        return OnnxEmbedder(self.card("vector", 0.0), self.network, output, self.batch)

    def segmenter(self) -> OnnxSegmenter:
        """An output with a score of every class, or one class, for every pixel."""
        given = self._named(self.given, rank=4)
        self._prepare_whole(fit="stretch")
        output = self._output(
            given,
            lambda s: (len(s) == 4 and s[1] == len(self.classes)) or len(s) == 3,
            f"(n, {len(self.classes)}, h, w) or (n, h, w)",
        )
        return OnnxSegmenter(self.card("map", 0.0), self.network, output, self.batch)

    def depth(self) -> OnnxDepth:
        """One value for every pixel; only the layout can say whether larger is farther."""
        kinds = {"depth": False, "inverse-depth": True}
        kind = self._layout_of(kinds)
        if not kind:
            raise InvalidValue(
                f"{self.path} does not say what its values mean. Say it: layout='depth' (larger is farther) or "
                "layout='inverse-depth' (larger is nearer, as Depth Anything and MiDaS)."
            )
        self._prepare_whole(fit="stretch")
        output = self._output(
            self.given, lambda s: len(s) == 3 or (len(s) == 4 and s[1] == 1), "(n, h, w) or (n, 1, h, w)"
        )
        return OnnxDepth(self.card(kind, 0.0), self.network, output, self.batch, inverse=kinds[kind])

    def _laid_out(self, given: Given) -> Layout:
        """The layout of the outputs, after which the images are prepared too."""
        layout = recognise(given, self.task, self.options.layout)
        beside = {k: v for k, v in preprocessor_settings(self.path).items() if k != "fit"}
        if self.network.free:
            beside["input_hw"] = layout.free_hw
        self.network.prepare(**{**layout.input, **beside, **self.known.image})
        return layout

    def _prepare_whole(self, *, ultralytics: bool = False, **settings: Any) -> None:
        plain = {"fit": "shorter", "smooth": True}
        normal = {} if ultralytics else {"mean": IMAGENET[0], "std": IMAGENET[1]}
        self.network.prepare(**(plain | normal | preprocessor_settings(self.path) | settings | dict(self.known.image)))

    def _named(self, given: Given, rank: int = 0) -> Given:
        """The same, once it is sure that there are names of classes."""
        if self.classes:
            return given
        rooms = recognise_room(given, self.task) or tuple(o.shape[1] for o in given.of_rank(rank) if rank)
        said = f" Its outputs have room for {' or '.join(map(str, rooms))}." if rooms else ""
        raise InvalidValue(
            f"{self.path} does not name its classes, so give them in order: classes=['cat', 'dog'], or "
            f"--classes 'cat, dog'.{said}"
        )

    def _output(self, given: Given, fits: Callable[[Sequence[int]], bool], looks: str) -> str:
        """The only output of that shape; raises Mismatch."""
        found = [o.name for o in given.outputs if fits(o.shape)]
        if len(found) == 1:
            return found[0]
        shapes = ", ".join(f"{o.name} {o.shape}" for o in given.outputs)
        raise Mismatch(
            f"{self.path} must have one output {looks} for {self.task}"
            f"{f' with {len(self.classes)} classes' if self.classes else ''}, but has {shapes}."
        )

    def _layout_of(self, known: Sequence[str] | dict[str, Any]) -> str:
        if self.options.layout and self.options.layout not in known:
            raise InvalidValue(
                f"layout for {self.task} must be one of {', '.join(known)}, got '{self.options.layout}'."
            )
        return self.options.layout

    def _are_shares(self, output: str) -> bool:
        """Whether the scores of a grey image are probabilities already."""
        scores = self.network.grey[output][:1].reshape(-1)
        return bool(scores.min() >= 0 and abs(float(scores.sum()) - 1) < 1e-3)


_BUILDS: dict[str, Callable[[_Brought], Model]] = {
    "detect": _Brought.detector,
    "keypoints": _Brought.pose,
    "classify": _Brought.classifier,
    "embed": _Brought.embedder,
    "semantic-segment": _Brought.segmenter,
    "depth": _Brought.depth,
}


def load_onnx(path: Path, options: LoadOptions, known: Known | None = None) -> Model:
    """The model in an ONNX file, for `options.task` with `options.classes`, both of which the file may say itself. Raises
    NotFound, Unreadable, InvalidValue where something must be said, Mismatch where things do not fit.
    """
    brought = _Brought(path, options, known or Known())
    model = _BUILDS[brought.task](brought)
    check_license(model.card, options.license)
    return model


def torch_file_refused(path: Path) -> OcellaError:
    """What to do with a torch file: it is a pickle of code that only its own library can open."""
    return InvalidValue(
        f"{path} is a torch file, which only the library that wrote it can open, and which runs code when it is opened. "
        "Export it to ONNX where it was trained. With Ultralytics (AGPL-3.0): "
        f"yolo export model={path.name} format=onnx opset=17 simplify=True. Then: ocella predict photo.jpg --model "
        f"{path.stem}.onnx"
    )


def _flat(shape: Sequence[int]) -> int:
    return int(np.prod(shape[1:]))


def _classes(path: Path, given: Sequence[str], exported: Exported) -> tuple[str, ...]:
    """Names given, or those of the file; raises Mismatch where both are there and differ, or one is there twice."""
    said, own = exported.classes, tuple(given)
    if said and own and said != own:
        first = next((i for i, (a, b) in enumerate(zip(said, own, strict=False)) if a != b), min(len(said), len(own)))
        raise Mismatch(
            f"{path} names {len(said)} classes itself, and the {len(own)} given differ from number {first} on: "
            f"{list(said[first : first + 3])} in the file, {list(own[first : first + 3])} given. Leave classes out."
        )
    found = own or said
    real = [name for name in found if name not in BLANK]
    if len(set(real)) != len(real):
        twice = sorted({name for name in real if real.count(name) > 1})
        raise Mismatch(f"The classes of {path} name {twice[0]!r} several times, so its answers would be ambiguous.")
    return found

"""Detectors of any prompt that live in their authors' repositories and run on detectron2. Neither is on a package index
in a form that fits today's torch, so they are installed by hand; here they are only asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, MissingPackage, NotFound, Refused, Unreadable
from ocella.models.card import ModelCard
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions
from ocella.models.open_vocabulary import OpenDetector, read_prompt
from ocella.models.prompt_table import PromptTable
from ocella.ops.boxes import area, clip
from ocella.ops.nms import nms
from ocella.types import Detections, Image, Masks

__all__ = ["DetectronDetector", "Original", "settle_for_running"]

_ARTICLES = ("a ", "an ", "the ")
_SUFFIXES = (".pth", ".pkl", ".pt")


@dataclass(frozen=True)
class Original:
    """Where one of them lives. `package` is what its repository is imported as, `repository` where it is; `settings` the
    functions that add its settings to detectron2's (module:function); `settle` sets what a run without the data sets
    needs, with a folder for files of its own; `encoder` the module that reads texts, by `build_text_encoder`; `weights`
    what the classifier calls the vectors of the vocabulary; `read` how it reads a prompt.
    """

    package: str
    repository: str
    settings: tuple[str, ...]
    settle: Callable[[Any, Path], None]
    encoder: str
    weights: str = "zs_weight"
    read: Callable[[str], str] = read_prompt


def settle_for_running(settings: Any) -> None:
    """Leave out what only training needs, which is read from files of the data sets."""
    settings.MODEL.ROI_BOX_HEAD.USE_FED_LOSS = False
    settings.MODEL.ROI_BOX_HEAD.IGNORE_ZERO_CATS = False
    settings.MODEL.DYNAMIC_CLASSIFIER = False
    settings.MODEL.WITH_CAPTION = False


class DetectronDetector(OpenDetector):
    """The original's predictor sees BGR pixels, as it documents, and the ontology's prompts as its whole vocabulary: each
    is one class of it, whatever letters it has. Its outlines are kept.
    """

    def __init__(self, original: Original, card: ModelCard, options: LoadOptions) -> None:
        super().__init__()
        self._original = original
        self._modules = _import(original, card)
        device, file = torch_device(options.device), _weights(original, card, options)
        self._predictor = _predictor(original, card, self._modules, file, device)
        self._card = replace(options.card or card, checkpoint=f"file {file.name}")
        self._encoder: Any = None
        self._loaded: Any = None

    def _read(self, prompt: str) -> str:
        return self._original.read(prompt)

    def _encode(self, texts: Sequence[str]) -> Any:
        """Unit vectors of the texts (size, texts + 1), the last of them zero for "nothing"."""
        import torch
        from torch.nn import functional as F

        if self._encoder is None:
            self._encoder = _encoder(self._modules[self._original.encoder])
        with torch.no_grad():
            said = [text if text.startswith(_ARTICLES) else f"a {text}" for text in texts]
            for text, tokens in zip(texts, self._encoder.tokenize(said, 1000), strict=True):
                if int(tokens.argmax()) >= self._encoder.context_length:  # the end mark has the highest number
                    raise InvalidValue(
                        f"The prompt '{text}' has too many tokens: {int(tokens.argmax()) + 1}. Shorten it."
                    )
            found = self._encoder(said).float().cpu().T
        return F.normalize(F.pad(found, (0, 1)), dim=0)

    def _find(self, images: Sequence[Image], table: PromptTable, encoded: Any, threshold: float) -> list[Detections]:
        self._ask_for(encoded, float(table.floors(threshold).min()))
        return [self._look(i, table, threshold) for i in images]

    def _ask_for(self, encoded: Any, floor: float) -> None:
        """Put the vocabulary and the least confidence where every stage of the original looks for them."""
        heads = self._predictor.model.roi_heads
        if encoded is not self._loaded:
            heads.num_classes = encoded.shape[1] - 1
        for stage in heads.modules():
            for name, classifier in stage.named_children():
                if name == "cls_score":
                    stage.test_score_thresh = floor
                    delattr(classifier, self._original.weights)
                    setattr(classifier, self._original.weights, encoded.to(self._predictor.model.device))
        self._loaded = encoded

    def _look(self, image: Image, table: PromptTable, threshold: float) -> Detections:
        found = self._predictor(np.ascontiguousarray(image.pixels[:, :, ::-1]))["instances"].to("cpu")
        column, score = found.pred_classes.numpy(), np.clip(found.scores.numpy(), 0, 1)
        boxes, place = np.unique(clip(found.pred_boxes.tensor.numpy(), image.size_hw), axis=0, return_inverse=True)
        place = place.reshape(-1)  # the original may name one box several times, here its classes compete for it
        scores = np.full((len(boxes), len(table.texts)), -1, np.float32)
        np.maximum.at(scores, (place, column), score)
        confidence, class_id = table.assign(scores, table.floors(threshold))
        rows = np.flatnonzero((confidence >= 0) & (area(boxes) > 0))
        rows = rows[nms(boxes[rows], confidence[rows], class_id[rows], 0.6)]  # two prompts of one class find one thing
        own = [list(table.positive[class_id[r]]) for r in rows]
        won = [columns[int(scores[r, columns].argmax())] for r, columns in zip(rows, own, strict=True)]
        drawn = [int(np.flatnonzero((place == r) & (column == c))[0]) for r, c in zip(rows, won, strict=True)]
        return Detections(
            boxes[rows],
            confidence[rows],
            class_id[rows],
            table.ontology.names,
            _masks(found, drawn, image.size_hw),
            data={"prompt": np.array([table.wording[c] for c in won], f"<U{max(map(len, table.wording))}")},
        )


def _masks(found: Any, rows: Sequence[int], size_hw: tuple[int, int]) -> Masks | None:
    """Outlines of those rows, where the original draws them."""
    if not found.has("pred_masks"):
        return None
    return Masks.from_counts(
        [Masks.from_dense(found.pred_masks[r].numpy()[None]).run(0).tolist() for r in rows], size_hw
    )


def _import(original: Original, card: ModelCard) -> dict[str, ModuleType]:
    """Every module of the original that is used; raises MissingPackage with what to install and what to take instead."""
    names = {s.partition(":")[0] for s in original.settings} | {original.package, original.encoder}
    try:
        return {n: import_module(n) for n in sorted(names | {"detectron2.config", "detectron2.engine.defaults"})}
    except ImportError as error:
        raise MissingPackage(
            f"'{card.name}' runs on its authors' own code, and '{error.name or error}' cannot be imported. That is not one "
            f"command: it needs detectron2, built for your torch from github.com/facebookresearch/detectron2, and a clone "
            f"of {original.repository} with its third_party folders and requirements, both on PYTHONPATH; neither has been "
            f"kept up since 2024. Take '{card.stand_in}' instead, which needs only ocella[torch]."
        ) from error


def _weights(original: Original, card: ModelCard, options: LoadOptions) -> Path:
    """The file of weights, or the one in a folder; raises NotFound, and Refused where pickles are not allowed."""
    place = options.weights
    files = [] if place is None else [place] if place.is_file() else sorted(place.glob("*"))
    able = [f for f in files if f.suffix in _SUFFIXES]
    if len(able) != 1:
        raise NotFound(
            f"weights of '{card.name}' must be one file of {', '.join(_SUFFIXES)}, or a folder with one, got "
            f"{place or 'nothing'}{f' with {len(able)}' if place else ''}. Fetch it by hand ({card.checkpoint}) and give it: "
            f"ocella.load('{card.name}', weights=Path('file.pth'), pickle=True)."
        )
    if not options.pickle:
        raise Refused(
            f"{able[0].name} is a pickle, which {original.package} reads in full, so it can run code of whoever made it. "
            f"Where you trust it, allow it: ocella.load('{card.name}', weights=Path('{able[0].name}'), pickle=True), or "
            "--allow-pickle."
        )
    return able[0]


def _settings_file(original: Original, card: ModelCard, package: ModuleType, weights: Path) -> Path:
    """The settings that belong to weights: of their name, beside them or in the repository's configs; else the only
    ones beside them.
    """
    root = Path(str(package.__file__)).parents[1] / "configs"
    named = [weights.with_suffix(".yaml"), *sorted(root.rglob(f"{weights.stem}.yaml"))]
    beside = sorted(weights.parent.glob("*.yaml"))
    able: list[Path] = [file for file in (*named, *(beside if len(beside) == 1 else ())) if file.is_file()]
    if able:
        return able[0]
    raise NotFound(
        f"There are no settings for {weights.name}: expected {weights.stem}.yaml beside it or in {root}, as "
        f"{original.repository} has it. Give '{card.name}' a folder with the weights and that file."
    )


def _encoder(module: ModuleType) -> Any:
    """What reads texts: CLIP's text side, whose weights its own package fetches; raises NotFound where it cannot."""
    try:
        return module.build_text_encoder(pretrain=True).eval()
    except OSError as error:
        raise NotFound(
            f"The weights of CLIP, with which {module.__name__} reads prompts, are not in the cache of the package clip, "
            f"which could not fetch them: {str(error)[:200]}. Run it once where there is a network."
        ) from error


def _predictor(original: Original, card: ModelCard, modules: dict[str, ModuleType], weights: Path, device: str) -> Any:
    """detectron2's predictor with the original's network; raises Unreadable where weights and settings do not fit."""
    settings = modules["detectron2.config"].get_cfg()
    for place in original.settings:
        module, _, function = place.partition(":")
        getattr(modules[module], function)(settings)
    with TemporaryDirectory() as scratch:
        try:
            settings.merge_from_file(str(_settings_file(original, card, modules[original.package], weights)))
            original.settle(settings, Path(scratch))
            settings.MODEL.DEVICE, settings.MODEL.WEIGHTS = device, str(weights)
            settings.MODEL.ROI_HEADS.SCORE_THRESH_TEST = card.threshold
            settings.freeze()
            return modules["detectron2.engine.defaults"].DefaultPredictor(settings)
        except (OSError, ValueError, KeyError, RuntimeError, AssertionError) as error:
            first = str(error).strip().partition("\n")[0]
            raise Unreadable(
                f"{original.package} cannot open {weights.name}: {type(error).__name__}: {first[:300]}. Expected weights "
                f"and settings that {original.repository} publishes together."
            ) from error

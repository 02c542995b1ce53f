"""A vision-language model of transformers that runs here: images and a question to words."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, adopt_card
from ocella.models.entry import LoadOptions
from ocella.models.language.answer import answer
from ocella.models.language.generate import Asked, Said, check_prompt, speak
from ocella.models.tasks import VisionLanguageModel
from ocella.types import Answer, Image

__all__ = ["Speaker", "SpokenAnswers"]


class Speaker(ABC):
    """A checkpoint that answers. An image is looked at once for all its questions (`_see`); inputs of one shape go
    together, `batch` at once, so that nothing is padded and no answer depends on its company. `ends` are tokens that end
    an answer beside the checkpoint's own.
    """

    ends: tuple[int, ...] = ()

    def __init__(self, opened: Checkpoint, options: LoadOptions) -> None:
        self.opened = opened
        self.batch = opened.batch(options)

    def say(self, images: Sequence[Image], texts: Sequence[str], asked: Asked) -> list[list[Said]]:
        """For each image the answer to each text."""
        import torch

        told: list[list[Said]] = []
        for chunk in batches(images, self.batch):
            with torch.inference_mode():
                inputs = [self._inputs(seen, text) for seen in map(self._see, chunk) for text in texts]
            said = self._speak_all([self._placed(i) for i in inputs], asked)
            told += [said[start : start + len(texts)] for start in range(0, len(said), len(texts))]
        return told

    @abstractmethod
    def _see(self, image: Image) -> Any:
        """What the network needs of an image, whatever the question."""

    @abstractmethod
    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        """Tensors for one image and one text, with a first dimension to be joined."""

    @property
    def _generator(self) -> Any:
        """The part of the network that has `generate`."""
        return self.opened.network

    def _arguments(self, joined: dict[str, Any]) -> dict[str, Any]:
        """Joined inputs as `generate` takes them."""
        return joined

    def _placed(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """On the device, numbers with a point in the network's type."""
        dtype, device = self.opened.dtype, self.opened.device
        return {k: v.to(device, dtype if v.is_floating_point() else v.dtype) for k, v in inputs.items()}

    def _speak_all(self, inputs: Sequence[dict[str, Any]], asked: Asked) -> list[Said]:
        import torch

        groups: dict[Any, list[int]] = {}
        for row, tensors in enumerate(inputs):
            groups.setdefault(tuple((k, v.shape) for k, v in tensors.items()), []).append(row)
        said: dict[int, Said] = {}
        for rows in (part for group in groups.values() for part in batches(group, self.batch)):
            joined = {k: torch.cat([inputs[r][k] for r in rows]) for k in inputs[rows[0]]}
            told = speak(self._generator, self._arguments(joined), asked, self.opened.tokenizer, self.ends)
            said.update(zip(rows, told, strict=True))
        return [said[row] for row in range(len(inputs))]


class SpokenAnswers(VisionLanguageModel):
    """Answers of a speaker. Options: max_tokens, temperature, seed, json, schema."""

    def __init__(self, card: ModelCard, options: LoadOptions, speaker: Speaker) -> None:
        self._speaker = speaker
        self._card = adopt_card(card, options, speaker.opened)

    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        """An answer for each image, with the mean probability of its tokens as confidence."""
        asked = Asked.of(self.card, options)
        text = asked.worded(check_prompt(prompt))
        said = self._speaker.say(images, [text], asked)
        return [answer(self._words(s), prompt, s.confidence) for (s,) in said]

    def _words(self, said: Said) -> str:
        """The text of an answer."""
        return said.text

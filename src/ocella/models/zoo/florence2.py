"""Florence-2: captions, boxes and text, each a task with a word of its own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ocella.errors import Unreadable
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.boxes import florence_boxes, florence_quads
from ocella.models.language.detector import Dialect, SpokenDetector, one_by_one
from ocella.models.language.generate import Asked, Said
from ocella.models.language.speaker import Speaker, SpokenAnswers
from ocella.models.tasks import Model, TextReader
from ocella.types import Image, TextLines

__all__ = ["TASKS", "UNITS", "Florence2", "task_text"]

TASKS = {
    "<CAPTION>": "What does the image describe?",
    "<DETAILED_CAPTION>": "Describe in detail what is shown in the image.",
    "<MORE_DETAILED_CAPTION>": "Describe with a paragraph what is shown in the image.",
    "<OD>": "Locate the objects with category name in the image.",
    "<DENSE_REGION_CAPTION>": "Locate the objects in the image, with their descriptions.",
    "<REGION_PROPOSAL>": "Locate the region proposals in the image.",
    "<OCR>": "What is the text in the image?",
    "<OCR_WITH_REGION>": "What is the text in the image, with regions?",
}
"""What the model was taught to do, and the sentence that it was taught for it."""

_ENDS = re.compile(r"<s>|</s>|<pad>")
_BASE = ModelCard(
    name="florence-2-base",
    try_order=4,
    advice="captions, and regions with captions",
    task="vlm",
    summary="captions of three lengths and other tasks by name, small for what it does",
    checkpoint="hub: florence-community/Florence-2-base (revision main)",
    code_license="Apache-2.0",
    weights_license="MIT",
    commercial_use=True,
    parameters=236_132_608,
    megabytes=944.5,
    input_hw=(768, 768),
    open_vocabulary=True,
    extra="torch",
    aliases=("florence-2", "florence2"),
    good_at="captions: <CAPTION>, <DETAILED_CAPTION>, <MORE_DETAILED_CAPTION>; <OCR>, <OD>",
    bad_at="questions: it knows its tasks, and any other prompt is read as it is; JSON",
    run_here="small self-made checkpoints only",
    data={"hub": "florence-community/Florence-2-base", "revision": "main", "max_tokens": 256},
    system="Florence-2",
    library="transformers",
    prompts=("text",),
    score_kind="token-probability",
    speed="slow",
    memory_gb=3,
)


def _other(name: str, parameters: int, **changes: Any) -> ModelCard:
    hub = f"florence-community/{name.capitalize()}"
    fields: dict[str, Any] = {"aliases": (), **changes}
    return replace(
        _BASE,
        name=name,
        checkpoint=f"hub: {hub} (revision main)",
        parameters=parameters,
        megabytes=round(parameters * 4 / 1e6, 1),
        data={**_BASE.data, "hub": hub},
        **fields,
    )


_TUNED = _other("florence-2-base-ft", 236_132_608, summary="florence-2-base, trained further on tasks that people use")
_LARGE = _other(
    "florence-2-large",
    776_465_408,
    summary="as florence-2-base, larger",
    memory_gb=5,
)


def _detector(card: ModelCard) -> ModelCard:
    return replace(
        card,
        name=f"{card.name}-detect",
        task="detect",
        try_order=6,
        advice="boxes from a language model, sure of its words alone; good at phrases",
        summary=f"boxes from {card.name}: one prompt at a time, the image read once",
        aliases=tuple(f"{a}-detect" for a in card.aliases),
        threshold=0.0,
        good_at="things by name or short description; small for an open vocabulary",
        bad_at="things that are not there: it tends to find what it is asked for; crowds",
        data={**card.data, "max_tokens": 1024},
        prompts_per_pass=1,
    )


def _reader(card: ModelCard) -> ModelCard:
    return replace(
        card,
        name=f"{card.name}-ocr",
        task="ocr",
        try_order=4,
        advice="short texts and signs, from a language model",
        summary=f"lines of text with their corners, from {card.name}",
        aliases=tuple(f"{a}-ocr" for a in card.aliases),
        open_vocabulary=False,
        prompts=(),
        good_at="signs and short texts in photographs",
        bad_at="full pages; small print, as the image is shrunk to 768 pixels",
        data={**card.data, "max_tokens": 1024},
    )


class Florence2(Speaker):
    """An image squeezed to the input size. Its features are made once for all texts."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        opened = open_checkpoint(card, options, "florence2", "Florence2ForConditionalGeneration")
        super().__init__(opened, options)
        self._images = opened.part("CLIPImageProcessorPil")
        # an end that is put at the last token would hide that an answer was cut off
        opened.network.generation_config.forced_eos_token_id = None

    def _see(self, image: Image) -> Any:
        seen = self._placed(dict(self._images(image.pixels, return_tensors="pt")))
        return self.opened.network.get_image_features(**seen).pooler_output

    def _inputs(self, seen: Any, text: str) -> dict[str, Any]:
        import torch

        network, words = self.opened.network, self.opened.tokenizer
        spot = network.config.image_token_id
        told = f"{words.bos_token}{task_text(text)}{words.eos_token}"
        ids = words(told, add_special_tokens=False, return_tensors="pt")["input_ids"]
        ids = torch.cat([torch.full((1, seen.shape[1]), spot), ids], dim=1).to(self.opened.device)
        embedded = network.get_input_embeddings()(ids)
        places = (ids == spot).unsqueeze(-1)
        embedded = embedded.masked_scatter(places, seen.to(embedded.dtype))
        mask = torch.ones_like(ids)
        read = network.model.language_model.encoder(inputs_embeds=embedded, attention_mask=mask)
        return {"read": read.last_hidden_state, "attention_mask": mask}

    def _arguments(self, joined: dict[str, Any]) -> dict[str, Any]:
        from transformers.modeling_outputs import BaseModelOutput

        read = BaseModelOutput(last_hidden_state=joined["read"])
        return {"encoder_outputs": read, "attention_mask": joined["attention_mask"]}


def task_text(prompt: str) -> str:
    """The sentence of a task, by `<CAPTION>` or in plain words (`caption`, `detailed caption`); another prompt as it is."""
    return TASKS.get(f"<{prompt.strip('<>').upper().replace(' ', '_').replace('-', '_')}>", prompt)


class FlorenceAnswers(SpokenAnswers):
    """Answers with places in the image keep the marks for them, `<loc_0>` to `<loc_999>`."""

    def _words(self, said: Said) -> str:
        if "<loc_" not in said.marked:
            return said.text
        return _ENDS.sub("", said.marked).strip()


class FlorenceReader(TextReader):
    """Text with regions. A confidence is the mean probability of a line's words. Raises Unreadable where a text is longer
    than the model can say.
    """

    def __init__(self, card: ModelCard, options: LoadOptions, speaker: Speaker) -> None:
        self._speaker = speaker
        self._card = adopt_card(card, options, speaker.opened)
        self._asked = Asked.of(card, {})

    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        """Lines of each image, in the order in which the model says them."""
        found = []
        for image, (said,) in zip(images, self._speaker.say(images, ["<OCR_WITH_REGION>"], self._asked), strict=True):
            if said.cut_off:
                raise Unreadable(f"'{self.card.name}' had not come to an end after {self._asked.max_tokens} tokens.")
            quads = florence_quads(said)
            scale = np.array([image.width, image.height] * 4, np.float32)
            polygons = np.array([q.corners for q in quads], np.float32).reshape(-1, 8) * scale
            sure = np.array([q.confidence for q in quads], np.float32)
            found.append(TextLines(polygons.reshape(-1, 4, 2), tuple(q.text for q in quads), sure))
        return found


_DIALECT = Dialect(one_by_one("Locate {} in the image."), lambda said, _, __: florence_boxes(said))


def _build(card: ModelCard, options: LoadOptions) -> Model:
    speaker = Florence2(card, options)
    if card.task == "vlm":
        return FlorenceAnswers(card, options, speaker)
    if card.task == "ocr":
        return FlorenceReader(card, options, speaker)
    return SpokenDetector(card, options, speaker, _DIALECT)


def _entry(card: ModelCard) -> ModelEntry:
    build: Callable[[LoadOptions], Model] = partial(_build, card)
    return ModelEntry(card, build, ("Florence2ForConditionalGeneration",))


UNITS = tuple(
    map(_entry, (_BASE, _TUNED, _LARGE, _detector(_BASE), _detector(_LARGE), _reader(_BASE), _reader(_LARGE)))
)

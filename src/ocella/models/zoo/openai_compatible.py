"""Any vision-language model behind a server that speaks the OpenAI chat protocol (Ollama, vLLM, llama.cpp, providers)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ocella.errors import InvalidValue, Unreadable
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.language.answer import answer
from ocella.models.language.boxes import json_boxes
from ocella.models.language.chat_server import ChatServer, Told, check_address, response_format
from ocella.models.language.detector import boxes_of
from ocella.models.language.generate import check_prompt
from ocella.models.open_vocabulary import OpenDetector
from ocella.models.prompt_table import PromptTable
from ocella.models.tasks import VisionLanguageModel
from ocella.types import Answer, Detections, Image

__all__ = ["UNITS", "ChatBoxes", "ChatModel"]

_CARD = ModelCard(
    name="openai-compatible",
    task="vlm",
    summary="captions and answers from a server of yours that speaks the OpenAI chat protocol",
    checkpoint="set by api_base and api_model",
    code_license="Apache-2.0",
    weights_license="that of the server's model: look there",
    commercial_use=False,
    parameters=0,
    megabytes=0,
    input_hw=(0, 0),
    open_vocabulary=True,
    system="any behind the OpenAI chat protocol",
    library="server",
    score_kind="none",
    prompts=("text",),
    run_here="against a small server in the tests that speaks the protocol, not a real model",
)
_BOXES = replace(
    _CARD,
    name="openai-compatible-detect",
    task="detect",
    summary="boxes as JSON from a server of yours that speaks the OpenAI chat protocol; say what its numbers are of",
    threshold=0.0,
    good_at="trying what a large model sees before teaching a small one",
    bad_at="exact boxes: few such models were taught to give them; a confidence is always 1, so a threshold says nothing",
)


@dataclass(frozen=True)
class ChatOptions:
    """Options of an answer: `max_tokens` and `temperature` (None for models that take none); `json`, or a `schema` for it; `logprobs`
    asks how sure the model was; `timeout` in seconds, `retries` of a busy server with `wait` seconds before the first;
    `max_side` in pixels makes larger pictures smaller; `detail` is low, high or auto where the server knows that.
    """

    max_tokens: int | None = None
    temperature: float | None = 0.0
    json: bool = False
    schema: Mapping[str, Any] | None = None
    seed: int | None = None
    logprobs: bool = False
    timeout: float = 120.0
    retries: int = 2
    wait: float = 1.0
    max_side: int = 0
    detail: str = ""

    def __post_init__(self) -> None:
        if self.timeout <= 0 or self.retries < 0 or self.wait < 0 or self.max_side < 0:
            raise InvalidValue("timeout must be more than 0, and retries, wait and max_side not less.")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise InvalidValue(f"max_tokens must be at least 1, got {self.max_tokens}.")

    @classmethod
    def of(cls, card: ModelCard, options: Mapping[str, Any]) -> "ChatOptions":
        """From options by name; raises InvalidValue for one that there is not."""
        unknown = sorted(set(options) - set(cls.__dataclass_fields__))
        if unknown:
            known = ", ".join(cls.__dataclass_fields__)
            raise InvalidValue(f"'{card.name}' has no option {unknown[0]!r}. Options of an answer: {known}.")
        return cls(**options)

    def request(self) -> dict[str, Any]:
        """The part that goes to the server."""
        body = response_format(self.schema, as_json=self.json)
        for name in ("temperature", "max_tokens", "seed"):
            if getattr(self, name) is not None:
                body[name] = getattr(self, name)
        return body | ({"logprobs": True} if self.logprobs else {})

    def at(self, server: ChatServer) -> ChatServer:
        """The server, to be asked in this way."""
        return replace(
            server,
            timeout=self.timeout,
            retries=self.retries,
            wait=self.wait,
            max_side=self.max_side,
            detail=self.detail,
        )


class ChatModel(VisionLanguageModel):
    """One request an image; images leave this computer only for the address you give."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._server = _server(card, options)
        self._card = replace(card, checkpoint=f"{options.api_model} at {options.api_base}")

    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        """An answer for each image; options as in ChatOptions."""
        chosen = ChatOptions.of(self.card, options)
        check_prompt(prompt)
        server = chosen.at(self._server)
        with server.client() as client:
            told = [server.ask(client, image, prompt, chosen.request()) for image in images]
        return [answer(t.text, prompt, t.confidence) for t in told]


_PIXELS = "pixels"
_SCALES = {"thousandths": 1000.0, "shares": 1.0}
_WORDS = {
    "thousandths": "in thousandths of the image's width and height (0 to 1000)",
    "shares": "as shares of the image's width and height (0 to 1)",
    _PIXELS: "in pixels of the image, which is {width} wide and {height} high",
}


class ChatBoxes(OpenDetector):
    """Boxes as JSON, all prompts in one question. What the numbers are of is said by the option `layout`: thousandths
    (Qwen3-VL, Gemini-like models), shares, or pixels. Raises Unreadable where an answer is cut off.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        super().__init__()
        if options.layout not in _WORDS:
            raise InvalidValue(
                f"'{card.name}' needs to know what the numbers of a box are of: layout must be one of "
                f"{', '.join(_WORDS)}, got '{options.layout}'. Qwen3-VL says thousandths, Qwen2.5-VL pixels."
            )
        self._layout = options.layout
        self._server = _server(card, options)
        self._card = replace(card, checkpoint=f"{options.api_model} at {options.api_base}")

    def _encode(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(texts)

    def _find(
        self, images: Sequence[Image], table: PromptTable, encoded: tuple[str, ...], threshold: float
    ) -> list[Detections]:
        found = []
        request = ChatOptions().request()
        with self._server.client() as client:
            for image in images:
                told = self._server.ask(client, image, self._question(encoded, image), request)
                boxes = json_boxes(self._whole(told), self._scale(image), 1.0)
                found.append(boxes_of(boxes, table, image.size_hw, threshold, self.card.score_kind))
        return found

    def _question(self, prompts: Sequence[str], image: Image) -> str:
        numbers = _WORDS[self._layout].format(width=image.width, height=image.height)
        listed = ", ".join(f'"{p}"' for p in prompts)
        return (
            f"Locate every instance of these categories: {listed}. Answer with a JSON list and nothing else, an object for "
            f'each instance: {{"bbox_2d": [x1, y1, x2, y2], "label": "category"}}, with coordinates {numbers}. Where there '
            "is none, answer []."
        )

    def _scale(self, image: Image) -> tuple[float, float]:
        if self._layout == _PIXELS:
            return float(image.width), float(image.height)
        return (_SCALES[self._layout],) * 2

    def _whole(self, told: Told) -> str:
        if told.cut_off:
            raise Unreadable(f"'{self.card.name}' cut its list of boxes off: ...{told.text[-80:]!r}.")
        return told.text


def _server(card: ModelCard, options: LoadOptions) -> ChatServer:
    if not options.api_base or not options.api_model:
        raise InvalidValue(
            f"'{card.name}' needs the address and the name of the model, like "
            f"--api-base http://localhost:11434/v1 --api-model qwen2.5vl."
        )
    return ChatServer(check_address(options.api_base), options.api_model, options.api_key)


UNITS = (ModelEntry(_CARD, partial(ChatModel, _CARD)), ModelEntry(_BOXES, partial(ChatBoxes, _BOXES)))

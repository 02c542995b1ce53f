"""Any vision-language model behind a server that speaks the OpenAI chat protocol (Ollama, vLLM, llama.cpp, providers)."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ocella.errors import InvalidValue, OcellaError, Unreadable
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.tasks import VisionLanguageModel
from ocella.types import Answer, Image

__all__ = ["UNITS"]

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
    library="server",
    score_kind="none",
    prompts=("text",),
    run_here="against a small server in the tests that speaks the protocol, not a real model",
)


class ChatModel(VisionLanguageModel):
    """One request an image; images leave this computer only for the address you give."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        if not options.api_base or not options.api_model:
            raise InvalidValue(
                f"'{card.name}' needs the address and the name of the model, like "
                f"--api-base http://localhost:11434/v1 --api-model qwen2.5vl."
            )
        address = urlsplit(options.api_base)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise InvalidValue(f"api_base must be an address like http://localhost:11434/v1, got '{options.api_base}'.")
        self._card = replace(card, checkpoint=f"{options.api_model} at {options.api_base}")
        self._url = f"{options.api_base.rstrip('/')}/chat/completions"
        self._model = options.api_model
        self._key = options.api_key

    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        """An answer for each image; `options` go into the request (`temperature`, `max_tokens`)."""
        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        with httpx.Client(timeout=120, headers=headers) as client:
            return [self._ask(client, image, prompt, options) for image in images]

    def _ask(self, client: Any, image: Image, prompt: str, options: dict[str, Any]) -> Answer:
        import httpx

        from ocella.media.write import encode_jpeg

        url = "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(image, 90)).decode()
        content = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": url}}]
        body = {"model": self._model, "messages": [{"role": "user", "content": content}], **options}
        try:
            response = client.post(self._url, json=body)
            response.raise_for_status()
            text = _content(response.json())
        except httpx.HTTPStatusError as error:
            raise OcellaError(
                f"{self._url} answered {error.response.status_code}: {error.response.text[:300]}"
            ) from error
        except httpx.HTTPError as error:
            raise OcellaError(f"{self._url} cannot be reached: {error}. Is the server running?") from error
        except (ValueError, LookupError, TypeError) as error:
            raise Unreadable(f"{self._url} did not answer in the OpenAI chat form: {error!r}.") from error
        return _answer(text, prompt)


def _content(told: Any) -> str:
    text = told["choices"][0]["message"]["content"]
    if not isinstance(text, str):
        raise TypeError(f"content must be text, got {type(text).__name__}")
    return text


def _answer(text: str, prompt: str) -> Answer:
    """With the JSON object or list in it parsed, where there is one."""
    starts = [i for i in (text.find("{"), text.find("[")) if i >= 0]
    if not starts:
        return Answer(text, prompt, None, "")
    try:
        parsed, end = json.JSONDecoder().raw_decode(text, min(starts))
    except ValueError:
        return Answer(text, prompt, None, text[min(starts) :])
    return Answer(text, prompt, parsed, text[end:].strip().strip("`").strip())


UNITS = (ModelEntry(_CARD, lambda options: ChatModel(_CARD, options)),)

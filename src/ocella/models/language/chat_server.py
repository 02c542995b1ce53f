"""A server that speaks the OpenAI chat protocol: one question about one picture, and what came back."""

import base64
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ocella.errors import InvalidValue, NotFound, OcellaError, Refused, Unreadable
from ocella.types import Image

__all__ = ["ChatServer", "Told", "check_address", "picture_url", "response_format"]

_BUSY = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Told:
    """The text of an answer, the mean probability of its tokens where the server gives them, whether it was cut off, and
    what the model thought before where the server tells.
    """

    text: str
    confidence: float | None = None
    cut_off: bool = False
    thinking: str = ""


@dataclass(frozen=True)
class ChatServer:
    """`base` is the address up to /v1. A busy server is asked again `retries` times, later each time (`wait` seconds,
    then twice that), or when it says. A picture is made smaller where its longer side passes `max_side`. `key_from` says
    in errors where the key is from.
    """

    base: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 120.0
    retries: int = 2
    wait: float = 1.0
    max_side: int = 0
    detail: str = ""
    key_from: str = "OCELLA_API_KEY"

    @property
    def url(self) -> str:
        """Where questions go."""
        return f"{self.base.rstrip('/')}/chat/completions"

    def client(self) -> Any:
        """A connection to be used for several questions and closed after."""
        import httpx

        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return httpx.Client(timeout=self.timeout, headers=headers)

    def ask(self, client: Any, image: Image, prompt: str, options: Mapping[str, Any]) -> Told:
        """The answer to one question; `options` go into the request. Raises OcellaError, NotFound, Refused, Unreadable."""
        shown: dict[str, Any] = {"url": picture_url(image, self.max_side)}
        if self.detail:
            shown["detail"] = self.detail
        content = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": shown}]
        return self.talk(client, [{"role": "user", "content": content}], options)

    def talk(self, client: Any, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Told:
        """The answer to messages in the protocol's own form. Raises as `ask`."""
        response = self._post(client, {"model": self.model, "messages": list(messages), **options})
        try:
            return _told(response.json())
        except (ValueError, LookupError, TypeError) as error:
            raise Unreadable(f"{self.url} did not answer in the OpenAI chat form: {error!r}.") from error

    def _post(self, client: Any, body: dict[str, Any]) -> Any:
        import httpx

        for turn in range(self.retries + 1):
            try:
                response = client.post(self.url, json=body)
            except httpx.TimeoutException as error:
                raise OcellaError(
                    f"{self.url} gave no answer within {self.timeout:g} s. Give it longer with timeout, or a smaller picture."
                ) from error
            except httpx.HTTPError as error:
                raise OcellaError(f"{self.url} cannot be reached: {error}. Is the server running?") from error
            if response.status_code not in _BUSY or turn == self.retries:
                break
            time.sleep(_pause(response.headers.get("retry-after", ""), self.wait * 2**turn))
        if response.is_error:
            raise self._error(client, response)
        return response

    def _error(self, client: Any, response: Any) -> OcellaError:
        said = f"{self.url} answered {response.status_code}: {response.text[:300]}"
        if response.status_code in (401, 403):
            has = f"The key in {self.key_from} is not accepted" if self.key else f"It wants a key: set {self.key_from}"
            return Refused(f"{said}. {has}.")
        if response.status_code == 404:
            return NotFound(f"{said}. {self._models(client)}")
        return OcellaError(said)

    def _models(self, client: Any) -> str:
        """What the server says that it has."""
        import httpx

        try:
            listed = client.get(f"{self.base.rstrip('/')}/models").json()["data"]
            names = [str(m["id"]) for m in listed]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return f"Is the address right, which should end in /v1, and has the server the model '{self.model}'?"
        return f"The server has the models: {', '.join(names[:20]) or 'none'}."


def check_address(base: str) -> str:
    """The address; raises InvalidValue where it is none."""
    address = urlsplit(base)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise InvalidValue(f"api_base must be an address like http://localhost:11434/v1, got '{base}'.")
    return base


def _pause(asked: str, own: float) -> float:
    """Seconds to wait: as the server asks, half a minute at most, else as planned."""
    return min(float(asked), 30.0) if asked.isdigit() else own


def picture_url(image: Image, max_side: int = 0) -> str:
    """A picture as the protocol takes it: a JPEG in base64, made smaller where its longer side passes `max_side`."""
    import numpy as np
    from PIL import Image as Pillow

    from ocella.media.write import encode_jpeg

    longer = max(image.size_hw)
    if max_side and longer > max_side:
        width, height = (max(1, round(side * max_side / longer)) for side in (image.width, image.height))
        image = Image(np.asarray(Pillow.fromarray(image.pixels).resize((width, height), Pillow.Resampling.LANCZOS)))
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(image, 90)).decode()


def _told(said: Any) -> Told:
    choice = said["choices"][0]
    text = choice["message"]["content"]
    if not isinstance(text, str):
        raise TypeError(f"content must be text, got {type(text).__name__}")
    thinking = choice["message"].get("reasoning") or choice["message"].get("reasoning_content")
    cut_off = choice.get("finish_reason") == "length"
    return Told(text, _confidence(choice), cut_off, thinking if isinstance(thinking, str) else "")


def _confidence(choice: Mapping[str, Any]) -> float | None:
    """Mean probability of the tokens; None where the server gives none."""
    tokens = (choice.get("logprobs") or {}).get("content") or ()
    logs = [float(t["logprob"]) for t in tokens]
    return sum(min(1.0, math.exp(log)) for log in logs) / len(logs) if logs else None


def response_format(schema: Mapping[str, Any] | None, *, as_json: bool) -> dict[str, Any]:
    """The request's wish for JSON, with a schema where there is one."""
    if schema is not None:
        return {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema)}}}
    return {"response_format": {"type": "json_object"}} if as_json else {}

"""Any server that speaks the OpenAI chat protocol."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import Field

from ocella.errors import OcellaError
from ocella.models.language.chat_server import ChatServer, check_address, picture_url
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.models._cloud import LanguageOutput, checked_client
from ocella.workflows.kinds import Secret
from ocella.workflows.problems import nearest
from ocella.workflows.query import Operations

__all__ = ["UNITS"]

_GAP = re.compile(r"{{\s*\$parameters\.(\w+)\s*}}")
_OWN = ("model", "messages", "stream")


class Answered(NamedTuple):
    """The text of the answer, or "" and what went wrong."""

    output: LanguageOutput
    error_status: str


class OpenAiCompatible(Block):
    """Send a prompt to a server of your choice that speaks the OpenAI chat protocol: Ollama, vLLM, llama.cpp, a provider.
    {{ $parameters.name }} in `prompt` becomes that value of `prompt_parameters`, after `prompt_parameters_operations`; images
    among the values, alone or in lists, are sent as pictures. `extra_body` goes into the request as it is.
    """

    type = "openai_compatible@v1"
    slow = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "openai_compatible",
                "name": "ask",
                "base_url": "http://localhost:11434/v1",
                "model_name": "qwen3-vl",
                "prompt": "What is this?",
                "prompt_parameters": {"picture": "$inputs.image"},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "answer", "selector": "$steps.ask.output"}],
    }

    base_url: str
    model_name: str
    prompt: str
    api_key: Secret | None = None
    system_prompt: str | None = None
    prompt_parameters_operations: dict[str, Operations] = {}  # a default, never changed
    max_tokens: Annotated[int, Field(ge=1)] = 500
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    extra_body: dict[str, Any] | None = None

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Operations on nothing, and a body that would say something else."""
        given, chains = step.get("prompt_parameters") or {}, step.get("prompt_parameters_operations") or {}
        known = isinstance(given, Mapping) and isinstance(chains, Mapping)
        lacking = [name for name in chains if name not in given] if known else []
        field = "prompt_parameters_operations"
        found = [(field, f"names of 'prompt_parameters', not '{n}'", nearest(n, given)) for n in lacking]
        body = step.get("extra_body")
        clash = [name for name in _OWN if name in body] if isinstance(body, Mapping) else []
        return [*found, *(("extra_body", f"names other than '{n}'", "Leave it out.") for n in clash)]

    def setup(self) -> None:
        """Refuses to send where the operator does not allow it."""
        self.services.require("send", f"Step '{self.step}' ({self.type})")

    def run(self, prompt_parameters: dict[str, Any] = {}) -> Answered:  # noqa: B006  # never changed
        """The answer."""
        values = dict(prompt_parameters)
        for name, chain in self.prompt_parameters_operations.items():
            values[name] = chain(values[name], {})
        key = self.api_key or ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        private = "private-addresses" in self.services.allow
        server = ChatServer(check_address(self.base_url), self.model_name, key, key_from="'api_key'")
        with checked_client(private=private, timeout=server.timeout, headers=headers) as client:
            try:
                return Answered(server.talk(client, self._messages(values), self._request()).text, "")
            except OcellaError as error:
                return Answered("", str(error))

    def _request(self) -> dict[str, Any]:
        body: dict[str, Any] = {"max_tokens": self.max_tokens, **(self.extra_body or {})}
        return body if self.temperature is None else body | {"temperature": self.temperature}

    def _messages(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        pictures = {name: list(_pictures(value)) for name, value in values.items()}

        def filled(gap: "re.Match[str]") -> str:
            name = gap[1]
            if name not in values:
                return gap[0]
            return "" if pictures[name] else str(values[name])

        text = _GAP.sub(filled, self.prompt).strip()
        content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
        content += [{"type": "image_url", "image_url": {"url": url}} for urls in pictures.values() for url in urls]
        system = [{"role": "system", "content": self.system_prompt}] if self.system_prompt else []
        return [*system, {"role": "user", "content": content}]


def _pictures(value: Any) -> Iterator[str]:
    """Addresses of the images in a value; bytes are those of a JPEG."""
    from base64 import b64encode

    if isinstance(value, Image):
        yield picture_url(value)
    elif isinstance(value, bytes):
        yield "data:image/jpeg;base64," + b64encode(value).decode()
    elif isinstance(value, list | tuple):
        for item in value:
            if isinstance(item, Image | bytes):
                yield from _pictures(item)


UNITS = (OpenAiCompatible,)

"""Language models behind the OpenAI chat protocol: who may be asked, how, and several images at a time."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import Field

from ocella.errors import Refused
from ocella.models.language.chat_server import ChatServer, Told, check_address, picture_url
from ocella.types import Image
from ocella.workflows.block import Batch, Block
from ocella.workflows.blocks.models._tasks import BoxForm, Task, question, task_problems
from ocella.workflows.fetch import check_host
from ocella.workflows.kinds import Is, Secret

__all__ = ["Key", "LanguageOutput", "Said", "SideBySide", "VlmBlock", "checked_client", "own_key"]

LanguageOutput = Annotated[str, Is("language_model_output")]
Key = Annotated[str, Is("secret")]
_AT_ONCE = 8
_LONGEST = 2048
T = TypeVar("T")


class Said(NamedTuple):
    """The text of an answer, and the classes that were asked for."""

    output: LanguageOutput
    classes: list[str] | None


def own_key(key: str | None, step: str, provider: str) -> str:
    """The key; raises Refused where there is none, or one that only a hosted platform has."""
    if not key or key.startswith("rf_key:"):
        got = "one that Roboflow keeps" if key else "none"
        raise Refused(f"Step '{step}' needs your own key of {provider} in 'api_key', got {got}.")
    return key


def checked_client(*, private: bool, timeout: float, headers: Mapping[str, str]) -> Any:
    """A client without redirects that connects to the very address that was checked: of the open internet, or with
    `private` any.
    """
    import httpx

    class Checked(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            url = request.url
            address = check_host(url.host, url.port or (443 if url.scheme == "https" else 80), private=private)
            request.extensions = {**request.extensions, "sni_hostname": url.raw_host.decode("ascii")}
            request.url = url.copy_with(host=str(address))
            return super().handle_request(request)

    transport = Checked(verify=_certificates(), trust_env=False)
    return httpx.Client(transport=transport, timeout=timeout, headers=headers, trust_env=False)


@lru_cache(maxsize=1)
def _certificates() -> Any:
    """Whom to trust; read once, as it takes longer than a request."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


class SideBySide:
    """One paid request an image, several at a time. Where some fail, the engine asks again for each image alone: what was
    answered is kept until then, so that nothing is paid twice.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Image, Any]] = {}

    def run(self, ask: Callable[[Image], T], images: Sequence[Image], at_once: int | None) -> list[T]:
        """What `ask` gives for each image; raises what it raises."""
        if len(images) == 1:
            image, outcome = self._kept.pop(id(images[0]), (None, None))
            if image is not images[0]:
                return [ask(images[0])]
            if isinstance(outcome, Exception):
                raise outcome
            return [outcome]  # type: ignore[list-item]  # kept by this very method
        with ThreadPoolExecutor(min(at_once or _AT_ONCE, len(images) or 1)) as workers:
            outcomes = list(workers.map(lambda image: _outcome(ask, image), images))
        failed = [o for o in outcomes if isinstance(o, Exception)]
        self._kept = {id(i): (i, o) for i, o in zip(images, outcomes, strict=True)} if failed else {}
        if failed:
            raise failed[0]
        return outcomes


def _outcome(ask: Callable[[Image], Any], image: Image) -> Any:
    try:
        return ask(image)
    except Exception as error:  # noqa: BLE001  # told for its image, by the step's failure
        return error


class VlmBlock(Block):
    """Fields of a step that asks a provider's model about each image. `api_key` is your own key there; `base_url` the address
    of a server to ask in its place that speaks the OpenAI chat protocol. What is asked for is `task_type`: `prompt` goes
    with unconstrained and visual-question-answering, `classes` with classification, multi-label-classification and
    object-detection, `output_structure` with structured-answering.
    """

    slow = True
    _provider: ClassVar[str]
    _models: ClassVar[Mapping[str, str]] = {}
    _boxes: ClassVar[BoxForm] = "shares"
    _tokens_field: ClassVar[str] = "max_tokens"

    task_type: Task = "unconstrained"
    prompt: str | None = None
    output_structure: dict[str, str] | None = None
    classes: list[str] | None = None
    api_key: Secret = ""
    model_version: str
    base_url: str
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_concurrent_requests: Annotated[int, Field(ge=1)] | None = None

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What the task needs."""
        return task_problems(step)

    def setup(self) -> None:
        """Refuses to send where the operator does not allow it."""
        self.services.require("send", f"Step '{self.step}' ({self.type})")
        self._side_by_side = SideBySide()

    def run(self, images: Batch[Image]) -> Batch[Said]:
        """The answer about each image."""
        return [Said(told.text, self.classes) for told in self.told(images)]

    def told(self, images: Sequence[Image]) -> list[Told]:
        """Answers, several images at a time."""
        server = self.server()
        options = {k: v for k, v in self.request().items() if v is not None}
        headers = {"Authorization": f"Bearer {server.key}"}
        private = "private-addresses" in self.services.allow
        with checked_client(private=private, timeout=server.timeout, headers=headers) as client:

            def ask(image: Image) -> Told:
                return server.talk(client, self.messages(image), options)

            return self._side_by_side.run(ask, images, self.max_concurrent_requests)

    def server(self) -> ChatServer:
        """Whom to ask."""
        key = own_key(self.api_key, self.step, self._provider)
        return ChatServer(check_address(self.base_url), self.model(), key, key_from="'api_key'")

    def model(self) -> str:
        """The provider's name of the model."""
        return self._models.get(self.model_version, self.model_version)

    def request(self) -> dict[str, Any]:
        """Further parts of the request; None for what is left to the provider."""
        return {self._tokens_field: self.max_tokens, "temperature": self.temperature}

    def messages(self, image: Image) -> list[dict[str, Any]]:
        """What is said to the model: the image, then the words."""
        words = question(self.task_type, self.prompt, self.classes, self.output_structure, self._boxes)
        shown = {"type": "image_url", "image_url": self.shown(image)}
        return [{"role": "user", "content": [shown, {"type": "text", "text": words}]}]

    def shown(self, image: Image) -> dict[str, Any]:
        """The image as it is sent."""
        return {"url": picture_url(image, _LONGEST)}

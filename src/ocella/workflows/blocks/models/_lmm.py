"""What the two oldest blocks share that ask OpenAI about images."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ocella.models.language.chat_server import ChatServer, Told, check_address, picture_url
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.models._cloud import SideBySide, checked_client, own_key
from ocella.workflows.kinds import Secret

__all__ = ["LmmBlock", "LmmConfig"]


class LmmConfig(BaseModel):
    """How to ask."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", protected_namespaces=())

    max_tokens: Annotated[int, Field(ge=1)] = 450
    gpt_image_detail: Literal["low", "high", "auto"] = "auto"
    gpt_model_version: str = "gpt-4o"


class LmmBlock(Block):
    """Fields of a step that asks OpenAI: how, and your own key there."""

    slow = True

    lmm_type: Literal["gpt_4v"]
    lmm_config: LmmConfig = LmmConfig()
    remote_api_key: Secret | None = None
    base_url: str = "https://api.openai.com/v1"

    def setup(self) -> None:
        """Refuses to send where the operator does not allow it."""
        self.services.require("send", f"Step '{self.step}' ({self.type})")
        self._side_by_side = SideBySide()

    def told(self, images: list[Image], prompt: str) -> list[Told]:
        """Answers, several images at a time."""
        key = own_key(self.remote_api_key, self.step, "OpenAI")
        server = ChatServer(
            check_address(self.base_url), self.lmm_config.gpt_model_version, key, key_from="'remote_api_key'"
        )
        private = "private-addresses" in self.services.allow
        with checked_client(
            private=private, timeout=server.timeout, headers={"Authorization": f"Bearer {key}"}
        ) as client:

            def ask(image: Image) -> Told:
                return server.talk(
                    client, self._messages(image, prompt), {"max_completion_tokens": self.lmm_config.max_tokens}
                )

            return self._side_by_side.run(ask, images, None)

    def _messages(self, image: Image, prompt: str) -> list[dict[str, Any]]:
        shown = {"url": picture_url(image, 2048), "detail": self.lmm_config.gpt_image_detail}
        content = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": shown}]
        return [{"role": "user", "content": content}]

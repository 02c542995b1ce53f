"""Models that OpenRouter passes questions on to."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ocella.workflows.blocks.models._cloud import VlmBlock
from ocella.workflows.kinds import Secret

__all__ = ["OpenRouterBlock", "without_privacy"]

_PROVIDERS: dict[str, dict[str, Any] | None] = {
    "allow": None,
    "deny": {"data_collection": "deny"},
    "zdr": {"data_collection": "deny", "zdr": True},
}


class OpenRouterBlock(VlmBlock):
    """Fields of a step that asks a model through OpenRouter, with your own key in `api_key`. `privacy_level` says which
    of its providers may answer: "allow" any, "deny" those that do not learn from what they get, "zdr" those that keep
    nothing of it.
    """

    _provider: ClassVar[str] = "OpenRouter"

    api_key: Secret = ""
    base_url: str = "https://openrouter.ai/api/v1"
    privacy_level: Literal["allow", "deny", "zdr"] = "deny"
    max_tokens: Annotated[int, Field(ge=1)] | None = 500
    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.1

    def request(self) -> dict[str, Any]:
        """With who may answer."""
        return {**super().request(), "provider": _PROVIDERS[self.privacy_level]}


def without_privacy(step: dict[str, Any]) -> dict[str, Any]:
    """A step of the versions that let any provider answer."""
    return {"privacy_level": "allow", **step}

"""Pictures made by Stability AI."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from ocella.errors import OcellaError, Refused
from ocella.types import Image, ImageRef
from ocella.workflows.block import Block
from ocella.workflows.blocks.models._cloud import checked_client, own_key
from ocella.workflows.kinds import Secret

__all__ = ["Preset", "StabilityBlock", "encoded"]

Preset = Literal[
    "3d-model", "analog-film", "anime", "cinematic", "comic-book", "digital-art", "enhance", "fantasy-art", "isometric",
    "line-art", "low-poly", "modeling-compound", "neon-punk", "origami", "photographic", "pixel-art", "tile-texture",
]  # fmt: skip


class StabilityBlock(Block):
    """Fields of a step that has a picture made: your own key of Stability AI."""

    slow = True
    output: ClassVar[str] = "image"

    api_key: Secret
    base_url: str = "https://api.stability.ai/v2beta/stable-image"

    def setup(self) -> None:
        """Refuses to send where the operator does not allow it."""
        self.services.require("send", f"Step '{self.step}' ({self.type})")

    def made(self, path: str, said: Mapping[str, Any], pictures: Mapping[str, Image]) -> Image:
        """The picture that comes back; what is None is not said. Raises Refused, Unreadable, OcellaError."""
        import httpx

        from ocella.media.load import load

        url = f"{self.base_url.rstrip('/')}/{path}"
        words = {name: (None, str(value)) for name, value in said.items() if value is not None}
        files = {name: (f"{name}.png", encoded(image), "image/png") for name, image in pictures.items()}
        key = own_key(self.api_key, self.step, "Stability AI")
        headers = {"Authorization": f"Bearer {key}", "Accept": "image/*"}
        private = "private-addresses" in self.services.allow
        with checked_client(private=private, timeout=180.0, headers=headers) as client:
            try:
                response = client.post(url, files={**words, **files})
            except httpx.HTTPError as error:
                raise OcellaError(f"{url} cannot be reached: {error or type(error).__name__}.") from error
        if response.status_code in (401, 403):
            raise Refused(f"{url} answered {response.status_code}: {response.text[:300]}. Check 'api_key'.")
        if response.is_error:
            raise OcellaError(f"{url} answered {response.status_code}: {response.text[:300]}")
        return load(ImageRef(url, data=response.content))


def encoded(image: Image) -> bytes:
    """A picture without loss."""
    from ocella.media.write import encode_png

    return encode_png(image)

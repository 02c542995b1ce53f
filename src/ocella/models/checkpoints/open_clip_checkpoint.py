"""A checkpoint of the library open_clip, in the form of its hub: open_clip_config.json and open_clip_model.safetensors."""

import json
from collections.abc import Sequence
from typing import Any

from ocella.errors import InvalidValue, Mismatch
from ocella.models.card import ModelCard
from ocella.models.checkpoints.timm_checkpoint import import_library, safe_folder
from ocella.models.checkpoints.transformers_checkpoint import (
    Checkpoint,
    adopt_card,
    import_torch,
    readable,
    torch_dtype,
)
from ocella.models.device import torch_device
from ocella.models.embedding.joint_encoder import Floats, JointEncoder, unit
from ocella.models.embedding.pixel_values import centre_strip
from ocella.models.entry import LoadOptions
from ocella.types import Image

__all__ = ["FILES", "OpenClip"]

FILES = ["open_clip_config.json", "open_clip_model.safetensors"]


class OpenClip(JointEncoder):
    """Image and text network, prepared as the library does it. The image network's name must begin with the card's
    `family`. Raises MissingExtra, OcellaError, NotFound, Mismatch, Unreadable.
    """

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        torch = import_torch(card)
        device = torch_device(options.device)
        library = import_library(card, "open_clip")
        folder = safe_folder(card, options, *FILES)
        with readable(folder):
            told = json.loads((folder / FILES[0]).read_text(encoding="utf-8"))["model_cfg"]
            tower = str(told["vision_cfg"].get("timm_model_name"))
        if not tower.startswith(card.data["family"]):
            raise Mismatch(
                f"{folder} must hold a {card.data['family']} of open_clip, but its image network is {tower}."
            )
        if options.threads:
            torch.set_num_threads(options.threads)
        with readable(folder):
            network, self._transform = library.create_model_from_pretrained(f"local-dir:{folder}")
            self._words = library.get_tokenizer(f"local-dir:{folder}")
        self._dtype = torch_dtype(card, options, device)
        self._network = network.to(self._dtype).to(device).eval()
        opened = Checkpoint(self._network, folder, device, f"folder {folder.name}")
        self._device = device
        self.card = adopt_card(card, options, opened)
        self.batch = opened.batch(options, accelerator=32)
        self.scale = float(network.logit_scale.detach().float().exp())
        self._longest = int(network.context_length)

    def images(self, images: Sequence[Image]) -> Floats:
        """Unit vectors (n, d)."""
        import torch
        from PIL import Image as Pillow

        made = torch.stack([self._transform(Pillow.fromarray(centre_strip(i).pixels)) for i in images])
        return self._run(self._network.encode_image, made.to(self._device, self._dtype))

    def texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (n, d); raises InvalidValue where a text has more tokens than the network has places."""
        one_more = self._words(list(texts), context_length=self._longest + 1)
        for text, row in zip(texts, one_more, strict=True):
            if row[-1]:
                raise InvalidValue(
                    f"The text '{text[:60]}' has more than the {self._longest} tokens that '{self.card.name}' reads. Shorten it."
                )
        return self._run(self._network.encode_text, one_more[:, :-1].to(self._device))

    @staticmethod
    def _run(encode: Any, inputs: Any) -> Floats:
        import torch

        with torch.inference_mode():
            return unit(encode(inputs).float().cpu().numpy())

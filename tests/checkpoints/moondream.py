"""A stand-in for Moondream 2: a small checkpoint that brings its own code, with the same methods."""

import json
from pathlib import Path
from typing import Any

CODE = '''
import numpy as np
import torch
from transformers import PretrainedConfig, PreTrainedModel


class HfConfig(PretrainedConfig):
    model_type = "moondream1"


class Seen:
    def __init__(self, shade):
        self.shade = shade


class HfMoondream(PreTrainedModel):
    """Like the published class: no post_init, a buffer that is not saved, an inner model."""

    config_class = HfConfig

    def __init__(self, config):
        super().__init__(config)
        self.model = torch.nn.Linear(3, 1)
        self.model.register_buffer("lost", torch.tensor([0.5]), persistent=False)

    def encode_image(self, image, settings=None):
        if isinstance(image, Seen):
            return image
        mean = torch.tensor(np.asarray(image).reshape(-1, 3).mean(axis=0) / 255, dtype=torch.float32)
        return Seen(float(self.model(mean).sigmoid()) * float(self.model.lost) * 2)

    def query(self, image=None, question=None, stream=False, settings=None):
        shade = self.encode_image(image).shade
        return {"answer": f" {question} {shade:.3f} {settings['temperature']:g} {settings['max_tokens']}"}

    def caption(self, image, length="normal", stream=False, settings=None):
        return {"caption": f"a {length} picture of {self.encode_image(image).shade:.3f}"}

    def detect(self, image, object, settings=None):
        if object == "crowd":
            return {"objects": [{"x_min": 0, "y_min": 0, "x_max": 1, "y_max": 1}] * settings["max_objects"]}
        shade = self.encode_image(image).shade
        box = {"x_min": 0.25, "y_min": 0.5, "x_max": 0.25 + shade / 2, "y_max": 1.0}
        return {"objects": [] if object == "nothing" else [box]}

    def point(self, image, object, settings=None):
        return {"points": [{"x": 0.5, "y": 0.5}]}
'''


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch
    from safetensors.torch import save_file

    del name
    (folder / "hf_moondream.py").write_text(CODE, encoding="utf-8")
    config = {
        "model_type": "moondream1",
        "architectures": ["HfMoondream"],
        "auto_map": {
            "AutoConfig": "hf_moondream.HfConfig",
            "AutoModelForCausalLM": "hf_moondream.HfMoondream",
        },
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    weights = {"model.weight": torch.tensor([[0.3, -0.2, 0.9]]), "model.bias": torch.tensor([0.1])}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return {"weights": folder, "remote_code": True}

"""A backbone of timm that a checkpoint's config.json only names."""

import json
from pathlib import Path
from typing import Any

__all__ = ["written_out"]


def written_out(folder: Path) -> dict[str, Any]:
    """What to hand to `from_pretrained` so that such a name stays one: the library would ask the hub whether there is a
    repository of that name, also for a folder and without a network. Empty for all other checkpoints.
    """
    import transformers

    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kwargs, name = settings.pop("backbone_kwargs", None), settings.pop("backbone", None)
    if not (kwargs and name and settings.pop("use_timm_backbone", False)) or settings.get("backbone_config"):
        return {}
    settings["backbone_config"] = {"model_type": "timm_backbone", "backbone": name, **kwargs}
    return {"config": transformers.AutoConfig.for_model(settings.pop("model_type"), **settings)}

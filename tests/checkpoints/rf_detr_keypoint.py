"""A small random RF-DETR with keypoints, made with its authors' package."""

import warnings
from pathlib import Path
from typing import Any

SMALL = {
    "hidden_dim": 32, "dec_layers": 2, "resolution": 96, "positional_encoding_size": 8, "num_queries": 10,
    "num_select": 10, "sa_nheads": 2, "ca_nheads": 2, "group_detr": 1,
    "num_classes": 1,
}  # fmt: skip


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import torch

    del name
    torch.manual_seed(5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it starts from scratch, and that other parts are not installed
        from rfdetr import RFDETRKeypointPreview

        made = RFDETRKeypointPreview(pretrain_weights=None, device="cpu", **SMALL)
    with torch.no_grad():
        for key, parameter in made.model.model.named_parameters():
            if key.startswith("class_embed"):
                parameter.copy_(torch.randn_like(parameter))
    state = made.model.model.state_dict()
    settings = made.model_config.model_dump(exclude={"device", "pretrain_weights"})
    file = folder / "tiny-keypoint.pth"
    torch.save(
        {"model": state, "args": {**settings, "pretrain_weights": "none"}, "model_config": settings,
         "model_name": "RFDETRKeypointPreview"},
        file,
    )  # fmt: skip
    return {"weights": file, "pickle": True}

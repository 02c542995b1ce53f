"""What definitions of other systems call a model, and what it is here."""

import re
from pathlib import Path

from ocella.errors import InvalidValue, NotFound
from ocella.models.load import find_entry

__all__ = ["model_name"]

_NAMES = {
    "clip/vit-b-16": "clip-vit-base-patch16",
    "clip/vit-b-32": "clip-vit-base-patch32",
    "clip/vit-l-14": "clip-vit-large-patch14",
    "depth-anything-v3/small": "da3mono-large",
    "depth-anything-v2/base": "depth-anything-v2-base",
    "depth-anything-v2/large": "depth-anything-v2-large",
    "depth-anything-v2/small": "depth-anything-v2-small",
    "doctr/default": "doctr",
    "grounding_dino/groundingdino_swinb_cogcoor": "grounding-dino-base",
    "grounding_dino/groundingdino_swint_ogc": "grounding-dino-tiny",
    "moondream2/moondream2-2b": "moondream2",
    "moondream2/moondream2_2b_jul24": "moondream2",
    "owlv2/owlv2-base-patch16-ensemble": "owlv2-base-patch16-ensemble",
    "owlv2/owlv2-large-patch14-ensemble": "owlv2-large-patch14-ensemble",
    "perception_encoder/pe-core-t16-384": "pe-core-t-16-384",
    "qwen25-vl-7b": "qwen2.5-vl-7b-instruct",
    "qwen3vl-2b-instruct": "qwen3-vl-2b-instruct",
    "resnet50": "resnet-50",
    "sam/vit_b": "sam-vit-base",
    "sam/vit_h": "sam-vit-huge",
    "sam/vit_l": "sam-vit-large",
    "sam2/hiera_b_plus": "sam2.1-hiera-base-plus",
    "sam2/hiera_large": "sam2.1-hiera-large",
    "sam2/hiera_small": "sam2.1-hiera-small",
    "sam2/hiera_tiny": "sam2.1-hiera-tiny",
    "sam2video/hiera_b_plus": "sam2.1-hiera-base-plus-video",
    "sam2video/hiera_large": "sam2.1-hiera-large-video",
    "sam2video/hiera_small": "sam2.1-hiera-small-video",
    "sam2video/hiera_tiny": "sam2.1-hiera-tiny-video",
    "sam2video/base-plus": "sam2.1-hiera-base-plus-video",
    "sam2video/large": "sam2.1-hiera-large-video",
    "sam2video/small": "sam2.1-hiera-small-video",
    "sam2video/tiny": "sam2.1-hiera-tiny-video",
    "smolvlm2/smolvlm-2.2b-instruct": "smolvlm2-2.2b-instruct",
    "trocr/trocr-base-printed": "trocr-base-printed",
    "trocr/trocr-small-printed": "trocr-small-printed",
}
"""By the name in lower case."""
_YOLO = re.compile(
    r"(?P<network>yolo(v?\d+|26)-?[nsmlxtcebu]|yolo-nas-[sml])(?P<task>-seg|-pose|-obb|-cls|-sem|-depth)?"
    r"(-(?P<side>\d{3,4}))?(?P<last>-seg|-pose|-obb|-cls)?",
)
_BROUGHT = ("hf:", "roboflow:")
_FILES = (".onnx", ".pt", ".pth")


def model_name(model_id: str) -> str:
    """The name for `ocella.load`: of the zoo, or its alias; a file or folder; `hf:` and `roboflow:` as they are;
    `project/version` and `workspace/project/version` of Roboflow with `roboflow:` before. Raises InvalidValue, NotFound with
    what to do.
    """
    name = model_id.strip()
    if not name:
        raise InvalidValue("model_id is empty. Take a name of `ocella models`, a file, hf:... or roboflow:...")
    if name.startswith(_BROUGHT) or _is_file(name) or "+" in name:
        return name
    if name.lower() in _NAMES:
        return _NAMES[name.lower()]
    network = _YOLO.fullmatch(name.lower())
    if network is not None:
        raise _to_export(name, network)
    if re.fullmatch(r"\w[\w.-]*/\w[\w.-]*(/\d+)?", name):
        return f"roboflow:{name}"
    return find_entry(name).name


def _is_file(name: str) -> bool:
    written = name.startswith(("./", "../", "/", "~")) or name.endswith(_FILES) or "\\" in name
    return written or ("/" in name and Path(name).exists())


def _to_export(name: str, network: "re.Match[str]") -> NotFound:
    """What to do about a network whose weights may not be shipped."""
    task = network["task"] or network["last"] or ""
    base = network["network"].replace("-", "") if not network["network"].startswith("yolo-nas") else network["network"]
    base = re.sub(r"^yolov(1[1-9]|2\d)", r"yolo\1", base) + task
    side = f" imgsz={network['side']}" if network["side"] else ""
    return NotFound(
        f"'{name}' is no model here: its weights are under AGPL-3.0 or a licence of their own, so they are not shipped. "
        f"Export it yourself and give the file: yolo export model={base}.pt format=onnx opset=17 simplify=True{side}. Then "
        f'"model_id": "./{base}.onnx". {_INSTEAD.get(task, "nanodet-g")!r} needs no file of yours.'
    )


_INSTEAD = {
    "-depth": "depth-anything-v2-small",
    "-sem": "segformer-b0-finetuned-ade-512-512",
    "-pose": "movenet-multipose",
    "-cls": "efficientnet-lite0",
    "-seg": "rf-detr-seg-nano",
}
"""What does the same without weights of one's own."""

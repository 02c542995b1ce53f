"""Contestant: `AutoModel.from_pretrained(folder)(images)` of Roboflow's inference-models, in an environment of its own."""

import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import torchvision_nms  # noqa: F401  # before anything imports torchvision

import cv2  # isort: skip
from inference_models import AutoModel  # isort: skip
from loop import serve  # isort: skip

NETWORK = {
    "training_input_size": {"height": 640, "width": 640},
    "dynamic_spatial_size_supported": False,
    "color_mode": "rgb",
    "resize_mode": "letterbox",
    "padding_value": 114,
    "input_channels": 3,
    "scaling_factor": 255,
}


def main() -> None:
    file, photo, batch, _ = sys.argv[1:5]
    model = AutoModel.from_pretrained(str(package(Path(file), int(batch))))
    images = [cv2.imread(photo)] * int(batch)

    def whole():
        return model(images, confidence=0.25, iou_threshold=0.7)

    serve({"whole": whole}, {"objects": len(whole()[0].xyxy), "version": version("inference-models")})


def package(file: Path, batch: int) -> Path:
    folder = file.with_suffix(".package")
    folder.mkdir(exist_ok=True)
    shutil.copy(file, folder / "weights.onnx")
    config = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}
    settings = {
        "network_input": NETWORK,
        "forward_pass": {"static_batch_size": batch},
        "post_processing": {"type": "nms", "fused": False},
    }
    (folder / "model_config.json").write_text(json.dumps(config))
    (folder / "inference_config.json").write_text(json.dumps(settings))
    (folder / "class_names.txt").write_text("\n".join(f"class{i}" for i in range(80)))
    return folder


if __name__ == "__main__":
    main()

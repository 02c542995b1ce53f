"""People's labels in YOLO form as COCO ground truth, and scores of predictions by pycocotools."""

import contextlib
import io
from pathlib import Path
from typing import Any

import cv2

__all__ = ["average_precision", "coco_truth", "photographs"]

Found = list[tuple[list[float], float, int]]


def photographs(data: Path) -> list[Path]:
    """The photographs of the set, in order of name."""
    return sorted(path for path in (data / "images").rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))


def coco_truth(paths: list[Path], data: Path) -> dict[str, Any]:
    """The COCO document of these photographs; areas are those of the boxes, for the labels hold no outlines."""
    labels = {path.stem: path for path in (data / "labels").rglob("*.txt")}
    images, annotations = [], []
    for number, path in enumerate(paths, start=1):
        height, width = cv2.imread(str(path)).shape[:2]
        images.append({"id": number, "file_name": path.name, "height": height, "width": width})
        text = labels[path.stem].read_text(encoding="utf-8") if path.stem in labels else ""
        for line in text.splitlines():
            class_id, cx, cy, w, h = (float(part) for part in line.split()[:5])
            box = [(cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height]
            row = {"id": len(annotations) + 1, "image_id": number, "category_id": int(class_id) + 1, "iscrowd": 0}
            annotations.append({**row, "bbox": box, "area": box[2] * box[3]})
    categories = [{"id": i + 1, "name": str(i)} for i in range(80)]
    return {"info": {}, "images": images, "annotations": annotations, "categories": categories}


def average_precision(truth: dict[str, Any], predictions: list[Found]) -> dict[str, float]:
    """AP and its kin of predictions, one list a photograph."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    rows = [
        {"image_id": i, "category_id": c + 1, "bbox": [b[0], b[1], b[2] - b[0], b[3] - b[1]], "score": score}
        for i, found in enumerate(predictions, start=1)
        for b, score, c in found
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(rows), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    names = ("AP", "AP50", "AP75", "small", "medium", "large")
    return {**dict(zip(names, evaluation.stats[:6], strict=True)), "AR100": evaluation.stats[8]}

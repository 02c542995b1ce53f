"""Contestant: `YOLO(file).predict(images)` of Ultralytics (AGPL-3.0), run as a program in an environment of its own."""

import sys

import torchvision_nms  # noqa: F401  # before anything imports torchvision

import cv2  # isort: skip
from loop import serve  # isort: skip
from ultralytics import YOLO, __version__  # isort: skip


def main() -> None:
    file, photo, batch, _ = sys.argv[1:5]
    model = YOLO(file, task="detect")
    images = [cv2.imread(photo)] * int(batch)

    def whole():
        return model.predict(images, imgsz=640, conf=0.25, iou=0.7, batch=int(batch), verbose=False, device="cpu")

    serve({"whole": whole}, {"objects": len(whole()[0].boxes), "version": __version__})


if __name__ == "__main__":
    main()

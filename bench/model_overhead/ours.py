"""Contestant: `ocella.load(file).predict(images)`; with `parts`, in turn with it, the same session on an input that is
ready, the preparation and the decoding alone.
"""

import sys

import cv2
from loop import serve

import ocella
from ocella.types import Image


def main() -> None:
    file, photo, batch, threads = sys.argv[1:5]
    model = ocella.load(file, device="cpu", runtime="onnx", threads=int(threads), batch=int(batch))
    image = Image(cv2.imread(photo)[:, :, ::-1].copy())
    images = [image] * int(batch)
    network = model._network  # noqa: SLF001  # the very session that predict runs
    pixels, places = network.input.batch(images)
    ready = pixels.copy()
    (outputs, _), *_ = network.run(images)

    def after():
        found = model._layout.decode(outputs, model._given, len(places), model.card.threshold)  # noqa: SLF001
        return [model._detections(f, p) for f, p in zip(found, places, strict=True)]  # noqa: SLF001

    ways = {"whole": lambda: model.predict(images)}
    if sys.argv[5:] == ["parts"]:
        ways["session"] = lambda: network.session.run({"images": ready})
        ways |= {"before": lambda: network.input.batch(images), "after": after}
    serve(ways, {"objects": len(model.predict(images)[0]), "version": "this checkout"})


if __name__ == "__main__":
    main()

"""YOLO-pose: people with their points in one look, as an ONNX file that a person exports; never shipped."""

from dataclasses import replace

from ocella.errors import NotFound
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.onnx.file import load_onnx
from ocella.models.tasks import Model

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="yolo-pose-onnx",
    task="keypoints",
    summary="17 body points of every person in one look; bring your own ONNX export",
    checkpoint="your own export: an ONNX file of a YOLO with points",
    code_license="AGPL-3.0 (Ultralytics); the decoder here is Ocella's own",
    weights_license="AGPL-3.0 (Ultralytics)",
    commercial_use=False,
    parameters=0,
    megabytes=0,
    input_hw=(0, 0),
    classes=("person",),
    threshold=0.25,
    aliases=("yolo-pose",),
    good_at="many people at once, video",
    bad_at="exact points of people small in the picture: a top-down model like ViTPose looks closer",
    run_here="small self-made checkpoints only",
    system="YOLO-pose",
    library="onnx",
    vocabulary="person",
    speed="fast",
    memory_gb=1,
    clause="AGPL-3.0 asks for the source of what is built on the weights; an enterprise licence is sold by Ultralytics",
    stand_in="movenet-multipose",
)


def _build(options: LoadOptions) -> Model:
    path = options.weights
    if path is not None and path.is_dir():
        path = next(iter(sorted(path.glob("*.onnx"))), path)
    if path is None or not path.is_file():
        raise NotFound(
            f"'{_CARD.name}' is run from your own export: its weights are AGPL and are not shipped. Make it with "
            "yolo export model=yolo11n-pose.pt format=onnx, and give the file: "
            f"ocella.load('{_CARD.name}', weights=Path('yolo11n-pose.onnx')). '{_CARD.stand_in}' needs none."
        )
    return load_onnx(path, replace(options, task="keypoints", card=options.card or _CARD))


UNITS = (ModelEntry(_CARD, _build),)

"""The pictures of docs/reference/blocks: each block's example, run on a photograph of the starter set.

python tools/block_pictures.py
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "reference" / "blocks" / "pictures"
PHOTO = ROOT / "packages" / "starter" / "src" / "ocella_starter" / "photos" / "boats.jpg"
WIDTH, SHOWN, STEP = 640, 400, 4
FRAMES = 6
"""How often a block with a past is run on the same photograph, moved a little."""


def main() -> int:
    """Write one picture for each block whose example gives an image; say which gave none."""
    from ocella.workflows.catalog import all_blocks

    PICTURES.mkdir(parents=True, exist_ok=True)
    missing = []
    for block in all_blocks().values():
        if not any("image" in kinds for kinds in _output_kinds(block)):
            continue
        try:
            picture = _picture(block)
        except Exception as error:  # noqa: BLE001  # told below; the other pictures go on
            missing.append(f"{block.type}: {type(error).__name__}: {error}")
            continue
        if picture is None:
            missing.append(f"{block.type}: no image came out")
        else:
            _write(picture, PICTURES / f"{block.family()}.jpg")
    print(f"{len(list(PICTURES.glob('*.jpg')))} pictures are in {PICTURES.relative_to(ROOT).as_posix()}")
    print("\n".join(missing), file=sys.stderr)
    return 0


def _output_kinds(block: Any) -> list[frozenset[str]]:
    from ocella.workflows.kinds import given_kinds

    return [given_kinds(annotation) for annotation in block.spec().outputs.values()]


def _picture(block: Any) -> Any:
    """The first image that the example gives on its last frame."""
    from ocella.types import Image
    from ocella.workflows.compile import compile_workflow
    from ocella.workflows.run import Session

    workflow = compile_workflow(block.example)
    found = None
    with Session(workflow, on_error="fail") as session:
        for index in range(FRAMES if block.stateful else 1):
            row = session.run(_inputs(workflow, index))[0]
            images = [v for value in row.values() for v in (value if isinstance(value, list) else [value])]
            found = next((v for v in images if isinstance(v, Image)), found)
    return found


def _inputs(workflow: Any, index: int) -> Mapping[str, Any]:
    """The photograph, what a detector finds in it, and for other inputs their defaults."""
    import numpy as np

    from ocella.types import Image, Moment
    from ocella.workflows.kinds import DETECTIONS

    photo = _photo()
    pixels = np.roll(photo.pixels, (STEP * index, STEP * index), (0, 1))
    moved = Image(pixels, photo.origin, Moment("photo", index, index / 10, 10))
    given: dict[str, Any] = {}
    for item in workflow.inputs.values():
        if item.kinds == {"image"}:
            given[item.name] = moved
        elif item.kinds & DETECTIONS and item.depth:
            given[item.name] = _found(index, masks="instance_segmentation_prediction" in item.kinds)
    return given


def _photo() -> Any:
    from ocella.media.load import load
    from ocella.ops.crop import resize

    image = load(PHOTO)
    return resize(image, (round(image.height * WIDTH / image.width), WIDTH))


def _found(index: int, *, masks: bool) -> Any:
    """Objects of the photograph, numbered as a tracker would, moved from frame to frame; with ellipses for masks."""
    import numpy as np

    import ocella
    from ocella.types import Masks

    photo = _photo()
    (found,) = ocella.load("nanodet-g").predict([photo], threshold=0.35)
    xyxy = np.clip(found.xyxy + STEP * index, 0, [photo.width, photo.height] * 2)
    dense = None
    if masks:
        y, x = np.mgrid[: photo.height, : photo.width]
        dense = [
            ((x - (a + c) / 2) / max((c - a) / 2, 1)) ** 2 + ((y - (b + d) / 2) / max((d - b) / 2, 1)) ** 2 <= 1
            for a, b, c, d in xyxy
        ]
    return found.replace(
        xyxy=xyxy.astype(np.float32),
        track_id=np.arange(1, len(found) + 1),
        masks=None if dense is None else Masks.from_dense(np.array(dense)),
    ).on(photo)


def _write(image: Any, path: Path) -> None:
    from ocella.media.write import encode_jpeg
    from ocella.ops.crop import resize

    if image.width > SHOWN:
        image = resize(image, (max(1, round(image.height * SHOWN / image.width)), SHOWN))
    path.write_bytes(encode_jpeg(image, 80))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    sys.path.insert(0, str(ROOT / "packages" / "starter" / "src"))
    sys.exit(main())

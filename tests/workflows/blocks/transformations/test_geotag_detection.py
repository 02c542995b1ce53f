import math
from typing import Any

import numpy as np
import pytest
from tests.workflows.following import tracked
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image

IMAGE = Image(np.zeros((300, 400, 3), np.uint8))
CAMERA: dict[str, Any] = {"latitude": 60.0, "longitude": 10.0, "altitude": 100.0, "horizontal_fov": 90.0}
METER = 1 / 111320  # degrees of latitude; half as many metres to a degree of longitude at 60 degrees north


def places(found: Detections, **fields: Any) -> list[tuple[float, float]]:
    """Metres (east, north) of each object from the camera."""
    out = run_step("roboflow_core/geotag_detection@v1", {"image": IMAGE, "predictions": found}, **{**CAMERA, **fields})
    return [((r["lon"] - 10) / METER / 2, (r["lat"] - 60) / METER) for r in out["geo_detections"]]


FOUND = tracked(
    {1: [190, 140, 210, 160], 2: [390, 140, 410, 160], 3: [190, -10, 210, 10], 4: [290, 215, 310, 235]},
    ["car", "car", "person", "car"],
    confidence=0.75,
)


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        # with 90 degrees from 100 m the picture is 200 m wide, half a metre a pixel
        (0, [(0, 0), (100, 0), (0, 75), (50, -37.5)]),
        (90, [(0, 0), (0, -100), (75, 0), (-37.5, -50)]),
        (180, [(0, 0), (-100, 0), (0, -75), (-50, 37.5)]),
    ],
)
def test_metres_on_the_ground(heading: float, wanted: list[tuple[float, float]]) -> None:
    assert np.array(places(FOUND, heading=heading)) == pytest.approx(np.array(wanted), abs=0.02)


def test_a_narrower_view() -> None:
    (_, (east, _), *_) = places(FOUND, horizontal_fov=73.7)
    assert east == pytest.approx(100 * math.tan(math.radians(73.7 / 2)), abs=0.02)


def test_records_and_geojson() -> None:
    out = run_step("geotag_detection", {"image": IMAGE, "predictions": FOUND[1]}, **CAMERA)
    (record,) = out["geo_detections"]
    assert record == {
        "class": "car",
        "confidence": 0.75,
        "lat": 60.0,
        "lon": pytest.approx(10 + 200 * METER, abs=1e-7),
        "pixel_x": 400.0,
        "pixel_y": 150.0,
        "width": 20.0,
        "height": 20.0,
    }
    (feature,) = out["geojson"]["features"]
    assert out["geojson"]["type"] == "FeatureCollection"
    assert feature["geometry"] == {"type": "Point", "coordinates": [record["lon"], record["lat"]]}
    assert feature["properties"] == {"class": "car", "confidence": 0.75}


def test_on_the_ground_all_are_where_the_camera_is() -> None:
    assert np.array(places(FOUND, altitude=0)) == pytest.approx(np.zeros((4, 2)))


def test_nothing_and_a_wrong_field() -> None:
    out = run_step("geotag_detection", {"image": IMAGE, "predictions": Detections.empty(("car",))}, **CAMERA)
    assert out == {"geo_detections": [], "geojson": {"type": "FeatureCollection", "features": []}}
    with pytest.raises(InvalidWorkflow, match=r"altitude.*number"):
        places(FOUND, altitude="high")

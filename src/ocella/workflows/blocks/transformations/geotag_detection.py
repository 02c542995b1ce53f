"""Where on earth objects are."""

import math
from typing import Any, NamedTuple

import numpy as np

from ocella.types import Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects

__all__ = ["UNITS"]

_METERS_A_DEGREE = 111320.0


class Places(NamedTuple):
    """A record for each object, and all as GeoJSON."""

    geo_detections: list[Any]
    geojson: dict[str, Any]


class GeotagDetection(Block):
    """Tell the latitude and longitude of objects that a camera sees straight below it: at `latitude` and `longitude` (degrees),
    `altitude` metres above flat ground, with `horizontal_fov` degrees from left to right, the top of the picture towards
    `heading` (degrees clockwise from north).
    """

    type = "geotag_detection@v1"
    example = example_on_objects(
        {
            "type": "geotag_detection",
            "name": "place",
            "image": "$inputs.image",
            "latitude": 47.4,
            "longitude": 8.5,
            "altitude": 60,
        },
        "geojson",
    )

    latitude: float
    longitude: float
    altitude: float
    horizontal_fov: float = 73.7
    heading: float = 0.0

    def run(self, image: Image, predictions: Detections) -> Places:
        """Places of the centres of boxes; with an altitude of 0 or less all are where the camera is."""
        boxes = np.asarray(predictions.xyxy, np.float64)
        centres, sizes = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
        east, north = self._on_ground(centres, image)
        latitudes = self.latitude + north / _METERS_A_DEGREE
        longitudes = self.longitude + east / (_METERS_A_DEGREE * math.cos(math.radians(self.latitude)))
        numbers = np.column_stack([predictions.confidence, latitudes, longitudes, centres, sizes]).tolist()
        records = [
            {
                "class": name,
                "confidence": round(confidence, 4),
                "lat": round(lat, 7),
                "lon": round(lon, 7),
                "pixel_x": round(x, 1),
                "pixel_y": round(y, 1),
                "width": round(width, 1),
                "height": round(height, 1),
            }
            for name, (confidence, lat, lon, x, y, width, height) in zip(predictions.names, numbers, strict=True)
        ]
        return Places(records, {"type": "FeatureCollection", "features": [_feature(r) for r in records]})

    def _on_ground(self, pixels: Any, image: Image) -> tuple[Any, Any]:
        """Metres east and north of the camera."""
        wide = 2 * max(self.altitude, 0.0) * math.tan(math.radians(self.horizontal_fov) / 2)
        right = (pixels[:, 0] - image.width / 2) * wide / image.width
        up = (image.height / 2 - pixels[:, 1]) * wide / image.width
        turn = math.radians(self.heading)
        return right * math.cos(turn) + up * math.sin(turn), up * math.cos(turn) - right * math.sin(turn)


def _feature(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [record["lon"], record["lat"]]},
        "properties": {"class": record["class"], "confidence": record["confidence"]},
    }


UNITS = (GeotagDetection,)

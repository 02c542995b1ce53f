from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, boxes, drawn, supervision

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import COCO_PERSON, Detections, Image, Keypoints, Skeleton

EDGES = [(a + 1, b + 1) for a, b in COCO_PERSON.edges]


def expected(annotator: Any, **more: Any) -> np.ndarray:
    sv = supervision()
    points = OBJECTS.keypoints
    assert points is not None
    there = sv.KeyPoints(xy=points.xy, class_id=OBJECTS.class_id, visible=points.visible)
    return np.asarray(annotator.annotate(np.ascontiguousarray(IMAGE.pixels[..., ::-1]), there, **more))[..., ::-1]


def test_edges_are_those_of_supervision() -> None:
    sv = supervision()
    wanted = expected(sv.EdgeAnnotator(sv.Color(255, 0, 0), 3, EDGES))
    assert (drawn("keypoint", color="red", thickness=3) == wanted).all()
    assert (drawn("keypoint", color="red", thickness=3, edges=EDGES) == wanted).all()
    some = expected(sv.EdgeAnnotator(sv.Color(255, 0, 0), 1, [(1, 17), (6, 7)]))
    assert (drawn("keypoint", color="red", thickness=1, edges=[[1, 17], [6, 7]]) == some).all()
    assert (drawn("keypoint", color="red", thickness=1, edges=[[0, 16], [5, 6]]) == some).all()


def test_vertices_are_those_of_supervision() -> None:
    sv = supervision()
    wanted = expected(sv.VertexAnnotator(sv.Color.ROBOFLOW, 10))
    assert (drawn("keypoint", annotator_type="vertex") == wanted).all()


def test_names_are_where_supervision_writes_them() -> None:
    sv = supervision()
    annotator = sv.VertexLabelAnnotator(text_color=sv.Color.BLACK, text_scale=0.45, text_padding=2, border_radius=3)
    wanted = expected(annotator, labels=list(COCO_PERSON.names))
    made = drawn("keypoint", annotator_type="vertex_label", text_scale=0.45, text_padding=2, radius=3)
    assert (made == wanted).all()


def test_points_that_are_seen_and_a_skeleton_without_edges() -> None:
    black = Image(np.zeros((20, 20, 3), np.uint8))
    xy = np.array([[[5, 5], [15, 5], [0, 0], [9, 9]]], np.float32)
    seen = Keypoints(xy, np.ones((1, 4), np.float32), np.array([[1, 1, 1, 0]], bool), Skeleton(tuple("abcd")))
    found = boxes([[1, 1, 19, 19]], keypoints=seen)
    made = drawn("keypoint", found, black, edges=[[0, 1], [1, 2], [1, 3]], thickness=1)
    assert np.argwhere(made.any(axis=2)).tolist() == [[5, x] for x in range(5, 16)]
    assert not drawn("keypoint", found, black).any()
    dots = drawn("keypoint", found, black, annotator_type="vertex", radius=0)
    assert np.argwhere(dots.any(axis=2)).tolist() == [[5, 5], [5, 15]]


def test_nothing_and_nonsense() -> None:
    for found in (Detections.empty(), OBJECTS.replace(keypoints=None)):
        assert (drawn("keypoint", found) == IMAGE.pixels).all()
    with pytest.raises(InvalidValue, match=r"edges must be of points 1\.\.17"):
        drawn("keypoint", edges=[[1, 18]])
    with pytest.raises(InvalidValue, match="edges must be pairs"):
        drawn("keypoint", edges=[1, 2])
    with pytest.raises(InvalidWorkflow, match="annotator_type"):
        drawn("keypoint", annotator_type="bone")

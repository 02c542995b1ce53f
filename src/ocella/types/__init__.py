"""The values that flow: numpy and the standard library only."""

from ocella.types.annotation import Annotation, Label, Source, State
from ocella.types.answer import Answer
from ocella.types.classification import Classification
from ocella.types.depth_map import DepthMap
from ocella.types.detections import Detections
from ocella.types.embedding import Embedding
from ocella.types.image import Image, ImageRef, Origin
from ocella.types.keypoints import COCO_PERSON, Keypoints, Skeleton
from ocella.types.masks import Masks, Part
from ocella.types.moment import Moment
from ocella.types.ontology import ClassDef, Ontology
from ocella.types.segmentation_map import SegmentationMap
from ocella.types.text_lines import TextLines
from ocella.types.video import Frame

__all__ = [
    "COCO_PERSON",
    "Annotation",
    "Answer",
    "ClassDef",
    "Classification",
    "DepthMap",
    "Detections",
    "Embedding",
    "Frame",
    "Image",
    "ImageRef",
    "Keypoints",
    "Label",
    "Masks",
    "Moment",
    "Ontology",
    "Origin",
    "Part",
    "SegmentationMap",
    "Skeleton",
    "Source",
    "State",
    "TextLines",
]

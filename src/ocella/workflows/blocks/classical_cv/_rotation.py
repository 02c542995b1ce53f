"""An image turned, on a canvas that holds all of it."""

import numpy as np

from ocella.types import Image, Origin

__all__ = ["rotated"]


def rotated(image: Image, degrees: float) -> Image:
    """The image turned anticlockwise about its middle; black where it had nothing. It is a new root: no offset and scale
    lead back through a turn.
    """
    import cv2

    height, width = image.size_hw
    center = (width // 2, height // 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(center, degrees, 1.0))
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, tall = int(height * sine + width * cosine), int(height * cosine + width * sine)
    matrix[:, 2] += (wide / 2 - center[0], tall / 2 - center[1])
    turned = cv2.warpAffine(image.pixels, matrix, (max(wide, 1), max(tall, 1)))
    return image.derive(np.asarray(turned, np.uint8), Origin(image.origin.source))

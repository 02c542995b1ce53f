"""What is kept of the last few images."""

import numpy as np

from ocella.models.segmentation.embedding_cache import EmbeddingCache
from ocella.types import Image


def image(value: int, height: int = 2, width: int = 3) -> Image:
    return Image(np.full((height, width, 3), value, np.uint8))


def test_an_image_is_known_by_its_pixels() -> None:
    cache, made = EmbeddingCache(), []

    def encode(one: Image) -> int:
        made.append(one.size_hw)
        return len(made)

    assert cache.of(image(1), encode) == cache.of(image(1), encode) == 1
    assert cache.of(image(2), encode) == 2
    assert cache.of(image(1, 3, 2), encode) == 3, "the same pixels in another shape are another image"
    assert len(made) == 3


def test_the_one_not_asked_for_longest_goes_first() -> None:
    cache = EmbeddingCache(most=2)
    for value in (1, 2, 1, 3):
        cache.of(image(value), lambda _: object())
    assert len(cache) == 2
    kept = cache.of(image(1), lambda _: "new")
    assert kept != "new"
    assert cache.of(image(2), lambda _: "new") == "new"

"""ConSE (Norouzi et al. 2013): an image as the mean of the names of its likely classes, in a text encoder's space."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.text.encoder import EncodesText

__all__ = ["TEMPERATURE", "ConSE"]

TEMPERATURE = 0.2
"""Divides the cosines before the softmax; measured, see docs/decisions/0003-text-encoder.md."""


class ConSE:
    """A closed classifier's probabilities to vectors that texts can be compared with. It sees only what the
    classifier's class names say: no people's attributes, no relations, nothing far from those classes.
    """

    def __init__(self, encoder: EncodesText, class_names: Sequence[str], *, top: int = 10) -> None:
        if not class_names or top < 1:
            raise InvalidValue(f"ConSE needs class names and top of at least 1, got {len(class_names)} and {top}.")
        self._encoder = encoder
        self._names = tuple(class_names)
        self._top = min(top, len(self._names))
        self._vectors: npt.NDArray[np.float32] | None = None

    @property
    def name(self) -> str:
        """The space of the vectors, as Embedding.model names it."""
        return f"conse-{self._encoder.name}"

    def images(self, probabilities: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Unit vectors (n, d) of images from their class probabilities (n, classes), by the `top` likeliest."""
        p = np.asarray(probabilities, np.float32)
        if p.ndim != 2 or p.shape[1] != len(self._names):
            raise InvalidValue(f"probabilities must have shape (n, {len(self._names)}), got {p.shape}.")
        if not np.isfinite(p).all() or (p < 0).any() or (p.sum(axis=1) <= 0).any():
            raise InvalidValue("probabilities must not be negative and must not all be 0; give the softmax of logits.")
        if self._vectors is None:
            self._vectors = self._encoder.encode(self._names)
        likely = np.argpartition(-p, self._top - 1, axis=1)[:, : self._top]
        weight = np.take_along_axis(p, likely, axis=1)
        return _unit(np.einsum("nk,nkd->nd", weight, self._vectors[likely]))

    def texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors (n, d) of texts in the same space."""
        return self._encoder.encode(texts)

    def scores(
        self, probabilities: npt.ArrayLike, prompts: Sequence[str], temperature: float = TEMPERATURE
    ) -> npt.NDArray[np.float32]:
        """Zero-shot scores (n, prompts), each row a softmax of cosines divided by `temperature`."""
        if temperature <= 0:
            raise InvalidValue(f"temperature must be above 0, got {temperature}.")
        cosines = self.images(probabilities) @ self.texts(prompts).T / np.float32(temperature)
        e = np.exp(cosines - cosines.max(axis=1, keepdims=True))
        shares: npt.NDArray[np.float32] = e / e.sum(axis=1, keepdims=True)
        return shares

    def search(self, probabilities: npt.ArrayLike, query: str, k: int = 10) -> list[tuple[int, float]]:
        """The k images nearest to a text: (row, cosine), best first."""
        cosines = self.images(probabilities) @ self.texts([query])[0]
        return [(int(i), float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:k]]


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    scaled: npt.NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return scaled

"""Which class, or which answer, runs give each image: classifiers and prompts of vision-language models."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ocella.choosing.ballots import class_of, exclusive_pool, likeliest, said_of, settled
from ocella.choosing.pool import Pool, Settled
from ocella.choosing.question import Question, Reply
from ocella.choosing.run import Run
from ocella.choosing.texts import plain
from ocella.errors import InvalidValue
from ocella.types import Answer, Classification, Ontology

__all__ = ["Texts", "Votes"]

_UNSURE = 0.5
"""For an answer without a confidence."""
_EMPTY = "(nothing)"
Files = Sequence[tuple[str, Path]]


class Votes:
    """Units are images; a run claims the class that it puts first, a language model the one whose name or prompt its answer
    is, and else none of these. Raises InvalidValue where runs differ in images or know other classes.
    """

    def __init__(self, runs: Sequence[Run], files: Files, classes: Sequence[str]) -> None:
        self._files, self.classes = tuple(files), tuple(classes)
        n = len(files)
        said = [[_named(label, run.setting.ontology, self.classes) for label in run.said] for run in runs]
        if any(len(of_run) != n for of_run in said):
            raise InvalidValue(f"Every run must have said something of {n} images, got {sorted(map(len, said))}.")
        table = np.array(said, np.float64).reshape(len(runs), n, 2)
        image = np.arange(n)
        self.pool = exclusive_pool(runs, self.classes, n, image, table[..., 0].astype(np.int64), table[..., 1])

    def __len__(self) -> int:
        return len(self.pool)

    def name(self, unit: int) -> str:
        """The image's."""
        return self._files[unit][0]

    def question(self, unit: int) -> Question:
        """Which class the image is."""
        choices = tuple(self.classes[k] for k in likeliest(self.pool, unit))
        return Question(unit, "class", *self._files[unit], "Which class is this image?", choices=choices)

    def settle(self, unit: int, reply: Reply) -> Settled | None:
        """What an answer means; None where nobody could tell."""
        class_id = class_of(reply, self.classes, self.question(unit).choices[0])
        return None if class_id is None else settled(self.pool, unit, class_id)


class Texts:
    """Units are images, about which every run gave a text of its own; texts that differ in case, marks and articles alone are
    one. Class k of the pool is the answer that comes k-th in its image by how many runs gave it.
    """

    classes: tuple[str, ...] = ()

    def __init__(self, runs: Sequence[Run], files: Files) -> None:
        self._files = tuple(files)
        n = len(files)
        said = [said_of(run, n, Answer) for run in runs]
        ordered = [_distinct([of_run[i].text for of_run in said]) for i in range(n)]
        self._options = [tuple(of_image.values()) for of_image in ordered]
        class_id = np.array([[list(o).index(plain(a.text)) for o, a in zip(ordered, s, strict=True)] for s in said])
        confidence = np.array([[_UNSURE if a.confidence is None else a.confidence for a in s] for s in said])
        names = [f"answer {k + 1}" for k in range(max(map(len, self._options), default=0))]
        self.pool: Pool = exclusive_pool(runs, names, n, np.arange(n), class_id.reshape(len(runs), n), confidence)
        self._prompt = next((run.setting.prompt for run in runs if run.setting.prompt), "")

    def __len__(self) -> int:
        return len(self.pool)

    def name(self, unit: int) -> str:
        """The image's."""
        return self._files[unit][0]

    def question(self, unit: int) -> Question:
        """Which of the answers is right, or whether the only one is."""
        options = self._options[unit]
        which = "Which answer is right?" if len(options) > 1 else f"Is this answer right: {options[0]}"
        text = f"{self._prompt} {which}".strip()
        return Question(unit, "text", *self._files[unit], text, choices=options)

    def settle(self, unit: int, reply: Reply) -> Settled | None:
        """What an answer means; None where nobody could tell."""
        options = self._options[unit]
        place = class_of(reply, options, options[0])
        if place is None:
            return None
        return settled(self.pool, unit, place if place < len(options) else self._none)

    def place(self, unit: int, text: str) -> int:
        """The class of the pool that a text is in that image."""
        return next((k for k, option in enumerate(self._options[unit]) if plain(option) == plain(text)), self._none)

    @property
    def _none(self) -> int:
        return len(self.pool.classes) - 1


def _named(label: object, ontology: Ontology | None, classes: tuple[str, ...]) -> tuple[int, float]:
    """The class that a label gives its image, and how surely."""
    if isinstance(label, Answer):
        sure = _UNSURE if label.confidence is None else label.confidence
        return _meant(label.text, ontology, classes), sure
    if not isinstance(label, Classification) or not set(label.classes) <= set(classes):
        raise InvalidValue(f"Every run must give images one of {', '.join(classes[:8])}, got {label!r:.80}.")
    ((name, sure),) = label.top(1)
    return classes.index(name), sure


def _meant(text: str, ontology: Ontology | None, classes: tuple[str, ...]) -> int:
    words = {plain(name): k for k, name in enumerate(classes)}
    if ontology is not None:
        words |= {plain(p): classes.index(c.name) for c in ontology.classes if c.name in classes for p in c.prompts}
    return words.get(plain(text), len(classes))


def _distinct(texts: Sequence[str]) -> dict[str, str]:
    """Texts as first given by what they are when plain, the most frequent first."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(plain(text), text.strip() or _EMPTY)
    given = [plain(text) for text in texts]
    return dict(sorted(first.items(), key=lambda item: -given.count(item[0])))

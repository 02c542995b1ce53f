"""What language models are asked for: the words of each task, in the forms that later steps read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

__all__ = ["BoxForm", "Task", "question", "task_problems"]

Task = Literal[
    "unconstrained",
    "ocr",
    "structured-answering",
    "classification",
    "multi-label-classification",
    "visual-question-answering",
    "caption",
    "detailed-caption",
    "object-detection",
]
BoxForm = Literal["shares", "thousandths", "thousandths-y-first", "hundredths"]
"""How a family of models counts coordinates, as `vlm_as_detector` reads them."""

_OF_PROMPT = ("unconstrained", "visual-question-answering")
_OF_CLASSES = ("classification", "multi-label-classification", "object-detection")
_ALONE = "Answer with JSON and nothing else"
_PLAIN = {
    "ocr": "Read all text in the image and give it as it stands there, in its reading order, paragraph by paragraph. Answer "
    "with that text and nothing else.",
    "caption": "Describe the image in one short sentence.",
    "detailed-caption": "Describe the image in detail: what is in it, where, and what is going on.",
}
_BOXES: Mapping[str, str] = {
    "shares": 'an object {"detections": [...]} with an entry for each instance: {"x_min": 0.1, "y_min": 0.2, "x_max": 0.3, '
    '"y_max": 0.4, "class_name": "class", "confidence": 0.9}. Coordinates are shares of the image\'s width and height, 0 to '
    "1, from its upper left corner",
    "thousandths": 'a list with an entry for each instance: {"box_2d": [x_min, y_min, x_max, y_max], "label": "class"}. '
    "Coordinates are whole numbers from 0 to 1000, in thousandths of the image's width and height",
    "thousandths-y-first": 'a list with an entry for each instance: {"box_2d": [y_min, x_min, y_max, x_max], "label": '
    '"class"}. Coordinates are whole numbers from 0 to 1000, in thousandths of the image\'s height and width',
    "hundredths": 'a list with an entry for each instance: {"box_2d": [x_min, y_min, x_max, y_max], "label": "class"}. '
    "Coordinates are from 0 to 100, in hundredths of the image's width and height",
}


def question(
    task: str, prompt: str | None, classes: Sequence[str] | None, structure: Mapping[str, str] | None, boxes: BoxForm
) -> str:
    """The words that go with an image."""
    if task in _PLAIN:
        return _PLAIN[task]
    if task == "unconstrained":
        return prompt or ""
    if task == "visual-question-answering":
        return (
            "Answer the question about the image in a few sentences. Where it offers choices, answer with the mark of the right "
            f"one alone.\n\nQuestion: {prompt}"
        )
    if task == "structured-answering":
        fields = json.dumps(dict(structure or {}), indent=1, ensure_ascii=False)
        return (
            f"{_ALONE}: an object with exactly the keys below. Beside each key stands what its value tells.\n{fields}"
        )
    return _of_classes(task, classes or (), boxes)


def _of_classes(task: str, classes: Sequence[str], boxes: BoxForm) -> str:
    listed = ", ".join(json.dumps(name, ensure_ascii=False) for name in classes)
    if task == "classification":
        return (
            f"Which one of these classes does the image show: {listed}? {_ALONE}: "
            '{"class_name": "class", "confidence": 0.9}, where confidence says how sure you are, 0 to 1.'
        )
    if task == "multi-label-classification":
        return (
            f"Which of these classes does the image show: {listed}? {_ALONE}: "
            '{"predicted_classes": [{"class": "class", "confidence": 0.9}]}, with those alone that it shows, and how sure you '
            "are of each, 0 to 1."
        )
    return f"Find every instance of these classes in the image: {listed}. {_ALONE}: {_BOXES[boxes]}. Where there is none, leave it empty."


def task_problems(step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What a task needs and does not have."""
    task = step.get("task_type", "unconstrained")
    needs = (("prompt", _OF_PROMPT), ("classes", _OF_CLASSES), ("output_structure", ("structured-answering",)))
    return [
        (name, f"a value, which task '{task}' needs", f"Give '{name}', or take another task_type.")
        for name, tasks in needs
        if task in tasks and not step.get(name)
    ]

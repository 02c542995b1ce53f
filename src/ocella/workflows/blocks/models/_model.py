"""What blocks that ask a model of the zoo share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar
from uuid import uuid4

from ocella.errors import Mismatch
from ocella.workflows.block import Block
from ocella.workflows.kinds import Is
from ocella.workflows.model_names import model_name

__all__ = ["PLATFORM_ONLY", "InferenceId", "ModelBlock", "ModelId", "ParentId", "new_id"]

InferenceId = Annotated[str, Is("inference_id")]
ModelId = Annotated[str, Is("roboflow_model_id")]
ParentId = Annotated[str, Is("parent_id")]

PLATFORM_ONLY = frozenset({"disable_active_learning", "active_learning_target_dataset"})
"""Fields about sending images to a hosted platform, which does not happen here."""


def new_id() -> str:
    """A name that nothing else has."""
    return uuid4().hex


class ModelBlock(Block):
    """A block with one model, leased from the pool for each run."""

    slow = True
    _tasks: ClassVar[tuple[str, ...]]

    @contextmanager
    def leased(self, model_id: str, **options: Any) -> Iterator[Any]:
        """The model of that name, good within the `with`. Raises Mismatch where it is for another task."""
        name = model_name(model_id)
        with self.services.lease(name, **options) as model:
            if model.task not in self._tasks:
                raise Mismatch(
                    f"'{name}' is for '{model.task}', but {self.family()} takes models for '{self._tasks[0]}'. See "
                    f"`ocella models --task {self._tasks[0]}`."
                )
            yield model

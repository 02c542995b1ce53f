"""What a workflow gave for one frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocella.errors import InvalidValue
from ocella.types import Image, Moment
from ocella.workflows.result import Failure, Result
from ocella.workflows.wire_out import write_rows, write_value
from ocella.workflows.workflow import Workflow

__all__ = ["FrameResult"]


@dataclass(frozen=True)
class FrameResult:
    """One frame of `source` with the workflow's outputs by name; `failures` are the steps that failed on it. `latency` is in
    seconds, from the frame's arrival.
    """

    source: str
    image: Image
    outputs: Mapping[str, Any]
    failures: tuple[Failure, ...] = ()
    latency: float = 0.0
    workflow: Workflow | None = field(default=None, repr=False, compare=False)
    """Whose outputs they are, so that its secrets are masked in JSON."""

    @property
    def moment(self) -> Moment:
        """When the frame was taken."""
        assert self.image.moment is not None
        return self.image.moment

    def picture(self, output: str = "") -> Image | None:
        """The picture of an output, None where it is missing; without a name that of the first output that is one, else the
        frame. Raises InvalidValue for an output that is no picture.
        """
        if not output:
            return next((value for value in self.outputs.values() if isinstance(value, Image)), self.image)
        if output not in self.outputs:
            raise InvalidValue(f"There is no output '{output}', only {', '.join(self.outputs) or 'none'}.")
        image = self.outputs[output]
        if image is not None and not isinstance(image, Image):
            raise InvalidValue(f"Output '{output}' must give an image, got {type(image).__name__}.")
        return image

    def to_json(self) -> dict[str, Any]:
        """JSON form: images by their size only."""
        if self.workflow is None:
            outputs = {name: write_value(value, images="shape") for name, value in self.outputs.items()}
        else:
            (outputs,) = write_rows(self.workflow, Result((self.outputs,)), images="shape")
        return {
            "source": self.source,
            "moment": self.moment.to_json(),
            "outputs": outputs,
            "failures": [failure.to_json() for failure in self.failures],
        }

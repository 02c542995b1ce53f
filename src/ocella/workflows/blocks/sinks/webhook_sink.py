"""Values sent to a web address."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ocella.workflows.blocks.sinks._base import Notice, Sink
from ocella.workflows.blocks.sinks._message import as_file, as_json, computed
from ocella.workflows.blocks.sinks._web import send
from ocella.workflows.query import Operations

__all__ = ["UNITS"]


class WebhookSink(Sink):
    """Send a request with values of the run: `json_payload` as a JSON body, `form_data` as a form,
    `multi_part_encoded_files` as files (images as JPEG), each after its operations. An answer without success is an error.
    """

    type = "webhook_sink@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "webhook_sink",
                "name": "tell",
                "url": "https://example.com/hook",
                "method": "POST",
                "json_payload": {"count": "$steps.find.predictions"},
                "json_payload_operations": {"count": [{"type": "SequenceLength"}]},
            },
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    url: str
    method: Literal["GET", "POST", "PUT"]
    headers: dict[str, Any] = {}  # a default, never changed
    query_parameters: dict[str, Any] = {}
    json_payload_operations: dict[str, Operations] = {}
    multi_part_encoded_files_operations: dict[str, Operations] = {}
    form_data_operations: dict[str, Operations] = {}
    request_timeout: Annotated[float, Field(gt=0, le=600)] = 2

    def run(
        self,
        json_payload: dict[str, Any] = {},  # noqa: B006  # never changed
        multi_part_encoded_files: dict[str, Any] = {},  # noqa: B006
        form_data: dict[str, Any] = {},  # noqa: B006
    ) -> Notice:
        """One request."""
        held = self.held_back()
        if held is not None:
            return held
        body = as_json(computed(json_payload, self.json_payload_operations))
        given = computed(multi_part_encoded_files, self.multi_part_encoded_files_operations)
        files = {name: as_file(name, _plain(value)) for name, value in given.items()}
        form = {name: str(_plain(value)) for name, value in computed(form_data, self.form_data_operations).items()}
        content: dict[str, Any] = {"files": files or None, "data": form or None}
        if not files and not form and (body or self.method != "GET"):
            content["json"] = body
        url, method, timeout, private = self.url, self.method, self.request_timeout, self.private
        headers = {name: str(value) for name, value in self.headers.items()}
        parameters = {name: as_json(value) for name, value in self.query_parameters.items()}

        def work() -> str:
            send(
                method, url, private=private, timeout=timeout, headers=headers, params=parameters or None, **content
            ).checked()
            return "Notification sent."

        return Notice(*self.start(work))


def _plain(value: Any) -> Any:
    """What goes into a form: texts, bytes and images as they are, others as their JSON."""
    import json

    from ocella.types import Image

    if isinstance(value, str | bytes | Image):
        return value
    return json.dumps(as_json(value))


UNITS = (WebhookSink,)

"""Texts kept as objects of S3."""

from collections.abc import Mapping
from datetime import UTC
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field

from ocella.workflows.blocks.sinks._aws_signature import signed_headers
from ocella.workflows.blocks.sinks._base import Effect, Sent, delivered
from ocella.workflows.blocks.sinks._files import stamp
from ocella.workflows.blocks.sinks._message import one_line
from ocella.workflows.blocks.sinks._web import send
from ocella.workflows.kinds import Secret

__all__ = ["UNITS"]

_KINDS = {"csv": "text/csv", "json": "application/json", "jsonl": "application/x-ndjson", "txt": "text/plain"}


class S3Sink(Effect):
    """Put texts into a bucket: each as an object of its own, or one after the other into an object that is put again with each
    text, and followed by a new one after `max_entries_per_file`. `endpoint_url` is another server that speaks S3.
    """

    type = "s3_sink@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [
            {"type": "WorkflowParameter", "name": "text", "default_value": "hello"},
            {"type": "WorkflowParameter", "name": "id", "kind": ["secret"]},
            {"type": "WorkflowParameter", "name": "key", "kind": ["secret"]},
        ],
        "steps": [
            {
                "type": "s3_sink",
                "name": "keep",
                "content": "$inputs.text",
                "file_type": "txt",
                "output_mode": "separate_files",
                "bucket_name": "notes",
                "aws_access_key_id": "$inputs.id",
                "aws_secret_access_key": "$inputs.key",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.keep.error_status"}],
    }

    bucket_name: str
    output_mode: Literal["append_log", "separate_files"]
    file_type: Literal["csv", "json", "txt"] = "csv"
    s3_prefix: str = ""
    file_name_prefix: str = "workflow_output"
    max_entries_per_file: Annotated[int, Field(ge=1)] = 1024
    aws_access_key_id: Secret | None = None
    aws_secret_access_key: Secret | None = None
    aws_region: str | None = None
    endpoint_url: str | None = None
    disable_sink: bool = False

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Keys are given, never taken from the machine."""
        needed = ("aws_access_key_id", "aws_secret_access_key")
        return [(n, "a key of your account", f"Give '{n}', best by an input.") for n in needed if not step.get(n)]

    def setup(self) -> None:
        """Nothing was put yet."""
        super().setup()
        self._key, self._texts = "", list[str]()

    def run(self, content: str) -> Sent:
        """Put one text."""
        why = self.off(disabled=self.disable_sink)
        if why:
            return Sent(error_status=False, message=why)
        return delivered(lambda: self._append(content) if self.output_mode == "append_log" else self._save(content))

    def _save(self, content: str) -> str:
        return self._put(self._new(self.file_type), content, self.file_type)

    def _append(self, content: str) -> str:
        ending = "jsonl" if self.file_type == "json" else self.file_type
        if self.file_type == "json":
            content = one_line(content)
        if not self._key or len(self._texts) >= self.max_entries_per_file:
            self._key, self._texts = self._new(ending), []
        elif self.file_type == "csv":
            content = content.partition("\n")[2]
        self._texts.append(content if content.endswith("\n") else content + "\n")
        return self._put(self._key, "".join(self._texts), ending)

    def _new(self, ending: str) -> str:
        name = f"{self.file_name_prefix.rstrip('/')}_{stamp(self.services.now())}.{ending}"
        return f"{self.s3_prefix.strip('/')}/{name}" if self.s3_prefix.strip("/") else name

    def _put(self, key: str, content: str, ending: str) -> str:
        region = self.aws_region or "us-east-1"
        if self.endpoint_url:
            base, path = self.endpoint_url.rstrip("/"), f"/{self.bucket_name}/{key}"
        else:
            base, path = f"https://{self.bucket_name}.s3.{region}.amazonaws.com", f"/{key}"
        body = content.encode()
        headers = signed_headers(
            "PUT", urlsplit(base).netloc, urlsplit(base).path + path, body, self.services.now().astimezone(UTC),
            key_id=self.aws_access_key_id or "", secret=self.aws_secret_access_key or "", region=region,
            extra={"Content-Type": _KINDS[ending]},
        )  # fmt: skip
        del headers["host"]
        url = base + quote(path, safe="/-_.~")
        send("PUT", url, private=self.private, timeout=60, headers=headers, content=body).checked()
        return f"Data saved as s3://{self.bucket_name}/{key}."


UNITS = (S3Sink,)

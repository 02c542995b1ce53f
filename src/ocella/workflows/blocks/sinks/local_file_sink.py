"""Texts written to files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TextIO

from pydantic import Field

from ocella.workflows.blocks.sinks._base import Effect, Sent, delivered
from ocella.workflows.blocks.sinks._files import place, stamp
from ocella.workflows.blocks.sinks._message import one_line

__all__ = ["UNITS"]


class LocalFileSink(Effect):
    """Write texts below the operator's folder: each as a file of its own, or one after the other into a file that is followed
    by a new one after `max_entries_per_file`. Appended CSV keeps one header; appended JSON is one line each (.jsonl).
    """

    type = "local_file_sink@v1"
    _needs = "write-files"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "text", "default_value": "hello"}],
        "steps": [
            {
                "type": "local_file_sink",
                "name": "keep",
                "content": "$inputs.text",
                "file_type": "txt",
                "output_mode": "separate_files",
                "target_directory": "notes",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.keep.error_status"}],
    }

    target_directory: str
    output_mode: Literal["append_log", "separate_files"]
    file_type: Literal["csv", "json", "txt"] = "csv"
    file_name_prefix: str = "workflow_output"
    max_entries_per_file: Annotated[int, Field(ge=1)] = 1024
    disable_sink: bool = False

    def setup(self) -> None:
        """No file is open yet."""
        super().setup()
        self._log: TextIO | None = None
        self._entries = 0

    def close(self) -> None:
        """Close the file that is written to."""
        if self._log is not None:
            self._log.close()

    def run(self, content: str) -> Sent:
        """Write one text."""
        why = self.off(disabled=self.disable_sink)
        if why:
            return Sent(error_status=False, message=why)
        return delivered(lambda: self._append(content) if self.output_mode == "append_log" else self._save(content))

    def _save(self, content: str) -> str:
        self._new(self.file_type).write_text(_ended(content), encoding="utf-8")
        return "Data saved."

    def _append(self, content: str) -> str:
        if self.file_type == "json":
            content = one_line(content)
        if self._log is None or self._entries >= self.max_entries_per_file:
            self.close()
            self._entries = 0
            self._log = self._new("jsonl" if self.file_type == "json" else self.file_type).open("w", encoding="utf-8")
        elif self.file_type == "csv":
            content = content.partition("\n")[2]
        self._log.write(_ended(content))
        self._log.flush()
        self._entries += 1
        return "Data saved."

    def _new(self, ending: str) -> Path:
        path = place(
            self.services, self.target_directory, f"{self.file_name_prefix}_{stamp(self.services.now())}.{ending}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _ended(content: str) -> str:
    return content if content.endswith("\n") else content + "\n"


UNITS = (LocalFileSink,)

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.workflows.blocks.sinks.loopback import Clock
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow, Refused
from ocella.workflows.services import Services


def writing(folder: Path | None, clock: Clock | None = None) -> Services:
    return Services(allow=frozenset({"write-files"}), write_to=folder, now=clock or Clock())


def test_each_text_is_a_file_named_by_the_time(tmp_path: Path) -> None:
    clock = Clock()
    fields = {"file_type": "txt", "output_mode": "separate_files", "target_directory": "notes", "file_name_prefix": "n"}
    with Step("local_file_sink", writing(tmp_path, clock), **fields) as step:
        for text in ("one", "two\n"):
            assert step.run(content=text) == {"error_status": False, "message": "Data saved."}
            clock.later(1.5)
    found = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*.txt")}
    assert found == {
        "notes/n_2024_05_01_12_00_00_000000.txt": b"one\n",
        "notes/n_2024_05_01_12_00_01_500000.txt": b"two\n",
    }


def test_appended_csv_keeps_one_header_and_files_follow(tmp_path: Path) -> None:
    clock = Clock()
    fields = {"output_mode": "append_log", "target_directory": str(tmp_path / "deep" / "er"), "max_entries_per_file": 2}
    with Step("roboflow_core/local_file_sink@v1", writing(tmp_path, clock), **fields) as step:
        for i in range(3):
            step.run(content=f"a,b\n{i},x\n{i},y")
            clock.later(1)
    files = sorted((tmp_path / "deep" / "er").glob("workflow_output_*.csv"))
    rows = [list(csv.reader(f.read_text().splitlines())) for f in files]
    assert rows == [[["a", "b"], ["0", "x"], ["0", "y"], ["1", "x"], ["1", "y"]], [["a", "b"], ["2", "x"], ["2", "y"]]]


def test_appended_json_is_a_line_each(tmp_path: Path) -> None:
    fields = {"file_type": "json", "output_mode": "append_log", "target_directory": "."}
    with Step("local_file_sink", writing(tmp_path), **fields) as step:
        step.run(content='{"a":\n 1}')
        wrong = step.run(content="{a}")
        step.run(content="[2]")
    (file,) = tmp_path.glob("*.jsonl")
    assert [json.loads(line) for line in file.read_text().splitlines()] == [{"a": 1}, [2]]
    assert (wrong["error_status"], "expected JSON" in wrong["message"]) == (True, True)


@pytest.mark.parametrize("directory", ["..", "../other", "/etc", "a/../../b", "link"])
@pytest.mark.parametrize("mode", ["append_log", "separate_files"])
def test_no_file_lies_outside_of_the_operators_folder(directory: str, mode: str, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    out = run_step("local_file_sink", {"content": "x"}, writing(folder), output_mode=mode, target_directory=directory)
    assert out["error_status"] is True
    assert "outside of" in out["message"]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_prefix_cannot_leave_either(tmp_path: Path) -> None:
    fields = {"output_mode": "separate_files", "target_directory": ".", "file_name_prefix": "../../x"}
    assert "outside of" in run_step("local_file_sink", {"content": "x"}, writing(tmp_path / "a"), **fields)["message"]


def test_permission_and_folder_are_needed(tmp_path: Path) -> None:
    fields: dict[str, Any] = {"output_mode": "separate_files", "target_directory": "."}
    with pytest.raises(Refused, match="--allow write-files"):
        run_step("local_file_sink", {"content": "x"}, Services(write_to=tmp_path), **fields)
    assert "--write-to" in run_step("local_file_sink", {"content": "x"}, writing(None), **fields)["message"]
    off = run_step("local_file_sink", {"content": "x"}, Services(sinks_off=True), **fields)
    assert off == {"error_status": False, "message": "Sinks are turned off for this run."}


def test_wrong_fields_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        run_step("local_file_sink", {"content": "x"}, writing(tmp_path), output_mode="append", max_entries_per_file=0)
    assert {p.field for p in caught.value.problems} == {"output_mode", "max_entries_per_file", "target_directory"}

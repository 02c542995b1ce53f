"""`ocella workflow` as a person uses it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocella.cli.main import main
from ocella.media.load import load
from ocella.media.video import write_video
from ocella.media.write import encode_png, write_bytes
from ocella.types import Image

GREY: dict[str, Any] = {
    "version": "1.0",
    "inputs": [
        {"type": "WorkflowImage", "name": "image"},
        {"type": "WorkflowParameter", "name": "factor", "default_value": 2},
    ],
    "steps": [
        {"type": "roboflow_core/convert_grayscale@v1", "name": "grey", "image": "$inputs.image"},
        {
            "type": "roboflow_core/property_definition@v1",
            "name": "width",
            "data": "$steps.grey.image",
            "operations": [{"type": "ExtractImageProperty", "property_name": "width"}],
        },
    ],
    "outputs": [
        {"type": "JsonField", "name": "width", "selector": "$steps.width.output"},
        {"type": "JsonField", "name": "picture", "selector": "$steps.grey.image"},
        {"type": "JsonField", "name": "factor", "selector": "$inputs.factor"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "grey.json").write_text(json.dumps(GREY))
    for name, wide in (("a", 8), ("b", 12)):
        write_bytes(
            tmp_path / "photos" / f"{name}.png", encode_png(Image(np.full((6, wide, 3), (200, 10, 10), np.uint8)))
        )
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_rows_of_a_folder_come_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = ["--image", str(folder / "photos")]
    code, said = told(capsys, "workflow", "run", str(folder / "grey.json"), *image, "--param", "factor=5")
    assert code == 0
    rows = {row["image"]: row["outputs"] for row in said["rows"]}
    assert {name: (row["width"], row["factor"]) for name, row in rows.items()} == {"a.png": (8, 5), "b.png": (12, 5)}
    assert rows["a.png"]["picture"] == {"type": "image", "width": 8, "height": 6}


def test_pictures_and_lines_go_to_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bytes(folder / "photos" / "broken.png", encode_png(Image(np.zeros((9, 9, 3), np.uint8)))[:40])
    out = folder / "out"
    code, said = told(
        capsys, "workflow", "run", str(folder / "grey.json"), "--image", str(folder / "photos"), "--out", str(out)
    )
    assert (code, said["count"], len(said["set_aside"])) == (0, 2, 1)
    assert (load(out / "picture" / "a.png").pixels == 67).all()
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert [line["outputs"]["picture"]["value"] for line in lines] == ["picture/a.png", "picture/b.png"]


def test_a_check_shows_the_graph_or_every_problem(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workflow", "check", str(folder / "grey.json")]) == 0
    assert "width <- width.output" in capsys.readouterr().out
    wrong = json.loads(json.dumps(GREY))
    wrong["steps"][0]["type"] = "convert_grayscle"
    wrong["outputs"][2]["selector"] = "$inputs.fctor"
    (folder / "wrong.json").write_text(json.dumps(wrong))
    code, said = told(capsys, "workflow", "check", str(folder / "wrong.json"))
    assert (code, said["ok"]) == (2, False)
    assert {(p["step"], p["field"]) for p in said["problems"]} >= {("grey", "type"), ("output factor", "selector")}
    assert all(p["suggestion"] for p in said["problems"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "nowhere.json", "--image", "x.png"], 3, "is not there"),
        (["run", "grey.json"], 2, "Give --image"),
        (["run", "grey.json", "--image", "photos", "--param", "factor"], 2, "NAME=VALUE"),
        (["run", "grey.json", "--image", "photos", "--param", "fctor=1"], 2, "Did you mean 'factor'"),
        (["run", "grey.json", "--image", "photos", "--allow", "everything"], 2, "allow must hold some of"),
        (["run", "grey.json", "--video", "nowhere.mp4"], 3, "is not there"),
        (["run", "grey.json", "--video", "v.mp4", "--sink", "out.gif"], 2, "--sink takes a file"),
        (["run"], 2, "Name the definition"),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.chdir(folder)
    assert main(["workflow", *arguments]) == code
    assert said in capsys.readouterr().err


def test_a_json_file_that_is_none_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cut.json").write_text('{"inputs": [\n  {"type": ')
    assert main(["workflow", "check", str(tmp_path / "cut.json")]) == 5
    assert "line 2" in capsys.readouterr().err


def test_videos_go_to_files_with_their_times(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames = [Image(np.full((48, 64, 3), 20 * i, np.uint8)) for i in range(10)]
    video = write_video(folder / "v.mp4", frames, 10)
    sinks = ["--sink", str(folder / "o.mp4"), "--sink", str(folder / "o.jsonl")]
    code, said = told(
        capsys, "workflow", "run", str(folder / "grey.json"), "--video", str(video), "--video", str(video), *sinks
    )
    assert code == 0
    assert [source["counts"]["processed"] for source in said["sources"]] == [10, 10]
    lines = [json.loads(line) for line in (folder / "o.jsonl").read_text().splitlines()]
    times = [line["moment"]["seconds"] for line in lines if line["source"] == lines[0]["source"]]
    assert times == pytest.approx([i / 10 for i in range(10)], abs=1e-3)
    assert sorted(p.name for p in folder.glob("o-*.mp4")) == ["o-0.mp4", "o-1.mp4"]


def test_times_of_the_steps_can_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = folder / "trace.json"
    image = ["--image", str(folder / "photos" / "a.png")]
    assert main(["workflow", "run", str(folder / "grey.json"), *image, "--trace", str(trace)]) == 0
    capsys.readouterr()
    assert [e["name"] for e in json.loads(trace.read_text())["traceEvents"]] == ["grey", "width"]


def test_blocks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "workflow", "blocks", "grayscale")
    assert code == 0
    assert [block["type"] for block in said["blocks"]] == ["convert_grayscale@v1"]

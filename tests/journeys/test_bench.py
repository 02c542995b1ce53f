"""`ocella bench` in processes of their own, on a small file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.onnx_files import constant_file

from ocella.cli.main import main
from ocella.errors import InvalidValue, NotFound
from ocella.journeys.bench import bench
from ocella.models.onnx.fastest import fastest_runtime
from ocella.models.onnx.runtime import Session


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path / "cache"))
    head = np.zeros((1, 6, 21), np.float32)
    return constant_file(tmp_path / "mine.onnx", {"output0": head}, metadata={"names": "{0: 'a', 1: 'b'}"})


def test_every_combination_is_measured_and_the_fastest_kept(file: Path) -> None:
    told: list[Any] = []
    benched = bench(
        file,
        task="detect",
        dtypes=("float32", "float16"),
        batches=(1, 2),
        seconds=0.01,
        keep=True,
        threads=1,
        progress=lambda *given: told.append(given),
    )
    assert [(r.runtime, r.dtype, r.batch) for r in benched.rows] == [
        (runtime, dtype, batch)
        for runtime in ("onnx", "openvino")
        for dtype in ("float32", "float16")
        for batch in (1, 2)
    ]
    done = [r for r in benched.rows if r.dtype == "float32"]
    assert all(r.ms > 0 and r.cpu_ms > 0 and r.rounds >= 5 and r.memory_mb > 20 and not r.refused for r in done)
    assert all("dtype must be" in r.refused and r.ms == 0 for r in benched.rows if r.dtype == "float16")
    fastest = min((r for r in done if r.batch == 1), key=lambda r: r.ms).runtime
    assert benched.kept == fastest == fastest_runtime(file)
    assert Session(file, device="cpu", threads=1).runtime == fastest
    assert [t[:3] for t in told] == [("bench", n, 8) for n in range(1, 9)]


def test_the_command_tells_it_as_a_table_and_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["bench", str(file), "--task", "detect", "--runtimes", "onnx", "--batches", "1", "--seconds", "0.01"]
    assert main([*given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(r["runtime"], r["batch"]) for r in told["rows"]] == [("onnx", 1)]
    assert (told["kept"], told["record"]) == ("", None)
    assert main(given) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["runtime", "dtype", "batch", "ms/image", "cpu", "ms", "peak", "MB"]
    assert lines[1].split()[:3] == ["onnx", "float32", "1"]
    assert main(["bench", str(file), "--batches", "one"]) == 2


def test_what_cannot_be_measured_is_told(file: Path) -> None:
    with pytest.raises(NotFound, match="There is no image"):
        bench(file, image="gone.png")
    with pytest.raises(InvalidValue, match="batches and seconds must be positive"):
        bench(file, batches=(0,))
    with pytest.raises(InvalidValue, match=r"could not be measured: .*needs a task"):
        bench(file, runtimes=("onnx",), batches=(1,), seconds=0.01)
    with pytest.raises(NotFound, match="There is no model 'nano-net'"):
        bench("nano-net")

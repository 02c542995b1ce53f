"""Exit codes and what is said with them, for people and for programs."""

import json
from pathlib import Path

import pytest
from tests.small_models import paint

from ocella.cli.main import main

CASES = [
    ("unknown model", ["label", "IN", "--out", "OUT", "--model", "nanodet-h"], 3, "NotFound", "nanodet-g"),
    ("no student there", ["predict", "IN", "--model", "./gone/student"], 3, "NotFound", "card.json"),
    ("missing folder", ["label", "gone", "--out", "OUT"], 3, "NotFound", "not there"),
    ("folder without images", ["label", "EMPTY", "--out", "OUT"], 3, "NotFound", "no image"),
    ("images that cannot be read", ["label", "BROKEN", "--out", "OUT"], 3, "NotFound", "b.png"),
    ("the same for predict", ["predict", "BROKEN"], 3, "NotFound", "b.png"),
    ("no match", ["label", "IN", "--out", "OUT", "--classes", "xylophone"], 4, "NoMatch", "xylophone"),
    ("wrong threshold", ["label", "IN", "--out", "OUT", "--threshold", "1.5"], 2, "InvalidValue", "1.5"),
    ("threshold is no number", ["label", "IN", "--out", "OUT", "--threshold", "x"], 2, "WrongUsage", "--threshold"),
    ("wrong tiles", ["label", "IN", "--out", "OUT", "--tile", "2by2"], 2, "InvalidValue", "2x2"),
    ("wrong device", ["label", "IN", "--out", "OUT", "--device", "abacus"], 2, "InvalidValue", "abacus"),
    ("unknown option", ["label", "IN", "--out", "OUT", "--colour"], 2, "WrongUsage", "--colour"),
    ("unknown command", ["lable"], 2, "WrongUsage", "label"),
    ("missing option", ["label", "IN"], 2, "WrongUsage", "--out"),
    ("no data set", ["clean", "IN"], 3, "NotFound", "ocella label"),
    ("broken data set", ["clean", "BAD"], 5, "Unreadable", "annotations.json"),
    ("foreign data set", ["split", "FOREIGN"], 6, "DatasetError", "ocella convert"),
    ("nothing to undo", ["undo", "SMALL"], 3, "NotFound", "nothing to undo"),
    ("unknown rule", ["clean", "SMALL", "--rule", "tinny"], 3, "NotFound", "tiny"),
    ("no split", ["train", "SMALL", "--out", "OUT"], 6, "DatasetError", "ocella split"),
    ("unknown recipe", ["train", "SMALL", "--out", "OUT", "--recipe", "vgg"], 3, "NotFound", "nanodet-g"),
    ("recipe of another task", ["train", "SMALL", "--out", "OUT", "--recipe", "linear-probe"], 7, "Mismatch", "classify"),
    ("wrong start", ["train", "SMALL", "--out", "OUT", "--start", "zero"], 2, "InvalidValue", "starter, random"),
    ("unknown format", ["convert", "SMALL", "OUT", "--to", "yolow"], 3, "NotFound", "yolo"),
    ("unknown licence", ["models", "--license", "free"], 2, "InvalidValue", "commercial"),
]  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = tmp_path_factory.mktemp("places")
    found = {name: base / name.lower() for name in ("IN", "EMPTY", "BROKEN", "BAD", "FOREIGN", "SMALL")}
    for folder in found.values():
        folder.mkdir()
    paint(found["IN"] / "a.png", ("red", 1, 1, 20, 20))
    (found["BROKEN"] / "b.png").write_bytes(b"")
    (found["BAD"] / "annotations.json").write_text('{"info":', encoding="utf-8")
    coco = '{"info":{},"images":[],"annotations":[],"categories":[]}'
    (found["FOREIGN"] / "annotations.json").write_text(coco, encoding="utf-8")
    assert main(["label", str(found["IN"]), "--out", str(found["SMALL"])]) == 0
    return found


@pytest.mark.parametrize(("case", "given", "code", "kind", "says"), CASES, ids=[c[0] for c in CASES])
def test_an_error_has_its_code_and_says_what_to_do(
    case: str, given: list[str], code: int, kind: str, says: str,
    places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    full = [str(places.get(g, tmp_path / "out" if g == "OUT" else g)) for g in given]
    assert main(full) == code, case
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert main([*full, "--json"]) == code
    told = capsys.readouterr()
    assert told.err == ""
    error = json.loads(told.out)["error"]
    assert (error["type"], error["exit_code"]) == (kind, code)
    assert says in error["message"]
    assert not (tmp_path / "out" / "annotations.json").exists()
    assert not (tmp_path / "out" / "card.json").exists()

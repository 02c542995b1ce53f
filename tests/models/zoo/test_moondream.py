"""Moondream 2 by a stand-in that brings its own code: what is asked of it, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.checkpoints.moondream import make

import ocella
from ocella.errors import InvalidValue, Mismatch, OcellaError, Refused, Unreadable
from ocella.types import ClassDef, Image, Ontology


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "moondream"
    made.mkdir()
    make(made, "moondream2")
    return made


def load(folder: Path, name: str = "moondream2", **options: Any) -> Any:
    return ocella.load(name, weights=folder, device="cpu", **{"remote_code": True, **options})


def grey(shade: int) -> Image:
    return Image(np.full((20, 40, 3), shade, np.uint8))


@pytest.mark.parametrize("name", ["moondream2", "moondream2-detect"])
def test_code_of_strangers_runs_only_where_it_is_allowed(folder: Path, name: str) -> None:
    marker = folder / "ran"
    code = (folder / "hf_moondream.py").read_text(encoding="utf-8")
    (folder / "hf_moondream.py").write_text(f"open({str(marker)!r}, 'w').close()\n{code}", encoding="utf-8")
    with pytest.raises(Refused, match=r"runs code that comes with its weights.*--allow-remote-code"):
        ocella.load(name, weights=folder, device="cpu")
    assert not marker.exists()
    load(folder, name)
    assert marker.exists()


def test_answers_are_those_of_its_code(folder: Path) -> None:
    model = load(folder)
    first, second = model.predict([grey(0), grey(255)], "What is this?")
    assert first.text == f"What is this? {1 / (1 + np.exp(-0.1)):.3f} 0 256"
    assert second.text == f"What is this? {1 / (1 + np.exp(-1.1)):.3f} 0 256"
    assert (first.confidence, first.score_kind) == (None, "none")
    assert model.predict([grey(0)], "Hm?", max_tokens=7, temperature=0.5)[0].text.endswith("0.5 7")


@pytest.mark.parametrize(
    ("prompt", "length"), [("caption", "normal"), ("short caption", "short"), ("long caption", "long")]
)
def test_captions_are_a_task_of_their_own(folder: Path, prompt: str, length: str) -> None:
    (told,) = load(folder).predict([grey(0)], prompt)
    assert told.text.startswith(f"a {length} picture of")


def test_what_cannot_be_asked(folder: Path) -> None:
    model = load(folder)
    with pytest.raises(InvalidValue, match="The prompt is empty"):
        model.predict([grey(0)], " ")
    with pytest.raises(InvalidValue, match="has no option 'length'"):
        model.predict([grey(0)], "caption", length="short")


def test_boxes_are_of_the_image(folder: Path) -> None:
    detector = load(folder, "moondream2-detect")
    pets = Ontology((ClassDef("pet", ("cat",)), ClassDef("none", ("nothing",))))
    (found,) = detector.predict([grey(255)], pets)
    shade = 1 / (1 + np.exp(-1.1))
    np.testing.assert_allclose(found.xyxy, [[10, 10, 10 + 20 * shade, 20]], rtol=1e-4)
    assert found.names == ["pet"]
    assert found.classes == ("pet", "none")
    assert found.confidence.tolist() == [1]
    assert found.data["score_kind"].tolist() == ["none"]
    assert len(detector.predict([grey(255)], pets, threshold=1.0)[0]) == 1, "a threshold says nothing"


def test_a_full_list_is_no_list(folder: Path) -> None:
    with pytest.raises(Unreadable, match="found 150 of 'crowd' and may have left out more"):
        load(folder, "moondream2-detect").predict([grey(0)], Ontology.of("crowd"))


def test_folders_that_are_no_such_checkpoint(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    save_file({"model.bias": tensors["model.bias"]}, folder / "model.safetensors")
    with pytest.raises(Mismatch, match=r"lacks 1 of 2 tensors, like model\.weight"):
        load(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "auto_map": {}}), encoding="utf-8")
    with pytest.raises(Mismatch, match="names no class"):
        load(folder)


def test_code_that_needs_more_says_what(folder: Path) -> None:
    code = (folder / "hf_moondream.py").read_text(encoding="utf-8")
    (folder / "hf_moondream.py").write_text(f"import not_to_be_found\n{code}", encoding="utf-8")
    with pytest.raises(OcellaError, match=r"needs what is not installed: .*not_to_be_found"):
        load(folder)


def test_another_network_with_code_is_no_moondream(folder: Path) -> None:
    code = (folder / "hf_moondream.py").read_text(encoding="utf-8").replace("def detect(", "def find(")
    (folder / "hf_moondream.py").write_text(code, encoding="utf-8")
    with pytest.raises(Mismatch, match=r"with detect\(\), but its code has none"):
        load(folder, "moondream2-detect")

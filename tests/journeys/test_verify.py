"""A look at a model on the sample photographs, on real weights and on random ones."""

import json
from pathlib import Path

import pytest
from tests.checkpoints import grounding_dino

from ocella.cli.main import main
from ocella.errors import NotFound
from ocella.journeys.sample_checks import CHECKS
from ocella.journeys.verify import verify
from ocella.models import tasks
from ocella.models.load import find_entry
from ocella.models.tasks import Model
from ocella.models.verified import seen_card


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("OCELLA_CACHE", raising=False)
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_there_are_looks_for_every_task() -> None:
    interfaces = [c for c in vars(tasks).values() if isinstance(c, type) and issubclass(c, Model) and c is not Model]
    assert set(CHECKS) == {c.task for c in interfaces}


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("nanodet-g", 4),
        ("efficientnet-lite0", 3),
        ("efficientnet-lite0-features", 9),
        ("movenet-multipose", 2),
        ("person-segmentation", 2),
        ("person-segmentation-map", 2),
        ("pp-ocr", 3),
    ],
)
def test_the_shipped_models_are_right_about_the_shipped_photographs(name: str, looks: int, cache: Path) -> None:
    verified = verify(name, device="cpu")
    assert [s.said for s in verified.seen if not s.right] == []
    assert len(verified.seen) == looks
    kept = json.loads(Path(verified.file).read_text(encoding="utf-8"))
    assert cache in Path(verified.file).parents
    assert (kept["model"], kept["right"], kept["looks"]) == (name, looks, looks)
    assert kept["versions"]["onnxruntime"]
    assert kept["milliseconds"] > 0


def test_random_weights_are_found_out(tmp_path: Path) -> None:
    options = grounding_dino.make(tmp_path, "grounding-dino-tiny")
    verified = verify("grounding-dino-tiny", device="cpu", **options)
    assert len(verified.seen) == 4
    assert verified.right < 4


def test_the_list_of_models_says_what_was_seen(capsys: pytest.CaptureFixture[str]) -> None:
    before = find_entry("nanodet-g").card
    assert seen_card(before) == before
    assert main(["verify", "nanodet-g", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [s["right"] for s in told["seen"]] == [True] * 4
    assert main(["models", "--task", "detect"]) == 0
    assert "on this computer" in capsys.readouterr().out
    assert "right 4 of 4 times" in seen_card(before).run_here


def test_a_damaged_record_is_none() -> None:
    verified = verify("person-segmentation", device="cpu")
    Path(verified.file).write_text("{", encoding="utf-8")
    card = find_entry("person-segmentation").card
    assert seen_card(card) == card


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(NotFound, match="Did you mean 'nanodet-g'"):
        verify("nanodet")

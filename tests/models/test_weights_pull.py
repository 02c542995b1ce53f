"""`ocella pull` of many models, and weights that are carried to a machine without a network."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.checkpoints.grounding_dino import make
from tests.checkpoints.parts import picture
from tests.hub_stand_in import Hub, Repository, forget_settings, ocella, serving

from ocella.cli.main import main
from ocella.errors import Mismatch, NotFound, OcellaError, Unreadable
from ocella.media.write import encode_jpeg, write_bytes
from ocella.models.hub.model_names import names_in

FILES = {"config.json": b"{}", "model.safetensors": bytes(range(256)) * 64, "vocab.txt": b"[PAD]\n"}
OWLV2 = "owlv2-base-patch16-ensemble"
OWLV2_HUB = f"google/{OWLV2}"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_settings(monkeypatch)
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub(
        None, somebody__tiny=Repository(dict(FILES), license="mit"), somebody__gated=Repository(dict(FILES), gated=True)
    )
    server.repositories[OWLV2_HUB] = Repository(dict(FILES))
    monkeypatch.setenv("OCELLA_HUB", server.address)
    with serving(server):
        yield server


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("list.txt", "# mine\nowlv2  # the small one\n\nhf:a/b@v1\nowlv2\n", ["owlv2", "hf:a/b@v1"]),
        ("list.json", '["owlv2", "no-such-model"]', ["owlv2", "no-such-model"]),
        ("list.yaml", "- owlv2\n- nanodet-g\n", ["owlv2", "nanodet-g"]),
        ("choice.yml", "task: detect\nmodel: owlv2\nthreshold: 0.3\n", ["owlv2"]),
        ("choice.json", '{"chosen": {"name": "owlv2", "why": "any prompt"}}', ["owlv2"]),
        ("many.json", '{"models": [{"name": "mine/3", "size": "large"}, "owlv2"]}', ["mine/3", "owlv2"]),
        (
            "workflow.json",
            json.dumps(
                {
                    "inputs": [{"type": "WorkflowParameter", "name": "model"}],
                    "steps": [
                        {"type": "detect@v1", "name": "find", "model_id": "nanodet-g", "images": "$inputs.image"},
                        {"type": "detect@v1", "name": "other", "model_id": "$inputs.model"},
                        {"type": "classify@v1", "name": "say", "model_id": "roboflow:w/p/1"},
                    ],
                }
            ),
            ["nanodet-g", "roboflow:w/p/1"],
        ),
    ],
)
def test_names_in_a_file(tmp_path: Path, name: str, text: str, found: list[str]) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert names_in(tmp_path / name) == found


@pytest.mark.parametrize(
    ("name", "data", "error", "says"),
    [
        ("gone.txt", None, NotFound, "is not there"),
        ("empty.txt", b"# nothing\n", NotFound, "names no model"),
        ("other.json", b'{"steps": []}', NotFound, "names no model"),
        ("broken.json", b"[", Unreadable, "cannot be read"),
        ("broken.yaml", b"a: [", Unreadable, "cannot be read"),
        ("picture.txt", b"\xff\xd8\xff", Unreadable, "cannot be read"),
    ],
)
def test_a_file_without_names_is_told(
    tmp_path: Path, name: str, data: bytes | None, error: type[OcellaError], says: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(error, match=says):
        names_in(tmp_path / name)


def told(capsys: pytest.CaptureFixture[str]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_fails_leaves_the_rest_and_is_listed(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("hf:somebody/gated\nowlv3\nhf:somebody/tiny\nnanodet-g\n", encoding="utf-8")
    assert main(["pull", "--all-of", str(listed)]) == OcellaError.exit_code
    said = capsys.readouterr()
    assert "hf:somebody/tiny" in said.out
    assert "weights: mit, as its page says" in said.out
    assert "2 of 4 failed:" in said.err
    assert "hf:somebody/gated: Refused: " in said.err
    assert "owlv3: NotFound: There is no model 'owlv3'." in said.err
    assert main(["pull", "--all-of", str(listed), "--json"]) == OcellaError.exit_code
    result = told(capsys)
    assert [one["name"] for one in result["pulled"]] == ["hf:somebody/tiny", "nanodet-g"]
    assert [(f["name"], f["type"], f["exit_code"]) for f in result["failed"]] == [
        ("hf:somebody/gated", "Refused", 10),
        ("owlv3", "NotFound", 3),
    ]
    assert result["pulled"][0]["fetched"] is False
    assert hub.fetched.count("model.safetensors") == 1


def test_where_all_that_fails_fails_alike_that_is_the_exit_code(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull", "owlv3", "owlv4", "hf:somebody/tiny"]) == NotFound.exit_code
    assert "2 of 3 failed:" in capsys.readouterr().err
    assert hub.fetched


def test_a_carried_folder_holds_plain_files_and_their_hashes(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    carried = tmp_path / "stick"
    assert main(["pull", "hf:somebody/tiny", "--into", str(carried)]) == 0
    assert main(["pull", "owlv2", "nanodet-g", "--into", str(carried)]) == 0
    assert f"OCELLA_CACHE={carried}" in capsys.readouterr().out
    assert not any(f.is_symlink() for f in carried.rglob("*"))
    assert sum(f.name == "model.safetensors" for f in carried.rglob("*")) == 2
    assert not any(f.is_file() for f in carried.rglob("blobs/*"))
    manifest = json.loads((carried / "manifest.json").read_text(encoding="utf-8"))
    assert [(m["name"], m["weights_license"]) for m in manifest["models"]] == [
        ("hf:somebody/tiny", "mit, as its page says"),
        (OWLV2, "Apache-2.0"),
    ]
    assert set(manifest["models"][0]["files"]) == set(FILES)
    assert not (tmp_path / "cache").exists()
    asked = len(hub.requests)
    assert main(["pull", "hf:somebody/tiny", "--into", str(carried)]) == 0  # goes on with what is there
    assert [a for a in hub.requests[asked:] if a.method == "GET" and "/resolve/" in a.path] == []


def test_a_carried_folder_is_copied_into_the_cache_of_another_machine(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    carried = tmp_path / "stick"
    assert main(["pull", "hf:somebody/tiny", "owlv2", "--into", str(carried)]) == 0
    moved = tmp_path / "moved"
    shutil.move(carried, moved)
    asked = len(hub.requests)
    monkeypatch.setenv("OCELLA_OFFLINE", "1")
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path / "there"))
    capsys.readouterr()
    assert main(["pull", "--from", str(moved), "owlv2", "--json"]) == 0
    assert [one["name"] for one in told(capsys)["pulled"]] == [OWLV2]
    assert main(["pull", "--from", str(moved)]) == 0
    assert "every hash is right" in capsys.readouterr().out
    assert main(["pull", "owlv2", "hf:somebody/tiny"]) == 0
    assert capsys.readouterr().out.count("already here") == 2
    assert len(hub.requests) == asked


@pytest.mark.parametrize(
    ("what", "names", "error", "says"),
    [
        ("damage", [], Mismatch, "was damaged on the way: expected SHA-256"),
        ("loss", [], Mismatch, "got no file"),
        ("nothing", ["nanodet-g"], NotFound, "does not hold 'nanodet-g'"),
        ("no manifest", [], NotFound, "has no manifest.json"),
        ("half a manifest", [], Unreadable, "cannot be read"),
        ("a path that leads out", [], Unreadable, "is outside of the folder"),
        ("another commit", [], Mismatch, "--accept-new"),
    ],
)
def test_a_carried_folder_that_is_not_right_is_refused(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, names: list[str], error: type[OcellaError], says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    carried = tmp_path / "stick"
    assert main(["pull", "hf:somebody/tiny", "--into", str(carried)]) == 0
    weights = next(carried.rglob("model.safetensors"))
    manifest = carried / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path / "there"))
    match what:
        case "damage":
            weights.write_bytes(b"x" + weights.read_bytes()[1:])
        case "loss":
            weights.unlink()
        case "no manifest":
            manifest.unlink()
        case "half a manifest":
            manifest.write_text(text[:100], encoding="utf-8")
        case "a path that leads out":
            manifest.write_text(text.replace("hub/models--", "hub/../../models--"), encoding="utf-8")
        case "another commit":
            hub.repositories["somebody/tiny"].files["vocab.txt"] = b"other"
            assert main(["pull", "hf:somebody/tiny"]) == 0
    capsys.readouterr()
    assert main(["pull", "--from", str(carried), *names]) == error.exit_code
    assert says in capsys.readouterr().err
    if what == "another commit":
        assert main(["pull", "--from", str(carried), "--accept-new"]) == 0


def test_one_that_fails_alone_is_the_error(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull", "hf:somebody/gated", "--json"]) == 10
    assert told(capsys)["error"]["type"] == "Refused"
    assert hub.requests


@pytest.mark.parametrize("given", [["pull"], ["pull", "--into", "there"]])
def test_nothing_to_pull_is_told(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(given) == 2
    assert "takes names of models, --all-of a file, or --from a folder" in capsys.readouterr().err


def test_a_machine_without_a_network_predicts_from_a_carried_folder(hub: Hub, tmp_path: Path) -> None:
    """With any socket forbidden: nothing of a model comes from anywhere but the folder."""
    made = tmp_path / "made"
    make(made, "grounding-dino-tiny")
    hub.repositories["somebody/dino"] = Repository({f.name: f.read_bytes() for f in made.iterdir()})
    write_bytes(tmp_path / "a.jpg", encode_jpeg(picture(40, 60)))
    carried = tmp_path / "stick"
    assert main(["pull", "hf:somebody/dino", "--into", str(carried)]) == 0
    asked = len(hub.requests)
    words = ["predict", str(tmp_path / "a.jpg"), "--model", "hf:somebody/dino", "--classes", "cat", "--json"]
    done = ocella(*words, "--threshold", "0.01", network=False, OCELLA_CACHE=str(carried), OCELLA_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["images"]["a.jpg"]["xyxy"]) > 0
    assert len(hub.requests) == asked

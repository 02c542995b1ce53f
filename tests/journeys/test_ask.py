"""`ask`: an answer about each image, from a server over loopback and from a small checkpoint."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.checkpoints.parts import picture
from tests.checkpoints.smolvlm import make

import ocella
from ocella.cli.main import main
from ocella.errors import InvalidValue, Mismatch, NotFound
from ocella.media.write import encode_jpeg
from ocella.types import Answer


class Parrot:
    """Speaks the chat protocol and answers as told, in turn."""

    def __init__(self) -> None:
        self.says = ["A cat."]
        self.asked: list[str] = []
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                said = kept.says[len(kept.asked) % len(kept.says)]
                kept.asked.append(asked["messages"][0]["content"][0]["text"])
                body = json.dumps({"choices": [{"message": {"content": said}}]}).encode() if said else b"broken"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}/v1"


@pytest.fixture
def parrot() -> Iterator[Parrot]:
    served = Parrot()
    thread = threading.Thread(target=served.http.serve_forever, args=(0.02,))
    thread.start()
    yield served
    served.http.shutdown()
    served.http.server_close()
    thread.join()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, seed in (("a.jpg", 1), ("b.jpg", 2)):
        (folder / name).write_bytes(encode_jpeg(picture(30, 40, seed), 90))
    (folder / "c.jpg").write_bytes(b"no picture")
    return folder


def server(parrot: Parrot) -> dict[str, Any]:
    return {"model": "openai-compatible", "api_base": parrot.base, "api_model": "parrot"}


def test_each_image_has_an_answer_and_the_rest_is_set_aside(parrot: Parrot, photos: Path, tmp_path: Path) -> None:
    replies = ocella.ask(photos, "What is this?", out=tmp_path / "out", **server(parrot))
    assert list(replies.answers) == ["a.jpg", "b.jpg"]
    assert replies.answers["a.jpg"] == Answer("A cat.", "What is this?")
    assert [name for name, _ in replies.set_aside] == ["c.jpg"]
    assert json.loads((tmp_path / "out" / "answers.json").read_text(encoding="utf-8")) == replies.to_json()
    assert "classes" not in replies.to_json()


def test_with_classes_the_answer_is_one_of_them_or_none(parrot: Parrot, photos: Path) -> None:
    parrot.says = [" The Cat. ", "a dog and a cat"]
    replies = ocella.ask(photos, "What is it?", classes="feline=the cat|cat, dog", **server(parrot))
    assert replies.chosen == {"a.jpg": "feline", "b.jpg": None}
    assert parrot.asked[0] == "What is it?\nAnswer with one of these and nothing else: feline, dog."
    assert replies.to_json()["classes"] == ["feline", "dog"]


def test_an_answer_that_cannot_be_read_is_set_aside(parrot: Parrot, photos: Path) -> None:
    parrot.says = ["", "A cat."]
    replies = ocella.ask(photos, "What is it?", **server(parrot))
    assert list(replies.answers) == ["b.jpg"]
    assert [n for n, r in replies.set_aside if "OpenAI chat form" in r] == ["a.jpg"]
    parrot.says = [""]
    with pytest.raises(NotFound, match="could be asked about"):
        ocella.ask(photos, "What is it?", **server(parrot))


def test_labelling_and_predicting_set_it_aside_too(parrot: Parrot, photos: Path, tmp_path: Path) -> None:
    boxes = json.dumps([{"bbox_2d": [0, 0, 500, 500], "label": "cat"}])
    parrot.says = [boxes[:-3], boxes, boxes[:-3], boxes]  # both images at once, then each alone
    given = {**server(parrot), "model": "openai-compatible-detect", "layout": "thousandths", "classes": "cat"}
    predicted = ocella.predict(photos, **given)
    assert list(predicted.labels) == ["b.jpg"]
    assert [n for n, r in predicted.set_aside if "cut off" in r] == ["a.jpg"]
    parrot.asked.clear()
    parrot.says = [boxes[:-3], boxes[:-3], boxes]
    told = ocella.label(photos, tmp_path / "out", **given)
    assert told.counts == {"cat": 1}
    assert [n for n, r in told.set_aside if "cut off" in r] == ["a.jpg"]


def test_a_model_must_be_named_and_the_error_names_some(photos: Path) -> None:
    with pytest.raises(InvalidValue, match=r"--model with one of .*smolvlm2-256m-video-instruct.*openai-compatible"):
        ocella.ask(photos, "What is it?")
    with pytest.raises(InvalidValue, match="The prompt is empty"):
        ocella.ask(photos, " ", model="openai-compatible")
    with pytest.raises(Mismatch, match="'nanodet-g' is for detect and answers no questions"):
        ocella.ask(photos, "What is it?", model="nanodet-g")


def test_the_command_prints_an_answer_a_line(parrot: Parrot, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [
        "ask",
        str(photos),
        "What is it?",
        "--api-base",
        parrot.base,
        "--api-model",
        "p",
        "--model",
        "openai-compatible",
    ]
    assert main(given) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Set aside: c.jpg:")
    assert told[1:] == ["a.jpg: A cat.", "b.jpg: A cat."]
    assert main([*given, "--json", "--classes", "a cat, dog"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["chosen"] == {"a.jpg": "a cat", "b.jpg": "a cat"}
    assert main(["ask", str(photos), "What is it?"]) == 2
    assert "smolvlm2-256m-video-instruct" in capsys.readouterr().err


def test_a_checkpoint_answers_too(photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "smolvlm"
    folder.mkdir()
    make(folder, "smolvlm2-256m-video-instruct")
    replies = ocella.ask(
        photos / "a.jpg", "What is it?", model="smolvlm2", weights=folder, device="cpu", options={"max_tokens": 3}
    )
    (told,) = replies.answers.values()
    assert told.score_kind == "token-probability"
    assert told.confidence is not None
    assert 0 < told.confidence < 1

import base64
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.errors import InvalidValue, NotFound, OcellaError, Refused, Unreadable
from ocella.media.write import encode_jpeg
from ocella.models.load import load
from ocella.models.tasks import VisionLanguageModel
from ocella.types import Answer, Image, Ontology

KEY = "sk-for-tests-only"


class Server:
    """Speaks the chat protocol over loopback: answers with `says`, and keeps what it was asked."""

    def __init__(self) -> None:
        self.says: str | bytes = "A red square."
        self.status = 200
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.busy = -1
        """How often to answer with `status` before answering well; -1 is always."""
        self.later = ""
        self.slow = 0.0
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                kept.paths.append(self.path)
                kept.headers.append({k.lower(): v for k, v in self.headers.items()})
                kept.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                time.sleep(kept.slow)
                well = 0 <= kept.busy < len(kept.asked)
                body = kept.body()
                self.send_response(200 if well else kept.status)
                self.send_header("Content-Type", "application/json")
                if kept.later:
                    self.send_header("Retry-After", kept.later)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                body = json.dumps({"data": [{"id": "llava"}, {"id": "qwen3-vl"}]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}/v1"

    def body(self) -> bytes:
        if isinstance(self.says, bytes):
            return self.says
        message = {"role": "assistant", "content": self.says}
        return json.dumps(
            {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": message}]}
        ).encode()

    def model(self, **options: Any) -> VisionLanguageModel:
        made = load("openai-compatible", api_base=self.base, api_model="tiny-vlm", **options)
        assert isinstance(made, VisionLanguageModel)
        return made


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()
    thread = threading.Thread(target=served.http.serve_forever, args=(0.02,))
    thread.start()
    yield served
    served.http.shutdown()
    served.http.server_close()
    thread.join()


def red(height: int = 20, width: int = 30) -> Image:
    return Image(np.broadcast_to(np.array([230, 20, 10], np.uint8), (height, width, 3)).copy())


def test_a_caption_of_each_image(server: Server) -> None:
    answers = server.model().predict([red(), red(8, 8)], "What is this?")
    assert answers == [Answer("A red square.", "What is this?")] * 2
    assert len(server.asked) == 2
    assert server.paths == ["/v1/chat/completions"] * 2


def test_no_image_asks_nothing(server: Server) -> None:
    assert server.model().predict([], "What is this?") == []
    assert server.asked == []


def test_what_is_asked_is_the_prompt_and_the_picture(server: Server) -> None:
    server.model().predict([red()], "Größe?", temperature=0, max_tokens=50)
    (asked,) = server.asked
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("tiny-vlm", 0, 50)
    ((role, content),) = ((m["role"], m["content"]) for m in asked["messages"])
    assert role == "user"
    assert content[0] == {"type": "text", "text": "Größe?"}
    kind, _, data = content[1]["image_url"]["url"].partition(",")
    assert kind == "data:image/jpeg;base64"
    with Pillow.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert picture.size == (30, 20)
        np.testing.assert_allclose(np.asarray(picture)[10, 15], [230, 20, 10], atol=6)


@pytest.mark.parametrize(
    ("text", "parsed", "unparsed"),
    [
        ('{"colour": "red", "count": 2}', {"colour": "red", "count": 2}, ""),
        ('[{"box": [1, 2, 3, 4]}]', [{"box": [1, 2, 3, 4]}], ""),
        ('Here it is:\n```json\n{"a": [1]}\n```', {"a": [1]}, ""),
        ('{"a": 1} and more', {"a": 1}, "and more"),
        ('{"a": 1', None, '{"a": 1'),
        ('Found: [{"a": 1}, {"a"', None, 'Found: [{"a": 1}, {"a"'),
        ('{"a": 1, "a": 2}', None, '{"a": 1, "a": 2}'),
        ("A red square.", None, ""),
        ("", None, ""),
    ],
)
def test_json_in_an_answer_is_parsed_and_the_rest_kept(server: Server, text: str, parsed: Any, unparsed: str) -> None:
    server.says = text
    (answer,) = server.model().predict([red()], "As JSON, please")
    assert answer == Answer(text, "As JSON, please", parsed, unparsed)
    assert Answer.from_json(json.loads(json.dumps(answer.to_json()))) == answer


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_of_the_server_is_told_with_its_reason(server: Server, status: int) -> None:
    server.status, server.says = status, b'{"error": {"message": "no such model"}}'
    with pytest.raises(OcellaError, match=rf"/v1/chat/completions answered {status}: .*no such model"):
        server.model().predict([red()], "What?", wait=0)
    assert len(server.asked) == (3 if status in (429, 500, 503) else 1)


@pytest.mark.parametrize(
    ("status", "key", "kind", "words"),
    [
        (401, KEY, Refused, "The key in OCELLA_API_KEY is not accepted"),
        (403, "", Refused, "It wants a key: set OCELLA_API_KEY"),
        (404, "", NotFound, "The server has the models: llava, qwen3-vl"),
    ],
)
def test_an_error_that_can_be_mended_says_how(
    server: Server, status: int, key: str, kind: type[OcellaError], words: str
) -> None:
    server.status, server.says = status, b"no"
    with pytest.raises(kind, match=words):
        server.model(api_key=key).predict([red()], "What?")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(server: Server, status: int) -> None:
    server.status, server.busy = status, 2
    (told,) = server.model().predict([red()], "What?", wait=0)
    assert told.text == "A red square."
    assert len(server.asked) == 3


def test_a_server_that_asks_for_patience_gets_it(server: Server) -> None:
    server.status, server.busy, server.later = 429, 1, "1"
    start = time.monotonic()
    server.model().predict([red()], "What?", wait=0)
    assert time.monotonic() - start >= 1


def test_without_retries_there_are_none(server: Server) -> None:
    server.status, server.busy = 429, 1
    with pytest.raises(OcellaError, match="answered 429"):
        server.model().predict([red()], "What?", retries=0)
    assert len(server.asked) == 1


def test_a_slow_server_is_said(server: Server) -> None:
    server.slow = 0.5
    with pytest.raises(OcellaError, match=r"gave no answer within 0\.1 s. Give it longer with timeout"):
        server.model().predict([red()], "What?", timeout=0.1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"temperature": 0.0}),
        ({"temperature": None}, {}),
        ({"json": True}, {"temperature": 0.0, "response_format": {"type": "json_object"}}),
        (
            {"schema": {"type": "object"}, "seed": 3},
            {
                "temperature": 0.0,
                "seed": 3,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": {"type": "object"}},
                },
            },
        ),
        ({"logprobs": True, "max_tokens": 5}, {"temperature": 0.0, "logprobs": True, "max_tokens": 5}),
    ],
)
def test_options_go_into_the_request(server: Server, options: dict[str, Any], expected: dict[str, Any]) -> None:
    server.model().predict([red()], "What?", **options)
    assert {k: v for k, v in server.asked[0].items() if k not in ("model", "messages")} == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_token": 5}, "has no option 'max_token'. Options of an answer: max_tokens, temperature"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"timeout": 0}, "timeout must be more than 0"),
    ],
)
def test_options_that_cannot_be(server: Server, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        server.model().predict([red()], "What?", **options)
    with pytest.raises(InvalidValue, match="The prompt is empty"):
        server.model().predict([red()], " ")
    assert server.asked == []


def test_token_probabilities_are_kept_where_the_server_gives_them(server: Server) -> None:
    logprobs = {"content": [{"token": "yes", "logprob": 0.0}, {"token": ".", "logprob": float(np.log(0.5))}]}
    choice = {"message": {"role": "assistant", "content": "yes."}, "logprobs": logprobs}
    server.says = json.dumps({"choices": [choice]}).encode()
    (told,) = server.model().predict([red()], "Is it red?", logprobs=True)
    assert told.confidence == pytest.approx(0.75)
    assert told.score_kind == "token-probability"


@pytest.mark.parametrize(("max_side", "size"), [(0, (30, 20)), (15, (15, 10)), (40, (30, 20)), (1, (1, 1))])
def test_a_large_picture_is_made_smaller(server: Server, max_side: int, size: tuple[int, int]) -> None:
    server.model().predict([red()], "What?", max_side=max_side, detail="low")
    shown = server.asked[0]["messages"][0]["content"][1]["image_url"]
    assert shown["detail"] == "low"
    with Pillow.open(io.BytesIO(base64.b64decode(shown["url"].partition(",")[2]))) as picture_:
        assert picture_.size == size


# --- boxes


def detector(server: Server, layout: str) -> Any:
    return load("openai-compatible-detect", api_base=server.base, api_model="tiny-vlm", layout=layout)


@pytest.mark.parametrize(
    ("layout", "box"),
    [("thousandths", [100, 200, 500, 750]), ("shares", [0.1, 0.2, 0.5, 0.75]), ("pixels", [3, 4, 15, 15])],
)
def test_boxes_are_of_the_image_by_the_layout_that_was_said(server: Server, layout: str, box: list[float]) -> None:
    server.says = json.dumps([{"bbox_2d": box, "label": "Red Dog"}, {"bbox_2d": box, "label": "dogs"}])
    (found,) = detector(server, layout).predict([red()], Ontology.of("cat", "red dog"))
    np.testing.assert_allclose(found.xyxy, [[3, 4, 15, 15]], atol=1e-4)
    assert found.names == ["red dog"]
    assert found.confidence.tolist() == [1]
    assert found.data["score_kind"].tolist() == ["none"]
    question = server.asked[0]["messages"][0]["content"][0]["text"]
    assert '"cat", "red dog"' in question
    assert {"thousandths": "0 to 1000", "shares": "0 to 1", "pixels": "30 wide and 20 high"}[layout] in question


@pytest.mark.parametrize("layout", ["", "percent"])
def test_without_a_layout_no_box_is_guessed(server: Server, layout: str) -> None:
    with pytest.raises(InvalidValue, match="layout must be one of thousandths, shares, pixels, got"):
        detector(server, layout)


def test_a_list_of_boxes_that_is_cut_off_is_refused(server: Server) -> None:
    whole = json.dumps([{"bbox_2d": [1, 2, 3, 4], "label": "cat"}])
    for content, reason in ((whole[:-4], "stop"), (whole, "length")):
        choice = {"message": {"content": content}, "finish_reason": reason}
        server.says = json.dumps({"choices": [choice]}).encode()
        with pytest.raises(Unreadable, match="cut"):
            detector(server, "pixels").predict([red()], Ontology.of("cat"))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"{}", b'{"choices": []}', b'{"choices": [{"message": null}]}', b"\xff\xfe"],
)
def test_an_answer_in_another_form_is_unreadable(server: Server, body: bytes) -> None:
    server.says = body
    with pytest.raises(Unreadable, match="did not answer in the OpenAI chat form"):
        server.model().predict([red()], "What?")


@pytest.mark.parametrize("content", [None, 3, ["a"]])
def test_content_that_is_no_text_is_unreadable(server: Server, content: Any) -> None:
    server.says = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
    with pytest.raises(Unreadable, match="did not answer in the OpenAI chat form"):
        server.model().predict([red()], "What?")


def test_a_server_that_is_not_there_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        model: Any = load("openai-compatible", api_base=base, api_model="x")
        with pytest.raises(OcellaError, match=r"cannot be reached: .* Is the server running\?"):
            model.predict([red()], "What?")


@pytest.mark.parametrize("base", ["localhost:1/v1", "ftp://localhost/v1", "http://", "not an address"])
def test_an_address_that_is_none_is_said(base: str) -> None:
    with pytest.raises(InvalidValue, match=r"api_base must be an address like http://localhost:11434/v1, got"):
        load("openai-compatible", api_base=base, api_model="x")


@pytest.mark.parametrize("options", [{}, {"api_base": "http://localhost:1"}, {"api_model": "x"}])
def test_without_address_or_model_it_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(InvalidValue, match="--api-base http://localhost:11434/v1 --api-model"):
        load("openai-compatible", **options)


def test_the_key_goes_to_the_server_and_nowhere_else(server: Server) -> None:
    model = server.model(api_key=KEY)
    model.predict([red()], "What?")
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(model.card.to_json())
    server.status, server.says = 401, b"wrong key"
    with pytest.raises(OcellaError) as caught:
        model.predict([red()], "What?")
    assert KEY not in str(caught.value)


def test_without_a_key_none_is_sent(server: Server) -> None:
    server.model().predict([red()], "What?")
    assert "authorization" not in server.headers[0]


@pytest.mark.parametrize("key", [KEY, ""])
def test_the_command_takes_the_key_from_the_environment_alone(server: Server, tmp_path: Path, key: str) -> None:
    (tmp_path / "a.jpg").write_bytes(encode_jpeg(red(), 90))
    names = ["predict", str(tmp_path / "a.jpg"), "--model", "openai-compatible", "--prompt", "What?", "--json"]
    script = "import sys; from ocella.cli.main import main; sys.exit(main(sys.argv[1:]))"
    told = subprocess.run(
        [sys.executable, "-c", script, *names, "--api-base", server.base, "--api-model", "tiny-vlm"],
        env={
            **{k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"},
            "OCELLA_API_KEY": key,
            "OPENAI_API_KEY": "no",
        },
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert "A red square." in told
    assert KEY not in told
    assert server.headers[0].get("authorization") == (f"Bearer {key}" if key else None)


def test_its_card_names_the_model_and_the_address(server: Server) -> None:
    assert server.model().card.checkpoint == f"tiny-vlm at {server.base}"
    assert not server.model().card.commercial_use

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image as Pillow
from tests.workflows.blocks.models.chat import KEY, red
from tests.workflows.blocks.sinks.loopback import allowed, web
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, OcellaError, Refused, Unreadable


def word(text: str) -> dict[str, Any]:
    return {"symbols": [{"text": letter} for letter in text]}


SAID = {
    "textAnnotations": [{"description": "STOP\nGo on", "locale": "en"}],
    "fullTextAnnotation": {
        "pages": [
            {
                "blocks": [
                    {
                        "boundingBox": {"vertices": [{}, {"x": 10}, {"x": 10, "y": 5}, {"y": 5}]},
                        "paragraphs": [{"words": [word("STOP")]}],
                    },
                    {
                        "boundingBox": {"vertices": [{"x": 2, "y": 8}, {"x": 90, "y": 8}, {"x": 90, "y": 12}]},
                        "confidence": 0.75,
                        "paragraphs": [{"words": [word("Go"), word("on")]}],
                    },
                ]
            }
        ]
    },
}


def read(answer: Any, status: int = 200, **fields: Any) -> tuple[Any, list[Any]]:
    with web(lambda _: (status, json.dumps(answer).encode())) as server:
        settings = {"ocr_type": "text_detection", "api_key": KEY, "base_url": f"{server.url}/v1", **fields}
        return run_step("google_vision_ocr@v1", {"image": red()}, allowed(), **settings), server.requests


def test_text_and_its_blocks() -> None:
    found, (request,) = read({"responses": [SAID]}, ocr_type="ocr_text_detection", language_hints=["en"])
    assert (found["text"], found["language"]) == ("STOP\nGo on", "en")
    assert found["predictions"].xyxy.tolist() == [[0, 0, 10, 5], [2, 8, 30, 12]]
    assert found["predictions"].names == ["STOP", "Go on"]
    assert found["predictions"].confidence.tolist() == [1, 0.75]
    assert request.path == "/v1/images:annotate"
    assert request.headers["X-Goog-Api-Key"] == KEY
    (asked,) = request.json["requests"]
    assert asked["features"] == [{"type": "DOCUMENT_TEXT_DETECTION"}]
    assert asked["imageContext"] == {"languageHints": ["en"]}
    with Pillow.open(io.BytesIO(base64.b64decode(asked["image"]["content"]))) as picture:
        assert picture.size == (30, 20)


def test_no_text() -> None:
    found, (request,) = read({"responses": [{}]})
    assert (found["text"], found["language"], len(found["predictions"])) == ("", "", 0)
    assert request.json["requests"][0]["features"] == [{"type": "TEXT_DETECTION"}]


@pytest.mark.parametrize(
    ("answer", "status", "kind", "message"),
    [
        ({"error": "key"}, 403, Refused, "Check 'api_key'"),
        ({"error": "busy"}, 500, OcellaError, "answered 500"),
        ({"other": 1}, 200, Unreadable, "did not answer as Google Vision does"),
        ({"responses": [{"error": {"message": "bad image"}}]}, 200, OcellaError, "bad image"),
    ],
)
def test_what_goes_wrong(answer: Any, status: int, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        read(answer, status)


def test_what_cannot_be() -> None:
    with pytest.raises(InvalidWorkflow, match="ocr_type"):
        read({}, ocr_type="handwriting")
    with pytest.raises(Refused, match="your own key of Google Cloud Vision"):
        read({}, api_key="rf_key:account")

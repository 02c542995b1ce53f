"""Text read by Google Vision."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

from ocella.errors import OcellaError, Refused, Unreadable
from ocella.types import Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.models._cloud import checked_client, own_key
from ocella.workflows.blocks.models._reader import as_objects
from ocella.workflows.kinds import Objects, Secret

__all__ = ["UNITS"]

_FEATURES = {"text_detection": "TEXT_DETECTION", "ocr_text_detection": "DOCUMENT_TEXT_DETECTION"}


class Read(NamedTuple):
    """The text of one image, the code of its language, and a box for each block of text, whose class is its text."""

    text: str
    language: str
    predictions: Objects


class GoogleVisionOcr(Block):
    """Read text with Google Vision, with your own key of Google Cloud: "text_detection" for text in a scene,
    "ocr_text_detection" for a page of it. `language_hints` are codes of languages to expect.
    """

    type = "google_vision_ocr@v1"
    slow = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "key"}],
        "steps": [
            {
                "type": "google_vision_ocr",
                "name": "read",
                "image": "$inputs.image",
                "ocr_type": "text_detection",
                "api_key": "$inputs.key",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "text", "selector": "$steps.read.text"}],
    }

    ocr_type: Literal["text_detection", "ocr_text_detection"]
    api_key: Secret = ""
    language_hints: list[str] | None = None
    base_url: str = "https://vision.googleapis.com/v1"

    def setup(self) -> None:
        """Refuses to send where the operator does not allow it."""
        self.services.require("send", f"Step '{self.step}' ({self.type})")

    def run(self, image: Image) -> Read:
        """What the service reads."""
        said = self._ask(image)
        pieces = said.get("textAnnotations") or []
        if not pieces:
            return Read("", "", Detections.empty().on(image))
        return Read(str(pieces[0].get("description", "")), str(pieces[0].get("locale", "")), _objects(said, image))

    def _ask(self, image: Image) -> Mapping[str, Any]:
        import httpx

        from ocella.media.write import encode_jpeg

        key = own_key(self.api_key, self.step, "Google Cloud Vision")
        request: dict[str, Any] = {
            "image": {"content": b64encode(encode_jpeg(image, 95)).decode()},
            "features": [{"type": _FEATURES[self.ocr_type]}],
        }
        if self.language_hints:
            request["imageContext"] = {"languageHints": self.language_hints}
        url, private = f"{self.base_url.rstrip('/')}/images:annotate", "private-addresses" in self.services.allow
        with checked_client(private=private, timeout=60.0, headers={"X-Goog-Api-Key": key}) as client:
            try:
                response = client.post(url, json={"requests": [request]})
            except httpx.HTTPError as error:
                raise OcellaError(f"{url} cannot be reached: {error or type(error).__name__}.") from error
        if response.status_code in (401, 403):
            raise Refused(f"{url} answered {response.status_code}: {response.text[:300]}. Check 'api_key'.")
        if response.is_error:
            raise OcellaError(f"{url} answered {response.status_code}: {response.text[:300]}")
        try:
            said: Mapping[str, Any] = response.json()["responses"][0]
        except (ValueError, LookupError, TypeError) as error:
            raise Unreadable(f"{url} did not answer as Google Vision does: {error!r}.") from error
        if "error" in said:
            raise OcellaError(f"{url} could not read the image: {said['error']}")
        return said


def _objects(said: Mapping[str, Any], image: Image) -> Detections:
    """Every block of text. Corners at 0 are left out of the answer."""
    blocks = [b for page in (said.get("fullTextAnnotation") or {}).get("pages", ()) for b in page.get("blocks", ())]
    boxes = []
    for block in blocks:
        corners = block["boundingBox"].get("vertices") or []
        xs, ys = ([float(c.get(axis, 0)) for c in corners] or [0.0] for axis in "xy")
        boxes.append([min(xs), min(ys), max(xs), max(ys)])
    return as_objects(boxes, [_text(b) for b in blocks], [b.get("confidence", 1.0) for b in blocks], image)


def _text(block: Mapping[str, Any]) -> str:
    words = [word for paragraph in block.get("paragraphs", ()) for word in paragraph.get("words", ())]
    return " ".join("".join(symbol.get("text", "") for symbol in word.get("symbols", ())) for word in words)


UNITS = (GoogleVisionOcr,)

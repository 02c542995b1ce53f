import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ocella.choosing.at_hand import lacking
from ocella.choosing.describe import describe
from ocella.choosing.needs import Needs
from ocella.choosing.propose import TILES, Proposal, propose
from ocella.choosing.words import OwnWords
from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.models.language.chat_server import ChatServer
from ocella.models.load import find_entry, list_models, load
from ocella.models.starter import starter_text
from ocella.types import ClassDef, Ontology

CARDS = list_models()
COCO = starter_text("coco80.txt")
EMBEDDERS = {"efficientnet-lite0-features", "conse-efficientnet-lite0-embed"}


def starter_only(card: Any) -> str:
    return "" if card.checkpoint.startswith("ocella-starter") else "not fetched"


def everything(card: Any) -> str:
    return "" if card.library != "server" else "needs a server"


def proposed(wish: Any, classes: str | Ontology, needs: dict[str, Any] | None = None, **options: Any) -> Proposal:
    ontology = classes if isinstance(classes, Ontology) else Ontology.parse(classes)
    options = {"words": OwnWords(), "at_hand": starter_only, **options}
    return propose(ontology, CARDS, Needs(wish, ontology.names, **(needs or {})), **options)


def models_of(proposal: Proposal) -> set[str]:
    return {s.model for s, _ in proposal.settings}


def shown(name: str) -> Ontology:
    return Ontology((ClassDef(name, exemplars=("one.jpg",)),))


@pytest.mark.parametrize(
    ("wish", "classes", "models"),
    [
        ("where", "person", {"nanodet-g"}),
        ("where", "car, dog", {"nanodet-g"}),
        ("where", "poodle, beagle", {"nanodet-g+conse-efficientnet-lite0", "nanodet-g+efficientnet-lite0"}),
        ("where", "RBC, WBC", {"nanodet-g+conse-efficientnet-lite0"}),
        ("where", shown("mascot"), {"nanodet-g", *(f"nanodet-g+{embedder}" for embedder in EMBEDDERS)}),
        ("exactly-where", "person", {"nanodet-g+person-segmentation"}),
        ("exactly-where", "dog", set()),
        ("regions", "person", {"person-segmentation-map"}),
        ("what", "tabby, espresso", {"efficientnet-lite0", "conse-efficientnet-lite0"}),
        ("what", "joy, sorrow", {"conse-efficientnet-lite0"}),
        ("points", "person", {"movenet-multipose"}),
        ("points", "dog", set()),
        ("compare", "anything", EMBEDDERS),
    ],
)  # fmt: skip
def test_what_the_starter_set_can_do(wish: str, classes: str | Ontology, models: set[str]) -> None:
    assert models_of(proposed(wish, classes)) == models


@pytest.mark.parametrize(
    ("wish", "classes"), [("where", "car, dog, cat"), ("where", "vehicle"), ("where", "RBC, WBC"), ("what", "cat, dog")]
)
def test_whatever_is_proposed_is_taken_by_its_model(wish: str, classes: str) -> None:
    proposal = proposed(wish, classes, most=60)
    loaded = {name: load(name) for name in models_of(proposal)}
    for setting, _ in proposal.settings:
        assert setting.ontology is not None
        loaded[setting.model].matches(setting.ontology)


def test_all_settings_have_the_same_classes_in_the_same_order() -> None:
    proposal = proposed("where", "dog, car, sofa", most=100)
    assert {s.ontology.names for s, _ in proposal.settings if s.ontology} == {("dog", "car", "sofa")}


def test_the_plainest_comes_first_then_one_change_then_two() -> None:
    settings = [s for s, _ in proposed("where", "sofa", models="nanodet-g", most=100).settings]
    assert (settings[0].tile, settings[0].ontology) == (None, Ontology.of("sofa"))
    plain = [(s.tile is None) + (s.ontology == Ontology.of("sofa")) for s in settings]
    assert plain[1] == 1
    assert {s.tile for s in settings} == {None, *TILES}
    assert len(set(settings)) == len(settings)


def test_every_setting_says_why() -> None:
    found = {s.name: why for s, why in proposed("where", "car").settings}
    assert found["nanodet-g"] == "a class that it knows"
    assert found["nanodet-g 2x2"] == "a class that it knows; parts of 2 x 2 looked at too, for small things"


@pytest.mark.parametrize("most", [1, 5, 12])
def test_no_more_than_asked_for_and_the_rest_is_told(most: int) -> None:
    whole = proposed("where", "car, dog", most=1000)
    some = proposed("where", "car, dog", most=most)
    assert some.settings == whole.settings[:most]
    assert f"{len(whole.settings) - most} more settings were left out. Raise most to try them." in some.notes


def test_classes_do_not_multiply() -> None:
    few, many = (
        len(proposed("where", ",".join(COCO[:n]), models="nanodet-g", tiles=(), most=5000).settings) for n in (4, 16)
    )
    assert few < many <= 61


def test_two_classes_that_a_model_has_one_for_rule_it_out() -> None:
    proposal = proposed("where", "sofa, couch", models="nanodet-g")
    assert proposal.settings == ()
    assert proposal.ruled_out == (("nanodet-g", "cannot tell 'sofa' and 'couch' apart"),)


def test_another_class_keeps_its_own() -> None:
    for setting, _ in proposed("where", "car, truck", models="nanodet-g", most=100).settings:
        assert setting.ontology is not None
        car, truck = setting.ontology.classes
        assert "car" not in truck.prompts
        assert "truck" not in car.prompts


def test_negatives_are_no_prompts() -> None:
    asked = Ontology((ClassDef("couch", negatives=("sofa",)),))
    found = [s for s, _ in proposed("where", asked, models="owlv2-base-patch16-ensemble", most=100).settings]
    assert found
    assert all("sofa" not in s.ontology.classes[0].prompts for s in found if s.ontology)


@pytest.mark.parametrize(
    ("wish", "classes", "needs", "model", "reason"),
    [
        ("where", "person", {}, "rf-detr-nano", "not fetched"),
        ("where", "person", {"license": "commercial"}, "mask2former-swin-tiny-coco-instance", "no commercial use"),
        ("where", "person", {"memory_gb": 1.2}, "nanodet-g", "needs about"),
        ("where", "glorbex, blorbex", {}, "nanodet-g", "knows coco only, and nothing like glorbex, blorbex"),
        ("points", "dog", {}, "movenet-multipose", "calls what it finds person"),
    ],
)
def test_what_is_ruled_out_says_why(wish: str, classes: str, needs: dict[str, Any], model: str, reason: str) -> None:
    out = dict(proposed(wish, classes, needs).ruled_out)
    assert out[model].startswith(reason)


@pytest.mark.parametrize(
    ("wish", "name", "needs", "reason"),
    [
        ("where", "clip-vit-base-patch32", {}, "is for classify, not detect"),
        ("where", "nanodet-g+efficientnet-lite0-features", {}, "needs example images of person"),
        ("exactly-where", "nanodet-g", {}, "gives boxes without outlines"),
        ("points", "vitpose-base", {}, "points inside boxes"),
        ("where", "mask2former-swin-tiny-coco-instance", {"license": "commercial"}, "no commercial use"),
        ("where", "qwen2.5-vl-7b-instruct-detect", {"memory_gb": 4.0}, "needs about"),
    ],
)
def test_what_is_named_but_cannot_be(wish: str, name: str, needs: dict[str, Any], reason: str) -> None:
    proposal = proposed(wish, "person", needs, models=[name])
    assert proposal.settings == ()
    assert proposal.ruled_out[0][0] == name
    assert proposal.ruled_out[0][1].startswith(reason)


def test_named_models_run_though_they_are_not_fetched() -> None:
    assert models_of(proposed("where", "person", models="owlv2-base-patch16-ensemble, rf-detr-nano")) == {
        "owlv2-base-patch16-ensemble",
        "rf-detr-nano",
    }


def test_what_a_person_brings_is_asked_as_they_said(tmp_path: Path) -> None:
    model = tmp_path / "mine.onnx"
    model.touch()
    settings = [s for s, _ in proposed("where", "person", models=[str(model)]).settings]
    assert [(s.model, s.tile) for s in settings] == [(str(model), t) for t in (None, *TILES)]


@pytest.mark.parametrize(
    ("wish", "options", "error", "message"),
    [
        ("where", {"models": "nanodet-h"}, NotFound, "nanodet-g"),
        ("where", {"most": 0}, InvalidValue, "most must be"),
        ("depth", {}, InvalidValue, "to compare models, got depth"),
    ],
)
def test_refused(wish: str, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        proposed(wish, "person", **options)


def test_examples_lead_to_models_that_take_them() -> None:
    asked = Ontology((ClassDef("mascot", exemplars=("one.jpg",)),))
    settings = [s for s, _ in proposed("where", asked, models="owlv2-base-patch16-ensemble", tiles=()).settings]
    by_example = [s for s in settings if s.ontology and s.ontology.classes[0].exemplars]
    assert [s.name for s in by_example] == ["owlv2-base-patch16-ensemble, mascot by example"]
    assert len(settings) > 1


def test_models_with_outlines_and_joined_ones_draw_outlines() -> None:
    found = models_of(proposed("exactly-where", "person", at_hand=everything, most=1000))
    assert {"rf-detr-seg-nano", "nanodet-g+sam2.1-hiera-tiny", "grounding-dino-tiny+sam2.1-hiera-tiny"} <= found
    assert "nanodet-g" not in found


def test_what_looks_into_each_box_is_not_tiled() -> None:
    settings = [s for s, _ in proposed("where", "sofa, glorbex", most=1000).settings]
    assert {(s.model, s.tile) for s in settings} == {("nanodet-g+conse-efficientnet-lite0", None)}
    assert len(settings) > 1


def test_poses_are_found_in_boxes_and_are_not_tiled() -> None:
    proposal = proposed("points", "person", at_hand=everything, most=1000)
    assert "nanodet-g+vitpose-base-simple" in models_of(proposal)
    assert {s.tile for s, _ in proposal.settings} == {None}


@pytest.mark.parametrize(
    ("classes", "questions", "first", "count"),
    [
        ("shrimp", (), "Is there shrimp in this image? Answer yes or no.", 2),
        ("cat, dog", (), "What does this image show? Answer with one of these and nothing else: cat, dog.", 3),
        ("cat, dog", ("Which animal is it?",), "Which animal is it?", 2),
    ],
)
def test_questions_to_a_language_model(classes: str, questions: tuple[str, ...], first: str, count: int) -> None:
    model = "smolvlm2-256m-video-instruct"
    settings = [s for s, _ in proposed("ask", classes, models=model, questions=questions).settings]
    assert settings[0].prompt == first
    assert len({s.prompt for s in settings}) == len(settings) == count


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nanodet-g", ""),
        ("openai-compatible", "needs a server of yours"),
        ("codet-ovlvis-swinb", "does not run out of the box"),
        ("rf-detr-nano", "not fetched (122 MB): ocella pull rf-detr-nano"),
        ("grounded-sam", "not fetched"),
    ],
)
def test_what_a_model_lacks_to_run_now(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCELLA_CACHE", str(tmp_path))
    found = lacking(find_entry(name).card, {c.name: c for c in CARDS})
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_an_extra_that_is_not_installed_is_named() -> None:
    card = replace(find_entry("nanodet-g").card, library="open_clip", extra="timm")
    if lacking(card) == "":
        pytest.skip("open_clip is installed here")
    assert lacking(card).startswith("not installed: pip install 'ocella[timm]'")


@pytest.fixture
def server() -> Iterator[tuple[ChatServer, list[str], list[Any]]]:
    """Over loopback, with what it says and what it was asked."""
    says: list[str] = []
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            body = json.dumps({"choices": [{"message": {"content": says[0]}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield ChatServer(f"http://127.0.0.1:{http.server_port}/v1", "writer"), says, asked
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('{"weld": ["shiny bead.", "rippled seam", "a third"]}', {"weld": ("shiny bead", "rippled seam")}),
        ('Sure:\n```json\n{"weld": ["shiny bead"], "other": ["x"]}\n```', {"weld": ("shiny bead",)}),
        ('{"weld": ["' + "long " * 20 + '", "  ", "seam"]}', {"weld": ("seam",)}),
        ("{}", {}),
    ],
)
def test_a_language_model_describes_classes(
    said: str, expected: dict[str, tuple[str, ...]], server: tuple[ChatServer, list[str], list[Any]]
) -> None:
    chat, says, asked = server
    says.append(said)
    assert describe(["weld", "rust"], chat) == expected
    assert 'Classes: ["weld", "rust"]' in asked[0]["messages"][0]["content"]


@pytest.mark.parametrize("said", ["I cannot.", "{broken", '{"weld": "one text"}', '{"weld": [1, 2]}', '{"weld": 3}'])
def test_an_answer_in_another_form_is_refused(said: str, server: tuple[ChatServer, list[str], list[Any]]) -> None:
    chat, says, _ = server
    says.append(said)
    with pytest.raises(Unreadable, match="a JSON object of lists of phrases"):
        describe(["weld"], chat)


def test_descriptions_become_candidates() -> None:
    found = proposed(
        "where", "weld", models="owlv2-base-patch16-ensemble", described={"weld": ("shiny bead",)}
    ).settings
    assert ("shiny bead",) in {s.ontology.classes[0].prompts for s, _ in found if s.ontology}

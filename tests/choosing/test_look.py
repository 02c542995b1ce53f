import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.small_models import Blocks, Brightness, Teller, card, paint

from ocella.choosing.look import FLOOR, Looked, look
from ocella.choosing.setting import Setting
from ocella.errors import Cancelled, InvalidValue, MissingExtra, NotFound, OcellaError, Unreadable
from ocella.media.load import load as load_image
from ocella.models.closed import ClosedDetector, ClosedVocabulary
from ocella.models.compose import Tiled
from ocella.models.load import load
from ocella.models.pool import Pool
from ocella.models.starter import starter_file
from ocella.models.tasks import Detector, Model, VisionLanguageModel
from ocella.types import Answer, ClassDef, Detections, Image, ImageRef, Ontology

PHOTOS = ("astronaut.png", "boats.jpg", "cat.png", "coffee.png")
MODEL = "nanodet-g"


def photos(names: Sequence[str] = PHOTOS) -> list[ImageRef]:
    return [ImageRef(name, starter_file(f"photos/{name}")) for name in names]


def pool(**models: Model) -> Pool:
    """Of the models of these names, and the zoo's."""

    def loader(name: str, **options: Any) -> Model:
        return models[name] if name in models else load(name, **options)

    return Pool(10**9, loader=loader, weigh=lambda *_, **__: 10**6)


def painted(folder: Path, count: int = 3) -> list[ImageRef]:
    files = [paint(folder / f"{n}.png", ("red", n, 0, 20 + n, 10), ("green", 30, 5, 50, 25 + n)) for n in range(count)]
    return [ImageRef(f.name, f) for f in files]


WORDS = (
    "person",
    "person|human",
    "cat",
    "animal=cat|dog",
    "boat",
    "cup, person",
    "animal=cat|dog|horse, person",
    "bowl",
)
TILES = (None, (1, 2), (2, 2))
MANY = [Setting(MODEL, Ontology.parse(words), tile) for words in WORDS for tile in TILES]


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Looked, Path]:
    file = tmp_path_factory.mktemp("out") / ".ocella" / "looks.sqlite"
    return look(MANY, photos(), file, pool(), options={"threads": 1}), file


def test_no_network_looks_at_the_same_pixels_twice(looked: tuple[Looked, Path]) -> None:
    first, file = looked
    assert len(MANY) == 24
    windows = len(PHOTOS) * (1 + 2 + 4)
    assert first.tallies[MODEL].ran == windows
    assert first.tallies[MODEL].reused == len(PHOTOS) * 8 * (1 + 3 + 5) - windows
    again = look(MANY, photos(), file, pool(), options={"threads": 1})
    assert again.tallies[MODEL].ran == 0
    assert again.tallies[MODEL].reused == len(PHOTOS) * 8 * (1 + 3 + 5)
    assert [r.said for r in again.runs] == [r.said for r in first.runs]


def test_what_is_said_is_what_the_model_says_at_the_floor(looked: tuple[Looked, Path]) -> None:
    detector = load(MODEL, threads=1)
    assert isinstance(detector, Detector)
    images = [load_image(p) for p in photos()]
    assert [r.setting for r in looked[0].runs] == MANY
    for run in looked[0].runs[:12]:
        model = Tiled(detector, *run.setting.tile) if run.setting.tile else detector
        assert list(run.said) == model.predict(images, run.setting.ontology, threshold=FLOOR), run.setting.name
        assert run.card == model.card


class Sleepy(ClosedDetector):
    """Sees nothing, and takes its time."""

    _card = card("sleepy", "detect", ("red", "green"))
    _vocabulary = ClosedVocabulary(_card.classes, "detect")

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        del floor
        time.sleep(0.02 * len(images))
        return [Detections.empty(self.classes) for _ in images]


def test_seconds_count_every_window_whoever_looked_first(tmp_path: Path) -> None:
    settings = [Setting("sleepy", Ontology.of(word), tile) for word in ("red", "green") for tile in TILES]
    for first in (True, False):
        began = time.perf_counter()
        done = look(settings, painted(tmp_path), tmp_path / "l.sqlite", pool(sleepy=Sleepy()))
        took = time.perf_counter() - began
        assert (done.tallies["sleepy"].ran > 0) is first
        assert [r.seconds >= least for r, least in zip(done.runs, [0.02, 0.06, 0.1] * 2, strict=True)] == [True] * 6
        assert took >= 0.02 * done.tallies["sleepy"].ran


def test_more_images_and_settings_look_at_what_is_new(tmp_path: Path) -> None:
    file = tmp_path / "looks.sqlite"
    one, more = [Setting(MODEL, Ontology.of("person"))], [Setting(MODEL, Ontology.of("cat"), (1, 2))]
    assert look(one, photos()[:2], file, pool()).tallies[MODEL].ran == 2
    assert look(one, photos()[:3], file, pool()).tallies[MODEL].ran == 1
    assert look([*one, *more], photos()[:3], file, pool()).tallies[MODEL].ran == 3 * 2


def test_thresholds_of_a_setting_do_not_hide_anything(tmp_path: Path) -> None:
    strict = Setting(MODEL, Ontology((ClassDef("person", threshold=0.9),)))
    done = look([strict], photos()[:1], tmp_path / "l.sqlite", pool())
    assert done.runs[0].setting is strict
    assert min(done.runs[0].said[0].confidence) < 0.3  # type: ignore[union-attr, arg-type]


def test_a_joined_model_shares_the_looks_of_its_parts(tmp_path: Path) -> None:
    joined = f"{MODEL}+efficientnet-lite0"
    settings = [Setting(MODEL, Ontology.of("person")), Setting(joined), Setting(joined, tile=(1, 2))]
    done = look(settings, photos()[:2], tmp_path / "l.sqlite", pool(), floor=0.3)
    assert done.refused == ()
    assert done.tallies[MODEL].ran == 2 * 3
    assert done.tallies["efficientnet-lite0"].ran > 0
    assert done.runs[1].card.name == joined
    assert len({s for run in done.runs[1:] for label in run.said for s in label.names}) > 1  # type: ignore[union-attr]


def test_other_tasks_look_too(tmp_path: Path) -> None:
    settings = [
        Setting("efficientnet-lite0", Ontology.parse("cat=tabby|Egyptian cat, boat=lakeside")),
        Setting("efficientnet-lite0", Ontology.parse("cat=tabby, boat=lakeside|boathouse")),
        Setting("movenet-multipose"),
        Setting("person-segmentation-map", Ontology.of("person")),
        Setting("teller", prompt="What is it?"),
        Setting("teller", prompt="How wide?"),
        Setting("brightness"),
        Setting("efficientnet-lite0-features"),
    ]
    file = tmp_path / "l.sqlite"
    for ran in (1, 0):
        done = look(settings, photos()[:2], file, pool(teller=Teller(), brightness=Brightness()))
        assert done.refused == ()
        kinds = [type(r.said[0]).__name__ for r in done.runs]
        assert kinds == [
            *["Classification"] * 2, "Detections", "SegmentationMap", *["Answer"] * 2, "Classification",
            "Embedding",
        ]  # fmt: skip
        assert {m: t.ran for m, t in done.tallies.items()} == {
            "efficientnet-lite0": 2 * ran,
            "movenet-multipose": 2 * ran,
            "person-segmentation-map": 2 * ran,
            "teller": 4 * ran,
            "brightness": 2 * ran,
            "efficientnet-lite0-features": 2 * ran,
        }


def test_a_model_that_fails_fails_alone(tmp_path: Path) -> None:
    class Greedy(Blocks):
        """Needs more memory than there is."""

        def predict(self, *_args: Any, **_options: Any) -> Any:
            raise MemoryError("2 TB")

    class Torn(Blocks):
        """Raises what its library raises."""

        def predict(self, *_args: Any, **_options: Any) -> Any:
            raise RuntimeError("CUDA out of memory")

    def loader(name: str, **_: Any) -> Model:
        if name == "absent":
            raise MissingExtra("absent", "torch")
        return {"greedy": Greedy("greedy"), "torn": Torn("torn"), "blocks": Blocks()}[name]

    models = Pool(10**9, loader=loader, weigh=lambda name, **_: 10**12 if name == "huge" else 1)
    names = ("absent", "greedy", "torn", "huge", "blocks")
    settings = [Setting(name, Ontology.of("red")) for name in names]
    done = look([*settings, Setting("blocks", Ontology.of("forklift"))], painted(tmp_path), tmp_path / "l", models)
    assert [r.setting.model for r in done.runs] == ["blocks"]
    assert len(done.runs[0].said) == len(done.images) == 3
    assert [(s.model, why) for s, why in done.refused] == [
        ("absent", str(MissingExtra("absent", "torch"))),
        ("greedy", "fails on 3 of 3 images: MemoryError: 2 TB"),
        ("torn", "fails on 3 of 3 images: RuntimeError: CUDA out of memory"),
        ("huge", done.refused[3][1]),
        ("blocks", "['forklift'] are no colours."),
    ]
    assert "models together may take" in done.refused[3][1]
    assert done.set_aside == ()


def test_a_bad_image_fails_alone_by_name_for_all_settings(tmp_path: Path) -> None:
    images = painted(tmp_path, 4)
    (tmp_path / "cut.png").write_bytes((tmp_path / "1.png").read_bytes()[:60])
    images[1:1] = [ImageRef("cut.png", tmp_path / "cut.png"), ImageRef("gone.png", tmp_path / "gone.png")]

    class Picky(VisionLanguageModel):
        """Has no answer to one picture."""

        card = card("picky", "vlm")

        def predict(self, images: Sequence[Image], prompt: str, **_: Any) -> list[Answer]:
            if images[0].pixels[0, 2, 1] == 120:
                raise Unreadable("The model's answer is cut off.")
            return [Answer("yes", prompt)]

    settings = [Setting("blocks", Ontology.of("red")), Setting("picky", prompt="?")]
    done = look(settings, images, tmp_path / "l.sqlite", pool(blocks=Blocks(), picky=Picky()))
    assert [i.name for i in done.images] == ["0.png", "1.png", "2.png"]
    assert [len(r.said) for r in done.runs] == [3, 3]
    (cut, why_cut), (gone, why_gone), (hard, why_hard) = done.set_aside
    assert (cut, gone, hard) == ("cut.png", "gone.png", "3.png")
    assert "cut.png" in why_cut
    assert "is not there" in why_gone
    assert why_hard == "'picky, '?'' fails on it: The model's answer is cut off."


def test_nothing_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"None of the 1 images can be looked at\. gone\.png: .* is not there"):
        look([Setting("blocks")], [ImageRef("gone.png", tmp_path / "gone.png")], tmp_path / "l", pool(blocks=Blocks()))
    for settings, images in (([], photos()), ([Setting(MODEL)], [])):
        with pytest.raises(InvalidValue, match="takes settings and images"):
            look(settings, images, tmp_path / "l", pool())


def test_progress_is_told_and_may_stop_it(tmp_path: Path) -> None:
    told = []
    settings = [Setting("one", Ontology.of("red")), Setting("two", Ontology.of("red"))]
    models = {"one": Blocks("one"), "two": Blocks("two")}
    look(settings, painted(tmp_path), tmp_path / "l", pool(**models), progress=lambda *step: told.append(step))
    assert told == [("look", n + 1, 6, f"{n % 3}.png") for n in range(6)]

    def stop(*_: Any) -> None:
        raise Cancelled("Enough.")

    models = {"one": Blocks("one"), "two": Blocks("two")}
    with pytest.raises(Cancelled):
        look(settings, painted(tmp_path), tmp_path / "m", pool(**models), progress=stop)
    look(settings, painted(tmp_path), tmp_path / "m", pool(**models))
    assert (models["one"].seen, models["two"].seen) == (3, 3), (
        "what was looked at before it stopped is not looked at again"
    )


def test_a_damaged_memory_is_moved_aside(tmp_path: Path) -> None:
    file = tmp_path / "looks.sqlite"
    file.write_bytes(b"no database at all" * 100)
    done = look([Setting("blocks")], painted(tmp_path), file, pool(blocks=Blocks()))
    assert len(done.runs) == 1
    assert done.notes == (
        "looks.sqlite was damaged and is now looks-damaged-1.sqlite; what it held is looked at again.",
    )


def test_a_folder_that_cannot_be_written_ends_it_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OcellaError, match=r"taken cannot be made: .* Choose another folder"):
        look([Setting("blocks")], painted(tmp_path), tmp_path / "taken" / "l.sqlite", pool(blocks=Blocks()))


SLOW = """
import sys, time
from pathlib import Path
from ocella.choosing.look import look
from ocella.choosing.setting import Setting
from ocella.models.pool import Pool
from ocella.types import ImageRef, Ontology
settings = [Setting("nanodet-g", Ontology.of("person"), tile) for tile in (None, (1, 2))]
images = [ImageRef(f, Path(f)) for f in sys.argv[2:]]
look(settings, images, Path(sys.argv[1]), Pool(10**9), options={"threads": 1}, progress=lambda *step: print(step[1], flush=True))
"""


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "looks.sqlite"
    names = [str(p.path) for p in photos()]
    done = 0
    with subprocess.Popen([sys.executable, "-c", SLOW, str(file), *names], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        for line in other.stdout:
            done = int(line)
            if done == 2:
                break
        other.kill()
    settings = [Setting(MODEL, Ontology.of("cat"), tile) for tile in TILES[:2]]
    after = look(settings, photos(), file, pool(), options={"threads": 1})
    assert after.tallies[MODEL].ran <= (len(PHOTOS) - done) * 3
    assert after.tallies[MODEL].reused >= done * 3
    assert after.notes == ()


def test_two_runs_share_one_memory(tmp_path: Path) -> None:
    file = tmp_path / "looks.sqlite"
    names = [str(p.path) for p in photos()]
    runs = [subprocess.Popen([sys.executable, "-c", SLOW, str(file), *names], stdout=subprocess.DEVNULL) for _ in "ab"]
    assert [run.wait() for run in runs] == [0, 0]
    after = look([Setting(MODEL, Ontology.of("cat"))], photos(), file, pool())
    assert (after.tallies[MODEL].ran, after.notes) == (0, ())

"""The questions of `ocella choose` at a real pseudo-terminal, answered by a program from labels: docs/how-to/transcripts.

python tools/choose_transcript.py                            a few questions about the photographs of the starter set
python tools/choose_transcript.py --labels DATASET --out FILE -- ocella choose ./photos --classes "shrimp"
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src"), str(ROOT / "packages" / "starter" / "src")]

from typist import Typist, as_text  # noqa: E402  # found through the line above

OUT = ROOT / "docs" / "how-to" / "transcripts" / "choose.txt"
CLASSES = ("person", "cat", "cup")
PHOTOS = ("astronaut.png", "camera.png", "cat.png", "coffee.png")
LOWEST, MOST_BOXES = 0.15, 2
WIDTH = 640
SLIP = 5
"""The question that is first answered wrong, then taken back."""
WHERE = re.compile(
    r"^(?P<file>.+) \(\d+ x \d+\)(?:, (?P<name>.+) at (?P<box>\d+ \d+ \d+ \d+)|, known: (?P<known>.+))?$", re.MULTILINE
)
NUMBER = re.compile(r"^Question (\d+) of (\d+)", re.MULTILINE)
CHOICE = re.compile(r"\[(\d)\] (.+?)(?=  \[|$)")
PROMPT = r"\[\?\] help\r\n> "


def main() -> int:
    """Write the transcript, and the picture of one of its questions beside it."""
    from ocella.media.load import load
    from ocella.media.write import encode_jpeg
    from ocella.ops.crop import resize

    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--labels", type=Path, help="data set that the answers are read from")
    reader.add_argument("--classes", default="", help="those that the command asks about, as it is given them")
    reader.add_argument("--out", type=Path, default=OUT)
    reader.add_argument("--demo", type=Path, help=argparse.SUPPRESS)
    reader.add_argument("command", nargs="*")
    given = reader.parse_args()
    if given.demo is not None:
        return ask_demo(given.demo)
    if given.command and given.labels is None:
        reader.error("expected --labels with a command: the data set that the answers are read from")
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, str(Path(__file__).resolve()), "--demo", folder]
        truths = read_labels(given.labels, given.classes) if given.labels else drawn_outlines()
        screen, answerer = transcript(given.command or demo, truths)
        text = as_text(screen).replace(str(Path(folder).resolve()), "./work").strip()
    told = shlex.join(given.command) if given.command else "questions about four photographs of the starter set"
    source = f"the labels in {given.labels}" if given.labels else "outlines drawn by hand over the photographs"
    head = (
        f"SIMULATED ANSWERS: nobody sat here. A program (tools/choose_transcript.py) read the {answerer.count} questions from a real\n"
        f"pseudo-terminal without graphics and pressed the keys, by {source};\n"
        f"question {SLIP} it first answered wrong, to take that back. Its pace says nothing about a person's.\n"
    )
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(f"{head}\n$ {told}\n\n{text}\n", encoding="utf-8")
    if answerer.picture:
        picture = load(answerer.picture)
        small = resize(picture, (round(picture.height * WIDTH / picture.width), WIDTH))
        given.out.with_suffix(".jpg").write_bytes(encode_jpeg(small, 70))
    print(f"{answerer.count} answers are in {given.out}")
    return 0


def transcript(command: Sequence[str], truths: Mapping[str, Any]) -> tuple[str, "Answerer"]:
    """Everything on the screen while the command runs and its questions are answered, and who answered them."""
    with Typist(command, "old", size=(110, 40), errors=subprocess.DEVNULL) as typist:
        answerer = Answerer(typist, truths)
        try:
            while True:
                answerer.answer(as_text(typist.until(PROMPT, 900)))
        except EOFError:
            pass
        if code := typist.end():
            raise SystemExit(f"{shlex.join(command)} ended with {code}:\n{as_text(typist.screen.decode())[-3000:]}")
        return typist.screen.decode(errors="replace"), answerer


class Answerer:
    """Reads what is on the screen, and presses what the labels say. `count` questions were answered; `picture` is that of
    the question that was answered twice.
    """

    def __init__(self, typist: Typist, truths: Mapping[str, Any]) -> None:
        self.count, self.picture = 0, b""
        self._typist, self._truths, self._slipped = typist, truths, False

    def answer(self, shown: str) -> None:
        """One question; that of the slip first wrong, then again."""
        number = int(NUMBER.findall(shown)[-1][0])
        self.count = max(self.count, number)
        where = list(WHERE.finditer(shown))[-1]
        file = where["file"] if where["file"] in self._truths else Path(where["file"]).name
        if where["box"]:
            reply = self._reply(file, "object", where["name"], where["box"])
            if number == SLIP and not self._slipped:
                self._slipped = True
                self.picture = Path(re.findall(r"^Picture: (.+)$", shown, re.MULTILINE)[-1]).read_bytes()
                self._typist.press("y" if reply.verdict == "no" else "n")
                self._typist.until(PROMPT)
                self._typist.press("u")
                return
            self._object(reply, shown)
        elif where["known"]:
            self._missing(self._reply(file, "missing"), where["known"], shown)
        else:
            reply = self._reply(file, "class", choices=[name for _, name in CHOICE.findall(shown[where.end() :])])
            self._typist.press(_digit(shown[where.end() :], reply.class_name) if reply.class_name else "n")

    def _reply(self, file: str, kind: Any, name: str = "", box: str = "", choices: Sequence[str] = ()) -> Any:
        import numpy as np

        from ocella.choosing.label_asker import LabelAsker
        from ocella.choosing.question import Question
        from ocella.types import Detections

        classes = tuple(self._truths[file].classes) if file in self._truths else ()
        shown = None
        if box:
            names = (name, *(c for c in classes if c != name))
            corners = np.array([[float(v) for v in box.split()]], np.float32)
            shown = Detections(corners, np.ones(1, np.float32), np.zeros(1, np.int64), names)
        asked = Question(0, kind, file, Path(file), "", shown, tuple(choices) or classes)
        return LabelAsker(self._truths, "labels")(asked)

    def _object(self, reply: Any, shown: str) -> None:
        """Yes, no and skip by their letters; a class by its digit, a box by its numbers."""
        self._typist.press({"class": "w", "fix": "f"}.get(reply.verdict, reply.verdict[0]))
        if reply.verdict == "class" and "] wrong class: " not in shown:
            self._typist.press(_digit(as_text(self._typist.until(r"back\r\n> ")), reply.class_name))
        if reply.verdict == "fix":
            numbers = " ".join(f"{v:.0f}" for v in reply.xyxy)
            for wait, keys in (("steps of", "="), ("x1 y1 x2 y2: ", f"{numbers}\r"), ("steps of", "\r")):
                self._typist.until(wait)
                self._typist.press(keys)

    def _missing(self, reply: Any, told: str, shown: str) -> None:
        """The screen says how many are known, not where: what is labelled beyond those is missing."""
        known = {name: int(n) for n, name in re.findall(r"(\d+) ([^,]+)", told)}
        counts = {name: n - known.get(name, 0) for name, n in reply.missing.items() if n > known.get(name, 0)}
        if not counts:
            self._typist.press("n")
        elif "[1-9] missing" in shown:
            (number,) = counts.values()
            self._typist.press(str(number) if number < 10 else f"m{number}\r")
        else:
            self._typist.press("m")
            choices = as_text(self._typist.until(r"done\r\n> "))
            self._typist.press("".join(_digit(choices, name) * n for name, n in counts.items()) + "\r")


def _digit(shown: str, name: str) -> str:
    return next(digit for digit, choice in CHOICE.findall(shown) if choice == name)


def read_labels(folder: Path, classes: str) -> dict[str, Any]:
    """The labels of these classes of each image of a data set, by file."""
    from ocella.choosing.truths import truths_of
    from ocella.datasets import Dataset
    from ocella.types import ImageRef, Ontology

    dataset = Dataset.open(folder)
    images = [ImageRef(sample.file.removeprefix("images/"), dataset.path(sample)) for sample in dataset]
    return dict(truths_of(dataset, images, Ontology.parse(classes)))


def drawn_outlines() -> dict[str, Any]:
    """The boxes of what is outlined by hand in the starter photographs."""
    import numpy as np

    from ocella.models.starter import starter_file
    from ocella.types import Detections

    drawn = json.loads(starter_file("photos/outlines.json").read_text(encoding="utf-8"))["outlines"]
    truths = {}
    for row in drawn:
        ring = np.array(row["ring"], np.float32)
        box = np.concatenate([ring.min(axis=0), ring.max(axis=0)])[None]
        truths[row["file"]] = Detections(box, np.ones(1, np.float32), np.array([CLASSES.index(row["class"])]), CLASSES)
    return truths


def ask_demo(folder: Path) -> int:
    """Ask, at this terminal, about what nanodet-g finds in four photographs; the record is in `folder`."""
    from ocella.choosing.asked import Recorded, recording
    from ocella.cli.terminal_asker import TerminalAsker

    questions = list(demo_questions())
    asker = TerminalAsker.here(folder)
    given: list[Any] = []
    with recording(folder / "asked", asker.name) as record:
        ask = Recorded(asker, record)
        while len(given) < len(questions):
            reply = ask(with_what_is_known(questions, given), len(given), len(questions))
            if reply is None:
                break
            given = given[:-1] if reply == "undo" else [*given, reply]
    print(f"\n{len(given)} answers are kept.")
    return 0


def demo_questions() -> Any:
    """The surest objects of each photograph with the other boxes for them, then what may be missing."""
    import ocella
    from ocella.choosing.question import Question
    from ocella.media.load import load
    from ocella.models.starter import starter_file
    from ocella.ops.iou import iou

    model = ocella.load("nanodet-g")
    for unit, name in enumerate(PHOTOS):
        path = starter_file(f"photos/{name}")
        (found,) = model.predict([load(path)], threshold=LOWEST)
        left = found[[i for i, n in enumerate(found.names) if n in CLASSES]]
        for _ in range(MOST_BOXES):
            if len(left):
                order = (-left.confidence).argsort()
                like = iou(left.xyxy[order[:1]], left.xyxy)[0] >= 0.5
                rows = [i for i in order if like[i]]
                text = f"Is this a {left.names[rows[0]]}, and is the box around it right?"
                yield Question(unit, "object", name, path, text, left[rows], CLASSES)
                left = left[~like]
        yield Question(unit, "missing", name, path, "Is a person, cat or cup here that has no box?", None, CLASSES)


def with_what_is_known(questions: Sequence[Any], given: Sequence[Any]) -> Any:
    """The next question, told what the answers before it said."""
    from dataclasses import replace

    import numpy as np

    from ocella.types import Detections

    question = questions[len(given)]
    answered = list(zip(questions, given, strict=False))
    right = sum(reply.verdict in ("yes", "fix") for q, reply in answered if q.kind == "object")
    boxes = sum(q.kind == "object" for q, _ in answered)
    note = f"So far {right} of {boxes} boxes hold what nanodet-g said" if boxes else ""
    if question.kind != "missing":
        return replace(question, note=note)
    here = [(q, r) for q, r in answered if q.file == question.file and r.verdict in ("yes", "fix", "class")]
    corners = [r.xyxy or q.objects.xyxy[0].tolist() for q, r in here]
    names = [r.class_name or q.objects.names[0] for q, r in here]
    known = Detections(
        np.array(corners, np.float32).reshape(-1, 4),
        np.ones(len(here), np.float32),
        np.array([CLASSES.index(n) for n in names], np.int64),
        CLASSES,
    )
    return replace(question, objects=known, note=note)


if __name__ == "__main__":
    sys.exit(main())

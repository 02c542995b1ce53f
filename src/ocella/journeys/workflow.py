"""Run a workflow on images: opened, batched, run in one session, and written down."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TextIO

from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.media.write import encode_png, write_bytes
from ocella.progress import Progress, silent
from ocella.types import Image, ImageRef
from ocella.workflows.compile import compile_workflow
from ocella.workflows.definition import read_definition_file
from ocella.workflows.result import Result
from ocella.workflows.run import OnError, Session
from ocella.workflows.services import Services
from ocella.workflows.wire_out import write_value
from ocella.workflows.workflow import Workflow

__all__ = ["WorkflowRun", "open_workflow", "run_on_images"]


@dataclass(frozen=True)
class WorkflowRun:
    """The outputs of each image as JSON, by its name ('' where the workflow takes none), where no folder `out` was given;
    how many images were run on; elements that failed; (name, reason) of images that could not be read; with `out` the
    folder where pictures and `results.jsonl`, with the same rows, are.
    """

    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    count: int = 0
    failures: tuple[Mapping[str, Any], ...] = ()
    set_aside: tuple[tuple[str, str], ...] = ()
    out: Path | None = None
    trace: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "count": self.count,
            "rows": [{"image": name, "outputs": row} for name, row in self.rows],
            "failures": list(self.failures),
            "set_aside": [{"name": n, "reason": r} for n, r in self.set_aside],
            "out": None if self.out is None else str(self.out),
        }


def open_workflow(definition: Path | str | Mapping[str, Any]) -> Workflow:
    """A workflow from a file or its JSON; raises InvalidWorkflow, NotFound, Unreadable."""
    return compile_workflow(definition if isinstance(definition, Mapping) else read_definition_file(Path(definition)))


def run_on_images(
    workflow: Workflow,
    images: Sequence[str] = (),
    *,
    parameters: Mapping[str, Any] | None = None,
    out: Path | None = None,
    services: Services | None = None,
    batch: int = 8,
    on_error: OnError = "isolate",
    workers: int = 0,
    explain: bool = False,
    progress: Progress = silent,
) -> WorkflowRun:
    """Run on every image of files and folders, `batch` at a time, in one session. `images` are paths, or NAME=PATH for a
    workflow with several image inputs. With `out` pictures are written there, and `results.jsonl`; without it rows hold
    their sizes only. Raises InvalidValue, NotFound, StepFailed.
    """
    refs, aside = _images(workflow, images)
    total = max((len(r) for r in refs.values()), default=0)
    failures: list[Mapping[str, Any]] = []
    trace: Mapping[str, Any] = {}
    kinds = {name: reference.kinds for name, (_, reference) in workflow.outputs.items()}
    with _Writer(out, kinds) as writer, Session(workflow, services, on_error=on_error, workers=workers) as session:
        for first in range(0, max(total, 1), batch):
            given, names = _opened(refs, first, batch, aside)
            if refs and not names:
                continue
            result = session.run({**given, **(parameters or {})}, explain=explain)
            trace = result.chrome_trace() if explain else {}
            writer.write(result, names)
            failures += [_named(f.to_json(), names) for f in result.failures]
            progress("workflow", min(first + batch, total), total, names[-1] if names else "")
        if refs and not writer.count:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in aside[:5])
            raise NotFound(f"No image could be run on. {reasons}")
    return WorkflowRun(tuple(writer.rows), writer.count, tuple(failures), tuple(aside), out, trace)


def _images(workflow: Workflow, images: Sequence[str]) -> tuple[dict[str, list[ImageRef]], list[tuple[str, str]]]:
    """What each image input gets, one entry an image."""
    inputs = [i.name for i in workflow.inputs.values() if i.kinds == {"image"}]
    by_input: dict[str, list[str]] = {}
    for item in images:
        name, equals, path = item.partition("=")
        if equals and name in inputs:
            by_input.setdefault(name, []).append(path)
        elif len(inputs) == 1:
            by_input.setdefault(inputs[0], []).append(item)
        else:
            known = ", ".join(inputs) or "none"
            raise InvalidValue(f"Say which input '{item}' is for, as NAME=PATH. Image inputs: {known}.")
    missing = [name for name in inputs if name not in by_input]
    if missing:
        raise InvalidValue(f"The workflow needs images for '{missing[0]}'. Give --image with a file or a folder.")
    aside: list[tuple[str, str]] = []
    refs = {}
    for name, paths in by_input.items():
        found = find_images(list(paths))
        aside += [*found.set_aside, *((n, "a video: give it as --video") for n in found.video_names)]
        refs[name] = list(found.images)
    counts = {len(r) for r in refs.values()} - {1}
    if len(counts) > 1:
        said = ", ".join(f"'{n}' has {len(r)}" for n, r in refs.items())
        raise InvalidValue(f"Image inputs must hold equally many images, or one for all: {said}.")
    if any(not r for r in refs.values()):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in aside[:5])
        raise NotFound(f"No image was found. {reasons}")
    return refs, aside


def _opened(
    refs: Mapping[str, list[ImageRef]], first: int, batch: int, aside: list[tuple[str, str]]
) -> tuple[dict[str, list[Image]], list[str]]:
    """The images of one batch by input, and the names of the rows; an image that cannot be read is set aside."""
    total = max((len(r) for r in refs.values()), default=0)
    given: dict[str, list[Image]] = {name: [] for name in refs}
    names: list[str] = []
    for place in range(first, min(first + batch, total)):
        chosen = {name: (r[0] if len(r) == 1 else r[place]) for name, r in refs.items()}
        try:
            opened = {name: load(ref) for name, ref in chosen.items()}
        except Unreadable as error:
            aside.append((" + ".join(ref.name for ref in chosen.values()), str(error)))
            continue
        for name, image in opened.items():
            given[name].append(image)
        names.append(
            next((ref.name for name, ref in chosen.items() if len(refs[name]) > 1), next(iter(chosen.values())).name)
        )
    return given, names


def _named(failure: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    path = failure["path"]
    return failure | {"image": names[path[0]] if path and path[0] < len(names) else ""}


class _Writer:
    """Rows as JSON; pictures as PNG files in a folder of their output."""

    def __init__(self, out: Path | None, kinds: Mapping[str, frozenset[str]]) -> None:
        self.out, self.kinds, self.count = out, kinds, 0
        self.rows: list[tuple[str, Mapping[str, Any]]] = []
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        if self.out is not None:
            self.out.mkdir(parents=True, exist_ok=True)
            self._file = (self.out / "results.jsonl").open("w", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, result: Result, names: Sequence[str]) -> None:
        for place, row in enumerate(result):
            name = names[place] if place < len(names) else ""
            stem = Path(name or "result").stem
            plain = {key: self._value(value, key, stem, self.kinds[key]) for key, value in row.items()}
            self.count += 1
            if self._file is None:
                self.rows.append((name, plain))
            else:
                self._file.write(json.dumps({"image": name, "outputs": plain}, ensure_ascii=False) + "\n")
                self._file.flush()

    def _value(self, value: Any, key: str, stem: str, kinds: frozenset[str]) -> Any:
        if isinstance(value, Image) and self.out is not None:
            path = self._free(self.out / key / f"{stem}.png")
            write_bytes(path, encode_png(value))
            return {"type": "file", "value": path.relative_to(self.out).as_posix()}
        if isinstance(value, list | tuple):
            return [self._value(item, key, f"{stem}-{i}", kinds) for i, item in enumerate(value)]
        if isinstance(value, dict):
            return {k: self._value(item, key, f"{stem}-{k}", kinds) for k, item in value.items()}
        return write_value(value, images="shape", kinds=kinds)

    def _free(self, path: Path) -> Path:
        """A path that is not taken: two images of different folders may have one name."""
        path.parent.mkdir(parents=True, exist_ok=True)
        number, wanted = 2, path
        while wanted.exists():
            wanted = path.with_stem(f"{path.stem}_{number}")
            number += 1
        return wanted

"""Label images: resumable, one bad image fails alone, and the summary leads with what matched nothing."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ocella.datasets import Dataset
from ocella.datasets.dataset import FILE
from ocella.errors import Mismatch, NotFound, OcellaError, Unreadable
from ocella.labeling.gather import Gathered, Item, gather
from ocella.labeling.merge import merge
from ocella.labeling.settings import LabelSettings, annotate, classes_of, setting_key
from ocella.labeling.summary import Labeled, summarise
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.media.write import remove_leftovers
from ocella.models.compose import tiled
from ocella.models.tasks import Model
from ocella.progress import Progress, silent
from ocella.store.lock import exclusive
from ocella.store.results import Results
from ocella.types import Image, Source

__all__ = ["Labeled", "label"]


def label(
    sources: Sequence[str | Path],
    out: Path | str,
    model: Model,
    settings: LabelSettings | None = None,
    *,
    progress: Progress = silent,
) -> Labeled:
    """Label images, folders and videos into the data set `out`. What was done before with the same model and settings is
    reused; labels that a person accepted or edited stay as they are. Raises NoMatch before any work where a prompt is
    nothing that the model can find, NotFound where there is no image, Mismatch where `out` is of another task.
    """
    settings = settings or LabelSettings()
    root = Path(out)
    model = tiled(model, settings.tile)
    matches = tuple(m.to_json() for m in model.matches(settings.ontology)) if settings.ontology else ()
    found = find_images(sources)
    began = time.monotonic()
    with exclusive(root / ".ocella"):
        remove_leftovers(root)
        _check_task(root, model)
        gathered = gather(found, root, every=settings.every, limit=settings.limit, progress=progress)
        _check_some(gathered)
        results = Results(root / ".ocella" / "results.sqlite")
        try:
            key = setting_key(model, settings)
            known = results.images(key)
            todo = {i.sha256: i for i in gathered.items if i.sha256 not in known}
            _predict(root, list(todo.values()), model, settings, _keeper(results, key), progress)
            said = dict(results.items(key))
        finally:
            results.close()
        source = _source(model, settings)
        dataset, aside = merge(root, gathered, said, source, model.task, classes_of(model, settings))
        if settings.ontology is not None:
            dataset = dataset.replace(info={**dataset.info, "ontology": settings.ontology.to_json()})
        dataset.save()
    seconds = time.monotonic() - began
    return summarise(dataset, gathered, aside, source, len(todo), seconds, matches, settings.ontology)


def _check_task(root: Path, model: Model) -> None:
    if (root / FILE).is_file() and (task := Dataset.open(root).task) != model.task:
        raise Mismatch(
            f"{root} is a data set for {task}, but '{model.card.name}' is for {model.task}. Label into another folder."
        )


def _check_some(gathered: Gathered) -> None:
    if not gathered.items:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in gathered.set_aside[:5])
        raise NotFound(f"None of the images can be read, so there is nothing to label. {reasons}")


def _keeper(results: Results, key: str) -> Callable[[list[tuple[str, Any]]], None]:
    return lambda items: results.add(key, items)


def _predict(
    root: Path,
    todo: list[Item],
    model: Model,
    settings: LabelSettings,
    keep: Callable[[list[tuple[str, Any]]], None],
    progress: Progress,
) -> None:
    done = 0
    for batch in _decoded(root, todo, settings.batch):
        good = [(item, image) for item, image in batch if isinstance(image, Image)]
        said: list[tuple[str, Any]] = [(i.sha256, {"aside": str(e)}) for i, e in batch if not isinstance(e, Image)]
        said += _said(model, good, settings)
        keep(said)
        done += len(batch)
        progress("label", done, len(todo), batch[-1][0].file)


def _said(model: Model, good: list[tuple[Item, Image]], settings: LabelSettings) -> list[tuple[str, Any]]:
    """The labels of a batch; where one image's answer cannot be read, it alone is set aside."""
    if not good:
        return []
    try:
        labels = annotate(model, [image for _, image in good], settings)
    except Unreadable as error:
        if len(good) == 1:
            return [(good[0][0].sha256, {"aside": str(error)})]
        return [one for pair in good for one in _said(model, [pair], settings)]
    return [(item.sha256, {"label": v.to_json()}) for (item, _), v in zip(good, labels, strict=True)]


def _decoded(root: Path, todo: list[Item], batch: int) -> Iterator[list[tuple[Item, Image | OcellaError]]]:
    """Batches of images, decoded one batch ahead of the model."""

    def decode(item: Item) -> tuple[Item, Image | OcellaError]:
        try:
            return item, load(root / item.file)
        except (Unreadable, NotFound) as error:
            return item, error

    def decode_all(items: list[Item]) -> list[tuple[Item, Image | OcellaError]]:
        return [decode(i) for i in items]

    chunks = [todo[i : i + batch] for i in range(0, len(todo), batch)]
    with ThreadPoolExecutor(1) as pool:
        ahead = [pool.submit(decode_all, c) for c in chunks[:1]]
        for n in range(len(chunks)):
            ready = ahead.pop(0).result()
            if n + 1 < len(chunks):
                ahead.append(pool.submit(decode_all, chunks[n + 1]))
            yield ready


def _source(model: Model, settings: LabelSettings) -> Source:
    card = model.card
    facts = {**settings.to_json(), "weights_sha256": card.sha256, "weights_license": card.weights_license}
    facts["commercial_use"] = card.commercial_use
    if settings.origin:
        facts["chosen"] = dict(settings.origin)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Source("model", card.name, run=uuid.uuid4().hex[:12], time=now, settings=json.loads(json.dumps(facts)))

"""Foreign data sets to ours, and ours to foreign ones."""

from pathlib import Path

from ocella.datasets.dataset import FILE, Dataset
from ocella.datasets.format import Format, detect_format, formats
from ocella.datasets.sample import Split
from ocella.errors import InvalidValue, NotFound, Refused

__all__ = ["export_dataset", "import_dataset"]


def import_dataset(
    path: Path | str,
    out: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word that people use
    listed: Path | str | None = None,
    images: Path | str | None = None,
    split: Split | None = None,
) -> Dataset:
    """The foreign data set at `path` as ours in the new folder `out`, saved; images are linked. `listed` is a text file
    with the images to take, `split` the split for all of them. What was wrong stands in `info["problems"]`.
    """
    path, root = Path(path), Path(out)
    if not path.exists():
        raise NotFound(f"There is nothing at {path}. Give the folder or the file of a data set.")
    if (root / FILE).exists():
        raise Refused(f"{root} already holds a data set. Give a new folder: nothing is written over.")
    if _is_ours(path):
        raise InvalidValue(f"{path} is a data set of Ocella already: open it, or export it to another format.")
    unit = formats.get(format) if format else _detected(path)
    dataset = unit.read(path, root, listed=None if listed is None else Path(listed), images=_folder(images))
    if split is not None:
        dataset = dataset.map(lambda s: s.replace(split=split))
    dataset.save()
    return dataset


def _folder(images: Path | str | None) -> Path | None:
    if images is not None and not Path(images).is_dir():
        raise NotFound(f"There is no folder of images {images}.")
    return None if images is None else Path(images)


def _is_ours(path: Path) -> bool:
    file = path / FILE if path.is_dir() else path
    if file.name != FILE or not file.is_file():
        return False
    with file.open(encoding="utf-8", errors="replace") as handle:
        return '"ocella"' in handle.read(500)


def _detected(path: Path) -> Format:
    unit = detect_format(path)
    if unit is None:
        inside = ", ".join(sorted(p.name for p in path.iterdir())[:8]) if path.is_dir() else "a file"
        raise InvalidValue(
            f"{path} is of no known format (tried {', '.join(formats.units())}; it holds: {inside or 'nothing'}). "
            f"Name the format, or check the path."
        )
    return unit


def export_dataset(
    dataset: Dataset,
    target: Path | str,
    format: str,  # noqa: A002 - the word that people use
    *,
    accept_losses: bool = True,
) -> list[str]:
    """Write `dataset` into the new or empty folder `target`; returns what the format could not hold. Raises Refused,
    before anything is written, where the format holds nothing of the task, or any loss is not accepted.
    """
    unit = formats.get(format)
    if dataset.task not in unit.tasks:
        able = [f.name for f in formats if dataset.task in f.tasks]
        raise Refused(
            f"{unit.name} holds {', '.join(sorted(unit.tasks))}; this data set is for {dataset.task}. "
            f"Formats that can hold it: {', '.join(able) or 'none but its own folder'}."
        )
    losses = unit.losses(dataset)
    if losses and not accept_losses:
        raise Refused(f"{unit.name} cannot hold all of it. {' '.join(losses)}")
    unit.write(dataset, Path(target))
    return losses

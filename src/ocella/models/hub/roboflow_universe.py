"""Models of Roboflow Universe, for a person who gives their own key."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ocella import environment
from ocella.errors import Busy, InvalidValue, Mismatch, NotFound, OcellaError, Refused, Unreadable
from ocella.models.card import ModelCard
from ocella.models.entry import LoadOptions
from ocella.models.hub.disk_room import room
from ocella.models.hub.download import Download
from ocella.models.hub.weights_lock import (
    WeightsLock,
    checked_path,
    fact_of,
    lock_path,
    own_folder,
    read_lock,
    write_lock,
)
from ocella.progress import Progress, silent

__all__ = ["fetch_universe", "fetch_universe_package", "universe_card", "universe_lock"]

_PAGES = 10
_CONFIG = "model_config.json"
_WEIGHTS = "weights.onnx"


def fetch_universe(reference: str, options: LoadOptions) -> Path:
    """The folder of `workspace/project/version`, from the cache or fetched with the key in ROBOFLOW_API_KEY: a package as
    Roboflow makes it, with model_config.json, class_names.txt, inference_config.json and weights.onnx. Raises
    InvalidValue, NotFound, Refused, Busy, Mismatch, NoRoom.
    """
    del options
    cache = environment.read().hub_cache
    card = universe_card(reference)
    return _found(card, cache) or fetch_universe_package(card, cache)


def universe_card(reference: str) -> ModelCard:
    """A card for what is there under a reference: nothing is known of it but its place; raises InvalidValue."""
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*(/\d+)?", reference):
        raise InvalidValue(f"roboflow: must be followed by workspace/project/version, got '{reference}'.")
    return ModelCard(
        f"roboflow:{reference}", "detect", "", f"Roboflow Universe: {reference}", "", "unknown", False, 0, 0, (0, 0),
        data={"roboflow": reference}, clause="nothing is known of its licence: look on its page on Roboflow Universe",
    )  # fmt: skip


def universe_lock(card: ModelCard, cache: Path) -> WeightsLock | None:
    """What the first fetch saw."""
    return read_lock(lock_path(cache, card.name))


def fetch_universe_package(
    card: ModelCard, cache: Path, *, again: bool = False, accept_new: bool = False, progress: Progress = silent
) -> Path:
    """The package's folder after fetching what the cache lacks; held to what the first fetch saw, unless `accept_new`."""
    seen = environment.read()
    lock = None if accept_new else universe_lock(card, cache)
    if seen.offline or (lock is not None and not again):
        found = _found(card, cache)
        if found is not None:
            return found
    if seen.offline:
        raise NotFound(
            f"'{card.name}' is not in {own_folder(cache)}, and OCELLA_OFFLINE or HF_HUB_OFFLINE forbids to fetch it. Run "
            f"`ocella pull {card.name}` where there is a network."
        )
    if not seen.roboflow_key:
        raise Refused(
            f"'{card.name}' is fetched with your own key: set ROBOFLOW_API_KEY, as your workspace's settings on "
            f"app.roboflow.com show it. Then run `ocella pull {card.name}` again."
        )
    folder = _folder(card, cache)
    with _answers(card), room(folder, f"'{card.name}'"):
        facts = _ask(card, seen.roboflow_url, seen.roboflow_key)
        return _keep(card, facts, folder, lock, cache, again=again, progress=progress)


def _keep(
    card: ModelCard,
    facts: Mapping[str, Any],
    folder: Path,
    lock: WeightsLock | None,
    cache: Path,
    *,
    again: bool,
    progress: Progress,
) -> Path:
    package = _onnx_package(card, facts)
    made = folder.with_name(folder.name + f".{package['packageId']}.new")
    if again:
        shutil.rmtree(made, ignore_errors=True)
    for file in package["packageFiles"]:
        name = _plain(card, str(file["fileHandle"]))
        Download(str(file["downloadUrl"]), made / name, is_right=_md5(file.get("md5Hash")), progress=progress).run()
    config = {
        "model_id": facts.get("modelId", ""),
        "model_architecture": facts["modelArchitecture"],
        "task_type": facts.get("taskType"),
        "backend_type": "onnx",
        "model_package_id": package["packageId"],
        "recommended_parameters": package.get("recommendedParameters") or facts.get("recommendedParameters"),
    }
    known = {key: value for key, value in config.items() if value is not None}
    (made / _CONFIG).write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    new = WeightsLock(card.name, str(package["packageId"]), {f.name: fact_of(f) for f in sorted(made.iterdir())})
    if lock is not None and new.files != lock.files:
        other = sorted(n for n in {*new.files, *lock.files} if new.files.get(n) != lock.files.get(n))
        shutil.rmtree(made)
        raise Mismatch(
            f"'{card.name}' is not what was fetched first ({lock.date}): {_compared(other[0], lock, new)}. To take the new "
            f"one, run `ocella pull {card.name} --accept-new`."
        )
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
    write_lock(lock_path(cache, card.name), lock or new)
    new.note(folder, checked=checked_path(lock_path(cache, card.name)))
    return folder


def _compared(name: str, lock: WeightsLock, new: WeightsLock) -> str:
    def said(of: WeightsLock) -> str:
        return f"SHA-256 {of.files[name].sha256}" if name in of.files else "no such file"

    return f"{name}: expected {said(lock)}, got {said(new)}"


def _found(card: ModelCard, cache: Path) -> Path | None:
    lock, folder = universe_lock(card, cache), _folder(card, cache)
    if lock is None or not lock.is_there(folder):
        return None
    lock.check(folder, card.name, checked=checked_path(lock_path(cache, card.name)))
    return folder


def _folder(card: ModelCard, cache: Path) -> Path:
    return own_folder(cache) / "roboflow" / str(card.data["roboflow"]).replace("/", "--")


def _ask(card: ModelCard, address: str, key: str) -> dict[str, Any]:
    """What the registry says of the model, its packages of all pages together. The key goes in a header, never in an
    address, which servers and errors write down.
    """
    import httpx

    packages: list[Any] = []
    # a project belongs to one workspace, so the registry knows a trained version as project/version
    parts = str(card.data["roboflow"]).split("/")
    query = {"modelId": "/".join(parts[-2:])}
    for _ in range(_PAGES):
        answer = httpx.get(
            f"{address}/models/v1/external/weights",
            params=query,
            headers={"Authorization": f"Bearer {key}"},
            timeout=30.0,
        )
        answer.raise_for_status()
        try:
            facts: dict[str, Any] = answer.json()["modelMetadata"]
            packages += facts["modelPackages"]
            facts["modelArchitecture"]
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{address} answered for '{card.name}' what is no description of a model.") from error
        if not facts.get("nextPage"):
            break
        query["startAfter"] = str(facts["nextPage"])
    return {**facts, "modelPackages": packages}


def _onnx_package(card: ModelCard, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The package to take: ONNX in 32 bits, any batch before a fixed one."""
    able = [
        p
        for p in facts["modelPackages"]
        if p.get("type") == "external-model-package-v1"
        and p["packageManifest"].get("type") == "onnx-model-package-v1"
        and any(f["fileHandle"] == _WEIGHTS for f in p["packageFiles"])
    ]
    if not able:
        raise NotFound(
            f"'{card.name}' ({facts['modelArchitecture']}) has no package with {_WEIGHTS}, and no other kind is run here. "
            "Export its data set, train a model of your own, or choose another."
        )

    def rank(package: Mapping[str, Any]) -> tuple[bool, bool]:
        manifest = package["packageManifest"]
        return manifest.get("quantization") != "fp32", not manifest.get("dynamicBatchSize")

    best: Mapping[str, Any] = min(able, key=rank)
    return best


def _plain(card: ModelCard, name: str) -> str:
    if not re.fullmatch(r"[\w][\w.-]*", name):
        raise Unreadable(f"'{card.name}' names a file {name!r}, which is no plain file name. It is not fetched.")
    return name


def _md5(expected: str | None) -> Any:
    if not expected:
        return None

    def wrong(file: Path) -> str:
        with file.open("rb") as stream:
            got = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        return "" if got == expected else f"{file.name} must have the MD5 {expected}, as Roboflow lists it, got {got}."

    return wrong


@contextmanager
def _answers(card: ModelCard) -> Iterator[None]:
    """What the server and the way to it raise, as errors that say what to do, and never the key."""
    import httpx

    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _refusal(card, error.response.status_code, error.request.url.host) from None
    except httpx.HTTPError as error:
        host = error.request.url.host
        raise NotFound(
            f"'{card.name}' could not be fetched from {host}: {type(error).__name__}. Run `ocella pull {card.name}` where "
            "there is a network."
        ) from None


def _refusal(card: ModelCard, code: int, host: str) -> OcellaError:
    if code in (401, 403):
        return Refused(
            f"{host} refused '{card.name}' ({code}): the key in ROBOFLOW_API_KEY is wrong, or its workspace may not use this "
            f"model. Look at your key on app.roboflow.com. Then run `ocella pull {card.name}` again."
        )
    if code == 404:
        return NotFound(
            f"{host} has no model '{card.name}' for your key. Is it workspace/project/version, with a version that was "
            "trained?"
        )
    if code == 429:
        return Busy(f"{host} has had too many requests with your key. Wait, then run `ocella pull {card.name}` again.")
    return NotFound(f"{host} answered {code} for '{card.name}'. Run `ocella pull {card.name}` again later.")

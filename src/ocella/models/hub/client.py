"""The hub of models: what a repository holds, and its files in the hub's own cache folder."""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.errors import MissingExtra, NotFound, OcellaError, Refused
from ocella.models.card import ModelCard
from ocella.models.hub.disk_room import check_room, room
from ocella.models.hub.download import Download
from ocella.models.hub.weights_lock import fact_of
from ocella.progress import Progress

__all__ = ["HubFile", "HubFiles", "Unreachable", "fetch_blobs", "link_files", "list_files", "storage"]


class Unreachable(NotFound):
    """The hub does not answer."""


@dataclass(frozen=True)
class HubFile:
    """A file of a repository; `oid` is git's name for its content, `sha256` known for large files."""

    name: str
    size: int
    oid: str
    sha256: str = ""

    @property
    def blob(self) -> str:
        """Its name in the cache."""
        return self.sha256 or self.oid

    def present(self, cache: Path, held: "HubFiles") -> Path:
        """Where its content is in the cache, or would be put."""
        home = storage(cache, held.repository)
        named = home / "snapshots" / held.commit / self.name
        return named if named.exists() else home / "blobs" / self.blob

    def wrong(self, file: Path) -> str:
        """What is wrong with a fetched file, "" for nothing."""
        size = file.stat().st_size
        if size != self.size:
            return f"{self.name} must have {self.size} bytes, as the hub lists it, but {size} came."
        got = fact_of(file).sha256 if self.sha256 else _git_name(file)
        kind = "SHA-256" if self.sha256 else "git object"
        return (
            "" if got == self.blob else f"{self.name} must have the {kind} {self.blob}, as the hub lists it, got {got}."
        )


@dataclass(frozen=True)
class HubFiles:
    """What a repository holds at one commit, and the licence that its page states."""

    repository: str
    commit: str
    license: str
    files: tuple[HubFile, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of all files."""
        return tuple(f.name for f in self.files)


def storage(cache: Path, repository: str) -> Path:
    """Where huggingface_hub keeps a repository."""
    return cache / f"models--{repository.replace('/', '--')}"


def list_files(card: ModelCard, revision: str, *, endpoint: str | None) -> HubFiles:
    """What the hub has for a card now. Raises NotFound (Unreachable where it does not answer), Refused, MissingExtra."""
    hub = _library(card)
    repository = str(card.data["hub"])
    api = hub.HfApi(endpoint=endpoint)
    with answers(card, revision):
        info = api.model_info(repository, revision=revision, timeout=20)
        found = list(api.list_repo_tree(repository, recursive=True, revision=info.sha))
    files = tuple(
        HubFile(f.path, f.size, f.blob_id, f.lfs.sha256 if f.lfs else "")
        for f in found
        if isinstance(f, hub.hf_api.RepoFile)  # the rest are folders
    )
    page = info.card_data.to_dict() if info.card_data else {}
    license = page.get("license_name") or page.get("license") or ""  # noqa: A001  # the field's word
    return HubFiles(repository, str(info.sha), str(license), files)


def fetch_blobs(
    card: ModelCard,
    held: HubFiles,
    files: Sequence[HubFile],
    *,
    cache: Path,
    endpoint: str | None,
    progress: Progress,
) -> None:
    """Put the contents of `files` into the hub's cache where they are not there. Each is checked against what the hub lists
    before it gets its name; an interrupted fetch goes on where it stopped.
    """
    hub = _library(card)
    blobs = storage(cache, held.repository) / "blobs"
    lacking = [f for f in files if not f.present(cache, held).exists()]
    check_room(cache, sum(f.size for f in lacking), f"'{card.name}'")
    address = (endpoint or hub.constants.ENDPOINT).rstrip("/")
    token = hub.utils.build_hf_headers().get("authorization", "")
    with answers(card, held.commit), room(cache, f"'{card.name}'"):
        for file in lacking:
            Download(
                hub.hf_hub_url(held.repository, file.name, revision=held.commit, endpoint=address),
                blobs / file.blob,
                is_right=file.wrong,
                headers={"Authorization": token} if token else {},
                progress=progress,
                name=file.name,
            ).run()


def link_files(
    card: ModelCard, held: HubFiles, files: Sequence[HubFile], revision: str, *, cache: Path, endpoint: str | None
) -> Path:
    """The folder with `files` under their names. The hub's own library makes it: it finds their contents in its cache and
    fetches nothing.
    """
    hub = _library(card)
    shown = not hub.utils.are_progress_bars_disabled()
    hub.utils.disable_progress_bars()
    try:
        with answers(card, revision), room(cache, f"'{card.name}'"):
            hub.snapshot_download(
                held.repository,
                revision=held.commit,
                cache_dir=cache,
                endpoint=endpoint,
                allow_patterns=[f.name for f in files],
                max_workers=1,
            )
            _note_revision(storage(cache, held.repository) / "refs" / revision, held.commit)
    finally:
        if shown:
            hub.utils.enable_progress_bars()
    return storage(cache, held.repository) / "snapshots" / held.commit


def _note_revision(ref: Path, commit: str) -> None:
    """The commit that a branch or tag stood for, where the hub's library looks for it."""
    if ref.name == commit or (ref.is_file() and ref.read_text(encoding="utf-8") == commit):
        return
    ref.parent.mkdir(parents=True, exist_ok=True)
    new = ref.with_name(f".{ref.name}.{uuid.uuid4().hex}")
    new.write_text(commit, encoding="utf-8")
    new.replace(ref)


@contextmanager
def answers(card: ModelCard, revision: str) -> Iterator[None]:
    """What the hub and the way to it raise, as errors that say what to do."""
    import httpx
    from huggingface_hub.errors import HfHubHTTPError

    # the HTTP client of the hub's library, which differs by its version, raises what its own HTTP error comes from
    clients = tuple(base for base in HfHubHTTPError.__bases__ if issubclass(base, Exception))
    unreachable: tuple[type[Exception], ...] = (OSError, httpx.HTTPError, *clients)
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _refusal(card, revision, error.response) from error
    except HfHubHTTPError as error:
        raise _refusal(card, revision, error.response) from error
    except unreachable as error:
        raise Unreachable(_why(card, error)) from error


def _refusal(card: ModelCard, revision: str, response: Any) -> OcellaError:
    """An answer of the hub that is no file."""
    code, said = response.status_code, response.headers.get("X-Error-Code", "")
    repository = str(card.data["hub"])
    page = card.gated or f"https://huggingface.co/{repository}"
    own = "Give your own token: set HF_TOKEN, or run `hf auth login`"
    again = f"Then run `ocella pull {card.name}` again."
    if said == "RevisionNotFound":
        return NotFound(
            f"{repository} has no revision '{revision}'. Look at the branches and tags on {page}. Where it was fetched from "
            f"there before, and is gone, run `ocella pull {card.name} --accept-new`."
        )
    if said == "GatedRepo" or (code == 403 and said != "RepoNotFound"):
        return Refused(
            f"The weights of '{card.name}' are given only to those who accepted their licence. Accept it on {page}, with "
            f"your own account. {own}. {again}"
        )
    if said == "RepoNotFound" or code in (401, 404):
        known = "does not exist, or is private, or its licence must be accepted first (the hub does not say which)"
        if code == 401:
            return Refused(f"{repository} {known}. Look at {page}. Where you may read it: {own}. {again}")
        return NotFound(f"{repository} does not exist, or is private and your token may not read it. Look at {page}.")
    return Unreachable(f"{response.request.url.host} answered {code} {response.reason_phrase} for {repository}.")


def _why(card: ModelCard, error: Exception) -> str:
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return f"{card.data['hub']} could not be fetched: {first[:300]}."


def _git_name(file: Path) -> str:
    content = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _library(card: ModelCard) -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingExtra(f"Fetching '{card.name}'", card.extra or "torch") from error
    return huggingface_hub

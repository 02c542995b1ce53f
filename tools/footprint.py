"""What a core install costs: its size and its distributions in a fresh environment, and that torch is not among them.

python tools/footprint.py [--write README.md]
"""

import argparse
import platform
import subprocess
import sys
import sysconfig
import tempfile
import venv
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALLOWED_MB = 450
FORBIDDEN = ("torch", "torchvision")
BEGIN, END = "<!-- footprint -->", "<!-- /footprint -->"


@dataclass(frozen=True)
class Footprint:
    """Megabytes (10^6 bytes of content) of everything that the install put into site-packages, of the compiled bytecode
    in it, and of each distribution.
    """

    megabytes: float
    bytecode: float
    by_distribution: dict[str, float]

    @property
    def problems(self) -> list[str]:
        """What is too large or should not be there."""
        here = [name for name in FORBIDDEN if name in self.by_distribution]
        found = [f"{name} is installed, but the core has no {name}" for name in here]
        if self.megabytes > ALLOWED_MB:
            found.append(f"{self.megabytes:.0f} MB are installed, {ALLOWED_MB} are allowed")
        return found

    def lines(self) -> list[str]:
        """The figures as Markdown."""
        largest = sorted(self.by_distribution.items(), key=lambda item: (-item[1], item[0]))[:10]
        present = [name for name in FORBIDDEN if name in self.by_distribution]
        torch = f"with {' and '.join(present)}" if present else f"without {' and '.join(FORBIDDEN)}"
        where = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        count = len(self.by_distribution)
        summary = (
            f"The core takes **{self.megabytes:.0f} MB** ({self.bytecode:.0f} MB of it compiled bytecode) in {count} "
            f"distributions, {torch} ({where})."
        )
        return [summary, "", "Largest: " + ", ".join(f"{name} {size:.0f} MB" for name, size in largest) + "."]


def main() -> int:
    """Install, measure, print and maybe write; 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description="The size of a core install in a fresh environment.")
    parser.add_argument("--write", type=Path, help=f"file whose text between {BEGIN} and {END} is replaced")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ocella-footprint-") as folder:
        footprint = installed(Path(folder) / "venv")
    print("\n".join(footprint.lines()))
    for problem in footprint.problems:
        print(f"FAILED: {problem}.", file=sys.stderr)
    if given.write is not None:
        given.write.write_text(replaced(given.write.read_text(encoding="utf-8"), footprint.lines()), encoding="utf-8")
    return int(bool(footprint.problems))


def installed(folder: Path) -> Footprint:
    """The core without extras in a new environment; what the environment began with (pip) is not counted."""
    venv.create(folder, with_pip=True)
    places = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", places))
    python = Path(sysconfig.get_path("scripts", "venv", places)) / (
        "python.exe" if sys.platform == "win32" else "python"
    )
    before = measure(site)
    wanted = ["-c", "constraints.txt", "./packages/starter", "."]
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([str(python), "-m", "pip", "install", *quiet, *wanted], cwd=ROOT, check=True)
    after = measure(site)
    own = {name: size for name, size in after.by_distribution.items() if name not in before.by_distribution}
    return Footprint(after.megabytes - before.megabytes, after.bytecode - before.bytecode, own)


def measure(site: Path) -> Footprint:
    """Count what lies in a site-packages folder."""
    files = [f for f in site.rglob("*") if f.is_file()]
    sizes = {d.metadata["Name"].lower(): _megabytes(d) for d in distributions(path=[str(site)])}
    return Footprint(_sum(files), _sum([f for f in files if f.suffix == ".pyc"]), sizes)


def _sum(files: list[Path]) -> float:
    return sum(f.stat().st_size for f in files) / 1e6


def _megabytes(distribution: Distribution) -> float:
    files = [Path(str(f.locate())) for f in distribution.files or ()]
    return _sum([f for f in files if f.is_file()])


def replaced(text: str, lines: list[str]) -> str:
    """The text with `lines` between the two marks; raises SystemExit where a mark is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"The file must hold {BEGIN} and after it {END}; put both where the figures belong.")
    return "\n".join([before + begin, *lines, end + after])


if __name__ == "__main__":
    sys.exit(main())

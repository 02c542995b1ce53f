"""What is heavy loads when it is used."""

import subprocess
import sys

import pytest

HEAVY: tuple[str, ...] = (
    "torch",
    "torchvision",
    "transformers",
    "cv2",
    "onnxruntime",
    "onnx",
    "supervision",
    "rapidocr",
)
HEAVY += ("PIL", "sqlalchemy", "alembic", "fastapi", "httpx", "tokenizers", "safetensors", "scipy")

WATCHED = "import sys\n{}\nprint(*sorted(set({!r}) & set(sys.modules)), file=sys.stderr)"
HELP = "from ocella.cli.main import main\nassert main({!r}) == 0"


def loaded(code: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED.format(code, (*HEAVY, "numpy", "rich", "typer"))],
        capture_output=True, text=True, encoding="utf-8", check=True, timeout=120,
    )  # fmt: skip
    return ran.stderr.strip()


def test_import_loads_nothing_but_python() -> None:
    assert loaded("import ocella") == ""


@pytest.mark.parametrize("given", [["--help"], ["--version"], ["label", "--help"], ["train", "--help"]], ids=" ".join)
def test_help_loads_nothing_heavy(given: list[str]) -> None:
    assert not set(loaded(HELP.format(given)).split()) & set(HEAVY)


def test_public_names_load_on_use() -> None:
    assert not set(loaded("import ocella\nocella.list_models").split()) & {"torch", "cv2", "onnxruntime", "PIL"}
    every = "import ocella\nassert all(getattr(ocella, n) is not None for n in ocella.__all__)"
    assert "torch" not in loaded(every).split()


def test_public_names_are_listed() -> None:
    import ocella

    assert set(ocella.__all__) <= set(dir(ocella))
    with pytest.raises(AttributeError, match="no attribute 'lable'"):
        _ = ocella.lable

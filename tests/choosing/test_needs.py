import pytest

from ocella.choosing.needs import TASKS, Needs, read_hardware, read_wish
from ocella.errors import InvalidValue
from ocella.journeys.advise import advise


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("where", "where"),
        ("Object detection", "where"),
        ("detect", "where"),
        ("exactly_where", "exactly-where"),
        ("instance segmentation", "exactly-where"),
        ("semantic-segment", "regions"),
        ("classify", "what"),
        ("pose", "points"),
        ("VQA", "ask"),
        ("ocr", "read"),
        ("duplicates", "compare"),
        ("moderate", "compare"),
        ("track", "follow"),
        *((wish, wish) for wish in TASKS),
    ],
)
def test_a_wish_has_many_words(said: str, wish: str) -> None:
    assert read_wish(said) == wish


@pytest.mark.parametrize("said", ["", "detekt", "make coffee"])
def test_other_words_are_refused_with_the_known_ones(said: str) -> None:
    with pytest.raises(InvalidValue, match="task must be one of where, exactly-where"):
        read_wish(said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("cpu", ("cpu", 0.0)),
        ("", ("cpu", 0.0)),
        ("4GB", ("cpu", 4.0)),
        ("cpu 4 GB", ("cpu", 4.0)),
        ("cpu-4gb", ("cpu", 4.0)),
        ("a laptop with 16 GB RAM", ("cpu", 16.0)),
        ("raspberry pi, 512 MB", ("cpu", 0.5)),
        ("cuda 24GB", ("cuda", 24.0)),
        ("RTX 4090 24gb", ("cuda", 24.0)),
        ("gpu", ("cuda", 0.0)),
        ("mps", ("mps", 0.0)),
        ("MacBook M2 8GB", ("mps", 8.0)),
        (["cpu", "8GB"], ("cpu", 8.0)),
    ],
)
def test_hardware_is_read(said: str | list[str], expected: tuple[str, float]) -> None:
    assert read_hardware(said) == expected


@pytest.mark.parametrize("said", ["abacus", "quantum 4GB"])
def test_unknown_hardware_is_refused(said: str) -> None:
    with pytest.raises(InvalidValue, match="hardware must be like 'cpu 4GB'"):
        read_hardware(said)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"license": "mit"}, "license must be 'commercial' or nothing"),
        ({"goal": "win"}, "goal must be label, deploy or nothing"),
        ({"memory_gb": -1}, "memory_gb must be at least 0"),
        ({"class_count": -5}, "class_count must be at least 0"),
    ],
)
def test_needs_are_valid_from_birth(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        Needs("where", **changes)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("classes", "language"),
    [
        ("cat, dog", "en"),
        ("猫, 红色汽车", "zh"),
        ("ねこ", "ja"),
        ("고양이", "ko"),
        ("кошка", "ru"),
        ("قطة", "ar"),
        (None, "en"),
    ],
)
def test_the_language_is_told_from_the_letters(classes: str | None, language: str) -> None:
    assert advise("where", classes).needs.language == language


def test_a_language_that_is_said_goes_first() -> None:
    assert advise("what", "Katze, Hund", language="de").needs.language == "de"

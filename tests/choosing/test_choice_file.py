"""A choice on disk: what is written is what is read, and a person's slip is told with its place."""

import math
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.choosing.results import UNKNOWN, chosen, scored

from ocella.choosing.choice_file import SavedChoice, read_choice, write_choice
from ocella.choosing.chosen import Asking
from ocella.choosing.sentences import verdict
from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue, NotFound, OcellaError, Unreadable
from ocella.types import ClassDef, Ontology

ODD = [
    "no",
    "1",
    "1.5",
    "null",
    "~",
    "yes: no",
    "a # b",
    "- a",
    "'",
    '"',
    "2024-01-01",
    "0x1f",
    "über",
    "猫",
    "a\nb",
    "%",
    "&a",
]
DAY = datetime(2025, 3, 1, tzinfo=UTC)

texts = st.one_of(st.sampled_from(ODD), st.text(min_size=1, max_size=12))
names = texts.filter(lambda t: bool(t.strip()))
lists = st.lists(texts, max_size=3).map(tuple)
classes = st.builds(
    ClassDef, names, lists, lists, lists, st.one_of(st.none(), st.floats(0, 1, allow_subnormal=False))
)  # fmt: skip
ontologies = st.lists(classes, min_size=1, max_size=4, unique_by=lambda c: c.name).map(
    lambda found: Ontology(tuple(found))
)
settings = st.builds(
    Setting,
    names,
    st.one_of(st.none(), ontologies),
    st.one_of(st.none(), st.tuples(st.integers(1, 9), st.integers(1, 9))),
    st.one_of(st.just(""), texts),
)


def saved(setting: Setting, **changes: Any) -> SavedChoice:
    with tempfile.TemporaryDirectory() as folder:
        path = write_choice(Path(folder) / "choice.yaml", chosen(scored(setting), **changes), date=DAY)
        return read_choice(path)


@given(settings)
def test_a_setting_comes_back_as_it_was(setting: Setting) -> None:
    assert saved(setting).setting == setting


@pytest.mark.parametrize("name", ODD)
def test_odd_class_names_stay_texts(name: str) -> None:
    ontology = Ontology((ClassDef(name, (name, "2"), threshold=0.25), ClassDef("on")))
    assert saved(Setting(name, ontology, prompt=name)).setting.ontology == ontology


def test_the_file_is_for_people_too(tmp_path: Path) -> None:
    best, second = scored(), scored(Setting("nanodet-g", Ontology.of("shrimp"), (2, 2)))
    result = chosen(best, second)
    path = write_choice(tmp_path / "new" / "my choice.yaml", result, date=DAY)
    text = path.read_text(encoding="utf-8")
    assert "ocella label PHOTOS --setting 'my choice.yaml' --out DATA" in text
    assert "TAKE CARE" not in text
    assert "- name: shrimp\n    prompts: [crab, small crustacean]\n    threshold: 0.23\n" in text
    told = yaml.safe_load(text)["evidence"]
    assert told["verdict"] == verdict(result)
    assert told["recall"] == {"value": 0.81, "low": 0.71, "high": 0.89}
    assert told["classes"]["shrimp"]["F1"] == {"value": 0.83, "low": 0.77, "high": 0.88}
    assert (told["answers"], told["answered_by"], told["images"], told["date"]) == (40, "a person", 60, "2025-03-01")
    assert told["ocella"]
    read = read_choice(path)
    assert read.runner_up == second.setting
    assert read.evidence == told
    assert read.origin == {
        "goal": "balance",
        "good_enough": True,
        "guess": False,
        "answers": 40,
        "answered_by": "a person",
        "date": "2025-03-01",
    }


@pytest.mark.parametrize(
    ("changes", "caution"),
    [({"guess": True}, "Nobody has looked at a single label"), ({"good_enough": False}, "nothing was good enough")],
)
def test_a_doubtful_choice_says_so_first(tmp_path: Path, changes: dict[str, Any], caution: str) -> None:
    path = write_choice(tmp_path / "choice.yaml", chosen(scored(), **changes))
    assert f"TAKE CARE: {caution}" in path.read_text(encoding="utf-8").partition("setting:\n")[0].replace(
        "this is a guess. ", ""
    )


def test_names_cannot_break_out_of_the_comments(tmp_path: Path) -> None:
    path = write_choice(tmp_path / "a\nsetting: {model: evil}.yaml", chosen(scored()))
    assert read_choice(path).setting.model == "owlv2-base"


def test_what_was_not_measured_is_null() -> None:
    told = saved(Setting("m"), asking=Asking(by="ann\nbob: x"), reason="x").evidence
    assert told["answered_by"] == "ann\nbob: x"
    with tempfile.TemporaryDirectory() as folder:
        path = write_choice(Path(folder) / "c.yaml", chosen(scored(main=UNKNOWN, precision=None, seconds=math.nan)))
        told = read_choice(path).evidence
    assert told["F1"] == {"value": None, "low": None, "high": None}
    assert "precision" not in told


def test_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="none could be judged"):
        write_choice(tmp_path / "choice.yaml", chosen())
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = write_choice(tmp_path / "choice.yaml", chosen(scored()))
    before = path.read_bytes()
    path.with_name("folder").mkdir()
    with pytest.raises(OcellaError, match="nothing was changed"):
        write_choice(tmp_path / "folder", chosen(scored()))
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["choice.yaml", "folder"]


def test_further_keys_at_the_top_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "choice.yaml"
    path.write_text(
        "notes: mine\nsetting:\n  model: m\n  tile: 2x3\n  classes:\n  - name: no\n  - name: 1\nevidence: none\n"
    )
    assert read_choice(path) == SavedChoice(Setting("m", Ontology.of("no", "1"), (2, 3)))


WRONG = {
    "no setting": ("evidence: {}", InvalidValue, "must hold a 'setting'"),
    "a list": ("- a", InvalidValue, "must hold a 'setting'"),
    "empty": ("", InvalidValue, "must hold a 'setting'"),
    "a text": ("setting: nanodet-g", InvalidValue, "must hold a 'model' .* got 'nanodet-g'"),
    "no model": ("setting: {tile: 2x2}", InvalidValue, "must hold a 'model'"),
    "an empty model": ("setting: {model: ''}", InvalidValue, "needs a model"),
    "an unknown key": ("setting: {model: m, thresh: 0.2}", InvalidValue, "'setting' of .* is wrong.*thresh"),
    "a tile": ("setting: {model: m, tile: 2}", InvalidValue, "tile must be rows x columns like 2x2, got '2'"),
    "a tile of 0": ("setting: {model: m, tile: 0x2}", InvalidValue, "both at least 1"),
    "a list for a tile": ("setting: {model: m, tile: [2, 2]}", InvalidValue, "'tile' of 'setting' in .* must be text"),
    "a prompt": ("setting: {model: m, prompt: {a: b}}", InvalidValue, "'prompt' of 'setting' in .* must be text"),
    "classes": ("setting: {model: m, classes: dog}", InvalidValue, "classes must be a list.*got 'dog'"),
    "names alone": ("setting: {model: m, classes: [dog]}", InvalidValue, "Every class must be a 'name'.*got 'dog'"),
    "twice": ("setting: {model: m, classes: [{name: a}, {name: a}]}", InvalidValue, r"got \['a'\] twice"),
    "an unknown key of a class": ("setting: {model: m, classes: [{name: a, color: b}]}", InvalidValue, "color"),
    "one prompt": ("setting: {model: m, classes: [{name: a, prompts: crab}]}", InvalidValue, "prompts of 'a' must be a list"),
    "a threshold": ("setting: {model: m, classes: [{name: a, threshold: x}]}", InvalidValue, "of 'a' must be a number"),
    "no threshold": ("setting: {model: m, classes: [{name: a, threshold: }]}", InvalidValue, "of 'a' must be a number"),
    "nan": ("setting: {model: m, classes: [{name: a, threshold: nan}]}", InvalidValue, "must be within 0..1, got nan"),
    "too much": ("setting: {model: m, classes: [{name: a, threshold: 23}]}", InvalidValue, "must be within 0..1, got 23"),
    "a runner-up": ("setting: {model: m}\nrunner_up: {tile: 2x2}", InvalidValue, "'runner_up' of .* must hold a 'model'"),
    "itself": ("setting: &a\n  model: *a", Unreadable, "recursive"),
    "a tab": ("setting:\n\tmodel: m", Unreadable, "must hold YAML.*line 2, column 1"),
    "an open bracket": ("setting: {model: m\n", Unreadable, "line 2"),
    "a date that is none": ("setting: {model: m}\nevidence: {date: 2025-13-45}", Unreadable, "month must be in 1..12"),
    "code": ("setting: {model: m}\nevidence: !!python/object/apply:os.system [ls]", Unreadable, "could not determine"),
    "too deep": ("setting: " + "[" * 5000, Unreadable, "must hold YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "error", "match"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_told_with_its_name(tmp_path: Path, text: str, error: type[OcellaError], match: str) -> None:
    path = tmp_path / "choice.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=match) as told:
        read_choice(path)
    assert str(path) in str(told.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no file .*absent\.yaml"):
        read_choice(tmp_path / "absent.yaml")
    with pytest.raises(NotFound, match="There is no file"):
        read_choice(tmp_path)
    (tmp_path / "image.yaml").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(Unreadable, match="cannot be read as text"):
        read_choice(tmp_path / "image.yaml")

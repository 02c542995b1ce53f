"""The verdict says what to use, how good it is and how sure that is, in words a person can act on."""

import json
import math
from typing import Any

import pytest
from tests.choosing.results import UNKNOWN, around, chosen, compared, scored, shrimps

from ocella.choosing.chosen import Asking, Chosen, Comparison
from ocella.choosing.sentences import counted, duration, forecast, listed, measured, short, thresholds, verdict, versus
from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue
from ocella.metrics.intervals import Interval
from ocella.types import ClassDef, Ontology

SMALL = Setting("nanodet-g", shrimps(0.4), (2, 2))
FAST = scored(
    SMALL, precision=around(0.85, 0.7, 0.9), recall=around(0.77, 0.6, 0.8), main=around(0.8, 0.7, 0.85), seconds=0.4 / 6
)
BEST = 'Use owlv2-base with the prompts "crab" and "small crustacean", threshold 0.23 for shrimp: '
GOOD = BEST + "precision 0.86 [0.78, 0.92], recall 0.81 [0.71, 0.89], 0.4 s an image, commercial use allowed"
RIVAL = "the runner-up (nanodet-g 2x2, shrimp=crab|small crustacean) is"
PLAIN = Ontology.of("person", "dog")


def vlm(metric: str, **changes: object) -> Chosen:
    one = scored(Setting("moondream", prompt="How many?"), metric=metric, precision=None, recall=None, **changes)
    return chosen(one, task="vlm")


VERDICTS = {
    "no runner-up": (chosen(scored()), f"{GOOD}."),
    "faster and really worse": (
        chosen(scored(), FAST, comparisons=(compared(FAST, around(0.03, 0.01, 0.06)),)),
        f"{GOOD}; {RIVAL} 6 times faster, 0.04 lower in recall and 0.03 [0.01, 0.06] lower in F1.",
    ),
    "noise": (
        chosen(scored(), FAST, comparisons=(compared(FAST, around(0.03, -0.02, 0.08), 60),)),
        (f"{GOOD}; {RIVAL} 6 times faster and as good as far as can be told: -0.03 [-0.08, +0.02] in F1 is noise; "
        "about 60 more answers would settle it."),
    ),
    "noise that one answer would settle": (
        chosen(scored(), FAST, comparisons=(compared(FAST, around(0.03, -0.02, 0.08), 1),)),
        (f"{GOOD}; {RIVAL} 6 times faster and as good as far as can be told: -0.03 [-0.08, +0.02] in F1 is noise; "
        "about 1 more answer would settle it."),
    ),
    "noise by labels, of unknown cost": (
        chosen(scored(), FAST, comparisons=(compared(FAST, around(0.0, -0.02, 0.02)),), asking=Asking()),
        f"{GOOD}; {RIVAL} 6 times faster and as good as far as can be told: +0.00 [-0.02, +0.02] in F1 is noise.",
    ),
    "the runner-up is better": (
        chosen(
            scored(),
            scored(SMALL, seconds=4.4, main=around(0.9, 0.8, 0.95), commercial_use=False),
            comparisons=(Comparison(SMALL.name, around(-0.07, -0.1, -0.02)),),
        ),
        f"{GOOD}; {RIVAL} 11 times slower and 0.07 [0.02, 0.10] higher in F1.",
    ),
    "the runner-up was not compared": (
        chosen(scored(), FAST),
        f"{GOOD}; {RIVAL} 6 times faster and 0.04 lower in recall.",
    ),
    "the runner-up is the same": (
        chosen(scored(), scored(SMALL)),
        f"{GOOD}; {RIVAL} about the same.",
    ),
    "no commercial use": (
        chosen(scored(commercial_use=False, license="CC-BY-NC-4.0")),
        GOOD.replace("commercial use allowed", "not for commercial use (CC-BY-NC-4.0)") + ".",
    ),
    "nothing measured": (
        chosen(scored(precision=UNKNOWN, recall=around(0.5, math.nan, math.nan), seconds=math.nan)),
        BEST + "precision not measured, recall 0.50, commercial use allowed.",
    ),
    "its own classes, with a fee": (
        chosen(scored(Setting("nanodet-g"), cost=3.2)),
        ("Use nanodet-g: precision 0.86 [0.78, 0.92], recall 0.81 [0.71, 0.89], 0.4 s an image, a fee of about 3.20 for all "
        "5,000 images, commercial use allowed."),
    ),
    "a question": (
        vlm("accuracy", main=around(0.9, 0.8, 0.95)),
        'Use moondream asked "How many?": accuracy 0.90 [0.80, 0.95], 0.4 s an image, commercial use allowed.',
    ),
    "another metric beside precision and recall": (
        chosen(scored(Setting("nanodet-g"), metric="mask AP", main=around(0.5, 0.4, 0.6))),
        ("Use nanodet-g: mask AP 0.50 [0.40, 0.60], precision 0.86 [0.78, 0.92], recall 0.81 [0.71, 0.89], 0.4 s an image, "
        "commercial use allowed."),
    ),
    "nothing is good enough": (
        chosen(
            scored(Setting("nanodet-g", PLAIN), recall=around(0.31, 0.2, 0.43)),
            FAST,
            good_enough=False,
            reason="at least 0.50 is needed.",
            to_label=tuple(f"{i}.jpg" for i in range(60)),
        ),
        ("Nothing here is good enough: the best of 2 settings (nanodet-g) has precision 0.86 [0.78, 0.92], recall 0.31 "
        "[0.20, 0.43]; at least 0.50 is needed. Label 60 images and train; here they are, chosen: 0.jpg, 1.jpg, 2.jpg and "
        "57 more."),
    ),
    "one setting, one image": (
        chosen(scored(Setting("a", PLAIN), recall=around(0.31, 0.2, 0.43)), good_enough=False, to_label=("0.jpg",)),
        ("Nothing here is good enough: the only setting (a) has precision 0.86 [0.78, 0.92], recall 0.31 [0.20, 0.43]. "
        "Label 1 image and train; here it is, chosen: 0.jpg."),
    ),
    "nothing to label": (
        chosen(scored(Setting("a", PLAIN), precision=UNKNOWN, recall=around(0, 0, 0.1)), good_enough=False),
        ("Nothing here is good enough: the only setting (a) has precision not measured, recall 0.00 [0.00, 0.10]. "
        "Label some of the images and train."),
    ),
    "a guess": (
        chosen(
            scored(metric="agreement", main=UNKNOWN, precision=None, recall=None), FAST, guess=True
        ),
        ('A guess, nobody has looked: owlv2-base with the prompts "crab" and "small crustacean", threshold 0.23 for shrimp '
        "comes first of 2 settings by agreement not measured. Answer a few questions to know how good it is."),
    ),
    "nothing at all": (
        chosen(ruled_out=(("a", "does not fit"), ("b", "is for other things"))),
        "No setting could be judged: a: does not fit; b: is for other things.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("result", "expected"), VERDICTS.values(), ids=VERDICTS)
def test_verdict(result: Chosen, expected: str) -> None:
    assert verdict(result) == expected


def many(*thresholds: float | None) -> Setting:
    return Setting("m", Ontology(tuple(ClassDef(f"c{i}", threshold=t) for i, t in enumerate(thresholds))))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (Setting("m"), ""),
        (many(None, None), ""),
        (many(None, 0.5), "threshold 0.50 for c1"),
        (many(0.5, 0.5), "threshold 0.50 for both c0 and c1"),
        (many(0.5, 0.501, 0.5), "threshold 0.50 for all 3 classes"),
        (many(0.5, 0.045), "thresholds 0.50 for c0 and 0.045 for c1"),
        (many(0.5, 0.2, 0.3), "thresholds 0.50 for c0, 0.20 for c1 and 0.30 for c2"),
        (many(0.5, 0.2, 0.3, None, 0.9), "thresholds from 0.20 (c1) to 0.90 (c4)"),
    ],
)
def test_thresholds_are_listed_shortly(setting: Setting, expected: str) -> None:
    assert thresholds(setting) == expected


@pytest.mark.parametrize(
    ("ontology", "expected"),
    [
        (Ontology((ClassDef("a", ("x",)),)), 'm with the prompt "x"'),
        (Ontology((ClassDef("a", ("x",)), ClassDef("b"))), 'm with the prompt "x" for a'),
        (
            Ontology((ClassDef("a", ("x", "y")), ClassDef("b", ("z",)))),
            'm with the prompts "x" and "y" for a; "z" for b',
        ),
        (
            Ontology(tuple(ClassDef(n, (n * 2,)) for n in "abcde")),
            'm with the prompts "aa" for a; "bb" for b; "cc" for c; and those of 2 more',
        ),
        (Ontology((ClassDef("a", exemplars=("1.png",)),)), "m with 1 example picture"),
        (Ontology((ClassDef("a", exemplars=("1.png", "2.png")),)), "m with 2 example pictures"),
    ],
)
def test_prompts_are_quoted(ontology: Ontology, expected: str) -> None:
    assert verdict(chosen(scored(Setting("m", ontology)))).startswith(f"Use {expected}: precision")


def test_tiles_are_said() -> None:
    assert verdict(chosen(scored(Setting("m", PLAIN, (2, 3))))).startswith("Use m looking at 2x3 tiles too: precision")


@pytest.mark.parametrize(
    ("difference", "more", "expected"),
    [
        (around(0.03, 0.01, 0.06), 0, ("-0.03 [-0.06, -0.01]", "really worse")),
        (around(-0.03, -0.06, -0.01), 0, ("+0.03 [+0.01, +0.06]", "really better")),
        (around(0.03, -0.01, 0.06), 12, ("-0.03 [-0.06, +0.01]", "noise; about 12 more answers would settle it")),
        (around(0.03, 0, 0.06), 0, ("-0.03 [-0.06, +0.00]", "noise")),
        (around(0.03, math.nan, math.nan), 0, ("-0.03", "noise")),
        (UNKNOWN, 0, ("not compared", "")),
    ],
)
def test_only_what_leaves_out_zero_is_a_difference(difference: Interval, more: int, expected: tuple[str, str]) -> None:
    assert versus(chosen(scored()), Comparison("other", difference, more)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            (
                "Labels to expect in all 5,000 images: about 10,000, of which about 8,600 [7,800, 9,200] are right; about 2,000 "
                "things will have no label."
            ),
        ),
        (
            {"recall": around(0, 0, 0.1)},
            "Labels to expect in all 5,000 images: about 10,000, of which about 8,600 [7,800, 9,200] are right.",
        ),
        (
            {"precision": around(0.5, math.nan, math.nan), "recall": around(1, 1, 1)},
            (
                "Labels to expect in all 5,000 images: about 10,000, of which about 5,000 are right; about 0 things will have no "
                "label."
            ),
        ),
        ({"precision": UNKNOWN}, ""),
        ({"precision": None}, ""),
        ({"per_class": ()}, ""),
    ],
)
def test_forecast_for_the_whole_set(changes: dict[str, Any], expected: str) -> None:
    assert forecast(chosen(scored(**changes))) == expected


def test_no_forecast_without_images() -> None:
    assert forecast(chosen(scored(), images=0)) == ""
    assert forecast(chosen()) == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0421, "0.042 s"), (0.4, "0.4 s"), (9.96, "10 s"), (42.4, "42 s"), (99.6, "100 s"), (119, "119 s"),
        (120, "2 minutes"), (150, "2.5 minutes"), (1800, "30 minutes"), (7199, "120 minutes"), (7200, "2 hours"),
        (40_000, "11 hours"), (900_000, "10 days"), (math.nan, "not measured"),
    ],
)  # fmt: skip
def test_duration(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_words_of_numbers_and_lists() -> None:
    assert [counted(n, "image") for n in (0, 1, 1200)] == ["0 images", "1 image", "1,200 images"]
    assert [listed(list(w)) for w in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert listed(list("abcd"), 2) == "a, b and 2 more"
    assert [short(v) for v in (0, 0.045, 0.1, 0.999)] == ["0", "0.045", "0.10", "1.00"]
    assert [measured(v) for v in (None, UNKNOWN, around(1, 0.5, 1))] == ["not measured"] * 2 + ["1.00 [0.50, 1.00]"]


def test_a_comparison_is_with_a_ranked_setting_and_a_guess_has_no_answers() -> None:
    with pytest.raises(InvalidValue, match="must be with a ranked setting, got 'nobody'"):
        chosen(scored(), comparisons=(Comparison("nobody", UNKNOWN),))
    with pytest.raises(InvalidValue, match="without answers, got 3"):
        chosen(scored(), guess=True, asking=Asking(answers=3))


def test_the_json_form_holds_all_and_no_nan() -> None:
    result = chosen(scored(main=UNKNOWN, seconds=math.nan), FAST, comparisons=(compared(FAST, UNKNOWN),))
    told = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert told["ranked"][0]["main"]["value"] is None
    assert told["ranked"][0]["seconds"] is None
    assert told["ranked"][0]["per_class"][0]["precision"]["low"] == 0.78
    assert told["comparisons"] == [
        {"name": SMALL.name, "difference": told["ranked"][0]["main"], "verdict": "noise", "more_answers": 0}
    ]
    assert told["asking"]["verdicts"] == {"yes": 25, "no": 10, "missing": 5}

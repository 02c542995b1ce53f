"""The page leads with the verdict, shows figures with their intervals, and calls a guess one everywhere."""

import math
import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from tests.choosing.results import UNKNOWN, around, chosen, compared, scored, shrimps

from ocella.choosing.chosen import Asking, Chosen
from ocella.choosing.report import Failure, View, choosing_page
from ocella.choosing.sentences import forecast, verdict
from ocella.choosing.setting import Setting
from ocella.types import Answer, Classification, Detections, Image

GREY = Image(np.full((80, 120, 3), 120, np.uint8))
THING = Detections(np.array([[10, 10, 50, 60]], np.float32), np.array([0.9], np.float32), np.array([0]), ("shrimp",))
FAST = scored(Setting("nanodet-g", shrimps(0.4), (2, 2)), seconds=0.02, main=around(0.8, 0.7, 0.85))
OTHERS = [scored(Setting(f"model-{n}", shrimps()), main=around(0.7 - n / 100, 0.5, 0.8)) for n in range(20)]


def html(result: Chosen, **more: Any) -> str:
    return choosing_page(result, **more).html()


def words(page: str) -> str:
    """The page's text alone."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)))


def headings(page: str) -> list[str]:
    return [unescape(h) for h in re.findall(r"<h2[^>]*>([^<]*)</h2>", page)]


def part(page: str, heading: str) -> str:
    found = re.search(rf"<h2[^>]*>{re.escape(heading)}</h2>(.*?)</section>", page, re.DOTALL)
    assert found, headings(page)
    return found[1]


def test_the_verdict_leads_and_the_sections_follow() -> None:
    noise = compared(FAST, around(0.03, -0.02, 0.08), 60)
    result = chosen(
        scored(), FAST, comparisons=(noise,), ruled_out=(("sam3", "needs 16 GB"),), warnings=("few images",)
    )
    page = html(result, photos="my photos", choice="my.yaml")
    assert page.index("<h1>Which setting for shrimp</h1>") < page.index(">Use owlv2-base")
    assert verdict(result) in words(page)
    assert headings(page) == [
        "What to do next",
        "F1 against speed",
        "All settings",
        "The first choice, class by class",
        "What the first choice gets wrong",
        "What was asked",
        "What was ruled out",
        "How these numbers were made",
    ]
    assert "ocella label 'my photos' --setting my.yaml --out data" in words(page)
    assert forecast(result) in words(page)
    assert "Take care few images" in words(page)
    table = words(part(page, "All settings"))
    assert (
        "1 owlv2-base, shrimp=crab|small crustacean 0.83 [0.77, 0.88] 0.86 [0.78, 0.92] 0.81 [0.71, 0.89] 0.4 s"
        in table
    )
    assert "-0.03 [-0.08, +0.02] noise; about 60 more answers would settle it" in table
    assert "33 minutes 1.4 yes, Apache-2.0 fits the machine" in table
    assert "shrimp 0.23 0.86 [0.78, 0.92]" in words(part(page, "The first choice, class by class"))
    asked = words(part(page, "What was asked"))
    assert "40 answers of at most 40 by a person, 4.5 s each" in asked
    assert "right as shown 25" in asked
    assert "sam3 needs 16 GB" in words(part(page, "What was ruled out"))
    made = words(part(page, "How these numbers were made"))
    assert "merged into objects" in made
    assert "probabilities that are known" in made
    of_images = words(part(html(chosen(scored(), task="classify")), "How these numbers were made"))
    assert "objects" not in of_images
    assert "probabilities that are known" in of_images


def test_the_chart_marks_the_first_and_the_frontier() -> None:
    chart = part(html(chosen(scored(), FAST, *OTHERS)), "F1 against speed")
    assert chart.count('class="ring"') == 2  # wide and narrow
    assert chart.count('class="mark"') == 2
    assert "drawn by its logarithm" in chart
    assert re.search(r'class="label">2 nanodet-g 2x2', chart)


def test_many_settings_are_folded() -> None:
    page = part(html(chosen(scored(), FAST, *OTHERS)), "All settings")
    assert "7 more" in words(page)
    assert all(f"model-{n}" in page for n in range(20))


def test_a_guess_is_called_one_everywhere() -> None:
    settings = [scored(s, metric="agreement", precision=None, recall=None) for s in (Setting("a"), Setting("b"))]
    page = html(chosen(*settings, guess=True))
    assert "<h1>A guess: which setting for shrimp</h1>" in page
    assert words(page).count("guess") >= 6
    assert "agreement (a guess)" in words(part(page, "All settings"))
    assert "a guess" in words(part(page, "Agreement against speed"))
    assert "Nobody has looked at a single label" in words(page)
    assert "A guess: nobody has looked" in words(part(page, "The first choice, class by class"))
    assert "nobody has looked" in words(part(page, "What was asked"))
    assert "no number on this page is a measured quality" in words(part(page, "How these numbers were made"))
    assert "What the first choice gets wrong" not in page
    assert "95 % intervals, at the threshold" not in page


def test_labels_that_were_there_are_said_to_judge() -> None:
    page = html(chosen(scored(), asking=Asking()))
    assert "Labelled images 60" in words(page)
    assert "the labels that were there answered" in words(part(page, "What was asked"))
    assert "taken for the truth" in words(part(page, "How these numbers were made"))
    assert "guess" not in words(page)


@pytest.mark.parametrize(("count", "told"), [(1, "Label this image"), (40, "Label these 40 images")])
def test_what_to_label_where_nothing_is_good_enough(count: int, told: str) -> None:
    files = tuple(f"photo{n}.jpg" for n in range(count))
    result = chosen(scored(), good_enough=False, to_label=files)
    page = html(result, to_label=[(f, GREY) for f in files[:6]])
    assert headings(page)[0] == "Images to label"
    assert "None of these settings is good enough" in words(page)
    shown = part(page, "Images to label")
    assert told in words(shown)
    assert shown.count("<img") == min(count, 6)
    assert all(f"<li>{f}</li>" in shown for f in files)
    assert "--setting" not in page
    assert "Label some of the images by hand" in html(chosen(scored(), good_enough=False))


def test_the_same_images_stand_side_by_side() -> None:
    said = (THING, THING[:0], Classification(np.array([0.3, 0.7], np.float32), ("a", "b")))
    views = [View("a.jpg", GREY, said), View("b.jpg", GREY, (Answer("three"),) * 3)]
    page = html(chosen(scored(), FAST, *OTHERS), views=views)
    shown = part(page, "The same images under the 3 best settings")
    assert shown.count('class="pair three"') == 2
    assert shown.count("<img") == 6
    assert words(shown).count("2 nanodet-g 2x2") == 2
    assert words(shown).count(": three") == 3
    pictures = re.findall(r'src="([^"]+)"', shown)
    assert pictures[0] != pictures[1] != pictures[2]
    two = html(chosen(scored(), FAST), views=[View("a.jpg", GREY, (THING, THING))])
    assert part(two, "The same images under both settings").count('class="pair"') == 1
    one = html(chosen(scored()), views=[View("a.jpg", GREY, (THING,))])
    assert part(one, "The same images under the only setting").count("<img") == 1


def test_failures_are_shown_by_kind() -> None:
    failures = [
        Failure("wrong", "a.jpg", GREY, THING, "shrimp 0.90"),
        Failure("missed", "b.jpg", GREY, THING),
        Failure("wrong", "c.jpg", GREY, None, "a cat"),
    ]
    shown = part(html(chosen(scored()), failures=failures), "What the first choice gets wrong")
    told = words(shown)
    assert told.index("Claimed, but wrong: 2") < told.index("c.jpg: a cat") < told.index("There, but missed: 1")
    assert shown.count("<img") == 3
    assert "No error of owlv2-base" in words(html(chosen(scored())))


def test_a_curve_has_the_point_of_the_thresholds() -> None:
    page = html(chosen(scored()), curves={"all": ([0, 0.5, 1], [1, 0.9, 0.2])})
    shown = part(page, "The first choice, class by class")
    assert "at these thresholds" in shown
    page = html(chosen(scored(recall=UNKNOWN)), curves={"all": ([0, 0.5, 1], [1, 0.9, 0.2])})
    assert "at these thresholds" not in page


ODD = {
    "nothing judged": chosen(ruled_out=(("a", "b"),)),
    "nothing known": chosen(
        scored(
            main=UNKNOWN, precision=UNKNOWN, recall=UNKNOWN, per_class=(), seconds=math.nan, total_seconds=math.nan, memory_gb=math.nan
        )
    ),
    "harm": chosen(scored(Setting("<script>", shrimps()), why="<b>"), classes=("<i>",), warnings=("<u>",)),
    "no classes": chosen(scored(Setting("m")), classes=()),
    "with a fee": chosen(scored(cost=3.5), FAST),
}  # fmt: skip


@pytest.mark.parametrize("result", ODD.values(), ids=ODD)
def test_odd_results_make_a_page(result: Chosen) -> None:
    page = html(result)
    assert verdict(result).split(":")[0] in words(page)
    assert not re.search(r">\s*nan\s*<", page)
    assert not re.search("<(script|b|i|u)>", page)


def test_a_fee_has_its_column() -> None:
    assert "Fee" in words(html(ODD["with a fee"]))
    assert "Fee" not in words(html(chosen(scored())))

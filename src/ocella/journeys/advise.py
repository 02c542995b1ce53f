"""Which model should I use? From the cards of the zoo."""

import unicodedata
from collections.abc import Sequence

from ocella.choosing.advise import Advice, advise_from
from ocella.choosing.needs import Goal, Needs, read_hardware, read_wish
from ocella.journeys.inputs import Classes, as_ontology
from ocella.models.load import list_models

__all__ = ["advise"]

_SCRIPTS = {
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "GREEK": "el",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "THAI": "th",
}


def advise(
    task: str,
    classes: Classes = None,
    *,
    class_count: int = 0,
    language: str = "",
    hardware: str = "cpu",
    realtime: bool = False,
    license: str = "",  # noqa: A002  # the field's word
    goal: Goal = "",
    labeled: int = 0,
    examples: int = 0,
    tried: Sequence[str] = (),
) -> Advice:
    """A ranked short list with reasons, from the facts on the cards. `task` is where, exactly-where, regions, what, points,
    ask, read, depth, compare, segment or follow, or a task's usual name; `hardware` is like `cpu 4GB` or `cuda 24GB`;
    `language` of the prompts is told from their letters where not given. Raises InvalidValue.
    """
    ontology = as_ontology(classes)
    names = () if ontology is None else ontology.names
    device, memory = read_hardware(hardware)
    needs = Needs(
        read_wish(task),
        names,
        class_count,
        language or _language(" ".join(p for p, _ in ontology.prompts) if ontology else ""),
        device,
        memory,
        realtime,
        license,
        goal,
        labeled,
        examples,
        tuple(tried),
    )
    return advise_from(list_models(), needs)


def _language(text: str) -> str:
    """By the script of the letters; kana before the Chinese characters that Japanese shares."""
    found = {unicodedata.name(c, "").split(" ")[0] for c in text if c.isalpha()}
    for script in ("HIRAGANA", "KATAKANA", *_SCRIPTS):
        if script in found:
            return _SCRIPTS[script]
    return "en"

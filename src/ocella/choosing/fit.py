"""Whether a model fits a person's needs, and if not, why not; by facts of its card alone."""

from ocella.choosing.needs import Needs
from ocella.choosing.vocabularies import known_classes, unknown_classes
from ocella.models.card import ModelCard

__all__ = ["barred", "covers", "is_quick", "language", "memory_of", "passes", "runs_out_of_the_box", "why_not"]

_SYSTEM_GB = 1.0
"""What the rest of a computer needs of its memory."""
_QUICK = {"cpu": ("fast",), "mps": ("fast", "medium"), "cuda": ("fast", "medium")}
_LANGUAGES = {"zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ru": "Russian", "ar": "Arabic", "en": "English"}
ANY_LANGUAGE = "many"


def memory_of(card: ModelCard) -> float:
    """Gigabytes to run it: as its card says, else one and a half times its weights and half a gigabyte for the libraries."""
    return card.memory_gb or card.megabytes * 1.5 / 1000 + 0.5


def is_quick(card: ModelCard, device: str) -> bool:
    """Whether it looks at several images a second there."""
    return card.speed in _QUICK.get(device, ("fast",))


def covers(card: ModelCard, needs: Needs) -> bool:
    """Whether a model with fixed classes knows all that is asked for."""
    return not card.open_vocabulary and bool(needs.classes) and not unknown_classes(card, needs.classes)


def passes(card: ModelCard, needs: Needs) -> int:
    """How often it must look at one image for all classes."""
    return -(-max(needs.count, 1) // card.prompts_per_pass) if card.prompts_per_pass else 1


def why_not(card: ModelCard, needs: Needs) -> str:
    """Why the model is out of the question; empty where it is not."""
    for reason in (_license, _memory, _language, _classes, _reach, _tried):
        said = reason(card, needs)
        if said:
            return said
    return ""


def barred(card: ModelCard, needs: Needs) -> str:
    """Why not even a model that was asked for by name may run: licence, memory, language; empty where it may."""
    return next((said for reason in (_license, _memory, _language) if (said := reason(card, needs))), "")


def _license(card: ModelCard, needs: Needs) -> str:
    if needs.license and not card.commercial_use:
        return f"no commercial use: {card.clause or card.weights_license}"
    return ""


def _memory(card: ModelCard, needs: Needs) -> str:
    there = needs.memory_gb - (_SYSTEM_GB if needs.device == "cpu" else 0)
    if needs.memory_gb and memory_of(card) > there:
        return f"needs about {memory_of(card):.1f} GB, and {needs.memory_gb:g} GB leave {max(there, 0):g} GB for it"
    return ""


def _language(card: ModelCard, needs: Needs) -> str:
    reads = "text" in card.prompts or card.open_vocabulary
    if reads and needs.language not in card.languages and ANY_LANGUAGE not in card.languages:
        return f"does not read {language(needs.language)} (reads {', '.join(card.languages)})"
    return ""


def language(code: str) -> str:
    """A language by its code in words."""
    return _LANGUAGES.get(code, code)


def _classes(card: ModelCard, needs: Needs) -> str:
    if card.open_vocabulary or card.task not in ("detect", "classify", "semantic-segment", "keypoints"):
        return ""
    unknown = unknown_classes(card, needs.classes) if needs.classes else ()
    if unknown:
        return f"knows {card.vocabulary or 'its own classes'} only, not {', '.join(unknown[:4])}"
    known = len(known_classes(card))
    if needs.class_count > max(known, 1):
        return f"knows {known or 'a fixed list of'} classes, not {needs.class_count}"
    return ""


def _reach(card: ModelCard, needs: Needs) -> str:
    if not runs_out_of_the_box(card):
        instead = f"; '{card.stand_in}' stands in" if card.stand_in else ""
        return f"does not run out of the box ({_REACH.get(card.library, 'bring your own file')}){instead}"
    if card.superseded_by and card.superseded_by not in needs.tried:
        return f"superseded by '{card.superseded_by}'"
    return ""


def runs_out_of_the_box(card: ModelCard) -> bool:
    """Whether `ocella pull` and an extra are all it takes."""
    if card.library in ("package", "remote-code"):
        return False
    shipped = card.checkpoint.startswith(("ocella-starter", "rapidocr"))
    return shipped or card.library == "server" or any(card.data.get(key) for key in ("hub", "url", "parts"))


def _tried(card: ModelCard, needs: Needs) -> str:
    return "you have tried it" if card.name in needs.tried else ""


_REACH = {
    "package": "its authors' own package must be installed by hand",
    "remote-code": "it runs code that comes with its weights",
    "onnx": "you export its file yourself",
    "port": "its weights are fetched by hand",
}

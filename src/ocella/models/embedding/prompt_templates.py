"""Words around a prompt: networks that were trained on captions know "a photo of a cat." better than "cat"."""

import unicodedata
from collections.abc import Sequence

__all__ = ["PHOTO", "PHOTOS", "SIGLIP", "captions"]

PHOTO = ("a photo of {}.",)
SIGLIP = ("This is a photo of {}.",)
"""The one that SigLIP's authors publish it with; its scores are not shared, so that more would shift them."""

PHOTOS = (
    "a photo of {}.",
    "a close-up photo of {}.",
    "a cropped photo of {}.",
    "a bad photo of {}.",
    "a bright photo of {}.",
    "a dark photo of {}.",
)
"""Six of the eighty templates of the CLIP authors, those that say how a photo was taken and not what is done in it."""

_DETERMINERS = {"a", "an", "the", "one", "two", "three", "some", "many", "several", "this", "that", "no"}
_ENDS = (".", "!", "?", "\u3002")


def captions(prompt: str, templates: Sequence[str]) -> tuple[str, ...]:
    """The prompt in each template, with an article where it has none. A prompt that ends like a sentence is one already,
    and the templates are English: such a prompt, and one that is not in Latin letters, is taken as it stands.
    """
    if prompt.endswith(_ENDS) or not _is_latin(prompt):
        return (prompt,)
    first = prompt.split(maxsplit=1)[0].lower()
    named = prompt if first in _DETERMINERS else f"{'an' if first[0] in 'aeiou' else 'a'} {prompt}"
    return tuple(template.format(named) for template in templates)


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(c, "").startswith("LATIN") for c in text if c.isalpha())

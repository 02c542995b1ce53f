"""How a prompt is put into words."""

import pytest

from ocella.models.embedding.prompt_templates import PHOTO, PHOTOS, captions


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("cat", "a photo of a cat."),
        ("umbrella", "a photo of an umbrella."),
        ("the Eiffel Tower", "a photo of the Eiffel Tower."),
        ("an old car", "a photo of an old car."),
        ("two dogs", "a photo of two dogs."),
        ("café", "a photo of a café."),
        ("a dog on a beach.", "a dog on a beach."),
        ("is it broken?", "is it broken?"),
        ("一只猫", "一只猫"),
        ("кошка", "кошка"),
    ],
)
def test_a_word_is_put_in_the_template_and_a_sentence_is_not(prompt: str, said: str) -> None:
    assert captions(prompt, PHOTO) == (said,)


def test_every_template_is_used_once() -> None:
    made = captions("cat", PHOTOS)
    assert len(set(made)) == len(PHOTOS) == 6
    assert all(text.count("a cat") == 1 and "{" not in text for text in made)

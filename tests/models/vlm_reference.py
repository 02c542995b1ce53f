"""What the library alone says, and what is asked of every speaker beside it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocella.models.language.speaker import SpokenAnswers
from ocella.types import Image

TOKENS = 8


def library_says(network: Any, inputs: Any, words: Any, *, new_only: bool) -> tuple[str, float]:
    """Text and mean probability of what the library generates; `new_only` where it gives the new tokens alone."""
    network.generation_config.forced_eos_token_id = None
    with torch.inference_mode():
        out = network.generate(
            **inputs,
            max_new_tokens=TOKENS,
            do_sample=False,
            num_beams=1,
            return_dict_in_generate=True,
            output_logits=True,
        )
    new = out.sequences[0, -len(out.logits) :] if not new_only else out.sequences[0]
    sure = [float(step[0].softmax(-1)[token]) for step, token in zip(out.logits, new, strict=True)]
    return words.decode(new, skip_special_tokens=True).strip(), float(np.mean(sure))


def first_scores(network: Any, inputs: Any) -> Any:
    """Scores of the first token to be said."""
    with torch.inference_mode():
        return network(**inputs).logits[0, -1]


def check_says(model: SpokenAnswers, image: Image, prompt: str, expected: tuple[str, float]) -> None:
    """The same words, as sure of them."""
    (told,) = model.predict([image], prompt, max_tokens=TOKENS)
    assert told.text == expected[0]
    assert told.confidence == pytest.approx(expected[1], abs=1e-4)
    assert told.score_kind == "token-probability"


def check_batch(model: SpokenAnswers, images: list[Image]) -> None:
    """Together as alone."""
    speaker = model._speaker
    singles = [model.predict([i], "What is this?", max_tokens=TOKENS)[0] for i in images]
    speaker.batch = len(images)
    together = model.predict(images, "What is this?", max_tokens=TOKENS)
    speaker.batch = 1
    assert [a.text for a in together] == [a.text for a in singles]
    assert [a.confidence for a in together] == pytest.approx([a.confidence for a in singles], abs=1e-4)


def count_looks(speaker: Any) -> list[Image]:
    """The images that the speaker looks at from now on."""
    seen: list[Image] = []
    kept = speaker._see

    def look(image: Image) -> Any:
        seen.append(image)
        return kept(image)

    speaker._see = look
    return seen


def auto(folder: Path, network: str) -> Any:
    """A network of the library, in float32."""
    import transformers

    return getattr(transformers, network).from_pretrained(folder, dtype=torch.float32).eval()

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.models.text.encoder import TextEncoder


def test_vectors_are_unit_and_float32() -> None:
    vectors = TextEncoder().encode(["cat", "a person riding a horse", "Ω≈ç 漢字"])
    assert vectors.shape == (3, 256)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows() -> None:
    assert TextEncoder().encode([]).shape == (0, 256)


def test_case_and_spaces_do_not_matter() -> None:
    a, b = TextEncoder().encode(["Traffic  Light", "traffic light"])
    np.testing.assert_array_equal(a, b)


def test_a_text_is_the_same_alone_and_in_a_batch() -> None:
    texts = ["dog", "a very long prompt about a dog on a leash in a park", "car"]
    together = TextEncoder().encode(texts)
    alone = np.concatenate([TextEncoder().encode([t]) for t in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_related_words_are_nearer_than_unrelated() -> None:
    kitten, cat, market = TextEncoder().encode(["kitten", "cat", "stock market"])
    assert kitten @ cat > kitten @ market + 0.1


def test_the_order_of_words_does_not_count_but_each_word_does() -> None:
    a, b, c = TextEncoder().encode(["man bites dog", "dog bites man", "dog bites"])
    np.testing.assert_allclose(a, b, atol=1e-6)
    assert a @ c < 0.999


def test_accents_do_not_matter() -> None:
    a, b = TextEncoder().encode(["Crème brûlée", "creme brulee"])
    np.testing.assert_array_equal(a, b)


def test_a_text_of_no_known_piece_is_like_nothing_but_itself() -> None:
    texts = ["🐱", "🐶", "\u200b", "a" * 101, "cat", "dog"]
    cosines = TextEncoder().encode(texts) @ TextEncoder().encode(texts).T
    assert np.abs(cosines[:4] - np.eye(4, 6)).max() < 0.3
    np.testing.assert_array_equal(TextEncoder().encode(["🐱"]), TextEncoder().encode(["🐱"]))


def test_an_unknown_word_is_left_out() -> None:
    a, b = TextEncoder().encode(["cat 🐱", "cat"])
    np.testing.assert_array_equal(a, b)


def test_a_name() -> None:
    assert TextEncoder().name == "minilm-static-256"


@pytest.mark.parametrize("texts", [["dog", "  "], [""], "dog"])
def test_empty_text_or_bare_string_is_refused(texts: Any) -> None:
    with pytest.raises(InvalidValue):
        TextEncoder().encode(texts)


def test_many_threads_get_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: TextEncoder().encode(["bicycle"]), range(16)))
    assert all(np.array_equal(found[0], f) for f in found)


def test_it_opens_no_connection_and_loads_nothing_heavy() -> None:
    code = """
        import logging, sys
        def watch(event, args):
            if event.startswith(("socket.connect", "socket.getaddrinfo")):
                raise RuntimeError(event)
        sys.addaudithook(watch)
        import ocella.models.text.match
        from ocella.models.text.encoder import TextEncoder
        TextEncoder().encode(["a"])
        wrong = {"tokenizers", "huggingface_hub", "requests", "torch", "onnxruntime", "cv2"} & set(sys.modules)
        assert not wrong, wrong
        assert not logging.getLogger().handlers
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)

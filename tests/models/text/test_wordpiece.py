"""The tokenizer against the `tokenizers` library, set up as uncased BERT."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import ocella_starter
from ocella.models.text.wordpiece import WordPiece

PIECES = ocella_starter.path("minilm-vocab.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
TEXTS = [
    "cat",
    "a person wearing a high-visibility vest",
    "Traffic Light",
    "golden retriever's puppy",
    "crane (machine)",
    "t-shirt, 50% off: $9.99 <new> `x` ^_^ ~|~ {a}@[b] c=d+e",
    "crème brûlée",
    "Ångström ﬁne Straße İstanbul ΌΔΟΣ",
    "naïve coöperation",
    "Hund, собака, 犬と猫, 強盗, 개",
    "Ω≈ç 漢字",
    "“quoted” — dashed… ¿qué? «oui»",
    "cat🐱dog",
    "tab\tnew\nline\rreturn\x0bvertical\x00null\ufffdreplaced",
    "zero\u200bwidth soft\u00adhyphen no\u00a0break ideographic\u3000space",
    "e\u0301 combining",
    "unaffable embeddings electroencephalographically",
    "a" * 100,
    "a" * 101,
    "[CLS] [unused5] ##ing",
    "asdfgh 12345 3.14 1,000",
    "",
    " ",
]


def words_of_common_scripts() -> st.SearchStrategy[str]:
    """Characters that the library's older tables of Unicode know too."""
    ranges = [(0x00, 0x24F), (0x386, 0x3CE), (0x400, 0x45F), (0x5D0, 0x5EA), (0x2010, 0x205E), (0x3041, 0x3096)]
    ranges += [(0x4E00, 0x4FFF), (0xAC00, 0xAC7F), (0xFF01, 0xFF5E), (0x1F600, 0x1F640)]
    one_of = [
        st.characters(min_codepoint=first, max_codepoint=last, exclude_categories=["Cn"]) for first, last in ranges
    ]
    return st.text(st.one_of(st.sampled_from("abcdefgh ingers-'."), *one_of), max_size=40)


@pytest.fixture(scope="module")
def ours() -> WordPiece:
    return WordPiece(PIECES)


@pytest.fixture(scope="module")
def reference() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    ids = {piece: i for i, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=PIECES[100], max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


@pytest.mark.parametrize("text", TEXTS)
def test_ids_are_those_of_the_library(text: str, ours: WordPiece, reference: Any) -> None:
    assert ours.ids(text) == reference.encode(text, add_special_tokens=False).ids


@example("ΌΔΟΣ.")
@given(words_of_common_scripts())
def test_ids_are_those_of_the_library_for_any_text(ours: WordPiece, reference: Any, text: str) -> None:
    assert ours.ids(text) == reference.encode(text, add_special_tokens=False).ids


def test_pieces_read_in_order(ours: WordPiece) -> None:
    assert [PIECES[i] for i in ours.ids("Unaffable Cats!")] == ["una", "##ffa", "##ble", "cats", "!"]


def test_a_word_that_has_no_pieces_is_one_unknown(ours: WordPiece) -> None:
    assert ours.ids("cat 🐱🐱 dog") == [PIECES.index("cat"), ours.unknown, PIECES.index("dog")]


def test_any_vocabulary_will_do() -> None:
    tokenizer = WordPiece(["[UNK]", "ab", "##b", "##bc", "a"])
    assert tokenizer.ids("abb abbc ac a") == [1, 2, 1, 3, 0, 4]

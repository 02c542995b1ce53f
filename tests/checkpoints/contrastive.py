"""What small random CLIPs and their kin have in common: two small networks, an image side of 64 pixels, tokenizers."""

import string
from pathlib import Path
from typing import Any

__all__ = ["SIDE", "TOWER", "clip_images", "gemma_tokenizer", "sentencepiece_model", "vision", "xlm_tokenizer"]

_CHARACTERS = string.ascii_letters + string.digits + ".,?!:;-_<>/()'\"" + "猫狗犬照片"

SIDE = 64
TOWER = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}


def vision(**changes: Any) -> dict[str, Any]:
    """Settings of a small image network."""
    return {**TOWER, "image_size": SIDE, "patch_size": 16, **changes}


def clip_images() -> Any:
    """CLIP's image processor: the shorter side to 64, then the middle."""
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    return CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})


def xlm_tokenizer() -> Any:
    """XLM-RoBERTa's, with letters and two words."""
    import transformers

    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -2.0)]
    pieces += [(c, -3.0) for c in _CHARACTERS] + [("\u2581cat", -1.0), ("\u2581dog", -1.0), ("<mask>", 0.0)]
    return transformers.XLMRobertaTokenizer(vocab=pieces)


def gemma_tokenizer(**settings: Any) -> Any:
    """Gemma's as SigLIP 2 has it: letters and bytes, an end token, filled up on the right."""
    import transformers

    tokens = [
        "<pad>",
        "<eos>",
        "<bos>",
        "<unk>",
        "<mask>",
        *(f"<0x{i:02X}>" for i in range(256)),
        "\u2581",
        *_CHARACTERS,
    ]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    return transformers.GemmaTokenizer(vocab=vocabulary, merges=[], padding_side="right", **settings)


def sentencepiece_model(folder: Path) -> str:
    """The file of a small sentencepiece model, trained here on a few sentences."""
    import sentencepiece

    text = folder / "sentences.txt"
    lines = ["a photo of a cat", "this is a photo of a red dog", "the quick brown fox jumps over the lazy dog"] * 20
    text.write_text("\n".join(lines), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "spiece"), vocab_size=60, model_type="unigram", unk_id=2, pad_id=0,
        eos_id=1, bos_id=-1, hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    text.unlink()
    return str(folder / "spiece.model")

"""A small Kosmos-2, made with its own library; the one that finds things knows one answer."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake
from tests.checkpoints.vlm_parts import LETTERS, scripted

SIDE = 64
CELLS = 32
SAYS = (
    "<object>", "<patch_index_0100>", "<patch_index_0500>", "</delimiter_of_multi_objects/>", "<patch_index_0007>",
    "<patch_index_0012>",
)  # fmt: skip


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    first = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    words = transformers.XLMRobertaTokenizer(vocab=[*first, *((c, -3.0) for c in LETTERS), ("<mask>", 0.0)])
    images = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    processor = transformers.Kosmos2Processor(images, words, num_patch_index_tokens=CELLS**2)
    config = transformers.Kosmos2Config(
        text_config={
            "vocab_size": len(words), "embed_dim": 64, "layers": 1, "ffn_dim": 32, "attention_heads": 2,
            "max_position_embeddings": 512, "tie_word_embeddings": False,
        },
        vision_config={
            "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": SIDE, "patch_size": 16,
        },
        latent_query_num=8, tie_word_embeddings=False,
    )  # fmt: skip
    network = shake(transformers.Kosmos2ForConditionalGeneration(config))
    if name.endswith("-detect"):
        scripted(network, words, "</phrase>", SAYS, "</object>")
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    return {"weights": folder}

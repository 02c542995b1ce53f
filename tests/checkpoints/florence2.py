"""A small Florence-2, made with its own library; those that find and read know one answer."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake
from tests.checkpoints.vlm_parts import byte_tokenizer, scripted

SIDE = 64
MARKS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>", "<image>")
PLACES = tuple(f"<loc_{i}>" for i in range(1000))
SAYS = {
    "detect": ("cat", "<loc_100>", "<loc_200>", "<loc_500>", "<loc_750>", "<loc_10>", "<loc_11>", "<loc_90>", "<loc_91>", "hat", "<loc_1>", "<loc_2>", "<loc_3>", "<loc_4>"),
    "ocr": ("STOP", *(f"<loc_{i}>" for i in (100, 200, 400, 201, 402, 300, 102, 303)), "Go on", *(f"<loc_{i}>" for i in (500, 600, 700, 601, 702, 699, 501, 703))),
}  # fmt: skip
"""What the scripted ones say, whatever the image."""
READS = {
    "description_with_bboxes": {"PATTERN": r"([a-zA-Z0-9 ]+)<loc_(\d+)><loc_(\d+)><loc_(\d+)><loc_(\d+)>"},
    "description_with_bboxes_or_polygons": {},
    "ocr": {"PATTERN": r"(.+?)" + r"<loc_(\d+)>" * 8, "AREA_THRESHOLD": 0.0},
    "phrase_grounding": {"banned_grounding_tokens": []},
    "pure_text": {},
}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the checkpoint of the card `name` into `folder`; the options that load it."""
    import transformers
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    words = byte_tokenizer("BartTokenizer", MARKS, extra_special_tokens={"image_token": "<image>"})
    words.add_tokens([*PLACES, "cat", "hat", "STOP", "Go on"])
    config = transformers.Florence2Config(
        text_config={
            "model_type": "bart", "vocab_size": len(words), "d_model": 64, "encoder_layers": 1, "decoder_layers": 1,
            "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
            "max_position_embeddings": 512, "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id,
            "pad_token_id": words.pad_token_id, "decoder_start_token_id": words.eos_token_id,
            "tie_word_embeddings": False,
        },
        vision_config={
            "depths": [1, 1, 1, 1], "embed_dim": [8, 16, 16, 32], "num_heads": [1, 2, 2, 4],
            "num_groups": [1, 2, 2, 4], "window_size": 4, "projection_dim": 64,
        },
        image_token_id=words.image_token_id, tie_word_embeddings=False,
    )  # fmt: skip
    network = shake(transformers.Florence2ForConditionalGeneration(config), by=0.2)
    kind = name.rpartition("-")[2]
    if kind in SAYS:
        scripted(network, words, "</s>", ("<s>", *SAYS[kind]), "<pad>", sure=2.0)
        network.generation_config.eos_token_id = words.pad_token_id
    network.save_pretrained(folder)
    images = CLIPImageProcessorPil(size={"height": SIDE, "width": SIDE}, do_center_crop=False)
    images.image_seq_length = 5
    transformers.Florence2Processor(images, words, post_processor_config=READS).save_pretrained(folder)
    return {"weights": folder}

"""What small vision-language checkpoints are made of: tokenizers that spell, and a lesson in what to say."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,?!:;-_<>/()[]{}'\"\n"


def byte_tokenizer(kind: str, marks: Sequence[str], **options: Any) -> Any:
    """Of the class `kind`, letter by letter, with `marks` as tokens of their own."""
    import transformers
    from tokenizers import pre_tokenizers

    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *marks]
    given = {"extra_special_tokens": list(marks), **options}
    return getattr(transformers, kind)(vocab={t: i for i, t in enumerate(tokens)}, merges=[], **given)


def piece_tokenizer(
    kind: str, first: Sequence[str], marks: Sequence[str], special: Sequence[str], **options: Any
) -> Any:
    """Of the class `kind`, for Gemma and Llama: `first`, bytes, letters, then `marks`, of which some are `special`."""
    import transformers

    tokens = dict.fromkeys([*first, *(f"<0x{i:02X}>" for i in range(256)), "▁", *LETTERS, *marks])
    made = getattr(transformers, kind)(
        vocab={t: i for i, t in enumerate(tokens)}, merges=[], additional_special_tokens=list(special), **options
    )
    made.add_tokens([m for m in marks if m not in special])
    return made


def script(network: Any, ids: Sequence[int], *, sure: float = 1.0) -> Any:
    """Weights by which the network says `ids[1:]` one after the other, whatever it sees, once it has come to `ids[0]`: a
    token alone decides on the next. Higher `sure` makes each likelier.
    """
    import torch

    assert len(set(ids)) == len(ids), "a token can be followed by one other alone"
    torch.manual_seed(2)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.rpartition(".")[0].endswith(("o_proj", "out_proj", "down_proj", "fc2", "embed_positions")):
                parameter.zero_()
        words, head = network.get_input_embeddings().weight, network.get_output_embeddings().weight
        assert words.data_ptr() != head.data_ptr(), "words and head must not be tied"
        words.normal_()
        for module in network.modules():
            if isinstance(module, torch.nn.Embedding) and module.weight.shape == words.shape:
                module.weight.copy_(words)
        head.zero_()
        for one, following in pairwise(ids):
            head[following] = words[one] / words[one].norm() * sure
    return network.eval()


def scripted(network: Any, words: Any, start: str, said: Sequence[str], end: str, **options: Any) -> Any:
    """As `script`, by tokens: pieces that the tokenizer lacks become tokens of their own."""
    if words.add_tokens([piece for piece in said if piece not in words.get_vocab()]):
        network.resize_token_embeddings(len(words), mean_resizing=False)
    return script(network, [words.convert_tokens_to_ids(t) for t in (start, *said, end)], **options)

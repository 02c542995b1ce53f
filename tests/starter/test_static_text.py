"""How `packages/starter/build` makes word-piece vectors, on a small network of random weights, against transformers."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

FILE = Path(__file__).parents[2] / "packages" / "starter" / "build" / "static_text.py"
RANDOM = np.random.default_rng(5)


@pytest.fixture(scope="module")
def build() -> Any:
    spec = importlib.util.spec_from_file_location("static_text", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bert() -> Any:
    from transformers import BertConfig, BertModel

    sizes = {"vocab_size": 120, "hidden_size": 24, "intermediate_size": 40, "max_position_embeddings": 8}
    torch.manual_seed(0)
    config = BertConfig(num_hidden_layers=6, num_attention_heads=12, layer_norm_eps=1e-12, **sizes)
    return BertModel(config, add_pooling_layer=False).double().eval()


def test_the_network_gives_what_transformers_gives(build: Any, bert: Any) -> None:
    weights = {name: tensor.numpy() for name, tensor in bert.state_dict().items()}
    ids = np.array([3, 50, 119])
    with torch.inference_mode():
        expected = bert(torch.tensor([[101, i, 102] for i in ids])).last_hidden_state[:, 1].numpy()
    np.testing.assert_allclose(build.piece_vectors(weights, ids), expected, atol=1e-10)


def test_principal_keeps_distances_and_puts_the_largest_first(build: Any) -> None:
    vectors = RANDOM.normal(size=(50, 4)) * [1, 9, 3, 0.1] + 7
    full = build.principal(vectors, 4)
    np.testing.assert_allclose(full.mean(axis=0), 0, atol=1e-9)
    assert (np.diff(full.var(axis=0)) < 0).all()
    np.testing.assert_allclose(np.linalg.norm(full[0] - full[1]), np.linalg.norm(vectors[0] - vectors[1]))
    np.testing.assert_allclose(build.principal(vectors, 2), full[:, :2])


def test_a_direction_points_where_its_largest_entry_is_positive(build: Any) -> None:
    vectors = np.outer(RANDOM.normal(size=20), [1.0, -3.0])
    np.testing.assert_allclose(build.principal(vectors, 1)[:, 0] > 0, (vectors - vectors.mean(axis=0))[:, 1] > 0)


def test_int8_is_within_half_a_step(build: Any) -> None:
    vectors = RANDOM.normal(size=(9, 16)) * np.logspace(-3, 3, 9)[:, None]
    vectors[4] = 0
    rows, scales = build.as_int8(vectors)
    assert (rows.dtype, scales.dtype) == (np.int8, np.float32)
    assert (np.abs(rows * scales[:, None] - vectors) <= scales[:, None] * 0.501).all()
    assert not rows[4].any()


@pytest.mark.parametrize(
    ("known", "made", "differs"),
    [
        (np.array([3, -7], np.int8), np.array([4, -8], np.int8), False),
        (np.array([3, -7], np.int8), np.array([5, -7], np.int8), True),
        (np.array([127], np.int8), np.array([-128], np.int8), True),
        (np.array([3, -7], np.int8), np.array([3], np.int8), True),
        (np.array([3, -7], np.int8), np.array([3, -7], np.int16), True),
        (np.array([1.0], np.float32), np.array([1.0 + 2e-7], np.float32), False),
        (np.array([1.0], np.float32), np.array([1.001], np.float32), True),
    ],
)
def test_only_rounding_may_differ(build: Any, tmp_path: Path, known: Any, made: Any, differs: Any) -> None:
    np.save(tmp_path / "known.npy", known)
    np.save(tmp_path / "made.npy", made)
    assert build.differs(tmp_path / "made.npy", tmp_path / "known.npy") is differs


def test_safetensors_are_read_as_their_library_wrote_them(build: Any, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    tensors = {"a": RANDOM.normal(size=(2, 3)).astype(np.float32), "b": np.ones(4, np.float32)}
    save_file({**tensors, "ids": np.arange(3)}, tmp_path / "x.safetensors", metadata={"format": "pt"})
    found = build.read_safetensors(tmp_path / "x.safetensors")
    assert sorted(found) == ["a", "b"]
    for name, values in tensors.items():
        np.testing.assert_array_equal(found[name], values)

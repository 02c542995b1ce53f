"""all-MiniLM-L6-v2 in numpy: the other candidate, run from its safetensors and tokenizer without torch."""

from pathlib import Path

import numpy as np

HEADS = 12


class MiniLM:
    name = "all-MiniLM-L6-v2"

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self.w = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()

    def encode(self, texts):
        return np.stack([self._one(t) for t in texts]).astype(np.float32)

    def _one(self, text):
        ids = self.tokenizer.encode(text).ids
        w, e = self.w, "embeddings."
        x = w[e + "word_embeddings.weight"][ids] + w[e + "position_embeddings.weight"][: len(ids)]
        x = self._norm(x + w[e + "token_type_embeddings.weight"][0], e + "LayerNorm")
        for i in range(6):
            x = self._layer(x, f"encoder.layer.{i}.")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, x, at):
        q, k, v = (self._heads(self._linear(x, f"{at}attention.self.{n}")) for n in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        p = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (p / p.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(x.shape)
        x = self._norm(x + self._linear(mixed, at + "attention.output.dense"), at + "attention.output.LayerNorm")
        h = self._gelu(self._linear(x, at + "intermediate.dense"))
        return self._norm(x + self._linear(h, at + "output.dense"), at + "output.LayerNorm")

    @staticmethod
    def _heads(x):
        return x.reshape(len(x), HEADS, -1).transpose(1, 0, 2)

    @staticmethod
    def _gelu(x):
        # erf by Abramowitz and Stegun 7.1.26, within 1.5e-7
        z = np.abs(x) / np.sqrt(2)
        t = 1 / (1 + 0.3275911 * z)
        series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
        return x * 0.5 * (1 + np.sign(x) * (1 - series * np.exp(-z * z)))

    def _linear(self, x, at):
        return x @ self.w[at + ".weight"].T + self.w[at + ".bias"]

    def _norm(self, x, at):
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(var + 1e-12) * self.w[at + ".weight"] + self.w[at + ".bias"]

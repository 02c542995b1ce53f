"""Whether `choose` picks the best of zero-shot, probe and fine-tune from few labels: photographs of clothes, ten classes.

Labels by people. Each seed draws the labels at random, near-duplicates apart; the truth is each way's accuracy on all other
images, trained on all the labels drawn. Data: clothing-dataset-small (CC0) as a folder a class.
    python bench/choosing/clothing.py --data DATA/clothing --labels 5 20 100 --seeds 5
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

import ocella
from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.datasets.convert import import_dataset
from ocella.datasets.dataset import Dataset
from ocella.embeddings.duplicates import duplicate_groups
from ocella.errors import NoMatch
from ocella.journeys.choose_classifier import TRAINED, choose_classifier, class_ids, student_scores
from ocella.metrics.intervals import bootstrap
from ocella.training.class_means import class_means
from ocella.training.probe import fit_linear
from ocella.training.settings import TrainSettings
from ocella.types import Ontology

WORDED = (
    "dress=dress|gown, hat=hat|cap, longsleeve=sweatshirt|long sleeve, outwear=coat|jacket, pants=pants|trousers|jeans, "
    "shirt=shirt|blouse, shoes=shoe|sneaker, shorts=shorts|swimming trunks, skirt=skirt, t-shirt=t-shirt|jersey"
)
"""Prompts that a person would think of, written before anything was measured with them."""
RECIPE = "efficientnet-lite0"
FAMILIES = ("zero-shot", "probe", "fine-tune")
NONE = (float("nan"), "")


def look(dataset: Dataset) -> tuple[list[Run], np.ndarray]:
    """What the zero-shot settings say, and vectors."""
    images = [dataset.image(s) for s in dataset]
    embedder = ocella.load("efficientnet-lite0-features")
    vectors = np.stack([embedder.predict([i])[0].vector for i in images])
    worded = Ontology.parse(WORDED)
    if worded.names != dataset.classes:
        raise SystemExit(f"The prompts are for {worded.names}, the data set has {dataset.classes}.")
    runs = []
    for name in ("conse-efficientnet-lite0", "efficientnet-lite0"):
        model = ocella.load(name)
        for ontology in (Ontology.of(*dataset.classes), worded):
            try:
                said = tuple(model.predict([i], ontology)[0] for i in images)
            except NoMatch as error:
                print(f"{name} is left out: {str(error).splitlines()[0]}")
                continue
            runs.append(Run(Setting(name, ontology), said, 0.0, model.card))
    return runs, vectors


def truths(
    dataset: Dataset, runs: list[Run], vectors: np.ndarray, taught: np.ndarray, settings: TrainSettings, recipe: str
) -> dict[str, np.ndarray]:
    """Which of all other images each way tells right, taught by all the labels."""
    import torch

    truth = class_ids(dataset)
    held = np.setdiff1d(np.arange(len(dataset)), taught)
    seen = np.full(len(dataset), -1)
    seen[taught] = truth[taught]
    told = [np.stack([c.confidence for c in run.said]) for run in runs]
    said = {run.setting.name: t.argmax(axis=1) for run, t in zip(runs, told, strict=True)}
    said[TRAINED + "class-means"] = class_means(vectors, seen, len(dataset.classes)).argmax(axis=1)
    best = max(told, key=lambda t: t[taught, truth[taught]].mean())  # as choose does where there is one model
    said[TRAINED + "class-means-and-words"] = class_means(vectors, seen, len(dataset.classes), best).argmax(axis=1)
    layer = torch.nn.Linear(vectors.shape[1], len(dataset.classes))
    fit_linear(layer, torch.from_numpy(vectors[taught]), torch.from_numpy(truth[taught]), settings.seed)
    said[TRAINED + "linear-probe"] = layer(torch.from_numpy(vectors)).argmax(1).numpy()
    right = {name: (ids == truth)[held] for name, ids in said.items()}
    if recipe:
        tuned = student_scores(dataset, taught, held, recipe, settings).argmax(axis=1)
        right[TRAINED + recipe] = tuned == truth[held]
    return right


def family(name: str) -> str:
    if not name.startswith(TRAINED):
        return "zero-shot"
    return "fine-tune" if name == TRAINED + RECIPE else "probe"


def alike(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether 0 is in the 95 % of the paired difference."""
    apart = first.astype(float) - second
    known = bootstrap(lambda w: float(np.average(apart, weights=w)), len(apart))
    return known.low <= 0 <= known.high


def drawn(groups: list[str], count: int, seed: int) -> np.ndarray:
    """Rows at random, one of a group."""
    order = np.random.default_rng(seed).permutation(len(groups))
    first = {}
    for row in order:
        first.setdefault(groups[row], row)
    return np.array(list(first.values())[:count])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--labels", type=int, nargs="+", default=[5, 20, 100])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument(
        "--untuned", action="store_true", help="without fine-tuning: seconds a seed in place of minutes"
    )
    parser.add_argument("--verbose", action="store_true", help="what choose says of every way")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="ocella-bench-"))
    dataset = import_dataset(given.data, work / "data", format="class-folders")
    named = duplicate_groups(dataset)
    groups = [named[s.file] for s in dataset]
    runs, vectors = look(dataset)
    print(f"{len(dataset)} images, {len(set(groups))} groups; zero-shot: {', '.join(r.setting.name for r in runs)}")
    print("| labels | seed | picked | it says | zero-shot | probe | fine-tune | picked truly | regret | verdict |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    recipe = "" if given.untuned else RECIPE
    summary = []
    for count in given.labels:
        for seed in range(given.first_seed, given.first_seed + given.seeds):
            taught = drawn(groups, count, seed)
            hidden = dataset.replace(
                samples=tuple(
                    s if i in set(taught.tolist()) else s.replace(annotations=()) for i, s in enumerate(dataset)
                )
            )
            settings = TrainSettings(epochs=given.epochs, seed=seed, precision="fp32")
            chosen = choose_classifier(
                hidden, runs, vectors, recipe=recipe, settings=settings, groups=groups, seed=seed
            )
            right = truths(dataset, runs, vectors, taught, settings, recipe)
            picked = chosen.ranked[0]
            best = {f: max(((r.mean(), n) for n, r in right.items() if family(n) == f), default=NONE) for f in FAMILIES}
            top = max(v for v in best.values() if v is not NONE)
            regret = top[0] - right[picked.name].mean()
            equal = alike(right[picked.name], right[top[1]])
            summary.append((count, regret, family(picked.name) == family(top[1]), equal))
            says = f"{picked.main.value:.2f} [{picked.main.low:.2f}, {picked.main.high:.2f}]"
            verdict = "best" if regret == 0 else "equal" if equal else "worse"
            print(
                f"| {count} | {seed} | {picked.name[:40]} | {says} | {' | '.join(f'{best[f][0]:.3f}' for f in FAMILIES)} "
                f"| {right[picked.name].mean():.3f} | {regret:.3f} | {verdict} |",
                flush=True,
            )
            if given.verbose:
                held = {n: round(float(r.mean()), 3) for n, r in right.items()}
                ranked = [(s.name, s.main.to_json(), held[s.name]) for s in chosen.ranked]
                print(json.dumps({"ranked": ranked, "warnings": chosen.warnings, "out": chosen.ruled_out}), flush=True)
                print(json.dumps([c.to_json() for c in chosen.comparisons]), flush=True)
    print("\n| labels | the best family | the best, or one statistically equal | mean regret |\n|---|---|---|---|")
    for count in given.labels:
        rows = [s for s in summary if s[0] == count]
        regrets = np.array([r[1] for r in rows])
        mean = bootstrap(lambda w, x=regrets: float(np.average(x, weights=w)), len(rows))
        print(
            f"| {count} | {sum(r[2] for r in rows)} of {len(rows)} | {sum(r[3] for r in rows)} of {len(rows)} "
            f"| {mean.value:.3f} [{mean.low:.3f}, {mean.high:.3f}] |"
        )
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()

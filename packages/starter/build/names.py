"""The names of the classes, one a line, in the order of a model's outputs."""

from pathlib import Path

__all__ = ["SYNSET_FILES", "coco_names", "imagenet_names"]

SYNSET_FILES = ("timm/data/_info/imagenet_synsets.txt", "timm/data/_info/imagenet_synset_to_lemma.txt")

# Where the first word of a synset belongs to two classes.
BY_SYNSET = {
    "n02012849": "crane (bird)",
    "n02113186": "Cardigan Welsh corgi",
    "n03126707": "crane (machine)",
    "n03710721": "tank suit",
}

# Where the first word of a synset alone means something else to most readers, and to a text encoder.
CLEARER = {
    "Loafer": "loafer shoe",
    "Pembroke": "Pembroke Welsh corgi",
    "alp": "alpine mountain",
    "bow": "archery bow",
    "boxer": "boxer dog",
    "brass": "memorial brass plaque",
    "buckeye": "horse chestnut",
    "cab": "taxi",
    "ear": "ear of corn",
    "file": "filing cabinet",
    "groom": "bridegroom",
    "hip": "rose hip",
    "jean": "jeans",
    "liner": "ocean liner",
    "monitor": "computer monitor",
    "mouse": "computer mouse",
    "notebook": "notebook computer",
    "organ": "pipe organ",
    "pick": "guitar pick",
    "pirate": "pirate ship",
    "pitcher": "water pitcher",
    "plane": "carpenter's plane",
    "pot": "flowerpot",
    "racer": "race car",
    "rule": "ruler",
    "sax": "saxophone",
    "screen": "CRT screen",
    "slot": "slot machine",
    "sorrel": "sorrel horse",
    "stole": "stole scarf",
    "tank": "army tank",
    "teddy": "teddy bear",
    "trifle": "trifle dessert",
    "upright": "upright piano",
    "vacuum": "vacuum cleaner",
    "washer": "washing machine",
    "wing": "airplane wing",
}

COCO = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag,
tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard,
tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot,
hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote,
keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
hair drier, toothbrush
"""


def coco_names() -> list[str]:
    """The 80 classes of COCO detection."""
    return [name.strip() for name in COCO.replace("\n", " ").split(",")]


def imagenet_names(files: list[Path]) -> list[str]:
    """The 1000 classes of ImageNet: the first word of each synset, or a clearer one."""
    synsets = files[0].read_text(encoding="utf-8").split()
    words = dict(line.split("\t", 1) for line in files[1].read_text(encoding="utf-8").splitlines())
    first = {synset: words[synset].split(",")[0].strip() for synset in synsets}
    names = [BY_SYNSET.get(synset) or CLEARER.get(first[synset], first[synset]) for synset in synsets]
    lowered = [name.lower() for name in names]
    twice = {name for name in names if lowered.count(name.lower()) > 1}
    if len(names) != 1000 or twice:
        message = f"expected 1000 different names, got {len(names)}, more than once: {sorted(twice)}"
        raise ValueError(message)
    return names

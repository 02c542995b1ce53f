"""The 1000 ImageNet class names as prompts that nobody wrote for this purpose, with the COCO class each one is.

A class that is in doubt (a homonym such as `kite` the bird, or a thing that COCO labels either way) is left out.
"""

from importlib.resources import files

RANGES = {"bird": [(7, 24), (80, 100), (127, 146)], "dog": [(151, 268)], "cat": [(281, 285)], "bear": [(294, 297)]}
SINGLE = {
    "airplane": [404, 895],
    "apple": [948],
    "backpack": [414],
    "banana": [954],
    "bed": [564],
    "bench": [703],
    "bicycle": [444, 671],
    "boat": [472, 484, 510, 554, 576, 625, 628, 780, 814, 871, 914],
    "book": [917],
    "bottle": [440, 737, 898, 907],
    "bowl": [659, 809],
    "broccoli": [937],
    "bus": [654, 779, 874],
    "car": [436, 468, 511, 609, 627, 656, 661, 734, 751, 817],
    "cell phone": [487],
    "chair": [423, 559, 765],
    "clock": [409, 530, 892],
    "couch": [831],
    "cow": [345],
    "cup": [504, 968],
    "dining table": [532],
    "elephant": [101, 385, 386],
    "hair drier": [589],
    "handbag": [748],
    "horse": [339],
    "hot dog": [934],
    "keyboard": [508],
    "knife": [499],
    "laptop": [620],
    "microwave": [651],
    "motorcycle": [665, 670],
    "mouse": [673],
    "orange": [950],
    "oven": [827],
    "parking meter": [704],
    "person": [981, 982, 983],
    "pizza": [963],
    "refrigerator": [760],
    "remote": [761],
    "sheep": [348, 349],
    "sink": [896],
    "skis": [795],
    "spoon": [910],
    "sports ball": [429, 430, 522, 574, 722, 768, 805, 852, 890],
    "teddy bear": [850],
    "tennis racket": [752],
    "tie": [451, 457, 906],
    "toaster": [859],
    "traffic light": [920],
    "train": [466, 547, 820],
    "truck": [555, 569, 675, 717, 864, 867],
    "tv": [664, 851],
    "umbrella": [879],
    "vase": [883],
    "wine glass": [572],
    "zebra": [340],
}
DOUBTFUL = {21, 134, 346, 347, 403, 405, 407, 431, 441, 517, 520, 526, 565, 592, 647, 681, 705, 720, 724, 726, 738, 757}
DOUBTFUL |= {762, 782, 829, 857, 870, 878, 899, 901, 913}


def names():
    return files("ocella_starter").joinpath("imagenet1k.txt").read_text(encoding="utf-8").split("\n")[:1000]


def prompts(half):
    truth = {i: name for name, spans in RANGES.items() for a, b in spans for i in range(a, b + 1)}
    truth |= {i: name for name, ids in SINGLE.items() for i in ids}
    parity = 0 if half == "choose" else 1
    return [
        {"prompt": name, "class": truth.get(i, "NONE"), "kind": "imagenet", "half": half}
        for i, name in enumerate(names())
        if i % 2 == parity and i not in DOUBTFUL
    ]

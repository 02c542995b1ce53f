"""Small packages with the interfaces of detectron2 and of what is built on it, as far as running them needs.

They take from their originals what has to be got right: settings that refuse unknown keys and changes once frozen, BGR
pixels, vocabularies that are vectors inside every stage of a network, and files of data sets that only training needs
and nobody has.
"""

import atexit
import importlib
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WIDTH = 16
SOURCES = {
    "detectron2/__init__.py": "",
    "detectron2/config.py": """
import pathlib, yaml

class CfgNode(dict):
    def __init__(self, values=()):
        super().__init__(values)
        self.__dict__["frozen"] = False
    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(name)
        return self[name]
    def __setattr__(self, name, value):
        if self.__dict__["frozen"]:
            raise AttributeError(f"Attempted to set {name} to {value}, but CfgNode is immutable")
        self[name] = value
    def merge_from_file(self, file):
        self._merge(yaml.safe_load(pathlib.Path(file).read_text(encoding="utf-8")), "")
    def _merge(self, values, path):
        for name, value in values.items():
            if name not in self:
                raise KeyError(f"Non-existent config key: {path}{name}")
            if isinstance(value, dict):
                self[name]._merge(value, f"{path}{name}.")
            else:
                self[name] = value
    def freeze(self):
        self.__dict__["frozen"] = True
        for value in self.values():
            if isinstance(value, CfgNode):
                value.freeze()

def get_cfg():
    heads = CfgNode({"SCORE_THRESH_TEST": 0.05, "NUM_CLASSES": 80, "NAME": ""})
    return CfgNode({"MODEL": CfgNode({
        "DEVICE": "cuda", "WEIGHTS": "", "MASK_ON": False, "ROI_HEADS": heads, "ROI_BOX_HEAD": CfgNode()})})
""",
    "detectron2/structures.py": """
class Boxes:
    def __init__(self, tensor):
        self.tensor = tensor

class Instances:
    def __init__(self, image_size, **fields):
        self.image_size, self._fields = image_size, fields
    def has(self, name):
        return name in self._fields
    def to(self, device):
        moved = {k: Boxes(v.tensor.to(device)) if isinstance(v, Boxes) else v.to(device) for k, v in self._fields.items()}
        return Instances(self.image_size, **moved)
    def __getattr__(self, name):
        if name == "_fields" or name not in self._fields:
            raise AttributeError(name)
        return self._fields[name]
""",
    "detectron2/modeling.py": """
import torch
from torch import nn
from detectron2.structures import Boxes, Instances

ROI_HEADS = {}
REGIONS = ((0, 0, 1, 1), (0, 0, .5, .5), (.5, 0, 1, .5), (0, .5, .5, 1), (.25, .25, .8, .9), (.3, .2, .85, .95))

class Predictor(nn.Module):
    def __init__(self, cfg, cls_score):
        super().__init__()
        self.cls_score, self.test_score_thresh = cls_score, cfg.MODEL.ROI_HEADS.SCORE_THRESH_TEST

class RoiHeads(nn.Module):
    def __init__(self, cfg, predictors, alone=False):
        super().__init__()
        self.num_classes = cfg.MODEL.ROI_HEADS.NUM_CLASSES
        self.one_class = cfg.MODEL.ROI_HEADS.get("ONE_CLASS_PER_PROPOSAL", False)
        self.box_predictor = predictors[0] if alone else nn.ModuleList(predictors)
    def forward(self, colours):
        stages = self.box_predictor if isinstance(self.box_predictor, nn.ModuleList) else [self.box_predictor]
        scores = torch.stack([s.cls_score(colours).sigmoid() for s in stages]).mean(0)
        assert scores.shape[1] == self.num_classes + 1 or not isinstance(self.box_predictor, nn.ModuleList)
        scores = scores[:, :-1]
        if self.one_class:
            scores = scores * (scores == scores.max(dim=1, keepdim=True).values)
        return scores, stages[-1].test_score_thresh

class TinyRCNN(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.roi_heads, self.masks = ROI_HEADS[cfg.MODEL.ROI_HEADS.NAME](cfg), cfg.MODEL.MASK_ON
    @property
    def device(self):
        return next(self.parameters()).device
    def forward(self, inputs):
        return [{"instances": self.run(x["image"].to(self.device))} for x in inputs]
    def run(self, image):
        height, width = image.shape[1:]
        boxes = torch.tensor(REGIONS) * torch.tensor([width, height, width, height])
        cells = [(int(a), int(b), max(int(c), int(a) + 1), max(int(d), int(b) + 1)) for a, b, c, d in boxes.tolist()]
        parts = [image[:, b:d, a:c] for a, b, c, d in cells]
        scores, floor = self.roi_heads(torch.stack([p.mean(dim=(1, 2)) / 32 - 4 for p in parts]))
        row, column = torch.nonzero(scores > floor, as_tuple=True)
        found = {"pred_boxes": Boxes(boxes[row]), "scores": scores[row, column], "pred_classes": column}
        if self.masks:
            drawn = torch.zeros(len(row), height, width, dtype=torch.bool)
            for i, r in enumerate(row.tolist()):
                a, b, c, d = cells[r]
                drawn[i, b:d, a:c] = parts[r].mean(0) >= parts[r].mean()
            found["pred_masks"] = drawn
        return Instances((height, width), **found)
""",
    "detectron2/engine/__init__.py": "",
    "detectron2/engine/defaults.py": """
import torch
from detectron2.modeling import TinyRCNN

class DefaultPredictor:
    def __init__(self, cfg):
        self.cfg, self.model = cfg, TinyRCNN(cfg)
        state = torch.load(cfg.MODEL.WEIGHTS, map_location="cpu", weights_only=False)["model"]
        own = self.model.state_dict()
        fitting = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
        assert fitting, "no tensor of the file fits the network"
        self.model.load_state_dict(fitting, strict=False)
        self.model.eval().to(cfg.MODEL.DEVICE)
    def __call__(self, original_image):
        assert original_image.flags.c_contiguous and original_image.shape[2] == 3
        with torch.no_grad():
            height, width = original_image.shape[:2]
            image = torch.as_tensor(original_image.astype("float32").transpose(2, 0, 1).copy())
            return self.model([{"image": image, "height": height, "width": width}])[0]
""",
    "centernet/__init__.py": "",
    "centernet/config.py": """
def add_centernet_config(cfg):
    cfg.MODEL.CENTERNET = type(cfg)({"SCORE_THRESH": 0.05})
""",
}
ENCODER = """
import torch
from torch import nn

class TextEncoder(nn.Module):
    context_length = 77
    def __init__(self):
        super().__init__()
        table = torch.randn(1002, {width}, generator=torch.Generator().manual_seed(7))
        self.register_buffer("table", table)
    def tokenize(self, texts, context_length=77):
        out = torch.zeros(len(texts), context_length, dtype=torch.long)
        for i, text in enumerate(texts):
            tokens = [1000, *text.encode(), 1001][:context_length]
            out[i, : len(tokens)] = torch.tensor(tokens)
        return out
    def forward(self, captions):
        tokens = self.tokenize(captions)
        return torch.stack([self.table[t[t > 0]].mean(0) for t in tokens])

def build_text_encoder(pretrain=True):
    assert pretrain
    return TextEncoder()
""".replace("{width}", str(WIDTH))
CLASSIFIER = """
import json, pathlib
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from detectron2.modeling import Predictor, ROI_HEADS, RoiHeads

def frequencies(path):
    return torch.tensor([c["image_count"] for c in json.loads(pathlib.Path(path).read_text())])

class ZeroShotClassifier(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        head, classes = cfg.MODEL.ROI_BOX_HEAD, cfg.MODEL.ROI_HEADS.NUM_CLASSES
        self.linear = nn.Linear(3, head.ZEROSHOT_WEIGHT_DIM)
        if head.USE_FED_LOSS or cfg.MODEL.DYNAMIC_CLASSIFIER:
            self.frequencies = frequencies(head.CAT_FREQ_PATH)
        self.load(head, classes)
    def random(self, classes):
        return nn.Parameter(F.normalize(torch.randn(self.linear.out_features, classes + 1), dim=0))
    def forward(self, x):
        return 6 * F.normalize(self.linear(x), dim=1) @ self.vocabulary()
"""
FAMILIES = {
    "detic": CLASSIFIER
    + """
class Classifier(ZeroShotClassifier):
    def load(self, head, classes):
        assert head.ZEROSHOT_WEIGHT_PATH == "rand", "no such file"
        self.zs_weight = self.random(classes)
    def vocabulary(self):
        return self.zs_weight

ROI_HEADS["DeticCascadeROIHeads"] = lambda cfg: RoiHeads(cfg, [Predictor(cfg, Classifier(cfg)) for _ in range(3)])
""",
    "codet": CLASSIFIER
    + """
class Classifier(ZeroShotClassifier):
    def load(self, head, classes):
        assert head.ZEROSHOT_WEIGHT_PATH == head.DETECTION_WEIGHT_PATH == "rand", "no such file"
        self.zs_weight, self.detection_weight = self.random(classes), self.random(classes)
    def vocabulary(self):
        return self.detection_weight if self.training else self.zs_weight

ROI_HEADS["CustomRes5ROIHeads"] = lambda cfg: RoiHeads(cfg, [Predictor(cfg, Classifier(cfg))], alone=True)
""",
    "vlpart": CLASSIFIER
    + """
class Classifier(ZeroShotClassifier):
    def load(self, head, classes):
        for place in zip(head.USE_FED_LOSS_GROUP, head.CAT_FREQ_PATH_GROUP):
            if place[0]:
                frequencies(place[1])
        for i, path in enumerate(head.ZEROSHOT_WEIGHT_PATH_GROUP):
            self.file(f"zs_weight_{i}", path)
        self.file("zs_weight_inference", head.ZEROSHOT_WEIGHT_INFERENCE_PATH)
    def file(self, name, path):
        if not path.endswith("npy"):
            raise NotImplementedError
        vectors = torch.tensor(np.load(path)).T
        self.register_buffer(name, F.normalize(F.pad(vectors, (0, 1)), dim=0), False)
    def vocabulary(self):
        return self.zs_weight_inference

ROI_HEADS["VLMROIHeads"] = lambda cfg: RoiHeads(cfg, [Predictor(cfg, Classifier(cfg))], alone=True)
""",
}
HEAD = {
    "USE_ZEROSHOT_CLS": False, "ZEROSHOT_WEIGHT_PATH": "datasets/metadata/lvis.npy", "ZEROSHOT_WEIGHT_DIM": 512,
    "IGNORE_ZERO_CATS": False, "USE_FED_LOSS": False, "CAT_FREQ_PATH": "datasets/metadata/lvis.json",
}  # fmt: skip
GROUPS = {
    "ZEROSHOT_WEIGHT_PATH_GROUP": ["datasets/metadata/lvis.npy"], "USE_FED_LOSS_GROUP": [True],
    "ZEROSHOT_WEIGHT_INFERENCE_PATH": "datasets/metadata/lvis.npy", "CAT_FREQ_PATH_GROUP": ["datasets/metadata/lvis.json"],
}  # fmt: skip
ADDED = {
    "detic": HEAD,
    "codet": {**HEAD, "DETECTION_WEIGHT_PATH": "datasets/metadata/lvis.npy"},
    "vlpart": {**HEAD, **GROUPS},
}
ENCODERS = {"detic": "modeling/text", "codet": "modeling/text", "vlpart": "modeling/text_encoder"}
NAMES = {"detic": "DeticCascadeROIHeads", "codet": "CustomRes5ROIHeads", "vlpart": "VLMROIHeads"}


@cache
def install() -> Path:
    """Put the packages where they can be imported; the folder they are in."""
    made = tempfile.TemporaryDirectory(prefix="contract-packages-")
    atexit.register(made.cleanup)
    root = Path(made.name)
    files = dict(SOURCES)
    for family, source in FAMILIES.items():
        files[f"{family}/__init__.py"] = f"from {family}.modeling import heads"
        files[f"{family}/modeling/__init__.py"] = ""
        files[f"{family}/modeling/heads.py"] = source
        files[f"{family}/{ENCODERS[family]}/__init__.py"] = ""
        files[f"{family}/{ENCODERS[family]}/text_encoder.py"] = ENCODER
        files[f"{family}/config.py"] = f"""
def add_{family}_config(cfg):
    cfg.MODEL.ROI_BOX_HEAD.update({ADDED[family]!r})
    cfg.MODEL.ROI_HEADS.ONE_CLASS_PER_PROPOSAL = False
    cfg.MODEL.DYNAMIC_CLASSIFIER = cfg.MODEL.WITH_CAPTION = False
"""
    for name, source in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source, encoding="utf-8")
    sys.path.append(str(root))
    importlib.invalidate_caches()
    return root


def write(folder: Path, family: str) -> dict[str, Any]:
    """Weights and settings of one family into `folder`, as training leaves them; the options that load them."""
    import torch

    install()
    torch.manual_seed(2)
    state = {}
    for stage in ("box_predictor", *(f"box_predictor.{i}" for i in range(3))):
        state[f"roi_heads.{stage}.cls_score.linear.weight"] = torch.randn(WIDTH, 3)
        state[f"roi_heads.{stage}.cls_score.linear.bias"] = torch.randn(WIDTH) * 0.3
    torch.save({"model": state, "iteration": 90000}, folder / f"tiny_{family}.pth")
    head: dict[str, Any] = {"USE_ZEROSHOT_CLS": True, "ZEROSHOT_WEIGHT_DIM": WIDTH, "USE_FED_LOSS": True}
    if family == "vlpart":
        paths = ["datasets/metadata/lvis.npy", "datasets/metadata/paco.npy"]
        head |= {"ZEROSHOT_WEIGHT_PATH_GROUP": paths, "USE_FED_LOSS_GROUP": [True, True]}
        head |= {"CAT_FREQ_PATH_GROUP": ["datasets/metadata/lvis.json", "datasets/metadata/paco.json"]}
    model = {"MASK_ON": True, "ROI_BOX_HEAD": head, "ROI_HEADS": {"NAME": NAMES[family], "NUM_CLASSES": 1203}}
    if family == "detic":
        model["DYNAMIC_CLASSIFIER"] = True
    (folder / f"tiny_{family}.yaml").write_text(yaml.safe_dump({"MODEL": model}), encoding="utf-8")
    return {"weights": folder, "pickle": True}

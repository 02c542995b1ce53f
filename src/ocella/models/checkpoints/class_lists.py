"""Names of the classes of public data sets, for checkpoints that only number them."""

from collections.abc import Mapping

from ocella.models.starter import starter_text

__all__ = ["class_list", "named"]


def _names(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


_ADE20K = _names("""wall, building, sky, floor, tree, ceiling, road, bed, windowpane, grass, cabinet, sidewalk, person, earth,
door, table, mountain, plant, curtain, chair, car, water, painting, sofa, shelf, house, sea, mirror, rug, field, armchair,
seat, fence, desk, rock, wardrobe, lamp, bathtub, railing, cushion, base, box, column, signboard, chest of drawers, counter,
sand, sink, skyscraper, fireplace, refrigerator, grandstand, path, stairs, runway, case, pool table, pillow, screen door,
stairway, river, bridge, bookcase, blind, coffee table, toilet, flower, book, hill, bench, countertop, stove, palm, kitchen
island, computer, swivel chair, boat, bar, arcade machine, hovel, bus, towel, light, truck, tower, chandelier, awning,
streetlight, booth, television receiver, airplane, dirt track, apparel, pole, land, bannister, escalator, ottoman, bottle,
buffet, poster, stage, van, ship, fountain, conveyer belt, canopy, washer, plaything, swimming pool, stool, barrel, basket,
waterfall, tent, bag, minibike, cradle, oven, ball, food, step, tank, trade name, microwave, pot, animal, bicycle, lake,
dishwasher, screen, blanket, sculpture, hood, sconce, vase, traffic light, tray, ashcan, fan, pier, crt screen, plate,
monitor, bulletin board, shower, radiator, glass, clock, flag""")
_COCO_STUFF = _names("""banner, blanket, bridge, cardboard, counter, curtain, door-stuff, floor-wood, flower, fruit, gravel,
house, light, mirror-stuff, net, pillow, platform, playingfield, railroad, river, road, roof, sand, sea, shelf, snow, stairs,
tent, towel, wall-brick, wall-stone, wall-tile, wall-wood, water-other, window-blind, window-other, tree-merged,
fence-merged, ceiling-merged, sky-other-merged, cabinet-merged, table-merged, floor-other-merged, pavement-merged,
mountain-merged, grass-merged, dirt-merged, paper-merged, food-other-merged, building-other-merged, rock-merged,
wall-other-merged, rug-merged""")


def class_list(vocabulary: str) -> tuple[str, ...]:
    """The classes of `coco`, `coco-panoptic` (things, then stuff) or `ade20k` in the order that networks have them."""
    if vocabulary == "ade20k":
        return _ADE20K
    things = starter_text("coco80.txt")
    return {"coco": things, "coco-panoptic": (*things, *_COCO_STUFF)}[vocabulary]


def named(id2label: Mapping[int, str], vocabulary: str) -> dict[int, str]:
    """A published checkpoint's labels; where it only numbers them (LABEL_0) and has as many as `vocabulary`, its names."""
    known = class_list(vocabulary)
    numbered = all(label == f"LABEL_{i}" for i, label in id2label.items())
    return dict(enumerate(known)) if numbered and len(known) == len(id2label) else dict(id2label)

import pytest

from ocella.choosing.domains import find_domain


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        (["red blood cell", "white blood cell", "platelet"], "microscopy"),
        (["RBC", "WBC", "Platelets"], "microscopy"),
        (["Erythrocytes"], "microscopy"),
        (["leukocyte", "background"], "microscopy"),
        (["bone fracture"], "medical images"),
        (["lung_nodule", "tumour"], "medical images"),
        (["scratch", "dent"], "defects"),
        (["cracks"], "defects"),
        (["solder bridge", "missing component"], "defects"),
        (["floor plan"], "technical drawings"),
        (["thermal hotspot"], "radar, thermal and other sensors"),
        (["person", "dog"], None),
        (["shipping container"], None),
        (["cell phone"], None),
        (["prison cell"], None),
        (["crackers"], None),
        (["x-ray machine", "person", "chair"], None),
        ([], None),
    ],
)
def test_a_domain_is_known_by_its_words(classes: list[str], name: str | None) -> None:
    found = find_domain(classes)
    assert (found.name if found else None) == name

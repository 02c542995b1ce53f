import hashlib
from pathlib import Path

from tests.small_models import paint

from ocella.labeling.gather import Gathered, gather
from ocella.media.find import find_images
from ocella.progress import silent


def bring(root: Path, *sources: Path, limit: int | None = None) -> Gathered:
    return gather(find_images(sources), root, every=0.5, limit=limit, progress=silent)


def files(gathered: Gathered) -> list[str]:
    return [i.file for i in gathered.items]


def test_images_come_under_their_own_names(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png", ("red", 1, 1, 9, 9))
    paint(tmp_path / "in" / "sub" / "a.png", ("blue", 1, 1, 9, 9), size_hw=(32, 40))
    found = bring(tmp_path / "out", tmp_path / "in")
    assert files(found) == ["images/a.png", "images/sub/a.png"]
    assert [i.size_hw for i in found.items] == [(64, 96), (32, 40)]
    for item in found.items:
        copied = (tmp_path / "out" / item.file).read_bytes()
        assert copied == Path(item.source["path"]).read_bytes()
        assert item.sha256 == hashlib.sha256(copied).hexdigest()


def test_a_second_run_finds_the_files(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png", ("red", 1, 1, 9, 9))
    first = bring(tmp_path / "out", tmp_path / "in")
    stamp = (tmp_path / "out" / "images" / "a.png").stat().st_mtime_ns
    assert bring(tmp_path / "out", tmp_path / "in") == first
    assert (tmp_path / "out" / "images" / "a.png").stat().st_mtime_ns == stamp


def test_a_taken_name_gets_the_hash_and_keeps_it(tmp_path: Path) -> None:
    first = paint(tmp_path / "in" / "a.png", ("red", 1, 1, 9, 9))
    other = paint(tmp_path / "more" / "a.png", ("blue", 1, 1, 9, 9))
    bring(tmp_path / "out", tmp_path / "in")
    added = bring(tmp_path / "out", tmp_path / "more")
    sha = hashlib.sha256(other.read_bytes()).hexdigest()
    assert files(added) == [f"images/a-{sha[:8]}.png"]
    assert (tmp_path / "out" / "images" / "a.png").read_bytes() == first.read_bytes()
    assert bring(tmp_path / "out", tmp_path / "more") == added
    assert len(list((tmp_path / "out" / "images").iterdir())) == 2


def test_a_changed_image_is_another_image(tmp_path: Path) -> None:
    source = paint(tmp_path / "in" / "a.png", ("red", 1, 1, 9, 9))
    old = source.read_bytes()
    bring(tmp_path / "out", tmp_path / "in")
    source.unlink()
    paint(source, ("green", 1, 1, 9, 9))
    found = bring(tmp_path / "out", tmp_path / "in")
    assert files(found) != ["images/a.png"]
    assert (tmp_path / "out" / "images" / "a.png").read_bytes() == old


def test_equal_names_in_two_sources_stay_apart(tmp_path: Path) -> None:
    paint(tmp_path / "x" / "a.png", ("red", 1, 1, 9, 9))
    paint(tmp_path / "y" / "a.png", ("blue", 1, 1, 9, 9))
    found = bring(tmp_path / "out", tmp_path / "x", tmp_path / "y")
    assert files(found) == ["images/x/a.png", "images/y/a.png"]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "b.jpg").write_bytes(b"no picture at all")
    (tmp_path / "in" / "film.mp4").write_bytes(b"no film at all")
    found = bring(tmp_path / "out", tmp_path / "in")
    assert files(found) == ["images/a.png"]
    assert [name for name, _ in found.set_aside] == ["b.jpg", "film.mp4"]
    assert sorted(p.name for p in (tmp_path / "out" / "images").iterdir()) == ["a.png"]


def test_limits(tmp_path: Path) -> None:
    for i in range(4):
        paint(tmp_path / "in" / f"{i}.png", grey=i)
    assert files(bring(tmp_path / "out", tmp_path / "in", limit=3)) == [f"images/{i}.png" for i in range(3)]

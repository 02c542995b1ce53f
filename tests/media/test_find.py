import os
from pathlib import Path

import pytest
from tests.hostile import encoded, make

from ocella.errors import NotFound
from ocella.media.find import find_images, natural_key

JPEG = encoded("JPEG")


def _put(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(JPEG)
    return folder


def _names(*sources: str | Path) -> list[str]:
    return [ref.name for ref in find_images(sources).images]


def test_each_hostile_file_is_an_image_a_video_or_set_aside_by_name(tmp_path: Path) -> None:
    rows = make(tmp_path)
    found = find_images([tmp_path])
    images = [ref.name for ref in found.images]
    aside = dict(found.set_aside)
    videos = [v.relative_to(tmp_path).as_posix() for v in found.videos]
    assert sorted(images + list(aside) + videos) == sorted(row.name for row in rows)
    assert {row.name for row in rows if row.good} <= set(images)
    assert all(aside.values())
    for row in rows:
        if "link" in row.kind or row.kind in {"not a regular file", "not an image"}:
            assert row.name in aside, row


def test_order_is_natural_and_the_same_again(tmp_path: Path) -> None:
    _put(tmp_path, "img10.jpg", "img2.jpg", "IMG1.jpg", "b/1.jpg", "a/02.jpg", "a/1.jpg")
    assert _names(tmp_path) == ["a/1.jpg", "a/02.jpg", "b/1.jpg", "IMG1.jpg", "img2.jpg", "img10.jpg"]
    assert _names(tmp_path) == _names(str(tmp_path))


@pytest.mark.parametrize(
    ("first", "then"), [("img2", "img10"), ("a/z", "a1/b"), ("a", "B"), ("x1y2", "x1y10"), ("a", "a1")]
)
def test_natural_order(first: str, then: str) -> None:
    assert natural_key(first) < natural_key(then)


def test_equal_stems_stay_distinct(tmp_path: Path) -> None:
    assert _names(_put(tmp_path, "a.jpg", "a.png", "sub/a.jpg")) == ["a.jpg", "a.png", "sub/a.jpg"]


def test_equal_names_of_two_sources_get_their_folders_in_front(tmp_path: Path) -> None:
    one, two = _put(tmp_path / "one", "a.jpg", "b.jpg"), _put(tmp_path / "two", "a.jpg")
    assert _names(one, two) == ["one/a.jpg", "b.jpg", "two/a.jpg"]
    deep = [_put(tmp_path / n / "images", "a.jpg") for n in ("train", "val")]
    assert _names(*deep) == ["train/images/a.jpg", "val/images/a.jpg"]
    assert _names(one / "a.jpg", two / "a.jpg") == ["one/a.jpg", "two/a.jpg"]


def test_a_front_that_is_itself_taken_is_made_longer(tmp_path: Path) -> None:
    plain = _put(tmp_path / "all", "one/a.jpg", "a.jpg")
    names = _names(plain, _put(tmp_path / "one", "a.jpg"))
    assert len(set(names)) == 3


def test_a_file_given_twice_is_taken_once_and_said(tmp_path: Path) -> None:
    _put(tmp_path, "a.jpg", "b.jpg")
    found = find_images([tmp_path, tmp_path / "a.jpg"])
    assert [ref.name for ref in found.images] == ["a.jpg", "b.jpg"]
    assert found.set_aside == (("a.jpg", "the same file as a.jpg, taken once"),)


def test_hidden_files_and_data_sets_inside_are_left_out(tmp_path: Path) -> None:
    _put(
        tmp_path,
        "a.jpg",
        ".hidden.jpg",
        ".git/b.jpg",
        "Thumbs.db",
        ".ocella/c.jpg",
        "out/images/a.jpg",
        "out/.ocella/x",
    )
    found = find_images([tmp_path])
    assert [ref.name for ref in found.images] == ["a.jpg"]
    assert [name for name, _ in found.set_aside] == ["out"]
    assert _names(tmp_path / "out") == ["images/a.jpg"]


def test_lists_hold_one_path_a_line(tmp_path: Path) -> None:
    _put(tmp_path, "pics/a.jpg", "pics/with space.jpg", "more/b.jpg", "far/c.jpg")
    text = f"pics/with space.jpg\n\n  pics/a.jpg  \r\ngone.jpg\nmore\n{tmp_path / 'far' / 'c.jpg'}\n"
    (tmp_path / "list.txt").write_text("\ufeff" + text, encoding="utf-8")
    found = find_images([tmp_path / "list.txt"])
    assert [ref.name for ref in found.images] == ["pics/with space.jpg", "pics/a.jpg", "b.jpg", "c.jpg"]
    assert found.set_aside == (("gone.jpg", "listed in list.txt, but not there"),)


def test_patterns(tmp_path: Path) -> None:
    _put(tmp_path, "a/1.jpg", "a/2.png", "b/c/3.jpg", "b/.d/4.jpg", "note.md")
    assert _names(f"{tmp_path}/**/*.jpg") == ["a/1.jpg", "b/c/3.jpg"]
    assert _names(f"{tmp_path}/a/*") == ["1.jpg", "2.png"]
    assert _names(f"{tmp_path}/*") == ["a/1.jpg", "a/2.png", "b/c/3.jpg", "note.md"]  # it is a JPEG, whatever its name
    with pytest.raises(NotFound, match="matches no file"):
        find_images([f"{tmp_path}/*.bmp"])


def test_a_folder_named_like_a_pattern_is_a_folder(tmp_path: Path) -> None:
    assert _names(_put(tmp_path / "set[1]", "a.jpg")) == ["a.jpg"]


def test_videos_are_told_from_images(tmp_path: Path) -> None:
    _put(tmp_path, "a.jpg", "clip.MP4")
    found = find_images([tmp_path])
    assert [v.name for v in found.videos] == ["clip.MP4"]
    assert len(found.images) == 1


def test_nothing_to_find_says_what_was_met(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not there"):
        find_images([tmp_path / "gone"])
    with pytest.raises(NotFound, match="no image and no video"):
        find_images([tmp_path])
    (tmp_path / "notes.md").write_text("x", encoding="utf-8")
    with pytest.raises(NotFound, match=r"notes\.md"):
        find_images([tmp_path])
    with pytest.raises(NotFound):
        find_images([])


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have such names")
def test_a_name_that_is_not_unicode_is_set_aside(tmp_path: Path) -> None:
    _put(tmp_path, "a.jpg")
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(JPEG)
    except OSError:
        pytest.skip("this disk takes Unicode names only")
    found = find_images([tmp_path])
    assert [ref.name for ref in found.images] == ["a.jpg"]
    assert found.set_aside == (("caf\\xe9.jpg", "its name is not UTF-8: rename it"),)


def test_a_linked_folder_outside_is_followed_once(tmp_path: Path) -> None:
    inside, outside = _put(tmp_path / "in", "a.jpg"), _put(tmp_path / "out", "b.jpg")
    try:
        (inside / "one").symlink_to(outside, target_is_directory=True)
        (inside / "two").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    found = find_images([inside])
    assert [ref.name for ref in found.images] == ["a.jpg", "one/b.jpg"]
    assert found.set_aside == (("two", "a link to a folder that is listed already"),)


def test_a_file_keeps_its_own_name_before_that_of_a_link(tmp_path: Path) -> None:
    _put(tmp_path, "z.jpg")
    try:
        (tmp_path / "a.jpg").symlink_to("z.jpg")
    except OSError:
        pytest.skip("this account may not make links")
    found = find_images([tmp_path])
    assert [ref.name for ref in found.images] == ["z.jpg"]
    assert found.set_aside == (("a.jpg", "the same file as z.jpg, taken once"),)


def test_a_link_to_a_folder_above_the_source_brings_nothing_in(tmp_path: Path) -> None:
    inside = _put(tmp_path / "outer", "in/a.jpg", "other.jpg") / "in"
    try:
        (inside / "up").symlink_to(tmp_path / "outer", target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    found = find_images([inside])
    assert [ref.name for ref in found.images] == ["a.jpg"]
    assert found.set_aside == (("up", "a link to a folder around it"),)

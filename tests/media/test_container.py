import pytest
from tests.hostile import encoded

from ocella.errors import Unreadable
from ocella.media.container import is_image, refuse_cut_off, refuse_foreign


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP"])
def test_images_are_known_by_their_first_bytes(kind: str) -> None:
    assert is_image(encoded(kind)[:16])


@pytest.mark.parametrize("head", [b"", b"MZ", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypisom", b"\xff\xd8"])
def test_other_files_are_not(head: bytes) -> None:
    assert not is_image(head)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_bytes_after_the_end_are_no_fault(kind: str) -> None:
    refuse_cut_off("a", encoded(kind) + b"appended by a phone")


@pytest.mark.parametrize(("kind", "lost"), [("JPEG", 1), ("JPEG", 2), ("JPEG", 300), ("PNG", 1), ("PNG", 12)])
def test_a_lost_end_is_seen(kind: str, lost: int) -> None:
    with pytest.raises(Unreadable, match=r"a\.bin is cut off"):
        refuse_cut_off("a.bin", encoded(kind)[:-lost])


def test_a_thumbnail_inside_does_not_pass_for_the_end() -> None:
    thumbnail = encoded("JPEG")
    exif = b"Exif\x00\x00" + b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00" + thumbnail
    whole = encoded("JPEG", exif=exif)
    assert whole.count(b"\xff\xd9") == 2
    refuse_cut_off("a", whole)
    with pytest.raises(Unreadable):
        refuse_cut_off("a", whole[:-2])


def test_empty_files_and_heic_are_named_with_a_remedy() -> None:
    with pytest.raises(Unreadable, match="0 bytes"):
        refuse_foreign("a.jpg", b"")
    with pytest.raises(Unreadable, match="pip install pillow-heif"):
        refuse_foreign("a.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")

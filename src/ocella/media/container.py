"""What the bytes of a file say before they are decoded: its kind, and whether its end is there."""

from ocella.errors import Unreadable

__all__ = ["is_image", "refuse_cut_off", "refuse_foreign"]

_MAGIC = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP  ",
)
_PNG = b"\x89PNG\r\n\x1a\n"
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}


def is_image(head: bytes) -> bool:
    """Whether the first 16 bytes are those of an image, whatever the file is called."""
    return (
        head.startswith(_MAGIC)
        or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in _HEIC | {b"avif", b"avis"})
    )


def refuse_foreign(name: str, data: bytes) -> None:
    """Raises Unreadable for nothing at all and for pictures that this installation cannot decode, with the remedy."""
    if not data:
        raise Unreadable(f"{name} is empty (0 bytes). Get a whole copy of it.")
    if data[4:8] != b"ftyp":
        return
    if data[8:12] in _HEIC:
        _heif(name)
    elif data[8:12] in {b"avif", b"avis"}:
        from PIL import features

        if not features.check("avif"):
            raise Unreadable(f"{name} is AVIF, which this Pillow cannot read. Run: pip install -U pillow")


def refuse_cut_off(name: str, data: bytes) -> None:
    """Raises Unreadable where the end of a JPEG or PNG is missing: decoders may paint the rest grey."""
    if data.startswith(b"\xff\xd8"):
        whole = _jpeg_ends(data)
    elif data.startswith(_PNG):
        whole = _png_ends(data)
    else:
        return
    if not whole:
        raise Unreadable(f"{name} is cut off: its end is missing after {len(data)} bytes. Get a whole copy of it.")


def _heif(name: str) -> None:
    try:
        import pillow_heif  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise Unreadable(f"{name} is HEIC. Run: pip install pillow-heif. Or save it as JPEG.") from error
    pillow_heif.register_heif_opener()


def _jpeg_ends(data: bytes) -> bool:
    """Walk the segments to the first scan; from there on FF D9 is the end, since scans escape FF."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:
            return data.find(b"\xff\xd9", at) != -1
        if marker == 0xFF:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at + 4 <= len(data)


def _png_ends(data: bytes) -> bool:
    at = len(_PNG)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at += 12 + size
    return False

"""What a picture is, by its first bytes: whatever its sender says of it, and whatever it is called."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)
SAFE_TO_SHOW = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
# As many bytes are enough.
HEAD = 16


def image_type(content: bytes) -> str:
    """The type of a picture that browsers may show safely; empty for all else (SVG is a program)."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), "")

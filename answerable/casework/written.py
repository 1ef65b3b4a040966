"""What somebody typed into a page, as a message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from answerable.lib.html import from_text
from answerable.lib.uploads import read_all
from answerable.tickets.actions import Message, Upload


def written(text: str, files: Iterable[UploadedFile[Any]], channel: str) -> Message:
    """Plain text with its files; nothing a customer types is markup."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    uploads = tuple(Upload(one.name, one.content_type, one.content) for one in read_all(files))
    return Message(text=text, new_text=text, html=from_text(text), channel=channel, files=uploads)

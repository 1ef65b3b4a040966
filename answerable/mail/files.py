"""The files of a message (email contract E-66 to E-68, E-71 to E-73): nothing is lost for lack of a name or a type."""

import hashlib
from dataclasses import dataclass, field

from answerable.lib.names import extension, file_name, type_of
from answerable.lib.pictures import image_type
from answerable.mail import headers, tnef
from answerable.mail.fields import read_block
from answerable.mail.limits import Limits
from answerable.mail.mime import MEDIA_TYPE, Part

SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_OPAQUE_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_FLAGS = {
    "message/partial": "partial",
    "message/external-body": "external_body",
    "application/pgp-encrypted": "encrypted",
} | dict.fromkeys(_OPAQUE_SMIME, "encrypted")
_OTHERS = ((b"%PDF-", "application/pdf"), (b"PK\x03\x04", "application/zip"), (b"\x1f\x8b", "application/gzip"))


@dataclass(frozen=True)
class Attachment:
    """A file as it came. `name` is for people only; `content_type` is what the sender says, `image` what it is seen to
    be where that is a picture safe to show. `inline`: the HTML shows it. `role` is "signature" or empty.
    """

    name: str
    content_type: str
    content: bytes = field(repr=False)
    cid: str = ""
    image: str = ""
    inline: bool = False
    role: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """The key under which the content is stored."""
        return hashlib.sha256(self.content).hexdigest()


def attachment(part: Part, position: int, limits: Limits) -> tuple[Attachment, list[str]]:
    """The file that a part is, and flags about it. `position` counts from 1 and names the nameless."""
    kind = "message/rfc822" if part.opaque else part.type
    content, corrupt = (part.whole(), False) if part.opaque else part.content()
    flags = [_FLAGS[kind]] if kind in _FLAGS else []
    if part.filename.lower() == "smime.p7m" and not flags:
        flags.append("encrypted")
    if corrupt:
        flags.append("corrupt_part")
    if len(content) > limits.attachment:
        content = content[: limits.attachment]
        flags.append("truncated")
    image = image_type(content)
    name = part.filename or (_subject_of(content, limits) if kind == "message/rfc822" and not part.opaque else "")
    made_of = image or next((one for magic, one in _OTHERS if content.startswith(magic)), kind)
    return (
        Attachment(
            name=file_name(name, position, made_of),
            content_type=kind,
            content=content,
            cid=part.content_id,
            image=image,
            role="signature" if kind in SIGNATURES else "",
        ),
        flags,
    )


def unpacked(file: tnef.File, position: int, limits: Limits) -> Attachment:
    """A file that lay in a winmail.dat. `position` as for `attachment`."""
    content = file.content[: limits.attachment]
    kind = file.content_type if MEDIA_TYPE.fullmatch(file.content_type) else type_of(file.name)
    image = image_type(content)
    return Attachment(
        name=file_name(file.name, position, image or kind),
        content_type=kind,
        content=content,
        cid=file.cid,
        image=image,
    )


def _subject_of(message: bytes, limits: Limits) -> str:
    """What an attached message is called: its subject (E-67)."""
    block = read_block(message, 0, min(len(message), limits.header_block), limits, salvage=True)
    subject = headers.text(block.fields.get("subject")).replace("/", " ").replace("\\", " ")
    return f"{subject.strip() or 'message'}{extension('message/rfc822')}"

"""From the parts of a message to what people read of it: text, HTML, new words, files (email contract E-60 to E-66)."""

from dataclasses import dataclass, replace

from answerable.lib import html
from answerable.mail import bodies, files, html_quotes, quotes, tnef
from answerable.mail.bodies import Body
from answerable.mail.files import Attachment
from answerable.mail.limits import Limits
from answerable.mail.mime import Part
from answerable.mail.subjects import shows_forward

_PGP = "-----BEGIN PGP MESSAGE-----\n"


@dataclass(frozen=True)
class Words:
    """The fields of `Incoming` that come from its body, and flags about them."""

    text: str
    html: str
    new_text: str
    new_html: str
    is_forward: bool
    attachments: tuple[Attachment, ...]
    flags: tuple[str, ...]


def read(root: Part, subject: str, limits: Limits, *, report: bool) -> Words:
    """`report`: a bounce or the like, whose evidence is neither text nor file, and of which nothing is cut."""
    body = bodies.read(root, limits, report=report)
    gallery = _Gallery(body, limits)
    source = body.html
    clean = html.clean(source, gallery.image) if source else ""
    text = html.to_text(clean) if clean and body.is_html_only else body.text()
    if len(text) > limits.text:
        text = text[: limits.text]
        gallery.flags.append("truncated")
    if _PGP in text:
        gallery.flags.append("encrypted")
    forward = shows_forward(subject)
    split = quotes.Split(text, forward) if forward or report else quotes.split(text)
    cut = None if split.is_forward or report else html_quotes.reply_of(source, gallery.image)
    new_text = split.new
    if cut is not None and (body.is_html_only or new_text == text):
        # HTML says exactly where the quote is; text alone sometimes does not.
        new_text = html.to_text(cut)
    return Words(
        text=text,
        html=clean,
        new_text=new_text if new_text.strip() else text,
        new_html=clean if cut is None else cut,
        is_forward=split.is_forward,
        attachments=gallery.hung(),
        flags=tuple(gallery.flags),
    )


class _Gallery:
    """The files of a message, and which of them its HTML shows."""

    def __init__(self, body: Body, limits: Limits) -> None:
        self.flags = list(body.flags)
        self.files: list[Attachment] = []
        self.shown: set[int] = set()
        for part in body.files:
            attachment, flags = files.attachment(part, len(self.files) + 1, limits)
            self.flags.extend(flags)
            self._add(attachment, body, limits)
        if len(self.files) > limits.attachments:
            self.files = self.files[: limits.attachments]
            self.flags.append("truncated")
        self.by_cid: dict[str, int] = {}
        for number, file in enumerate(self.files):
            if file.cid:
                self.by_cid.setdefault(file.cid, number)

    def _add(self, file: Attachment, body: Body, limits: Limits) -> None:
        """One file, or what is in it where it is a winmail.dat (E-71)."""
        if not tnef.is_tnef(file.content_type, file.name, file.content):
            self.files.append(file)
            return
        try:
            inside = tnef.unpack(file.content)
        except ValueError:
            self.files.append(file)
            self.flags.append("tnef_failed")
            return
        self.files.extend(files.unpacked(one, len(self.files) + n, limits) for n, one in enumerate(inside.files, 1))
        if not body.has_words:
            body.segments = [bodies.of_tnef(inside, limits)]

    def image(self, cid: str) -> int | None:
        """The number of the picture that `cid:…` names, from 0; None if there is none, or it is no safe picture."""
        number = self.by_cid.get(cid)
        if number is None or not self.files[number].image:
            self.flags.append("missing_cid")
            return None
        self.shown.add(number)
        return number

    def hung(self) -> tuple[Attachment, ...]:
        return tuple(replace(one, inline=number in self.shown) for number, one in enumerate(self.files))

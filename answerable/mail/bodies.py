"""Which parts are the message's words and which its files (email contract E-60)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from answerable.lib import html as markup
from answerable.mail import charsets, rtf
from answerable.mail.flowed import unflow
from answerable.mail.limits import Limits
from answerable.mail.mime import Part
from answerable.mail.tnef import Unpacked

# Inside bounces and reports these are evidence, not attachments (E-67).
EVIDENCE = frozenset({
    "message/rfc822", "message/global", "message/rfc822-headers", "text/rfc822-headers", "message/global-headers",
    "message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
    "message/global-disposition-notification", "message/feedback-report",
})  # fmt: skip
_HTML_TYPES = frozenset({"text/html", "text/xhtml", "application/xhtml+xml"})


class Segment(NamedTuple):
    """A stretch of the body, in plain text, in HTML as it came, or in both."""

    plain: str | None
    html: str | None


@dataclass
class Body:
    """What was found: words still unsanitised, files still undecoded, in the order of the message."""

    segments: list[Segment] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        """Some text that people can read, in whatever form."""
        return any(part and part.strip() for segment in self.segments for part in segment)

    @property
    def html(self) -> str:
        """The whole in HTML, if any of it came in HTML; to be sanitised."""
        return _as_html(self.segments) or ""

    @property
    def is_html_only(self) -> bool:
        """No word of it came in plain text."""
        return not any(segment.plain and segment.plain.strip() for segment in self.segments)

    def text(self) -> str:
        """The whole in plain text, stretches in HTML converted."""
        return "\n".join(_words(segment) for segment in self.segments).strip("\n")


def read(root: Part, limits: Limits, *, report: bool) -> Body:
    """Sort the parts. `report`: a bounce or another report, whose evidence is left out."""
    collector = _Collector(limits, report=report)
    collector.body.segments = collector.gather(root)
    return collector.body


def of_tnef(found: Unpacked, limits: Limits) -> Segment:
    """The words of a winmail.dat, for a message that has no others (E-71)."""
    text = (found.text if found.text.strip() else rtf.to_text(found.rtf))[: limits.text]
    return Segment(text.replace("\r\n", "\n").replace("\r", "\n") or None, found.html[: limits.html] or None)


class _Collector:
    """Walks the tree; it is at most `limits.depth` deep, so plain recursion is safe here."""

    def __init__(self, limits: Limits, *, report: bool) -> None:
        self.body = Body()
        self.report = report
        self.room = {"html": limits.html, "plain": limits.text}

    def gather(self, part: Part) -> list[Segment]:
        """The words of a part and of all in it; its files are put aside on the way."""
        if part.is_multipart and part.children:
            if part.type == "multipart/alternative":
                return self._alternative(part)
            if part.type == "multipart/encrypted":
                self.body.flags.append("encrypted")
            return [segment for child in part.children for segment in self._member(part, child)]
        return self._leaf(part)

    def _member(self, parent: Part, child: Part) -> list[Segment]:
        referred_to = parent.type == "multipart/related" and child is not parent.children[0] and child.content_id
        if not referred_to or child.is_multipart:
            return self.gather(child)
        # Something that the root refers to, even if it is text.
        self.body.files.append(child)
        return []

    def _leaf(self, part: Part) -> list[Segment]:
        if self.report and part.type in EVIDENCE:
            return []
        if _is_file(part):
            self.body.files.append(part)
            return []
        text = self._decoded(part)
        return [Segment(None, text) if part.type in _HTML_TYPES else Segment(text, None)]

    def _alternative(self, part: Part) -> list[Segment]:
        """One thing said several ways: its first plain text and its first HTML; others only where there is neither."""
        ways = [(child, self.gather(child)) for child in part.children]
        plain_html = [segments for child, segments in ways if segments and not _is_other(child)]
        plain = next((text for text in map(_as_plain, plain_html) if text is not None and text.strip()), None)
        html = next((source for source in map(_as_html, plain_html) if source), None)
        if plain is None and html is None:
            other = next((segments for _, segments in ways if segments and (_as_plain(segments) or "").strip()), [])
            return list(other)
        return [Segment(plain, html)]

    def _decoded(self, part: Part) -> str:
        is_html = part.type in _HTML_TYPES
        kind = "html" if is_html else "plain"
        data, corrupt = part.content()
        if corrupt:
            self.body.flags.append("corrupt_part")
        if len(data) > 4 * self.room[kind]:
            data = data[: 4 * self.room[kind]]
            data = data[: data.rfind(b"\n") + 1] or data
            self.body.flags.append("truncated")
        decoded = charsets.decode(data, part.params.get("charset", ""), html=is_html, seven_bit=not is_html)
        if decoded.fallback:
            self.body.flags.append("charset_fallback")
        text = decoded.text
        if len(text) > self.room[kind]:
            text = text[: self.room[kind]]
            self.body.flags.append("truncated")
        self.room[kind] -= len(text)
        return text if is_html else _plain(text, part)


def _plain(text: str, part: Part) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.params.get("format", "").lower() == "flowed":
        return unflow(text, delete_space=part.params.get("delsp", "").lower() == "yes")
    return text


def _is_file(part: Part) -> bool:
    if part.opaque:
        return True
    if part.is_multipart:
        return False  # its boundary is missing: what it holds is text (E-20)
    named = bool(part.filename) or part.disposition == "attachment"
    return named or part.type == "text/calendar" or not (part.type.startswith("text/") or part.type in _HTML_TYPES)


def _is_other(part: Part) -> bool:
    """A text alternative that nobody needs beside plain text or HTML: enriched, amp, watch-html."""
    return part.type.startswith("text/") and part.type != "text/plain" and part.type not in _HTML_TYPES


def _as_plain(segments: Iterable[Segment]) -> str | None:
    texts = [segment.plain for segment in segments]
    return "\n".join(text for text in texts if text is not None) if all(text is not None for text in texts) else None


def _as_html(segments: Iterable[Segment]) -> str | None:
    found = list(segments)
    if not any(segment.html for segment in found):
        return None
    return "\n".join(one.html if one.html is not None else markup.from_text(one.plain or "") for one in found)


def _words(segment: Segment) -> str:
    if segment.plain is not None and segment.plain.strip():
        return segment.plain
    return markup.to_text(markup.clean(segment.html)) if segment.html else segment.plain or ""

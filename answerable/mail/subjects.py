"""Subject prefixes of the world's mail programs: what shows an answer, what a forward (email contract E-64, E-97)."""

import re

_TAGS = r"(?:\s|\[[^\]]{0,100}\])*+"  # `[list] Re: …`
_END = r"\s{0,3}(?:[\[(^]?\d{1,3}[\])]?)?\s{0,3}[:：]\s{0,50}"  # `Re[2]:`, `RE :`
_REPLY = (
    "re|aw|antw|antwort|sv|odp|ynt|res|r|atb|απ|vá|bls|hồi âm|trả lời|ответ|на|відповідь"
    "|回复|回覆|答复|返信|회신|답장|תגובה|השב|رد|پاسخ"
)
# "VS" answers in Finnish and forwards in Danish, "Rif" both in Italian: forwards here, as nothing is cut from those.
_FORWARD = (
    "fwd?|wg|weitergeleitet|tr|rv|rif|i|enc|vb|vl|vs|pd|doorst|ilt|i̇lt|trs|továbbítás|πρθ|переслано|пересл"
    "|转发|轉寄|転送|전달|הועבר|إعادة توجيه|chuyển tiếp|tlb"
)
_REPLY_PREFIX = re.compile(f"{_TAGS}(?:{_REPLY}){_END}", re.IGNORECASE)
_FORWARD_PREFIX = re.compile(f"{_TAGS}(?:{_FORWARD}){_END}", re.IGNORECASE)
_BARE_FORWARD_PREFIX = re.compile(rf"\s*(?:{_FORWARD}){_END}", re.IGNORECASE)
_BARE_REPLY_PREFIX = re.compile(rf"\s*(?:{_REPLY}){_END}", re.IGNORECASE)


def shows_reply(subject: str) -> bool:
    """The outermost prefix says that this answers something."""
    return _REPLY_PREFIX.match(subject[:500]) is not None


def shows_forward(subject: str) -> bool:
    """The outermost prefix says that this passes something on."""
    return _FORWARD_PREFIX.match(subject[:500]) is not None


def without_reply(subject: str) -> str:
    """The subject without the marks of an answer in front of it."""
    while prefix := _BARE_REPLY_PREFIX.match(subject[:500]):
        subject = subject[prefix.end() :]
    return subject.strip()


def without_forward(subject: str) -> str:
    """The subject without the marks of a forward in front of it."""
    while prefix := _BARE_FORWARD_PREFIX.match(subject[:500]):
        subject = subject[prefix.end() :]
    return subject.strip()

"""Which mail a machine wrote, and of which kind (email contract E-45, E-46). A subject alone decides nothing."""

import re

from answerable.mail.fields import Fields

VACATION, LIST, BULK, GENERATED = "vacation", "list", "bulk", "generated"

_COMMENT = re.compile(r"\([^()]*\)")
_LIST_FIELDS = ("list-id", "list-unsubscribe", "list-post", "mailing-list", "x-mailing-list")
_VACATION_FIELDS = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-mail-autoreply", "auto-reply")
_MACHINE_FIELDS = ("x-fc-machinegenerated", "x-loop", "x-rt-loop-prevention", "x-otrs-loop")
_SUPPRESS = frozenset({"all", "autoreply", "oof", "dr"})
_OUT_OF_OFFICE = re.compile(
    r"out of (?:the )?office|automatic reply|auto[- ]?reply|autoreply|abwesenheit|automatische antwort"
    r"|réponse automatique|respuesta automática|risposta automatica|resposta automática"
    r"|automatisch antwoord|automatiskt svar|autosvar|automaattinen vastaus"
    r"|odpowiedź automatyczna|автоответ|自动回复|自動返信"
)
_LIST_OWNER = re.compile(r"^<?owner-|-owner@")


def auto_class(fields: Fields, subject: str, *, null_path: bool) -> str:
    """vacation, list, bulk, generated; empty for what a person wrote. `null_path`: it came from `<>`."""
    submitted = _keyword(fields.word("auto-submitted"))
    precedence = _keyword(fields.word("precedence"))
    if _is_vacation(fields, submitted, precedence):
        return VACATION
    if _is_list(fields, precedence):
        return LIST
    answers = null_path or "in-reply-to" in fields or "references" in fields
    if null_path or (answers and _OUT_OF_OFFICE.search(subject.lower())):
        return VACATION
    if precedence in ("bulk", "junk"):
        return BULK
    return GENERATED if _is_generated(fields, submitted) else ""


def _keyword(value: str) -> str:
    """The first word of a field, without comments and parameters."""
    return _COMMENT.sub(" ", value).partition(";")[0].strip()


def _is_vacation(fields: Fields, submitted: str, precedence: str) -> bool:
    return (
        submitted == "auto-replied"
        or precedence == "auto_reply"
        or any(name in fields for name in _VACATION_FIELDS)
        or "vacation" in fields.word("x-apple-action")
        or "mailbox rules agent" in fields.word("x-ms-exchange-generated-message-source")
        or _keyword(fields.word("x-post-messageclass")) == "9"
    )


def _is_list(fields: Fields, precedence: str) -> bool:
    if precedence == "list" or any(name in fields for name in _LIST_FIELDS):
        return True
    owned = "x-loop" in fields or _LIST_OWNER.search(fields.word("sender"))
    return precedence == "bulk" and bool(owned)


def _is_generated(fields: Fields, submitted: str) -> bool:
    suppressed = {_keyword(word) for word in fields.word("x-auto-response-suppress").split(",")}
    return (
        ("auto-submitted" in fields and submitted != "no")
        or bool(suppressed & _SUPPRESS)
        or any(name in fields for name in _MACHINE_FIELDS)
        or "x-ms-exchange-generated-message-source" in fields
    )

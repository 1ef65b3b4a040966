"""What is handed to a person's own channels: one call, the same id on every try."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """`kind`: "page" or "test". `title` and `text` name no customer's words: they go through other people's hands.

    `open_alerts`: those of this person that still run, so that a browser takes its notifications of others away; None:
    not asked for.
    """

    id: str
    kind: str
    title: str
    text: str
    link: str
    severity: str = ""
    alert: int | None = None
    open_alerts: tuple[int, ...] | None = None

    def said(self) -> dict[str, object]:
        """As every channel that takes JSON is told it."""
        names = ("id", "kind", "alert", "severity", "title", "text", "link")
        return {name: getattr(self, name) for name in names}

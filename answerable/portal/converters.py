"""Parts of the portal's addresses."""


class Slug:
    """The readable end of an address: "-words", or nothing. Any words match: the page leads to the right ones."""

    regex = r"(?:-[^/]{0,300})?"

    def to_python(self, value: str) -> str:
        """Without the dash before it."""
        return value[1:]

    def to_url(self, value: str) -> str:
        """With it."""
        return f"-{value}" if value else ""

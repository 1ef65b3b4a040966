"""The demo's help center: a folder of Markdown, brought in as any other (`answerable import-articles`)."""

from datetime import datetime
from pathlib import Path

from answerable.knowledge.bring.folder import read
from answerable.knowledge.bring.taking import take
from answerable.knowledge.models import Audience
from answerable.lib.errors import Refused
from answerable.people.models import Person

FOLDER = Path(__file__).parent / "articles"


def write_articles(by: Person, at: datetime) -> None:
    """All of it, or Refused: what is ours has nothing to leave out."""
    source = read(FOLDER, Audience.PUBLIC)
    left = [*source.left, *(one for done in take(by, source, at) for one in done.left)]
    if left:
        raise Refused("demo_articles", f"{left[0].where} {left[0].why}")

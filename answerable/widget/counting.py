"""Who looks here, for figures alone: nobody of the team is ever here, and robots do not count."""

from answerable.knowledge.asking_actions import Who
from answerable.lib.visitors import looks, visitor
from answerable.widget.access import WidgetRequest


def who_of(request: WidgetRequest) -> Who:
    """Whom the host has named, or a visitor: no cookie tells them apart, so those who look the same are one."""
    return Who(request.person, visitor(request.META["REMOTE_ADDR"], request.headers.get("User-Agent", "")))


def counts(request: WidgetRequest) -> bool:
    """Whether what happens is noted: what a person looks at."""
    return request.method in {"GET", "POST"} and looks(request.headers)

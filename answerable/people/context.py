"""The vendor's name for every template, so that log-in and error pages carry it too."""

from django.http import HttpRequest

from answerable.people.queries import vendor


def the_vendor(request: HttpRequest) -> dict[str, object]:
    """Context of every page."""
    return {"vendor": vendor()}

"""What the templates of a page share."""

from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject


def one_token(request: HttpRequest) -> dict[str, object]:
    """`csrf_input`, masked once an answer: Django masks anew for each form, and a ticket page has eight.

    Lazy, because a page without a form gets no cookie.
    """
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}

"""How allauth behaves here: who may sign up, where a log-in leads, and that its mails leave through our own outbox."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from answerable.people.models import Person


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hook object for this product."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by staff until the portal verifies domains."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff land at the desk, customers at their requests."""
        assert isinstance(request.user, Person)
        return reverse("desk:queue") if request.user.is_staff else reverse("portal:my_requests")

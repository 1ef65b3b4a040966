"""How allauth behaves here: who may sign up, where a log-in leads, and that its mails leave through our own outbox."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from answerable.casework.account_mail import post_account_mail
from answerable.lib import clock
from answerable.people.models import Person
from answerable.people.queries import by_email, vendor


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hook object for this product."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by staff until the portal verifies domains."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff land at the desk, customers at their requests."""
        assert isinstance(request.user, Person)
        return reverse("desk:queue") if request.user.is_staff else reverse("portal:my_requests")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At the policy's own address: the Host header of whoever asked must not choose where a secret link points."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{vendor().portal_address}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail in our outbox, for a person whom we know."""
        person = by_email(email)
        if person is not None:
            message = self.render_mail(template_prefix, email, context)
            post_account_mail(person, str(message.subject), str(message.body), clock.now())

    def format_email_subject(self, subject: str) -> str:
        """No site name in brackets."""
        return subject

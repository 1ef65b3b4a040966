"""Log in to an IMAP server: by password, or by a token that an identity provider gives us for the mailbox."""

import os
from typing import Any

from imapclient.exceptions import LoginError

from answerable.mail import oauth
from answerable.mail.models import Mailbox


def log_in(client: Any, mailbox: Mailbox) -> None:
    """Raises LoginError, or ValueError in words for the operator."""
    if mailbox.auth == "oauth2":
        _by_token(client, mailbox)
        return
    password = secret(mailbox.password_variable, "password")
    # The plain LOGIN command knows ASCII only.
    by_password = client.login if password.isascii() else client.plain_login
    by_password(mailbox.user, password)


def secret(variable: str, what: str) -> str:
    """A secret from the environment."""
    value = os.environ.get(variable, "")
    if not value:
        raise ValueError(f"the {what} is missing: set the environment variable {variable}")
    return value


def _by_token(client: Any, mailbox: Mailbox) -> None:
    """A token that was good a while ago may have been taken back since: one that is new is tried too."""
    grant = oauth.Grant(
        token_url=mailbox.token_url,
        client_id=mailbox.client_id,
        client_secret=_optional(mailbox.client_secret_variable, "client secret"),
        refresh_token=_optional(mailbox.refresh_token_variable, "refresh token"),
        scope=mailbox.scope,
    )
    kept = oauth.kept(grant)
    if kept:
        try:
            client.oauth2_login(mailbox.user, kept)
            return
        except LoginError:
            oauth.forget(grant)
    client.oauth2_login(mailbox.user, oauth.fetch(grant))


def _optional(variable: str, what: str) -> str:
    return secret(variable, what) if variable else ""

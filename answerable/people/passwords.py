"""What a password must withstand (the lists of leaked passwords that everybody who guesses begins with), and what ends
the links by which one is chosen.
"""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

# Guesses that a good password takes, in zxcvbn's five steps: 3 is a hundred million or more.
LEAST = 3
# The rest of a longer one makes it only better, and takes time to weigh.
MOST_WEIGHED = 72


class ResetTokens(PasswordResetTokenGenerator):
    """What ends every session of a person (`session_epoch`) ends the links that were mailed to them, too."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}:{user.session_epoch}"


class Guessable:
    """Refuses what zxcvbn finds in its lists of leaked passwords, names and words, or makes of them in a few steps.

    The lists are in the package: no password, nor any part of one, is asked about over the network.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Django's hook: raises ValidationError."""
        if zxcvbn(password[:MOST_WEIGHED], user_inputs=_of(user))["score"] < LEAST:
            raise ValidationError(
                _(
                    "This one is easy to guess: it is in lists of leaked passwords, or made of what is. Take three "
                    "or four words that have nothing to do with each other."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """What to do right away."""
        return _("Three or four words that have nothing to do with each other make a good one.")


def _of(user: Any) -> list[str]:
    """Words that an attacker tries first on this very person."""
    if user is None:
        return []
    address, _at, domain = user.email.partition("@")
    return [address, domain, domain.partition(".")[0], *user.name.split()]

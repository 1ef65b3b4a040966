"""`answerable add-person`: an account made at the machine, such as the first administrator's."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base
from answerable.people.actions import make_person
from answerable.people.models import Role
from answerable.people.queries import by_email


class Command(Base):
    help = "Make an account. The password is asked for, or read from standard input where that is no terminal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address, and who it is."""
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="how the person is called")
        parser.add_argument("--role", default=Role.CUSTOMER.value, choices=Role.values, help="default: customer")

    def handle(self, *_args: object, **options: Any) -> None:
        """Make it, or say what is wrong."""
        email = options["email"].strip().lower()
        if by_email(email):
            raise Refused("exists", f"There is an account {email} already.")
        password = _password()
        try:
            validate_email(email)
            validate_password(password)
        except ValidationError as error:
            raise Refused("invalid", " ".join(error.messages)) from None
        person = make_person(email, options["name"].strip(), options["role"], password, clock.now())
        sys.stdout.write(f"{person.email} may log in as {Role(person.role).label.lower()}.\n")


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")

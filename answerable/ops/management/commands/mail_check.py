"""`answerable mail-check`: whether each message that ever came ended in exactly one outcome (mail contract E-6)."""

from answerable.casework.mail_check import check
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base


class Command(Base):
    help = "Look whether each message that ever came ended in exactly one outcome; exit 1 if not."

    def handle(self, *_args: object, **_options: object) -> None:
        found = check(clock.now())
        for one in found:
            more = f" and {one.count - len(one.ids)} more" if one.count > len(one.ids) else ""
            self.stdout.write(f"{one.count} × {one.what}: message {', '.join(map(str, one.ids))}{more}")
        if found:
            raise Refused("mail", "some mail has no outcome, or more than one: see above, and please report it")
        self.stdout.write("each message ended in exactly one outcome")

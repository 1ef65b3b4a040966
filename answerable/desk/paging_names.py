"""What the names of a paging policy are called on pages, and which name is meant by what somebody typed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from answerable.escalation.paging_policy import ADMINS, LEADS, SCHEDULE
from answerable.escalation.paging_policy_queries import NO_SCHEDULE, NO_STAFF, RETIRED, retired_schedules
from answerable.escalation.schedule_queries import live
from answerable.people.queries import staff, teams


@dataclass(frozen=True)
class Names:
    """`staff`: names by address; `schedules`: names by key, `retired` those that call nobody; `teams`: names by key."""

    staff: Mapping[str, str]
    schedules: Mapping[str, str]
    retired: Mapping[str, str]
    teams: Mapping[str, str]

    def label(self, name: str) -> str:
        """What a name in a step is called."""
        if name.startswith(SCHEDULE):
            key = name.removeprefix(SCHEDULE)
            return _("On call: %(schedule)s") % {"schedule": self.schedules.get(key) or self.retired.get(key) or key}
        return {LEADS: _("Leads of the team"), ADMINS: _("Administrators")}.get(name) or self.staff.get(name, name)

    def typed(self, name: str) -> str:
        """As it stands in a field: the label, with the address of who has a name."""
        label = self.label(name)
        return f"{label} <{name}>" if "@" in name and label != name else label

    @property
    def choices(self) -> list[str]:
        """What a field offers."""
        known = [f"{SCHEDULE}{key}" for key in self.schedules]
        return [self.typed(name) for name in (*known, LEADS, ADMINS, *self.staff)]

    def read(self, text: str) -> tuple[str, str]:
        """(name, what is wrong): the one that is meant."""
        said = text.strip().casefold()
        inside = said.rpartition("<")[2].rstrip(">").strip()
        if said in self._all:
            return self._all[said], ""
        if inside in self.staff or inside in {f"{SCHEDULE}{key}" for key in self.schedules} | {LEADS, ADMINS}:
            return inside, ""
        people = [address for address, name in self.staff.items() if name.casefold() == said]
        if len(people) == 1:
            return people[0], ""
        if people:
            return "", _("Several are called so: choose the address.")
        if said in {_("On call: %(schedule)s").casefold() % {"schedule": name.casefold()} for name in self._over}:
            return "", _("This schedule is retired: it calls nobody.")
        return "", _("Nobody on the staff and no schedule is called so.")

    @property
    def _over(self) -> list[str]:
        return [*self.retired.values(), *self.retired]

    @property
    def _all(self) -> dict[str, str]:
        """Every text that a field offers, and its name; a name that two schedules share is no answer."""
        names = [f"{SCHEDULE}{key}" for key in self.schedules]
        often = Counter(self.schedules.values())
        single = [name for name in names if often[self.schedules[name.removeprefix(SCHEDULE)]] == 1]
        return {self.typed(name).casefold(): name for name in (*single, LEADS, ADMINS, *self.staff)}


def known_names() -> Names:
    """As things stand (four statements)."""
    return Names(
        {one.email: one.label for one in staff()},
        {one.key: one.name for one in live()},
        retired_schedules(),
        {one.key: one.name for one in teams()},
    )


def fault_words(why: str, name: str) -> str:
    """Why a name can page nobody, in words."""
    said = {
        NO_STAFF: _("%(name)s is nobody on the staff."),
        NO_SCHEDULE: _("There is no schedule %(name)s."),
        RETIRED: _("The schedule %(name)s is retired: it calls nobody."),
    }
    return said[why] % {"name": name.removeprefix(SCHEDULE)}

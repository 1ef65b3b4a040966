"""What doctor says of paging."""

from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib.fresh import forget_all
from answerable.ops.paging_check import examine
from answerable.people.models import Person
from tests.cast import NOW, Cast


def told(level: str) -> str:
    forget_all()
    return "\n".join(finding.text for finding in examine() if finding.level == level)


def test_teams_without_a_policy_names_of_nobody_and_pages_to_nobody(cast: Cast) -> None:
    assert "a P0 of Cloud support, Product support pages the team's leads" in told("note")
    assert "name a p0_team" in told("note")
    assert told("wrong") == ""
    assert "would reach somebody now" in told("ok")
    steps = (Step((cast.agent.email, "gone@vendor.test", "on_call.nothing"), 600),)
    apply_paging([PagingSpec("night", Plan(steps), ("cloud", "product"))], NOW)
    assert told("wrong").splitlines() == [
        "paging.night pages gone@vendor.test, who is nobody on your staff",
        "paging.night pages on_call.nothing, and there is no such schedule: its turn is passed at once",
    ]
    assert "Cloud support" not in told("note")
    Person.objects.filter(pk=cast.agent.pk).update(is_active=False)
    assert "a P0 of Cloud support, Product support would reach nobody now" in told("wrong")

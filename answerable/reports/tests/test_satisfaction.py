"""How requesters found our help, counted as it was said; of few answers no percentage."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from answerable.people.models import Team
from answerable.reports.queries import Question
from answerable.reports.satisfaction import Opinion, last_words, opinions, together
from answerable.tickets.rating import Rating
from tests.cast import NOW, Cast, a_ticket

UTC = ZoneInfo("UTC")
ALL = Question(NOW - timedelta(days=40), NOW + timedelta(days=40), UTC)


def said(cast: Cast, score: str, **more: object) -> Rating:
    values = {"agent": cast.agent, "team": cast.cloud, "organization": cast.org, "at": NOW} | more
    ticket = a_ticket(cast)
    rated_at = NOW if score else None
    return Rating.objects.create(
        ticket=ticket, person=cast.requester, solved_at=NOW, score=score, rated_at=rated_at, **values
    )


def test_counts_by_team_agent_and_month(cast: Cast) -> None:
    said(cast, "good")
    said(cast, "bad", comment="slow")
    said(cast, "")
    said(cast, "good", team=cast.product, agent=None)
    said(cast, "", skipped="asked_lately")
    said(cast, "good", at=NOW - timedelta(days=20))
    teams = {line.label: line.opinion for line in opinions(cast.lead, ALL, "team", NOW)}
    assert teams == {"Cloud support": Opinion(4, 2, 1), "Product support": Opinion(1, 1, 0)}
    agents = {line.label: line.opinion for line in opinions(cast.lead, ALL, "agent", NOW)}
    assert agents == {"Tomas Kral": Opinion(4, 2, 1), "": Opinion(1, 1, 0)}
    months = opinions(cast.lead, ALL, "month", NOW)
    assert [line.opinion for line in months] == [Opinion(1, 1, 0), Opinion(4, 2, 1)]
    assert together(months) == Opinion(5, 3, 1)
    assert [(one.score, one.comment) for one in last_words(cast.lead, ALL, NOW)] == [("bad", "slow")]


def test_who_is_shut_in_counts_their_own_alone(cast: Cast) -> None:
    said(cast, "good")
    Team.objects.filter(pk=cast.product.pk).update(restricted=True)
    cast.agent.teams.set([cast.product])
    assert opinions(cast.agent, ALL, "month", NOW) == []
    assert opinions(cast.lead, ALL, "month", NOW) != []


@pytest.mark.parametrize(
    ("opinion", "shown", "response"),
    [
        (Opinion(), "no answers", ""),
        (Opinion(4, 0, 0), "no answers", "0 of 4"),
        (Opinion(4, 3, 0), "3 of 3", "3 of 4"),
        (Opinion(1000, 999, 1), "99.9 %", "100 %"),
        (Opinion(3000, 1999, 1), "99.9 %", "66.6 %"),
    ],
)
def test_of_few_answers_no_percentage_is_made(opinion: Opinion, shown: str, response: str) -> None:
    assert (opinion.shown, opinion.response_shown) == (shown, response)


def test_the_page_and_its_csv(cast: Cast) -> None:
    said(cast, "bad", comment="=1+1")
    lead = Client()
    lead.force_login(cast.lead)
    page = lead.get("/desk/reports/satisfaction", {"by": "agent", "period": "36"})
    assert page.status_code == 200
    assert lead.get("/desk/reports/satisfaction", {"by": "severity"}).status_code == 200
    assert lead.get("/desk/reports/satisfaction.csv", {"by": "team"}).status_code == 200

"""What doctor says of drills: the last one failed, or none ran for long although the policy plans one each week."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from answerable.desk.drill_words import channel_word, plan_words
from answerable.escalation import drill_queries as queries
from answerable.ops.finding import Finding

LONG = timedelta(days=14)


def examine(now: datetime) -> Iterator[Finding]:
    """Nothing where no drill is planned and none ever ran."""
    plan, last = queries.rule(), queries.latest_run()
    if last is not None and last.state == "failed":
        ran = queries.one(last.pk)
        failed = [channel_word(leg.channel).lower() for leg in ran.legs if not queries.went_well(leg)] if ran else []
        yield Finding(
            "wrong",
            f"the last drill, on {last.began_at:%Y-%m-%d}, failed ({', '.join(failed)}): see the desk, under Alerts, "
            "Drills, and run `answerable drill` once it is mended",
        )
    elif last is not None:
        yield Finding("ok", f"the last drill, on {last.began_at:%Y-%m-%d}, paged in time and was answered")
    if plan is None:
        return
    since = max(plan.since, last.began_at) if last else plan.since
    if now - since > LONG:
        yield Finding(
            "wrong",
            f"no drill ran for {(now - since).days} days, although one is planned on {plan_words(plan)}: is a worker "
            "running, and does a P0 wait for an answer each time?",
        )

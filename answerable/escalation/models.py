"""Who is asked when it matters: schedules, alerts and the ladder. Each has its rows in a module of its own."""

import answerable.escalation.alerts
import answerable.escalation.coverage_rows
import answerable.escalation.drills
import answerable.escalation.episodes
import answerable.escalation.outside
import answerable.escalation.schedules

# Imported so that Django knows their models; whoever uses them names the module.
_REGISTERED = (
    answerable.escalation.alerts,
    answerable.escalation.coverage_rows,
    answerable.escalation.drills,
    answerable.escalation.episodes,
    answerable.escalation.outside,
    answerable.escalation.schedules,
)

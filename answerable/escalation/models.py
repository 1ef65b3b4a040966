"""Who is asked when it matters: schedules, alerts and the ladder. Each has its rows in a module of its own."""

import answerable.escalation.episodes

# Imported so that Django knows their models.
_LADDER = (answerable.escalation.episodes,)

"""Who stands behind the names in a paging policy, at this moment: asked when a page is about to leave."""

from answerable.escalation.paging_policy import finder
from answerable.escalation.schedule_queries import on_call

find = finder(on_call)

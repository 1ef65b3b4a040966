"""Who stands behind the names in a paging policy, at this moment."""

from answerable.escalation.paging_policy import finder

find = finder(lambda _key, _at: None)

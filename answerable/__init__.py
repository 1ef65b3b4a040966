"""Answerable: a help desk run from its support policy."""

import zoneinfo

# Time zones are those of the tzdata package that the lock names, alike on every machine; never the system's files.
zoneinfo.reset_tzpath(())

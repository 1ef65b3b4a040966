"""The browser of the tests: Debian's chromium. Where there is its build without windows, that one: the same engine opens a
page for a fourth of the work.
"""

import shutil

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"

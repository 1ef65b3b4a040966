"""Programs of an instance that is being brought up to date wait until that is done, or given up."""

import subprocess
import sys
from pathlib import Path

import pytest

from answerable.ops import gate

WAITS = "import sys; from pathlib import Path; from answerable.ops import gate; gate.wait(Path(sys.argv[1]))"


def test_nobody_passes_until_it_opens(tmp_path: Path) -> None:
    gate.wait(tmp_path)
    with gate.close(tmp_path) as closed, subprocess.Popen([sys.executable, "-c", WAITS, str(tmp_path)]) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1)
        closed.close()
        assert waiting.wait(15) == 0
    gate.wait(tmp_path)

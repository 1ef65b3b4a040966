"""`python -m answerable`: the same as the `answerable` command."""

import sys

from answerable.ops.cli import main

if __name__ == "__main__":
    sys.exit(main())

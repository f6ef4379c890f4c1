"""``python -m pharmrefer.local run``, ``codes`` and ``reset``, as make calls them."""

import sys

from pharmrefer.local import LocalError
from pharmrefer.local.run import codes, reset, run

COMMANDS = {"run": run, "codes": codes, "reset": reset}

if __name__ == "__main__":
    try:
        COMMANDS[sys.argv[1]]()
    except KeyboardInterrupt:
        sys.exit("pharmrefer: stopped before anything was started.")
    except LocalError as error:
        sys.exit(f"pharmrefer: {error}")

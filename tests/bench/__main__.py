"""Start what is measured against, on servers of its own, then measure.

The database writes to disk as it does in production: what a commit costs is part of the truth.
"""

import os
import signal
import subprocess
import sys

from pharmrefer.local import ROOT, LocalError, throwaway
from tests.pharmrefer.local.harness import free_port
from tests.running import broker, broker_url, private, running

MEASURE = "import django; django.setup(); from tests.bench.all import main; main()"


def main() -> None:
    """Run every measurement, or those that are named: python -m tests.bench pages."""
    with throwaway.cluster(durable=True) as database, private() as folder:
        environment = os.environ | database
        environment["PUBLIC_URL"] = f"http://localhost:{free_port()}"
        environment["BROKER_URL"] = broker_url(folder)
        environment["DJANGO_SETTINGS_MODULE"] = "pharmrefer.settings"
        measure = ["-c", MEASURE, *sys.argv[1:]]
        with running([broker(folder, folder / "valkey-data")], folder):
            for command in (["manage.py", "migrate", "--verbosity=0"], measure):
                subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, check=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is removed
    try:
        main()
    except LocalError as error:
        sys.exit(f"pharmrefer: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)

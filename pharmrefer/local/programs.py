"""Which servers and programs PharmRefer is made of here, and the order in which they start."""

import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path

from pharmrefer.local import ROOT, VAR, LocalError, postgres, valkey
from pharmrefer.local.children import dies_with_us
from pharmrefer.local.installation import (
    DATABASE,
    Secrets,
    database_url,
    keep_secrets,
    postgres_folder,
    reachable,
)
from pharmrefer.local.privilege import runner
from pharmrefer.local.supervisor import Program, Supervisor
from pharmrefer.provision import provision

REGION = ROOT / "pharmrefer" / "demo" / "region.json"


def answers(port: int, path: str) -> bool:
    """Say whether a program of ours answers an address with success."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def given(name: str) -> bool:
    """Say whether a setting comes from the person who typed make run."""
    return name in os.environ or f"{name}_FILE" in os.environ


def start_postgres(supervisor: Supervisor, sockets: Path) -> tuple[Secrets, dict[str, str]]:
    """Start the embedded PostgreSQL; return the installation's secrets and its addresses."""
    folder, note = postgres_folder(VAR)
    if note:
        supervisor.say(note)
    binaries = reachable(postgres.choose_binaries(folder / "data"), folder)
    cluster = postgres.Cluster(folder, sockets, binaries, runner())
    kept = keep_secrets(VAR, cluster_exists=cluster.exists())
    if cluster.exists():
        cluster.clear_stale_lock()
    else:
        cluster.create(kept.superuser_password)
    supervisor.start(
        Program(
            "postgres",
            cluster.command(),
            ready=lambda: cluster.answers(kept.superuser_password),
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: it does not wait for clients
            runner=runner(),
            is_server=True,
        ),
        within=60,  # after a crash it first replays its log
    )
    provision(
        cluster.conninfo(postgres.SUPERUSER, kept.superuser_password),
        database=DATABASE,
        owner=kept.owner,
        application=kept.application,
    )
    urls = {
        "DATABASE_URL": database_url(kept.application, sockets),
        "DATABASE_OWNER_URL": database_url(kept.owner, sockets),
    }
    return kept, urls


def start_servers(supervisor: Supervisor, sockets: Path) -> tuple[Secrets, dict[str, str]]:
    """Start what ``DATABASE_URL`` and ``BROKER_URL`` do not name; return secrets and addresses."""
    if not given("DATABASE_URL"):
        kept, urls = start_postgres(supervisor, sockets)
    elif given("DATABASE_OWNER_URL"):
        kept, urls = keep_secrets(VAR, cluster_exists=False), {}
    else:
        raise LocalError(
            "DATABASE_URL is set but DATABASE_OWNER_URL, the role for migrations, is not: "
            "set both, or neither to have a database started for you."
        )
    if not given("BROKER_URL"):
        supervisor.start(
            Program(
                "valkey",
                valkey.command(valkey.find_binary(), VAR / "valkey", sockets),
                ready=lambda: valkey.answers(sockets),
                is_server=True,
            )
        )
        urls["BROKER_URL"] = f"redis+socket://{valkey.socket_path(sockets)}?virtual_host=0"
    return kept, urls


def environment_of_programs(kept: Secrets, urls: dict[str, str], port: int) -> dict[str, str]:
    """Return what the programs are told: what was given to us, and what we made."""
    ours = {**urls, "PUBLIC_URL": f"http://localhost:{port}"}
    keys = {"SECRET_KEY": kept.secret_key, "FIELD_KEYS": kept.field_keys}
    ours |= {name: text for name, text in keys.items() if not given(name)}
    overridden = {f"{name}_FILE" for name in ours}
    passed_on = {name: text for name, text in os.environ.items() if name not in overridden}
    return passed_on | ours


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Run a manage.py command to its end and return what it prints; it goes into no log.

    Raises:
        LocalError: it failed; with its last words.
    """
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        process_group=0,  # Ctrl-C is for us
        preexec_fn=dies_with_us(signal.SIGTERM),
    )
    if done.returncode:
        words = (done.stderr.strip() or "it printed nothing").splitlines()[-1]
        raise LocalError(f"manage.py {arguments[0]} failed: {words}")
    return done.stdout


def start_everything(supervisor: Supervisor, sockets: Path, port: int) -> str:
    """Start servers, bring the database up to date, start the programs; return new codes."""
    kept, urls = start_servers(supervisor, sockets)
    environment = environment_of_programs(kept, urls, port)
    manage_py = [sys.executable, str(ROOT / "manage.py")]
    supervisor.run(
        "set-up",
        [[*manage_py, "migrate", "--no-input"], [*manage_py, "collectstatic", "--no-input"]],
        environment,
    )
    for name in ("DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE"):
        environment.pop(name, None)  # the programs have no business with it
    web = supervisor.launch(
        Program(
            "web",
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi"),
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--workers", "2", "--blocking-threads", "2", "--respawn-failed-workers"),
                *("--workers-kill-timeout", "2"),  # a worker that is just starting misses SIGTERM
                "pharmrefer.wsgi:application",
            ],
            ready=lambda: answers(port, "/health/ready"),
            environment=environment,
            folder=ROOT,
        )
    )
    # Invented people only where the database is ours: nobody is treated there.
    is_ours = not given("DATABASE_URL")
    new_codes = manage(environment, "load_demonstration", str(REGION)) if is_ours else ""
    supervisor.wait_until_ready(web)
    return new_codes

"""Which servers and programs PharmRefer is made of here, and the order in which they start."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg

from pharmrefer.local import BUILD, ROOT, VAR, LocalError, postgres, valkey
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
CONTACTS = REGION.with_suffix(".toml")  # whom its people ask
SOURCE_DOS_SERVICE_ID = "2000099999"  # invented


class Ports(NamedTuple):
    web: int
    pharmacy: int


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def given(name: str) -> bool:
    """Say whether a setting comes from the user who typed make run."""
    return name in os.environ or f"{name}_FILE" in os.environ


def start_postgres(supervisor: Supervisor, sockets: Path) -> tuple[Secrets, dict[str, str]]:
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
    ours = {**urls, "PUBLIC_URL": f"http://localhost:{port}"}
    keys = {
        "SECRET_KEY": kept.secret_key,
        "FIELD_KEYS": kept.field_keys,
        "LOOKUP_KEY": kept.lookup_key,
        "SOURCE_DOS_SERVICE_ID": SOURCE_DOS_SERVICE_ID,
        "EMAIL_URL": (VAR / "mail").as_uri(),  # where the pharmacy system's pages show them
        "EMAIL_FROM": "PharmRefer <no-reply@pharmrefer.example>",
    }
    ours |= {name: text for name, text in keys.items() if not given(name)}
    overridden = {f"{name}_FILE" for name in ours}
    passed_on = {name: text for name, text in os.environ.items() if name not in overridden}
    return passed_on | ours


def manage(environment: dict[str, str], *arguments: str) -> str:
    # What it prints goes into no log.
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


def web(environment: dict[str, str], port: int) -> Program:
    return Program(
        "web",
        [
            *(sys.executable, "-m", "granian", "--interface", "asginl"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "2", "--respawn-failed-workers"),
            *("--workers-kill-timeout", "2"),  # a worker that is just starting misses SIGTERM
            "pharmrefer.asgi:application",
        ],
        ready=lambda: answers(port, "/health/ready"),
        environment=environment,
        folder=ROOT,
    )


def _worker(name: str, environment: dict[str, str], var: Path, command: list[str]) -> Program:
    """Return a program without an address, which shows by touching a file that it works."""
    health_file = var / "health" / name
    health_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Program(
        name,
        [sys.executable, *command],
        ready=health_file.exists,
        environment=environment | {"HEALTH_FILE": str(health_file)},
        folder=ROOT,
        health_file=health_file,
    )


CELERY = ["-m", "celery", "--app", "pharmrefer.celery", "worker", "--pool", "threads"]
QUIET = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]


def workers(environment: dict[str, str], var: Path) -> list[Program]:
    send = ["--concurrency", "4", "--queues", "send,backlog", "--hostname", "send@%h"]
    mail = ["--concurrency", "2", "--queues", "mail", "--hostname", "mail@%h"]
    control = ["--concurrency", "2", "--queues", "control", "--hostname", "control@%h"]
    beat = ["--beat", "--scheduler", "celery.beat:Scheduler"]  # keeps nothing: all is in rows
    return [
        _worker("send-worker", environment, var, [*CELERY, *send, *QUIET]),
        _worker("mail-worker", environment, var, [*CELERY, *mail, *QUIET]),
        _worker("control-worker", environment, var, [*CELERY, *control, *beat, *QUIET]),
        _worker("rescuer", environment, var, [str(ROOT / "manage.py"), "rescue"]),
    ]


def pharmacy_system(port: int, var: Path) -> Program:
    folders = ["--folder", str(var / "pharmacy"), "--mail", str(var / "mail")]
    return Program(
        "pharmacy",
        [sys.executable, "-m", "pharmrefer.demo.pharmacy", "--port", str(port), *folders],
        ready=lambda: answers(port, "/health"),
        folder=ROOT,
    )


def has_all_migrations(owner_url: str) -> bool:
    # Asking Django takes seconds.
    ours = {(file.parent.parent.name, file.stem) for file in ROOT.glob("*/migrations/[0-9]*.py")}
    with psycopg.connect(owner_url) as connection:
        try:
            found = connection.execute("SELECT app, name FROM django_migrations").fetchall()
        except psycopg.errors.UndefinedTable:
            return False
    missing, unknown = ours - set(found), set(found) - ours
    # One that has all of ours and more is a newer version's: going back to older code is allowed.
    if missing and unknown:
        raise LocalError(_of_another_version())
    return not missing


def _of_another_version() -> str:
    where, remedy = str(VAR), "throw the data away with make reset"
    if given("DATABASE_URL"):
        where, remedy = "DATABASE_URL", "name an empty one there"
    return (
        f"The database in {where} was made by another version of PharmRefer and cannot be brought "
        f"up to date: {remedy}, or go back to that version."
    )


def has_collected(static: Sequence[Path], collected: Path) -> bool:
    manifest = collected / "staticfiles.json"
    sources = [path for folder in static for path in (folder, *folder.rglob("*"))]
    return manifest.exists() and all(
        path.stat().st_mtime < manifest.stat().st_mtime for path in sources
    )


def make_private(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)


def bring_up_to_date(supervisor: Supervisor, environment: dict[str, str]) -> None:
    manage_py = [sys.executable, str(ROOT / "manage.py")]
    commands = []
    owner_url = environment.get("DATABASE_OWNER_URL", "")  # or in a file, which manage.py reads
    if not owner_url or not has_all_migrations(owner_url):
        commands.append([*manage_py, "migrate", "--no-input", "--skip-checks"])
    if not has_collected([ROOT / "pharmrefer" / "static", BUILD / "static"], BUILD / "collected"):
        commands.append([*manage_py, "collectstatic", "--no-input"])
    supervisor.run("set-up", commands, environment)


def start_everything(supervisor: Supervisor, sockets: Path, ports: Ports) -> str:
    """Start servers, bring the database up to date, start the programs; return new codes."""
    kept, urls = start_servers(supervisor, sockets)
    environment = environment_of_programs(kept, urls, ports.web)
    # Invented people and pharmacies only where the database is ours: nobody is treated there.
    is_ours = not given("DATABASE_URL")
    make_private(VAR / "mail", VAR / "pharmacy")
    launched = [supervisor.launch(pharmacy_system(ports.pharmacy, VAR))] if is_ours else []
    bring_up_to_date(supervisor, environment)
    for name in ("DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE"):
        environment.pop(name, None)  # the programs have no business with it
    site = supervisor.launch(web(environment, ports.web))
    endpoint = f"http://localhost:{ports.pharmacy}"
    region = ["load_demonstration", str(REGION), "--pharmacy-system", endpoint]
    new_codes = ""
    if is_ours:
        new_codes = manage(environment, *region)
        manage(environment, "load_region", str(CONTACTS), "--if-none")
    supervisor.wait_until_ready(site)  # people can log in while the others are starting
    launched += [supervisor.launch(program) for program in workers(environment, VAR)]
    for child in launched:
        supervisor.wait_until_ready(child)
    return new_codes

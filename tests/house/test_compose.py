"""docker-compose.yml, the Dockerfile and docs/installing.md: what can be seen by reading them."""

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import reverse
from granian.cli import cli as granian

from pharmrefer.local import ROOT, postgres, valkey
from pharmrefer.local.programs import workers
from tests.house import figures
from tests.house.compose import (
    COMPOSE,
    INSTALLING,
    ONE_SHOT,
    OURS,
    SECRETS,
    SERVICES,
    command,
    environment,
    instructions,
    interpolate,
    seconds,
)

SOURCE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = (ROOT / "pharmrefer" / "settings.py").read_text()
SECRET_SETTINGS = {"EMAIL_URL", "SECRET_KEY", "FIELD_KEYS", "LOOKUP_KEY", "POSTGRES_PASSWORD"}
SECRET_SETTINGS |= {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"}
SET_UP = {"create-database"}  # loads no settings
RUNNING = sorted(OURS - ONE_SHOT)
everywhere = pytest.mark.parametrize("service", sorted(SERVICES))
ours = pytest.mark.parametrize("service", sorted(OURS))


def settings_named(service: str) -> set[str]:
    return {name.removesuffix("_FILE") for name in environment(service) if name != "HEALTH_FILE"}


def test_everything_that_belongs_to_an_installation_is_there() -> None:
    assert set(RUNNING) == {"web", "send-worker", "mail-worker", "control-worker", "rescuer"}
    assert set(SERVICES) - OURS == {"proxy", "postgres", "valkey", "mail"}
    assert sorted(ONE_SHOT) == ["create-database", "migrate"]


@everywhere
def test_a_service_has_no_privilege_and_writes_to_few_places(service: str) -> None:
    given = SERVICES[service]
    assert given["read_only"] is True
    assert given["tmpfs"][0].startswith("/tmp:size=")
    assert given["cap_drop"] == ["ALL"]
    assert given["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", given["user"])
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & given.keys()
    written = {"postgres": ["postgres:/var/lib/postgresql"], "valkey": ["valkey:/data"]}
    assert given.get("volumes", []) == written.get(service, [])


@everywhere
def test_a_service_is_watched_and_gets_time_to_stop(service: str) -> None:
    given = SERVICES[service]
    assert given["init"] is True  # else the first process of a container ignores SIGTERM
    assert given["logging"]["options"].keys() == {"max-size", "max-file"}
    assert seconds(given["stop_grace_period"]) >= (40 if service in OURS else 10)
    if service not in ONE_SHOT:
        assert given["restart"] == "unless-stopped"
        assert given["healthcheck"]["test"][0] == "CMD"
        assert given["healthcheck"].keys() >= {"interval", "timeout", "start_period"}


@everywhere
def test_an_image_is_ours_or_pinned_to_a_version(service: str) -> None:
    image = SERVICES[service]["image"]
    if service in OURS:
        assert image == "pharmrefer:${VERSION:-latest}"
        assert SERVICES[service]["build"] == "."
    else:
        assert re.fullmatch(r"docker\.io/[a-z/]+:v?\d[\w.-]+", image)


def test_only_the_proxy_is_published_and_reaches_the_web_server_alone() -> None:
    published = {name: given["ports"] for name, given in SERVICES.items() if "ports" in given}
    mail = published.pop("mail")
    assert published == {"proxy": ["80:8080", "443:8443"]}
    assert all(port.startswith("127.0.0.1:") for port in mail)
    assert SERVICES["mail"]["profiles"] == ["mail"]
    members = {
        network: {name for name, given in SERVICES.items() if network in given["networks"]}
        for network in COMPOSE["networks"]
    }
    assert members["public"] == {"proxy"}
    assert members["edge"] == {"proxy", "web"}
    assert members["inside"] == set(SERVICES) - {"proxy"}
    assert members["outside"] == {"send-worker", "mail-worker", "rescuer"}
    closed = {name for name, given in COMPOSE["networks"].items() if given.get("internal")}
    assert closed == {"edge", "inside"}


@ours
def test_a_service_gets_every_setting_it_needs_and_none_that_nobody_reads(service: str) -> None:
    needed = set(
        re.findall(
            r'env\.(?:key|mail_server|numbered_keys|public_url|required|sender)\(\s*"(\w+)"',
            SETTINGS,
        )
    )
    readable = set(re.findall(r'env\.\w+\(\s*"(\w+)"', SETTINGS)) - {"HEALTH_FILE"}
    named = settings_named(service)
    if service in SET_UP:
        source = (ROOT / "pharmrefer" / "create_database.py").read_text()
        assert named == set(re.findall(r'"(DATABASE_\w*URL)"', source))
    else:
        assert needed <= named <= readable
    has_file = service in OURS - ONE_SHOT - {"web"}
    assert ("HEALTH_FILE" in environment(service)) == has_file


@everywhere
def test_a_secret_is_a_file_and_given_to_nobody_who_does_not_read_it(service: str) -> None:
    written = environment(service)
    assert not SECRET_SETTINGS & written.keys()
    read = {text.removeprefix(SECRETS) for text in written.values() if text.startswith(SECRETS)}
    if service == "proxy":
        conf = (ROOT / "pharmrefer" / "nginx.conf").read_text()
        read = set(re.findall(rf"{SECRETS}([\w.]+);", conf))
    assert set(SERVICES[service].get("secrets", [])) == read
    owners = {"migrate", "create-database"}
    assert service in owners or "database_owner_url" not in read
    assert service in SET_UP or "database_admin_url" not in read


def test_nothing_secret_stands_in_what_is_committed() -> None:
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"secrets/{name}"}
    assert {"/secrets/", "/.env"} <= set((ROOT / ".gitignore").read_text().splitlines())
    for text in (SOURCE, DOCKERFILE):
        assert not re.search(r"://[^/\s$]*:[^/\s]*@|[\w+/=-]{43,}(?![\w.])", text)
    for word, rest in (instruction for stage in instructions() for instruction in stage):
        assert word not in {"ARG", "ENV", "LABEL"} or not any(x in rest for x in SECRET_SETTINGS)


def test_the_image_is_not_root_and_starts_no_shell() -> None:
    _, final = instructions()
    words = dict(final)
    users = {SERVICES[service]["user"] for service in OURS}
    assert users == {words["USER"]}
    assert not {"ENTRYPOINT", "CMD"} & words.keys()
    assert words["COPY"] == "--from=build /srv/pharmrefer ."
    for stage in instructions():
        assert re.match(r"docker\.io/library/python:3\.11-[\w-]+", stage[0][1])
    assert "EXPOSE" in words
    assert f"--port={words['EXPOSE']}" in command("web")


def test_a_build_sees_nothing_but_what_runs() -> None:
    everything, *lines = (ROOT / ".dockerignore").read_text().splitlines()[1:]
    assert everything == "*"
    seen = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert seen == {"CHANGELOG.md", "LICENSE", "accounts", "manage.py", "pharmrefer"} | {
        "pyproject.toml",
        "referrals",
        "requirements/assets.txt",
        "requirements/production.txt",
        "support",
        "templates",
    }
    assert all((ROOT / path).exists() for path in seen)
    assert {line for line in lines if not line.startswith("!")} == {
        "**/__pycache__",
        "pharmrefer/nginx.conf",
    }


def test_the_image_runs_without_what_stays_behind() -> None:
    [removal] = [rest for _, rest in instructions()[0] if rest.startswith("rm -r ")]
    removed, made_readable = removal.removeprefix("rm -r ").split(" && ")
    ours = {path for path in removed.split() if path.startswith("pharmrefer/")}
    assert ours == {"pharmrefer/demo", "pharmrefer/local"}
    assert set(removed.split()) - ours == {"build/assets", "build/install.lock", "requirements"}
    assert made_readable == "chmod -R a+rX ."  # else a careful umask shuts user 10001 out
    gone = tuple(path.replace("/", ".") for path in ours)
    for module, imported in figures.imported().items():
        if not module.startswith(gone):
            assert not [name for name in imported if name.startswith(gone)], module


def test_the_image_has_its_bytecode_and_static_files_since_it_makes_none_later() -> None:
    steps = [rest for word, rest in instructions()[0] if word == "RUN"]
    [compiled] = [step for step in steps if "compileall" in step]
    assert set(figures.APPS) | {".venv/lib"} <= set(compiled.split())
    assert steps.index(compiled) > max(n for n, step in enumerate(steps) if "rm -r" in step)
    [collected] = [step for step in steps if "collectstatic" in step]
    run = subprocess.run(
        ["sh", "-euc", f"{collected} --dry-run".replace("python ", f"{sys.executable} ")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "static files copied" in run.stdout


def test_every_program_is_in_the_image_and_takes_its_options() -> None:
    names = {command(service)[0] for service in OURS}
    assert names == {"celery", "granian", "python"}
    assert {"celery", "granian"} <= {each.name for each in entry_points(group="console_scripts")}
    granian.make_context("granian", command("web")[1:])
    for service in sorted(OURS):
        match command(service):
            case ["python", "manage.py", name, *_]:
                assert name in get_commands()
            case ["python", "-m", module]:
                assert find_spec(module)


def test_a_health_check_asks_where_its_service_answers() -> None:
    for service in RUNNING:
        kind, *words, asked = SERVICES[service]["healthcheck"]["test"]
        assert [kind, *words] == ["CMD", "python", "-m", "pharmrefer.healthcheck"]
        if service == "web":
            [port] = [word for word in command("web") if word.startswith("--port=")]
            ready = f"http://127.0.0.1:{port.removeprefix('--port=')}{reverse('health-ready')}"
            assert asked == ready
        else:
            assert asked == environment(service)["HEALTH_FILE"]


def test_production_starts_what_make_run_starts(tmp_path: Path) -> None:
    for program in workers({}, tmp_path):
        _python, *words = program.command
        alike = [word.removeprefix(f"{ROOT}/") for word in words if word != "-m"]
        there = [word for word in command(program.name) if word != "python"]
        assert there == alike
    table = re.findall(r"\| `((?:granian|celery) [^`]*)`", (ROOT / "docs/settings.md").read_text())
    in_this_order = ["web", "send-worker", "mail-worker", "control-worker"]
    for documented_command, service in zip(table, in_this_order, strict=True):
        alike = documented_command.replace("=", " ").split()
        assert set(alike) <= set(" ".join(command(service)).replace("=", " ").split())


def test_the_servers_are_set_as_make_run_sets_them(tmp_path: Path) -> None:
    quiet = {name: text for name, text in postgres.SETTINGS.items() if name.startswith("log_")}
    given = dict(word.split("=") for word in command("postgres") if "=" in word)
    assert given == quiet
    local = valkey.command(Path("valkey-server"), tmp_path, tmp_path)
    for name in ("--appendonly", "--appendfsync", "--save", "--maxmemory-policy"):
        value = local[local.index(name) + 1]
        there = command("valkey")
        assert there[there.index(name) + 1] == value


def test_the_steps_name_what_exists() -> None:
    run = r'docker compose run --rm ((?:--volume "[^"]+:ro" )?)([\w-]+)'
    for volume, service in re.findall(run, INSTALLING):
        assert service in (OURS if volume else ONE_SHOT)
    for name in re.findall(r"manage\.py (\w+)", INSTALLING):
        assert name in get_commands()
    for service in re.findall(r"docker compose (?:exec|restart) ([\w-]+)", INSTALLING):
        assert service in SERVICES
    made = set(re.findall(r"(?:>|-keyout|-out) secrets/([\w.]+)", INSTALLING))
    assert made == set(COMPOSE["secrets"])
    with pytest.raises(AssertionError, match=r"PUBLIC_URL: give it in \.env"):
        interpolate(environment("web")["PUBLIC_URL"], {})

"""docker-compose.yml, the Dockerfile and docs/installing.md, as far as no engine is needed.

Commands, variables, ports and health checks are taken from these files and really run.
"""

import contextlib
import http.client
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from pharmrefer.local import ROOT, postgres, valkey
from pharmrefer.local.programs import workers
from tests.house.compose import (
    COMPOSE,
    INSTALLING,
    ONE_SHOT,
    OURS,
    SECRETS,
    SERVICES,
    Containers,
    build_image,
    command,
    copy_context,
    documented,
    environment,
    instructions,
    interpolate,
    seconds,
)
from tests.pharmrefer.local.harness import free_port, wait_until

SOURCE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = (ROOT / "pharmrefer" / "settings.py").read_text()
SECRET_SETTINGS = {"SECRET_KEY", "FIELD_KEYS", "LOOKUP_KEY", "POSTGRES_PASSWORD"}
SECRET_SETTINGS |= {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"}
SET_UP = {"create-database"}  # loads no settings
RUNNING = sorted(OURS - ONE_SHOT)
everywhere = pytest.mark.parametrize("service", sorted(SERVICES))
ours = pytest.mark.parametrize("service", sorted(OURS))


def settings_named(service: str) -> set[str]:
    return {name.removesuffix("_FILE") for name in environment(service) if name != "HEALTH_FILE"}


def test_everything_that_belongs_to_an_installation_is_there() -> None:
    assert set(RUNNING) == {"web", "send-worker", "control-worker", "rescuer"}
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
    assert members["outside"] == {"send-worker", "rescuer"}
    closed = {name for name, given in COMPOSE["networks"].items() if given.get("internal")}
    assert closed == {"edge", "inside"}


@ours
def test_a_service_gets_every_setting_it_needs_and_none_that_nobody_reads(service: str) -> None:
    needed = set(
        re.findall(r'env\.(?:key|numbered_keys|required|public_url)\(\s*"(\w+)"', SETTINGS)
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


def test_a_build_sees_nothing_but_what_runs(tmp_path: Path) -> None:
    copy_context(tmp_path)
    seen = {path.name for path in tmp_path.iterdir()}
    assert seen == {"LICENSE", "accounts", "manage.py", "pharmrefer", "pyproject.toml"} | {
        "referrals",
        "requirements",
        "templates",
    }
    locks = {path.name for path in (tmp_path / "requirements").iterdir()}
    assert locks == {"production.txt", "assets.txt"}
    assert not list(tmp_path.rglob("__pycache__"))


def test_production_starts_what_make_run_starts(tmp_path: Path) -> None:
    for program in workers({}, tmp_path):
        _python, *words = program.command
        alike = [word.removeprefix(f"{ROOT}/") for word in words if word != "-m"]
        there = [word for word in command(program.name) if word != "python"]
        assert there == alike
    table = re.findall(r"\| `((?:granian|celery) [^`]*)`", (ROOT / "docs/settings.md").read_text())
    in_this_order = ["web", "send-worker", "control-worker"]
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
    for service in re.findall(r"docker compose run --rm ([\w-]+)", INSTALLING):
        assert service in ONE_SHOT
    for service in re.findall(r"docker compose (?:exec|restart) ([\w-]+)", INSTALLING):
        assert service in SERVICES
    made = set(re.findall(r"(?:>|-keyout|-out) secrets/([\w.]+)", INSTALLING))
    assert made == set(COMPOSE["secrets"])
    with pytest.raises(AssertionError, match=r"PUBLIC_URL: give it in \.env"):
        interpolate(environment("web")["PUBLIC_URL"], {})


# --- From here on it runs ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has followed docs/installing.md up to ``chmod``."""
    folder = tmp_path_factory.mktemp("installed")
    for words in ("> .env", "mkdir secrets", "openssl"):
        script = documented(words)
        subprocess.run(["sh", "-euc", script], cwd=folder, check=True, capture_output=True)
    return folder


def from_env(folder: Path) -> dict[str, str]:
    lines = (folder / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def lead_to_the_tests_database(secrets: Path) -> None:
    """Put the tests' PostgreSQL in the place of postgres, with a database and roles of its own."""
    admin = conninfo_to_dict(os.environ["DATABASE_ADMIN_URL"])
    host = quote(str(admin["host"]), safe="")
    for name in ("database_url", "database_owner_url"):
        text = (secrets / name).read_text().replace("pharmrefer", "compose")
        (secrets / name).write_text(text.replace("@postgres/compose", f"@/compose?host={host}"))
    password = quote(str(admin["password"]), safe="")
    (secrets / "database_admin_url").write_text(
        f"postgresql://{admin['user']}:{password}@/postgres?host={host}"
    )


@contextlib.contextmanager
def running_valkey(folder: Path, port: int) -> Iterator[None]:
    """Start Valkey with the command line of docker-compose.yml."""
    words = [str(folder) if word == "/data" else word for word in command("valkey")]
    words = [str(valkey.find_binary()), *words[1:], "--port", str(port), "--bind", "127.0.0.1"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, cwd=folder) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture
def containers(installed: Path, tmp_path: Path) -> Iterator[Containers]:
    """Our image and what it needs: secrets, database and Valkey."""
    (tmp_path / "context").mkdir()
    copy_context(tmp_path / "context")
    build_image(tmp_path / "context", tmp_path / "image")
    secrets = tmp_path / "secrets"
    shutil.copytree(installed / "secrets", secrets)
    lead_to_the_tests_database(secrets)
    broker, web = free_port(), free_port()
    addresses = {SECRETS: f"{secrets}/", "//valkey:6379": f"//127.0.0.1:{broker}"}
    addresses |= {"=0.0.0.0": "=127.0.0.1", "--port=8000": f"--port={web}"}
    addresses |= {"//127.0.0.1:8000": f"//127.0.0.1:{web}"}
    made = Containers(tmp_path / "image", tmp_path, from_env(installed), addresses)
    with running_valkey(tmp_path, broker):
        try:
            yield made
        finally:
            made.kill()


@pytest.mark.needs("root", "mount-namespace")
def test_every_command_works_where_nothing_can_be_written_and_stops_in_time(
    containers: Containers,
) -> None:
    said = containers.run("create-database")
    assert "compose is there, with compose_owner and compose_app" in said
    containers.run("migrate")
    processes = {service: containers.start(service) for service in RUNNING}
    for service, process in processes.items():
        containers.wait_until_healthy(service, process)
    invite = shlex.split(documented("manage.py invite"))
    assert invite[:4] == ["docker", "compose", "exec", "web"]
    said = containers.run("web", invite[4:])
    assert "you@nhs.example activates the account within a day with" in said
    for process in processes.values():
        process.send_signal(signal.SIGTERM)  # to the first process, as Compose does
    started = time.monotonic()
    for service, process in processes.items():
        left = seconds(SERVICES[service]["stop_grace_period"]) - (time.monotonic() - started)
        assert process.wait(timeout=left) == 0, service
        assert "Traceback" not in (containers.folder / f"{service}.log").read_text()
        left_over = {path.name for path in (containers.folder / service).iterdir()}
        assert left_over <= {"health"}


class _Echo(BaseHTTPRequestHandler):
    """Answers with the headers that have arrived."""

    def do_GET(self) -> None:
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy(installed: Path, tmp_path: Path) -> Iterator[dict[str, int]]:
    """nginx as docker-compose.yml starts it, in front of something that says what it is told."""
    upstream = HTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    ports = {"8080": free_port(), "8443": free_port(), "8081": free_port()}
    conf = (ROOT / "pharmrefer" / "nginx.conf").read_text()
    conf = conf.replace("web:8000", f"127.0.0.1:{upstream.server_port}")
    conf = conf.replace("/tmp/", f"{tmp_path}/").replace(SECRETS, f"{installed}/secrets/")
    for there, here in ports.items():
        conf = re.sub(rf"(listen (?:127\.0\.0\.1:)?){there}\b", rf"\g<1>{here}", conf)
    (tmp_path / "nginx.conf").write_text(conf)
    words = SERVICES["proxy"]["entrypoint"]
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen([*words, "-c", tmp_path / "nginx.conf"], stdout=log, stderr=log)
    try:
        wait_until(
            lambda: process.poll() is not None or healthy_proxy(ports["8081"]),
            seconds=5,
            what="the proxy's health check succeeds",
        )
        assert process.poll() is None, (tmp_path / "log").read_text()
        yield ports
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=5)
        upstream.shutdown()
        upstream.server_close()
        log.close()


def healthy_proxy(port: int) -> bool:
    _, *words = SERVICES["proxy"]["healthcheck"]["test"]
    here = [word.replace("8081", str(port)) for word in words]
    return subprocess.run(here, check=False, capture_output=True).returncode == 0


@pytest.mark.needs("nginx")
def test_the_proxy_says_itself_how_somebody_came(installed: Path, proxy: dict[str, int]) -> None:
    trust = ssl.create_default_context(cafile=str(installed / "secrets" / "certificate.pem"))
    trust.check_hostname = False
    lies = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil", "Forwarded": "proto=https"}
    for scheme, connection in {
        "https": http.client.HTTPSConnection("127.0.0.1", proxy["8443"], context=trust),
        "http": http.client.HTTPConnection("127.0.0.1", proxy["8080"]),
    }.items():
        lie = {"X-Forwarded-Proto": "https", "X_Forwarded_Proto": "https", **lies}
        connection.request("GET", "/", headers={"Host": "pharmrefer.example", **lie})
        arrived = connection.getresponse().read().decode().splitlines()
        connection.close()
        about = sorted(
            line for line in arrived if re.match(r"(?i)x.forwarded|forwarded|host", line)
        )
        assert about == [
            "Host: pharmrefer.example",
            "X-Forwarded-For: 127.0.0.1",
            f"X-Forwarded-Proto: {scheme}",
        ]

"""Runs what docker-compose.yml, the Dockerfile and docs/installing.md say, without an engine."""

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
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from accounts.people import rosters
from pharmrefer.local import ROOT, valkey
from tests.house.compose import (
    ONE_SHOT,
    OURS,
    SECRETS,
    SERVICES,
    Containers,
    build_image,
    command,
    copy_context,
    documented,
    seconds,
)
from tests.pharmrefer.local.harness import free_port, wait_until

RUNNING = sorted(OURS - ONE_SHOT)


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
    subprocess.run(["chmod", "-R", "go=", tmp_path / "context"], check=True)  # a careful umask
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


def answer(containers: Containers, path: str) -> str:
    """Return what the web server answers to the proxy; it must succeed."""
    address = containers.here("web", "//127.0.0.1:8000").removeprefix("//")
    through_proxy = {"Host": "pharmrefer.example", "X-Forwarded-Proto": "https"}
    with contextlib.closing(http.client.HTTPConnection(address, timeout=10)) as connection:
        connection.request("GET", path, headers=through_proxy)
        response = connection.getresponse()
        assert response.status == 200, path
        return response.read().decode()


@pytest.mark.needs("root", "mount-namespace", "openssl")
def test_every_command_works_where_nothing_can_be_written_and_stops_in_time(
    containers: Containers,
) -> None:
    assert all(path.stat().st_mode & 0o004 for path in containers.image.rglob("*"))
    said = containers.run("create-database")
    assert "compose is there, with compose_owner and compose_app" in said
    containers.run("migrate")
    processes = {service: containers.start(service) for service in RUNNING}
    for service, process in processes.items():
        containers.wait_until_healthy(service, process)
    page = answer(containers, "/log-in/")
    answer(containers, page.partition('<link rel="stylesheet" href="')[2].partition('"')[0])
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
    """Answers with the headers that have arrived, or not at all."""

    def do_GET(self) -> None:
        if self.path.endswith("hang-up"):
            return
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

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
    if os.geteuid() == 0:  # else its processes are somebody who cannot write here
        conf = f"user root;\n{conf}"
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


@pytest.mark.needs("nginx", "openssl", "wget")
def test_no_log_of_the_proxy_has_the_key_of_a_link(proxy: dict[str, int], tmp_path: Path) -> None:
    for address in ("/activate/link/", "/not-me/", "/password/new/"):
        for hangs_up in ("", "&hang-up"):  # which the error log would tell with the address
            connection = http.client.HTTPConnection("127.0.0.1", proxy["8080"])
            connection.request("GET", f"{address}?key=SECRETKEY{hangs_up}")
            assert connection.getresponse().status == (502 if hangs_up else 200)
            connection.close()
    log = tmp_path / "log"
    wait_until(lambda: log.read_text().count("/password/new/") == 2, seconds=5, what="a log")
    assert "SECRETKEY" not in log.read_text()


@pytest.mark.needs("nginx", "openssl", "wget")
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


@pytest.mark.needs("nginx", "openssl", "wget")
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/people/invite/", 900_000, 200),
        ("/people/invite/", 1_100_000, 413),
        ("/people/invite-many/", 5_500_000, 200),
        ("/people/invite-many/", 6_500_000, 413),
        ("/people/invite-many/x", 1_100_000, 413),
    ],
)
def test_only_a_list_of_people_may_be_long(
    proxy: dict[str, int], path: str, size: int, status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy["8080"])
    try:
        connection.request("POST", path, b"x" * size)
    except ConnectionError:  # it has answered already, and listens no more
        assert status == 413
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    assert answer.status == status
    assert ("more than PharmRefer takes at once" in page) == (status == 413)


def test_what_the_proxy_lets_through_pharmrefer_can_say_itself() -> None:
    [more] = re.findall(
        r"client_max_body_size (\d)m", (ROOT / "pharmrefer/nginx.conf").read_text()
    )[1:]
    assert int(more) * 1_000_000 > settings.FILE_UPLOAD_MAX_MEMORY_SIZE > 2 * rosters.MOST_BYTES
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE > rosters.MOST_BYTES + rosters.MOST_LINES

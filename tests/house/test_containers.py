"""Runs what docker-compose.yml and docs/installing.md say, without an engine."""

import contextlib
import http.client
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import conninfo_to_dict

from accounts.people import rosters
from pharmrefer import healthcheck
from pharmrefer.local import ROOT
from pharmrefer.local.supervisor import Program
from tests.house.compose import (
    SECRETS,
    SERVICES,
    command,
    documented,
    environment,
    interpolate,
)
from tests.pharmrefer.local.harness import free_port, wait_until
from tests.running import broker, broker_url, private, running

# One of each program. The other workers are the control worker without its scheduler, and started
# by make run with the same command lines, as test_compose.py shows.
STARTED = ("web", "control-worker", "rescuer")
# A container as far as it can be had without an engine: nothing can be written but its own /tmp,
# and the user is 10001, who has no name here.
CONFINED = """
mount --bind "$1" "$1" && mount --bind "$2" "$2"
mount -o remount,bind,ro "$2" && mount -o remount,bind,ro / && cd "$2"
! touch "$2/written" "$2/../written" 2>/dev/null || exit 99
shift 2; exec unshare --user --map-user=10001 --map-group=10001 -- "$@"
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an installer has followed docs/installing.md up to ``chmod``."""
    folder = tmp_path_factory.mktemp("installed")
    for words in ("> .env", "mkdir secrets", "openssl"):
        script = documented(words)
        subprocess.run(["sh", "-euc", script], cwd=folder, check=True, capture_output=True)
    return folder


def from_env(folder: Path) -> dict[str, str]:
    lines = (folder / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.needs("openssl")
def test_the_database_is_made_with_the_documented_secrets(installed: Path) -> None:
    admin = conninfo_to_dict(os.environ["DATABASE_ADMIN_URL"])
    host, password = (quote(str(admin[name]), safe="") for name in ("host", "password"))
    urls = {"DATABASE_ADMIN_URL": f"postgresql://{admin['user']}:{password}@/postgres?host={host}"}
    for name, file in environment("create-database").items():
        text = (installed / "secrets" / file.removeprefix(SECRETS)).read_text().strip()
        here = text.replace("pharmrefer", "compose").replace("@postgres/", "@/")
        urls.setdefault(name.removesuffix("_FILE"), f"{here}?host={host}")
    _python, *words = command("create-database")
    made = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=urls, check=True, capture_output=True, text=True
    )
    assert "compose is there, with compose_owner and compose_app" in made.stdout


@pytest.mark.django_db
def test_the_documented_invitation_prints_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    invite = shlex.split(documented("manage.py invite"))
    assert invite[:6] == ["docker", "compose", "exec", "web", "python", "manage.py"]
    call_command(*invite[6:])
    said = capsys.readouterr().out
    assert "you@nhs.example can activate the account within a day with" in said


@dataclass(frozen=True)
class Machine:
    """Where on this machine is what a container would find."""

    folder: Path  # where each service has its /tmp
    env: dict[str, str]  # what .env says
    addresses: dict[str, str]

    def here(self, service: str, text: str) -> str:
        if text.startswith("/tmp/"):
            return text.replace("/tmp", str(self.folder / service), 1)
        for there, here in self.addresses.items():
            text = text.replace(there, here)
        return interpolate(text, self.env)

    def program(self, service: str) -> Program:
        tmp = self.folder / service
        tmp.mkdir()
        written = {name: self.here(service, text) for name, text in environment(service).items()}
        image = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": "/nowhere"}
        image |= {"TMPDIR": str(tmp), "PYTHONDONTWRITEBYTECODE": "1"}
        confined = ["unshare", "--mount", "sh", "-euc", CONFINED, "sh", str(tmp), str(ROOT)]
        words = [self.here(service, word) for word in command(service)]
        watched = self.here(service, SERVICES[service]["healthcheck"]["test"][-1])
        return Program(
            service,
            [*confined, *words],
            ready=lambda: healthcheck.why_not(watched) is None,
            environment=image | written,
        )


@pytest.fixture
def machine(installed: Path, tmp_path: Path) -> Iterator[Machine]:
    """The secrets as documented, but for the tests' database, and a broker."""
    secrets, port = tmp_path / "secrets", free_port()
    shutil.copytree(installed / "secrets", secrets)
    (secrets / "database_url").write_text(os.environ["DATABASE_URL"])
    with private() as sockets, running([broker(sockets, sockets / "data")], sockets):
        addresses = {
            SECRETS: f"{secrets}/",
            environment("web")["BROKER_URL"]: broker_url(sockets),
            "=0.0.0.0": "=127.0.0.1",
            "--port=8000": f"--port={port}",
            "//127.0.0.1:8000": f"//127.0.0.1:{port}",
        }
        yield Machine(tmp_path, from_env(installed), addresses)


@pytest.mark.needs("root", "mount-namespace", "openssl")
@pytest.mark.usefixtures("django_db_setup")
def test_every_program_works_where_nothing_can_be_written_and_stops_when_told(
    machine: Machine,
) -> None:
    programs = [machine.program(service) for service in STARTED]
    with running(programs, machine.folder) as processes:  # until each is healthy
        address = machine.here("web", "//127.0.0.1:8000").removeprefix("//")
        page = answer(address, "/log-in/")
        answer(address, page.partition('<link rel="stylesheet" href="')[2].partition('"')[0])
    for service, process in processes.items():
        assert process.returncode == 0, service
        assert "Traceback" not in (machine.folder / f"{service}.log").read_text()
        assert {path.name for path in (machine.folder / service).iterdir()} <= {"health"}


def answer(address: str, path: str) -> str:
    """Return what the web server answers to the proxy; it must succeed."""
    through_proxy = {"Host": "pharmrefer.example", "X-Forwarded-Proto": "https"}
    with contextlib.closing(http.client.HTTPConnection(address, timeout=10)) as connection:
        connection.request("GET", path, headers=through_proxy)
        response = connection.getresponse()
        assert response.status == 200, path
        return response.read().decode()


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


@dataclass(frozen=True)
class Proxy:
    """Where the proxy answers, by its port in the container, and where it logs."""

    ports: dict[int, int]
    log: Path

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.ports[8080])


@pytest.fixture(scope="module")
def proxy(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx as docker-compose.yml starts it, in front of something that says what it is told."""
    folder = tmp_path_factory.mktemp("proxy")
    upstream = HTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    made = Proxy({port: free_port() for port in (8080, 8443, 8081)}, folder / "log")
    conf = (ROOT / "pharmrefer" / "nginx.conf").read_text()
    conf = conf.replace("web:8000", f"127.0.0.1:{upstream.server_port}")
    conf = conf.replace("/tmp/", f"{folder}/").replace(SECRETS, f"{installed}/secrets/")
    if os.geteuid() == 0:  # else its processes are somebody who cannot write here
        conf = f"user root;\n{conf}"
    for there, here in made.ports.items():
        conf = re.sub(rf"(listen (?:127\.0\.0\.1:)?){there}\b", rf"\g<1>{here}", conf)
    (folder / "nginx.conf").write_text(conf)
    words = [*SERVICES["proxy"]["entrypoint"], "-c", str(folder / "nginx.conf")]
    with made.log.open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        wait_until(
            lambda: process.poll() is not None or healthy_proxy(made.ports[8081]),
            seconds=5,
            what="the proxy's health check succeeds",
        )
        assert process.poll() is None, made.log.read_text()
        yield made
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=5)
        upstream.shutdown()
        upstream.server_close()


def healthy_proxy(port: int) -> bool:
    _, *words = SERVICES["proxy"]["healthcheck"]["test"]
    here = [word.replace("8081", str(port)) for word in words]
    return subprocess.run(here, check=False, capture_output=True).returncode == 0


@pytest.mark.needs("nginx", "openssl", "wget")
def test_no_log_of_the_proxy_has_the_key_of_a_link(proxy: Proxy) -> None:
    for address in ("/activate/link/", "/not-me/", "/password/new/"):
        for hangs_up in ("", "&hang-up"):  # which the error log would tell with the address
            connection = proxy.connect()
            connection.request("GET", f"{address}?key=SECRETKEY{hangs_up}")
            assert connection.getresponse().status == (502 if hangs_up else 200)
            connection.close()
    logged = proxy.log.read_text
    wait_until(lambda: logged().count("/password/new/") == 2, seconds=5, what="a log")
    assert "SECRETKEY" not in logged()


@pytest.mark.needs("nginx", "openssl", "wget")
def test_the_proxy_says_itself_how_the_request_came(installed: Path, proxy: Proxy) -> None:
    trust = ssl.create_default_context(cafile=str(installed / "secrets" / "certificate.pem"))
    trust.check_hostname = False
    lies = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil", "Forwarded": "proto=https"}
    for scheme, connection in {
        "https": http.client.HTTPSConnection("127.0.0.1", proxy.ports[8443], context=trust),
        "http": proxy.connect(),
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
def test_only_a_list_of_people_may_be_long(proxy: Proxy, path: str, size: int, status: int) -> None:
    connection = proxy.connect()
    try:
        connection.request("POST", path, b"x" * size)
    except ConnectionError:  # it has answered already, and listens no more
        assert status == 413
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    assert answer.status == status
    assert ("more than PharmRefer can take at once" in page) == (status == 413)


def test_what_the_proxy_lets_through_pharmrefer_can_say_itself() -> None:
    [more] = re.findall(
        r"client_max_body_size (\d)m", (ROOT / "pharmrefer/nginx.conf").read_text()
    )[1:]
    assert int(more) * 1_000_000 > settings.FILE_UPLOAD_MAX_MEMORY_SIZE > 2 * rosters.MOST_BYTES
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE > rosters.MOST_BYTES + rosters.MOST_LINES

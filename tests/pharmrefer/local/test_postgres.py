"""Which server is chosen, and a real cluster made and opened with each there is."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pharmrefer.local import LocalError, postgres
from pharmrefer.local.installation import reachable
from pharmrefer.local.postgres import Binaries, Cluster
from pharmrefer.local.privilege import runner
from pharmrefer.local.supervisor import Program, start_process
from tests import running as programs


def fake_server(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@contextlib.contextmanager
def running(folder: Path, binaries: Binaries) -> Iterator[Cluster]:
    """Run a new cluster with the superuser's password "right", logging to ``folder``/log."""
    cluster = Cluster(folder, folder, reachable(binaries, folder), runner(), throwaway=True)
    cluster.create("right")
    program = Program("postgres", cluster.command(), lambda: True, runner=runner())
    with (folder / "log").open("wb") as log:
        process = start_process(program, log.fileno())
    try:
        cluster.wait("right")
        yield cluster
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """One for all that only ask it something: to make one takes a second of a processor."""
    with programs.private() as folder, running(folder, postgres.choose_binaries()) as cluster:
        yield cluster


@pytest.fixture
def tmp_path(private: Path) -> Path:
    """A folder that every account may enter, as the server's may have to."""
    private.chmod(0o755)
    return private


def test_pg_bin_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fake_server(tmp_path / "bin", "16.2")
    monkeypatch.setenv("PG_BIN", str(folder))
    assert postgres.find_binaries()[0] == Binaries(folder, "16.2")


@pytest.mark.parametrize("version", ["14.9", "nonsense"])
def test_a_pg_bin_that_will_not_do_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("PG_BIN", str(fake_server(tmp_path / "bin", version)))
    with pytest.raises(LocalError, match=r"PG_BIN is .* no PostgreSQL server 15 or newer"):
        postgres.find_binaries()


def test_a_client_without_a_server_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fake_server(tmp_path / "bin", "17.1")
    (folder / "initdb").unlink()
    monkeypatch.setenv("PATH", str(folder))
    assert Binaries(folder, "17.1") not in postgres.find_binaries()


def test_an_old_cluster_is_opened_with_its_own_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(fake_server(tmp_path / "new", "99.1")))
    monkeypatch.setenv("PATH", str(fake_server(tmp_path / "old", "98.4")))
    (tmp_path / "PG_VERSION").write_text("98\n")
    assert postgres.choose_binaries(tmp_path).major == 98


def test_a_cluster_whose_version_is_gone_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("97\n")
    with pytest.raises(LocalError, match=r"belong to PostgreSQL 97, .* make reset"):
        postgres.choose_binaries(tmp_path)


@pytest.mark.parametrize("which", [0, -1], ids=["first-choice", "last-choice"])
def test_a_cluster_takes_passwords_only_and_no_network(private: Path, which: int) -> None:
    with running(private, postgres.find_binaries()[which]) as cluster:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.conninfo("postgres", "wrong"))
        with psycopg.connect(cluster.conninfo("postgres", "right")) as connection:
            settings = connection.execute(
                "SELECT current_setting('listen_addresses'), current_setting('data_checksums'),"
                " current_setting('server_encoding')"
            ).fetchone()
    assert settings == ("", "on", "UTF8")
    assert [path.stat().st_mode & 0o777 for path in (private, private / "data")] == [0o700, 0o700]


def test_an_interrupted_initdb_is_done_again(private: Path) -> None:
    cluster = Cluster(
        private, private, reachable(postgres.find_binaries()[0], private), runner(), throwaway=True
    )
    (private / "data.unfinished").mkdir()
    (private / "data.unfinished" / "half").touch()
    cluster.create("word")
    assert cluster.exists()
    assert not (private / "password").exists()


def test_an_initdb_that_fails_is_quoted(tmp_path: Path) -> None:
    folder = fake_server(tmp_path / "bin", "18.1")
    (folder / "initdb").write_text(
        "#!/bin/sh\necho 'initdb: error: no space left\\ninitdb: removing data' >&2\nexit 1\n"
    )
    tmp_path.chmod(0o755)
    cluster = Cluster(tmp_path / "postgres", tmp_path, Binaries(folder, "18.1"), runner())
    with pytest.raises(LocalError, match=r"could not make its data directory in .*: no space left"):
        cluster.create("word")


def test_the_note_of_a_server_that_a_power_cut_ended_does_not_stop_the_next(
    private: Path,
) -> None:
    binaries = reachable(postgres.choose_binaries(), private)
    cluster = Cluster(private, private, binaries, runner(), throwaway=True)
    cluster.create("word")
    # The number belongs to another living process by now: this one.
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.clear_stale_lock()
    assert not (cluster.data / "postmaster.pid").exists()


def test_a_server_that_is_really_there_keeps_its_note(server: Cluster) -> None:
    note = server.data / "postmaster.pid"
    pid = note.read_text().partition("\n")[0]
    with pytest.raises(LocalError, match=rf"process {pid}\b"):
        server.clear_stale_lock(patience=0.2)
    assert note.exists()


def test_other_passwords_than_the_clusters_are_said_at_once(server: Cluster) -> None:
    with pytest.raises(LocalError, match=r"other passwords than var/secrets\.json"):
        server.answers("wrong")


def test_what_users_typed_stays_out_of_the_servers_log(server: Cluster) -> None:
    insert = "INSERT INTO patients VALUES ('9990001111', '1950-01-01')"
    with psycopg.connect(server.conninfo("postgres", "right"), autocommit=True) as connection:
        connection.execute("CREATE TABLE patients (nhs text UNIQUE, born date NOT NULL)")
        connection.execute(insert)
        for failing in (insert, "SELECT 'Mrs Example'::date"):
            with pytest.raises(psycopg.Error):
                connection.execute(failing)
    text = (server.folder / "log").read_text()
    assert "9990001111" not in text
    assert "Example" not in text

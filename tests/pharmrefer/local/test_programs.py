"""What is set up already is not set up again, and what has changed is."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pytest
from psycopg import sql

from pharmrefer.local import LocalError, programs
from pharmrefer.local.installation import Secrets
from pharmrefer.local.programs import Ports, has_all_migrations, has_collected
from pharmrefer.local.run import chosen_ports
from pharmrefer.local.supervisor import Program, Supervisor
from tests.pharmrefer.local.harness import free_port


@contextlib.contextmanager
def changed_migrations(change: LiteralString) -> Iterator[str]:
    """Change what the migrated database says of its migrations for a while; yield its address."""
    url = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT app, name, applied FROM django_migrations").fetchall()
        connection.execute(change)
    try:
        yield url
    finally:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations")
            cursor.executemany(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows
            )


@pytest.mark.usefixtures("django_db_setup")
class TestMigrations:
    def test_a_migrated_database_has_them_all(self) -> None:
        assert has_all_migrations(os.environ["DATABASE_OWNER_URL"])
        with changed_migrations("DELETE FROM django_migrations WHERE app = 'referrals'") as url:
            assert not has_all_migrations(url)

    def test_a_newer_database_has_them_too(self) -> None:
        change = """
            INSERT INTO django_migrations (app, name, applied)
            VALUES ('accounts', '9999_newer', now())
        """
        with changed_migrations(change) as url:
            assert has_all_migrations(url)

    @pytest.mark.parametrize(
        ("given", "remedy"),
        [
            (False, "throw the data away with make reset"),
            (True, "DATABASE_URL .* name an empty one"),
        ],
    )
    def test_one_of_another_version_is_refused_with_the_remedy(
        self, monkeypatch: pytest.MonkeyPatch, given: bool, remedy: str
    ) -> None:
        if not given:
            monkeypatch.delenv("DATABASE_URL")
        change = """
            UPDATE django_migrations SET name = '0003_throttle_tried_at'
            WHERE (app, name) = ('accounts', '0003_sign_in')
        """
        with changed_migrations(change) as url, pytest.raises(LocalError, match=remedy):
            has_all_migrations(url)

    def test_a_new_database_has_none(self) -> None:
        admin = os.environ["DATABASE_ADMIN_URL"]
        name = sql.Identifier("never_migrated")
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
            try:
                assert not has_all_migrations(f"{admin} dbname=never_migrated")
            finally:
                connection.execute(sql.SQL("DROP DATABASE {}").format(name))


class TestCollected:
    @pytest.fixture
    def static(self, tmp_path: Path) -> Path:
        (tmp_path / "static" / "deep").mkdir(parents=True)
        (tmp_path / "static" / "deep" / "app.css").write_text("a {}")
        for path in (tmp_path / "static").rglob("*"):
            os.utime(path, (1000, 1000))
        os.utime(tmp_path / "static", (1000, 1000))
        return tmp_path / "static"

    @pytest.fixture
    def collected(self, tmp_path: Path) -> Path:
        (tmp_path / "collected").mkdir()
        (tmp_path / "collected" / "staticfiles.json").write_text("{}")
        return tmp_path / "collected"

    def test_nothing_was_touched_since(self, static: Path, collected: Path) -> None:
        assert has_collected([static], collected)

    def test_a_file_was_changed(self, static: Path, collected: Path) -> None:
        os.utime(static / "deep" / "app.css")
        os.utime(collected / "staticfiles.json", (2000, 2000))
        assert not has_collected([static], collected)

    def test_a_file_was_removed(self, static: Path, collected: Path) -> None:
        os.utime(collected / "staticfiles.json", (2000, 2000))
        (static / "deep" / "app.css").unlink()
        assert not has_collected([static], collected)

    def test_nothing_was_ever_collected(self, static: Path, tmp_path: Path) -> None:
        assert not has_collected([static], tmp_path / "nowhere")


class TestPorts:
    def test_the_pharmacies_system_gets_the_next_free_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = free_port()
        monkeypatch.setenv("PORT", str(port))
        ports = chosen_ports()
        assert ports.web == port
        assert port < ports.pharmacy < port + 100

    def test_there_is_none_after_the_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PORT", "65535")
        with pytest.raises(LocalError, match="choose a lower one"):
            chosen_ports()


class TestEnvironment:
    """What programs are told."""

    @pytest.mark.parametrize("name", ["FIELD_KEYS", "LOOKUP_KEY", "SECRET_KEY"])
    def test_a_key_that_was_given_is_used(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        kept = Secrets.new()
        monkeypatch.delenv(name, raising=False)
        ours = programs.environment_of_programs(kept, {}, 8000)
        assert ours[name] == getattr(kept, name.lower())
        monkeypatch.setenv(name, "theirs")
        assert programs.environment_of_programs(kept, {}, 8000)[name] == "theirs"

    def test_a_worker_is_ready_once_it_touches_its_file(self, tmp_path: Path) -> None:
        for worker in programs.workers({}, tmp_path):
            assert not worker.ready()
            assert worker.health_file
            worker.health_file.touch()
            assert worker.ready()
            assert worker.environment["HEALTH_FILE"] == str(worker.health_file)


class TestEverything:
    @pytest.fixture
    def launched(self) -> list[Program]:
        return []

    @pytest.fixture
    def managed(self) -> list[str]:
        return []

    @pytest.fixture
    def start(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        launched: list[Program],
        managed: list[str],
    ) -> Any:
        """Return what starts everything, without starting anything."""

        class Stage:
            launch = staticmethod(launched.append)

            def wait_until_ready(self, _child: object) -> None:
                pass

        def manage(_environment: dict[str, str], *arguments: str) -> str:
            managed.extend(arguments[:1])
            return ""

        urls = {"DATABASE_URL": "ours", "DATABASE_OWNER_URL": "the owner's"}
        monkeypatch.setattr(programs, "VAR", tmp_path)
        monkeypatch.setattr(programs, "start_servers", lambda *_: (Secrets.new(), urls))
        monkeypatch.setattr(programs, "bring_up_to_date", lambda *_: None)
        monkeypatch.setattr(programs, "manage", manage)
        for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
            monkeypatch.delenv(name, raising=False)
        stage = cast("Supervisor", Stage())
        return lambda: programs.start_everything(stage, tmp_path, Ports(8000, 8001))

    def test_no_program_knows_the_role_that_owns_the_tables(
        self, start: Any, launched: list[Program]
    ) -> None:
        start()
        ours = [program for program in launched if program.name != "pharmacy"]
        assert {program.environment["DATABASE_URL"] for program in ours} == {"ours"}
        assert all("DATABASE_OWNER_URL" not in program.environment for program in ours)

    def test_what_is_invented_is_loaded_only_into_a_database_of_ours(
        self,
        start: Any,
        launched: list[Program],
        managed: list[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        start()
        assert managed == ["load_demonstration", "load_region"]
        managed.clear()
        launched.clear()
        monkeypatch.setenv("DATABASE_URL", "postgresql://theirs")
        start()
        assert managed == []
        assert "pharmacy" not in {program.name for program in launched}

"""What is set up already is not set up again, and what has changed is."""

import os
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pharmrefer.local import LocalError
from pharmrefer.local.programs import has_all_migrations, has_collected
from pharmrefer.local.run import chosen_ports
from tests.pharmrefer.local.harness import free_port


class TestMigrations:
    @pytest.mark.django_db
    def test_a_migrated_database_has_them_all(self) -> None:
        url = os.environ["DATABASE_OWNER_URL"]
        assert has_all_migrations(url)
        with psycopg.connect(url) as connection:
            rows = connection.execute(
                "DELETE FROM django_migrations WHERE app = 'referrals' RETURNING app, name, applied"
            ).fetchall()
        try:
            assert not has_all_migrations(url)
        finally:
            with psycopg.connect(url) as connection, connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows
                )

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

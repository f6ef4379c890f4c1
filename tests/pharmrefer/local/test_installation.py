"""What is kept between runs, and what is said when a part of it is missing."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pharmrefer.local import LocalError
from pharmrefer.local.installation import (
    database_url,
    keep_secrets,
    postgres_folder,
    throw_away,
)
from pharmrefer.provision import Login


def test_secrets_are_made_once_and_only_we_can_read_them(tmp_path: Path) -> None:
    first = keep_secrets(tmp_path, cluster_exists=False)
    assert keep_secrets(tmp_path, cluster_exists=True) == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len({first.superuser_password, first.owner_password, first.secret_key}) == 3


def test_a_database_without_its_passwords_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"secrets.json, are not: put the file back"):
        keep_secrets(tmp_path, cluster_exists=True)


@pytest.mark.parametrize("text", ["", "{}", '{"no": 1}', "[]", "\x00"])
def test_a_damaged_secrets_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(LocalError, match="make reset"):
        keep_secrets(tmp_path, cluster_exists=True)


def test_a_database_url_survives_any_characters(tmp_path: Path) -> None:
    url = database_url(Login("role", "p@ss/w:rd?#&%"), tmp_path / "a b&c")
    parts = conninfo_to_dict(url)
    assert parts["password"] == "p@ss/w:rd?#&%"
    assert parts["host"] == str(tmp_path / "a b&c")
    with pytest.raises(psycopg.OperationalError, match=r"a b&c/\.s\.PGSQL"):
        psycopg.connect(url)


def test_throwing_away_reaches_data_that_had_to_go_elsewhere(tmp_path: Path) -> None:
    var, outside = tmp_path / "var", tmp_path / "outside"
    var.mkdir()
    outside.mkdir()
    (var / "postgres-is-in").write_text(str(outside))
    assert postgres_folder(var)[0] == outside
    throw_away(var)
    assert not var.exists()
    assert not outside.exists()


def test_data_that_vanished_from_the_temporary_directory_are_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres-is-in").write_text(str(tmp_path / "gone"))
    folder, _note = postgres_folder(tmp_path)
    assert folder.exists()

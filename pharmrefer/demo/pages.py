"""The pages that show what was received: plain HTML; everything from outside is escaped."""

import base64
import contextlib
import html
import json
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from pharmrefer.demo import modes
from pharmrefer.demo.journal import Line
from pharmrefer.demo.mail import CaughtMail
from pharmrefer.demo.reading import read_referral
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
dt { font-weight: bold; } dd { margin: 0 0 .75rem; white-space: pre-line; }
.first { border: 4px solid #005eb8; padding: 0 1rem; }
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
    referral = read_referral(bundle_in(_body(line)))
    first = f'<a href="/received/{number}">{safe(_received_at(line))}</a>'
    values = (referral.pharmacy, referral.patient, referral.complaint, referral.practice)
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
    referral = read_referral(bundle_in(_body(line)))
    due_by = referral.due_by
    faults = line.get("faults")
    first = {
        "What for": referral.summary,
        "Complaint": referral.complaint,
        "Due by": uk_time(due_by) if due_by else "No time stated",
        "Call the patient": "\n".join(referral.contacts) or "No number stated",
        "Call the practice": referral.call_back or "No number stated",
        "Individual requirements": "\n".join(referral.requirements) or "None stated",
        "Interpreter": referral.interpreter or "None stated",
        "Allergies newly told": "\n".join(referral.allergies) or "No allergies stated",
        "Medicines newly told": "\n".join(referral.medicines) or "No medicines stated",
    }
    more = {
        "Patient": referral.patient,
        "Date of birth": referral.born_on,
        "Sex": referral.sex,
        "NHS number": referral.nhs_number or "Not stated",
        "Address": referral.address or "Not stated",
        "Registered at": referral.registered_at or "Not stated",
        "From": referral.practice,
        "To": referral.pharmacy,
        "What the practice wrote": referral.notes,
        "Decided with": referral.decided_with or "No questions stated",
    }
    technical = {
        "Received": _received_at(line),
        "Status": _status(line),
        "Faults": ", ".join(map(str, faults)) if isinstance(faults, list) else "",
        "Reference": line.get("reference"),
        "Request": line.get("request_id"),
        "Case": line.get("correlation_id"),
    }
    content = (
        f'<p><a href="/">All referrals</a></p>\n<h1>Received request {number}</h1>\n'
        f'<div class="first">\n{_facts(first)}</div>\n<h2>Referral</h2>\n{_facts(more)}'
        f"<h2>Receipt</h2>\n{_facts(technical)}"
        f"<h2>Message</h2>\n<pre>\n{safe(_readable(_body(line)))}</pre>"
    )
    return _page(f"Received request {number} - {TITLE}", content)


def _facts(facts: Mapping[str, object]) -> str:
    shown = "".join(
        f"<dt>{name}</dt><dd>{safe(value)}</dd>\n" for name, value in facts.items() if value
    )
    return f"<dl>\n{shown}</dl>\n"


def _readable(body: bytes) -> str:
    bundle = bundle_in(body)
    with contextlib.suppress(RecursionError):
        if bundle is not None:
            return json.dumps(bundle, indent=2, ensure_ascii=False)
    return body.decode(errors="replace")

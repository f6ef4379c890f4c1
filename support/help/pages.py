"""All pages of help, in one list: what they are called, where they are, what people type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from markupsafe import Markup

from accounts.topics import Topic
from accounts.wording import clock_time
from support.help import tree
from support.help.figures import figures
from support.help.guides import GUIDES, Guide, context_of
from support.help.tree import HelpNode

KEYWORDS = {
    Topic.SET_UP: (
        "mfa 2fa two factor authenticator ms authenticator microsoft authenticator google "
        "authenticator 2fast qr barcode scan secret key first time install"
    ),
    Topic.APPS: "approved allowed supported app authenticator microsoft 2fast own phone device",
    Topic.ACTIVATION: "activate invitation link expired new here 12 letters",
    Topic.CODE_NOT_RIGHT: "code wrong invalid incorrect refused rejected otp 6 digits",
    Topic.CODE_USED: "used twice same code already",
    Topic.CLOCK: "time wrong clock fast slow expired sync",
    Topic.TOO_MANY_TRIES: "locked out lockout blocked wait unlock attempts",
    Topic.LOST_AUTHENTICATOR: (
        "lost phone new phone stolen broken reset mfa 2fast password data file new computer"
    ),
    Topic.PASSWORD: "forgot forgotten reset password username caps lock",
    Topic.PASSKEYS: "fingerprint face windows hello security key pin",
    Topic.SHARED_LOGIN: "shared generic same login several people reception team",
}

_FIGURE = re.compile(r"<figure.*?</figure>", re.DOTALL)  # a picture: its words are no sentences
_END_OF_PASSAGE = re.compile(r"</(?:h[1-6]|p|li|dt|dd|td|th)>")


@dataclass(frozen=True)
class HelpPage:
    """A page of help: its template extends support/help/page.html, and fills ``answer``."""

    title: str
    route: str
    template: str
    keywords: str  # what people type who look for it, beside the words of its title
    context: Mapping[str, Any] = field(default_factory=dict)
    slug: str = ""  # where several pages share a route

    @property
    def address(self) -> str:
        return reverse(self.route, kwargs={"slug": self.slug} if self.slug else None)

    def passages(self) -> list[str]:
        """Return what the page itself says, a heading, paragraph or item of a list each."""
        context = {**shared_context(), **self.context, "layout": "support/help/bare.html"}
        return passages_in(render_to_string(self.template, context))


def passages_in(html: str) -> list[str]:
    parts = _END_OF_PASSAGE.split(_FIGURE.sub("", html))
    texts = (Markup(part).striptags() for part in parts)  # noqa: S704  nothing is shown as HTML
    return [text for text in texts if text]


def shared_context() -> dict[str, Any]:
    return {"figures": figures(), "right_time": clock_time(timezone.now(), seconds=True)}


def page_of(node: HelpNode) -> HelpPage:
    return HelpPage(
        node.title,
        "support:question",
        "support/help/questions.html",
        node.keywords,
        {"node": node, "way": []},
        node.slug,
    )


def _of_topic(topic: Topic) -> HelpPage:
    template = f"support/help/{topic}.html"
    return HelpPage(topic.question, topic.route, template, KEYWORDS[topic], {"topic": topic})


def _of_guide(guide: Guide) -> HelpPage:
    return HelpPage(guide.title, guide.route, guide.template, guide.keywords, context_of(guide))


def every() -> list[HelpPage]:
    # Without the questions that make sense only after another one. Of two that fit a search equally
    # well, the first one comes first.
    nodes = (node for node in tree.NODES.values() if node.slug not in tree.FOLLOWING)
    return [*map(page_of, nodes), *map(_of_topic, Topic), *map(_of_guide, GUIDES)]

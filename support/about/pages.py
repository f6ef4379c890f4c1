"""The pages about PharmRefer: one table of where they are and what they are called."""

from enum import StrEnum


class AboutPage(StrEnum):
    """By the last part of its address; its template has the same name."""

    ACCESSIBILITY = "accessibility"
    PRIVACY = "privacy"
    COOKIES = "cookies"
    TERMS = "terms"

    @property
    def heading(self) -> str:
        return HEADINGS[self]

    @property
    def route(self) -> str:
        return f"support:{self}"


HEADINGS = {
    AboutPage.ACCESSIBILITY: "Accessibility statement",
    AboutPage.PRIVACY: "Privacy notice",
    AboutPage.COOKIES: "Cookies",
    AboutPage.TERMS: "Terms and licences",
}

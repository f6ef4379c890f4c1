"""The environment is read strictly, and every refusal names the setting and the remedy."""

import base64
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from pharmrefer import env

STRONG = "kX3vN0pQ8rT5wY1zA7bC2dE9fG4hJ6kL-mN0pQ8rT5wY1zA7bC2dE9fG4hJ6"


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SETTING", raising=False)
    monkeypatch.delenv("SETTING_FILE", raising=False)


def refusal(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(ImproperlyConfigured) as refused:
        call(*arguments)
    sentence = str(refused.value)
    assert sentence.startswith("SETTING")
    return sentence


def test_a_missing_setting_is_named_with_its_remedy() -> None:
    assert refusal(env.required, "SETTING", "set it.") == "SETTING is not set: set it."


def test_an_empty_setting_is_not_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTING", "  ")
    assert "set but empty" in refusal(env.optional, "SETTING")


def test_a_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{STRONG}\n")
    monkeypatch.setenv("SETTING_FILE", str(tmp_path / "secret"))
    assert env.key("SETTING") == STRONG


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SETTING_FILE", str(tmp_path / "none"))
    assert f"SETTING_FILE is {tmp_path / 'none'}" in refusal(env.optional, "SETTING")


def test_a_file_that_is_not_text_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    monkeypatch.setenv("SETTING_FILE", str(tmp_path / "bytes"))
    assert "cannot be read" in refusal(env.optional, "SETTING")


def test_value_and_file_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTING", "a")
    monkeypatch.setenv("SETTING_FILE", "/b")
    assert "both set" in refusal(env.optional, "SETTING")


@pytest.mark.parametrize("weak", ["change-me", "a" * 80, "abc" * 30, STRONG[:49]])
def test_a_weak_key_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, weak: str) -> None:
    monkeypatch.setenv("SETTING", weak)
    sentence = refusal(env.key, "SETTING")
    assert "too weak" in sentence
    assert weak not in sentence


@pytest.mark.parametrize(
    "address",
    ["https://pharmrefer.example", "https://pharmrefer.example:8443/", "http://localhost:8000"],
)
def test_a_public_address_is_https_or_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("SETTING", address)
    assert env.public_url("SETTING").geturl() == address


@pytest.mark.parametrize(
    "address",
    [
        "http://pharmrefer.example",
        "pharmrefer.example",
        "ftp://pharmrefer.example",
        "https://",
        "https://pharmrefer.example/app",
        "https://pharmrefer.example:notaport",
        "https://[broken",
    ],
)
def test_any_other_public_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("SETTING", address)
    assert address in refusal(env.public_url, "SETTING")


def test_a_database_url_may_name_a_socket_and_libpq_parameters() -> None:
    url = "postgresql://app:a-long-enough-word@/pharmrefer?host=/run/pg&sslmode=disable"
    entry = env.database(url, "SETTING", limits={"lock_timeout": "5s"})
    assert entry["HOST"] == "/run/pg"
    assert entry["NAME"] == "pharmrefer"
    assert entry["OPTIONS"]["sslmode"] == "disable"
    assert entry["LIMITS"] == {"lock_timeout": "5s"}
    assert "options" not in entry["OPTIONS"]  # a pooler refuses it


def test_a_database_url_may_bring_server_settings() -> None:
    url = "postgresql://app@/pharmrefer?options=-csearch_path%3Dx"
    entry = env.database(url, "SETTING", limits={"lock_timeout": "5s"})
    assert entry["OPTIONS"]["options"] == "-csearch_path=x"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://app@host/db", "does not begin with"),
        ("postgresql://app:secret-word-here@host/db?nonsense=1", "cannot be understood"),
        ("postgresql://host/db", "no role"),
        ("postgresql://app:secret-word-here@host", "no database"),
        ("postgresql://app:short-word@host/db", "weak password"),
    ],
)
def test_a_wrong_database_url_is_refused_without_its_password(url: str, reason: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=reason) as refused:
        env.database(url, "SETTING", limits={})
    assert "word" not in str(refused.value).replace("password", "")


KEY, OTHER = (base64.b64encode(bytes(range(start, start + 32))).decode() for start in (1, 101))


def test_encryption_keys_keep_their_order_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTING", f"7:{KEY}, 2:{OTHER}")
    keys = env.numbered_keys("SETTING")
    assert list(keys) == [7, 2]
    assert keys[7] == bytes(range(1, 33))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (KEY, "a key without a number"),
        (f"0:{KEY}", "a key without a number"),
        (f"256:{KEY}", "a key without a number"),
        (f"-1:{KEY}", "a key without a number"),
        (f"1:{KEY},", "a key without a number"),
        (f"1:{KEY},1:{OTHER}", "two keys numbered 1"),
        (f"1:{KEY[:-8]}", "key 1 is not 32 random bytes"),
        ("1:not base64!", "key 1 is not 32 random bytes"),
        (f"3:{base64.b64encode(bytes(32)).decode()}", "key 3 is not 32 random bytes"),
        ("1:", "key 1 is not 32 random bytes"),
    ],
)
def test_encryption_keys_that_are_none_are_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    monkeypatch.setenv("SETTING", value)
    sentence = refusal(env.numbered_keys, "SETTING")
    assert words in sentence
    assert "make a key with" in sentence
    assert KEY not in sentence


@pytest.mark.parametrize(
    "text",
    [
        "redis://valkey:6379/0",
        "rediss://user:secret@valkey",
        "redis+socket:///tmp/valkey?virtual_host=0",
        "amqp://guest:guest@rabbit:5672//",
    ],
)
def test_a_broker_is_taken(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SETTING", text)
    assert env.broker("SETTING", "give one.") == text


@pytest.mark.parametrize(
    "text",
    ["valkey:6379/0", "redis://valkey:notaport/0", "http://valkey", "redis://", "redis://:pass@"],
)
def test_what_is_no_broker_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SETTING", text)
    sentence = refusal(env.broker, "SETTING", "give one, as in redis://host.")
    assert sentence == "SETTING cannot be understood: give one, as in redis://host."


def test_an_identifier_has_no_spaces_or_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTING", "2000099999")
    assert env.identifier("SETTING", "ask.") == "2000099999"
    for text in ("2000 099999", "a|b", "é", "x" * 41):
        monkeypatch.setenv("SETTING", text)
        assert "which is not an identifier: ask." in refusal(env.identifier, "SETTING", "ask.")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "9999999", "\u0661"])
def test_a_number_is_complete_and_positive(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SETTING", text)
    with pytest.raises(ImproperlyConfigured, match="give a whole number, as in 120"):
        env.number("SETTING", default=120)


def test_a_number_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.number("SETTING", default=120) == 120
    monkeypatch.setenv("SETTING", "7")
    assert env.number("SETTING", default=120) == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "smtps://user:pass%40word@mail.example",
            env.MailServer(env.MAIL_BY_SMTP, "mail.example", 465, "user", "pass@word", is_tls=True),
        ),
        (
            "smtp://user:word@mail.example:2587/",
            env.MailServer(
                env.MAIL_BY_SMTP, "mail.example", 2587, "user", "word", becomes_tls=True
            ),
        ),
        ("smtp+plain://mail:1025", env.MailServer(env.MAIL_BY_SMTP, "mail", 1025)),
        ("smtp+plain://127.0.0.1", env.MailServer(env.MAIL_BY_SMTP, "127.0.0.1", 25)),
        ("file:///a%20b/mail", env.MailServer(env.MAIL_INTO_FILES, folder="/a b/mail")),
    ],
)
def test_a_mail_server_is_taken(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: env.MailServer
) -> None:
    monkeypatch.setenv("SETTING", text)
    assert env.mail_server("SETTING", "give one.") == expected


@pytest.mark.parametrize(
    "text",
    [
        "mail.example",
        "smtps://",
        "smtps://mail.example:port",
        "smtps://[mail",
        "http://user:secret@mail.example",
        "smtps://user:secret@mail.example/path",
        "file://host/folder",
        "file:folder",
        "smtp+plain://user:secret@mail.example",
    ],
)
def test_what_is_no_mail_server_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SETTING", text)
    assert "secret" not in refusal(env.mail_server, "SETTING", "give one.")


@pytest.mark.parametrize("text", ["no-reply@nhs.example", "PharmRefer <no-reply@nhs.example>"])
def test_a_sender_is_taken(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SETTING", text)
    assert env.sender("SETTING", "give one.") == text


@pytest.mark.parametrize(
    "text", ["nobody", "PharmRefer", "@x", "a@b\nBcc: c@d", "a b@c", '"PharmRefer <a@b>"']
)
def test_what_is_no_sender_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SETTING", text)
    refusal(env.sender, "SETTING", "give one.")


def test_networks_are_taken_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [*map(str, env.networks("SETTING", default="127.0.0.1,::1"))] == [
        "127.0.0.1/32",
        "::1/128",
    ]
    monkeypatch.setenv("SETTING", "10.0.0.0/8, 192.0.2.7")
    assert [*map(str, env.networks("SETTING", default=""))] == ["10.0.0.0/8", "192.0.2.7/32"]


@pytest.mark.parametrize("text", ["proxy", "10.0.0.1/8", "10.0.0.0/8,", "*"])
def test_what_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SETTING", text)
    assert "give IP addresses or networks" in refusal(
        lambda name: env.networks(name, default=""), "SETTING"
    )


class TestLines:
    """What people read, and may be left out."""

    def test_nothing_is_fine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert env.line("SETTING") == ""
        monkeypatch.setenv("SETTING", "")  # as Compose hands on what .env leaves out
        assert env.line("SETTING") == ""

    def test_a_line_is_taken_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SETTING", " 01632 960400, option 2 – weekdays ")
        assert env.line("SETTING") == "01632 960400, option 2 – weekdays"

    @pytest.mark.parametrize("text", ["one\ntwo", "tab\there", "x" * 101])
    def test_more_than_a_line_is_refused(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv("SETTING", text)
        assert "one line of at most 100 characters" in refusal(env.line, "SETTING")

    @pytest.mark.parametrize(
        ("text", "is_on"), [("on", True), ("ON", True), ("off", False), ("", False), (None, False)]
    )
    def test_a_switch_is_off_unless_it_is_on(
        self, monkeypatch: pytest.MonkeyPatch, text: str | None, is_on: bool
    ) -> None:
        if text is None:
            monkeypatch.delenv("SETTING", raising=False)
        else:
            monkeypatch.setenv("SETTING", text)
        assert env.switch("SETTING") is is_on

    @pytest.mark.parametrize("text", ["yes", "1", "true"])
    def test_a_switch_knows_two_words(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv("SETTING", text)
        assert "write on or off" in refusal(env.switch, "SETTING")

    def test_it_may_come_from_a_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "desk").write_text("on\n")
        monkeypatch.setenv("SETTING_FILE", str(tmp_path / "desk"))
        assert env.line("SETTING") == "on"
        monkeypatch.setenv("SETTING", "")
        assert "both set" in refusal(env.line, "SETTING")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("", "https://a.example:8443"),
        ("http://web:8000", "http://web:8000"),
        ("https://b.example/", "https://b.example"),
    ],
)
def test_an_address_to_ask_is_another_one_s_unless_given(
    monkeypatch: pytest.MonkeyPatch, written: str, found: str
) -> None:
    monkeypatch.setenv("SETTING", written)
    default = urlsplit("https://a.example:8443/")
    assert env.web_address("SETTING", default=default) == found


@pytest.mark.parametrize(
    "written",
    ["web:8000", "ftp://web", "http://", "http://a/b", "http://u@a", "http://a:x", "http://[a"],
)
def test_an_address_that_cannot_be_asked_is_refused(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("SETTING", written)
    with pytest.raises(ImproperlyConfigured, match=r"SETTING is .*: give scheme and host only"):
        env.web_address("SETTING", default=urlsplit("https://a.example"))

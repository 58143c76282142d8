"""Mail: sealed at rest, sent after the commit, kept as files when there is no server."""

import email
import email.policy
import socketserver
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from kernel import jobs, mail, personal, transactions
from kernel.ids import uuid7
from kernel.records.jobs import Job
from kernel.records.mail import MailMessage
from kernel.tenancy import Tenant


@pytest.fixture(autouse=True)
def templates(tmp_path: Path, settings: Any) -> None:
    folder = tmp_path / "mail" / "testing"
    folder.mkdir(parents=True)
    (folder / "hello.subject.txt").write_text(
        "{% load i18n %}{% if language == 'en' %}Hello{% else %}你好{% endif %}\n {{ name }}\n"
    )
    (folder / "hello.body.txt").write_text("Go to {{ link }} & don't wait, {{ name }}.")
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [str(tmp_path)]}
    ]
    settings.DATA_DIR = tmp_path / "data"
    settings.MAIL_URL = ""


def send(**more: Any) -> Any:
    context = {"name": "<张三>", "link": "https://x/?a=1&b=2"}
    return mail.send(
        **({"to": "zhang@example.com", "template": "testing/hello", "context": context} | more)
    )


def test_a_letter_becomes_a_file_and_can_be_read(tenant: Tenant, settings: Any) -> None:
    letter = send()
    assert not list(Path(settings.DATA_DIR).rglob("*.eml"))
    jobs.drain()
    (file,) = Path(settings.DATA_DIR).rglob("*.eml")
    assert file.stat().st_mode & 0o777 == 0o600
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["To"] == "zhang@example.com"
    assert message["Subject"] == "你好 <张三>"  # one line, nothing escaped
    assert str(letter) in message["Message-ID"]
    body = message.get_content()
    assert body.strip() == "Go to https://x/?a=1&b=2 & don't wait, <张三>."
    (shown,) = mail.letters().items
    assert (shown.to, shown.state, shown.id) == ("zhang@example.com", "sent", letter)
    assert shown.body.startswith("Go to")


def test_nothing_readable_is_stored(tenant: Tenant) -> None:
    send()
    row, job = MailMessage.objects.get(), Job.objects.get()
    stored = f"{row.__dict__} {job.args}"
    assert "zhang" not in stored
    assert "https" not in stored


def test_sent_once_however_often_the_job_runs(tenant: Tenant, settings: Any) -> None:
    letter = send()
    jobs.drain()
    jobs.enqueue("kernel.send_mail", {"mail": letter})
    (file,) = Path(settings.DATA_DIR).rglob("*.eml")
    file.unlink()
    jobs.drain()
    assert not list(Path(settings.DATA_DIR).rglob("*.eml"))


def test_a_letter_to_an_erased_person_is_not_sent(tenant: Tenant, settings: Any) -> None:
    person = uuid7()
    send(subject=person)
    personal.erase(person)
    jobs.drain()
    (shown,) = mail.letters().items
    assert (shown.state, shown.to, shown.body) == ("failed", "", "")
    assert not list(Path(settings.DATA_DIR).rglob("*.eml"))


def test_with_a_server_bodies_are_not_shown(tenant: Tenant, settings: Any) -> None:
    send()
    settings.MAIL_URL = "smtp://mail.example.com"
    assert not mail.embedded()
    assert mail.letters().items[0].body == ""


def test_over_smtp(tenant: Tenant, settings: Any) -> None:
    received: list[str] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line.upper().split(":")[0].split()[0]
                if verb == "DATA":
                    self.say("354 go on")
                    text = []
                    while (line := self.rfile.readline().decode()) != ".\r\n":
                        text.append(line)
                    received.append("".join(text))
                self.say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.MAIL_URL = f"smtp://127.0.0.1:{server.server_address[1]}?starttls=0"
        send(language="en")
        jobs.drain()
        server.shutdown()
        thread.join()
    assert len(received) == 1
    assert "To: zhang@example.com" in received[0]
    assert MailMessage.objects.get().state == "sent"


def test_a_server_that_is_away_is_tried_again(tenant: Tenant, settings: Any) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:1?starttls=0"
    send()
    jobs.drain(quiet=True)
    assert MailMessage.objects.get().state == "queued"
    row = Job.objects.get()
    assert (row.state, row.attempts) == ("queued", 1)


def test_never_sent_inside_a_transaction(tenant: Tenant) -> None:
    letter = send()
    with transactions.atomic(), pytest.raises(RuntimeError, match="transaction"):
        mail.send_mail(jobs.JobContext(uuid7(), "kernel.send_mail", 1), mail=str(letter))


@pytest.mark.parametrize("wrong", ["mail.example.com", "http://x", "smtp://"])
def test_a_wrong_address_is_explained(wrong: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="MAIL_URL"):
        mail.smtp_options(wrong)


def test_smtp_options() -> None:
    options = mail.smtp_options("smtp://u%40x:p@mail.example.com")
    assert (options["port"], options["use_tls"], options["use_ssl"]) == (587, True, False)
    assert options["username"] == "u@x"
    options = mail.smtp_options("smtps://mail.example.com")
    assert (options["port"], options["use_tls"], options["use_ssl"]) == (465, False, True)

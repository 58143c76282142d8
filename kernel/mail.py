"""Mail (邮件): written in the caller's transaction, sent by a job.

With ``MAIL_URL`` letters go to that SMTP server, else into files under ``DATA_DIR/mail``, and a
page can show them (``letters``). Recipient and text are kept sealed under their subject's key.
Delivery is at least once; the Message-ID stays the same, so a repeated one can be told.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import orjson
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.template import Context, loader
from django.utils import translation

from kernel import clock, jobs, personal, tenancy, transactions
from kernel.ids import uuid7
from kernel.jobs import JobContext, job
from kernel.pagination import PageOf, keyset
from kernel.records.mail import MailMessage

TIMEOUT = 20  # seconds for one step of the conversation with the server


@dataclass(frozen=True)
class Letter:
    """One letter, opened; texts are empty once the subject was erased."""

    id: UUID
    to: str
    subject: str
    body: str
    template: str
    state: str
    error: str
    created_at: datetime
    sent_at: datetime | None


def send(
    *,
    to: str,
    template: str,
    context: dict[str, Any],
    language: str = "zh-hans",
    subject: UUID | None = None,
) -> UUID:
    """Write a letter to ``to`` and queue it, in the caller's transaction.

    ``template`` ``platforms/reset`` names ``mail/platforms/reset.subject.txt`` and
    ``….body.txt``. ``subject`` is the person (or other subject) whose erasure makes the letter
    unreadable. Returns the letter's id.
    """
    letter = uuid7()
    owner = subject or letter
    with translation.override(language):
        title = " ".join(_rendered(template, "subject", context).split())
        body = _rendered(template, "body", context).strip() + "\n"
    content = orjson.dumps({"to": to, "subject": title, "body": body}).decode()
    MailMessage(
        id=letter,
        subject_id=owner,
        template=template,
        language=language,
        sealed=personal.seal(owner, content),
        created_at=clock.system(),
    ).save(force_insert=True)
    jobs.enqueue("kernel.send_mail", {"mail": letter}, unique=str(letter))
    return letter


def embedded() -> bool:
    """Whether letters stay here (files and a page) instead of going to a mail server."""
    return not settings.MAIL_URL


def letters(*, cursor: str | None = None, limit: int = 20) -> PageOf[Letter]:
    """The platform's letters, newest first. Bodies only when mail is embedded: they hold links
    that sign people in."""
    page = keyset(MailMessage.objects.all(), order=("-id",), cursor=cursor, limit=limit)
    with personal.keyring():
        personal.prefetch(row.subject_id for row in page.items)
        return page.map(_letter)


def letters_to(subject: UUID, *, limit: int = 200) -> list[Letter]:
    """The letters written to a person, newest first."""
    rows = MailMessage.objects.filter(subject_id=subject).order_by("-id")[:limit]
    with personal.keyring():
        return [_letter(row) for row in rows]


@job("kernel.send_mail")
def send_mail(job: JobContext, *, mail: str) -> dict[str, str]:
    """Send one letter, unless it was sent already or its subject is erased."""
    row = MailMessage.objects.get(id=UUID(mail))
    if row.state != MailMessage.State.QUEUED:
        return {"state": row.state}
    content = _opened(row)
    if content is None:
        _ended(row, MailMessage.State.FAILED, "The recipient's data was erased.")
        return {"state": row.state}
    transactions.assert_outside_transaction("Sending mail")
    message = EmailMessage(
        content["subject"],
        content["body"],
        settings.MAIL_FROM,
        [content["to"]],
        headers={"Message-ID": f"<{row.id}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    )
    if embedded():
        _keep_file(row, message)
    else:
        get_connection(
            "django.core.mail.backends.smtp.EmailBackend", **smtp_options(settings.MAIL_URL)
        ).send_messages([message])
    _ended(row, MailMessage.State.SENT, "")
    return {"state": row.state}


def smtp_options(url: str) -> dict[str, Any]:
    """Options from ``smtp://user:password@host:port`` (STARTTLS) or ``smtps://…`` (TLS at once).

    ``?starttls=0`` leaves the connection plain, for a server on the same machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("MAIL_URL: use smtp://user:password@host:port or smtps://…")
    plain = parse_qs(parts.query).get("starttls") == ["0"]
    return {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp" and not plain,
        "timeout": TIMEOUT,
    }


def _rendered(template: str, part: str, context: dict[str, Any]) -> str:
    chosen = loader.select_template(
        [f"mail/{template}.{part}.txt", f"mail/{template.rpartition('/')[2]}.{part}.txt"]
    )
    # Plain text: nothing is escaped. The engine's own template takes that from the context.
    inner: Any = chosen.template
    return str(inner.render(Context(context, autoescape=False)))


def _opened(row: MailMessage) -> dict[str, str] | None:
    text = personal.open_(row.subject_id, row.sealed)
    found: dict[str, str] | None = orjson.loads(text) if text is not None else None
    return found


def _letter(row: MailMessage) -> Letter:
    content = _opened(row) or {"to": "", "subject": "", "body": ""}
    return Letter(
        id=row.id,
        to=content["to"],
        subject=content["subject"],
        body=content["body"] if embedded() else "",
        template=row.template,
        state=row.state,
        error=row.error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )


def _ended(row: MailMessage, state: str, error: str) -> None:
    row.state, row.error = state, error
    row.sent_at = clock.system() if state == MailMessage.State.SENT else None
    row.save(update_fields=["state", "error", "sent_at"])


def _domain() -> str:
    address = parseaddr(settings.MAIL_FROM)[1] or formataddr(("", "noreply@localhost"))
    return address.rpartition("@")[2] or "localhost"


def _keep_file(row: MailMessage, message: EmailMessage) -> None:
    folder = Path(settings.DATA_DIR) / "mail" / tenancy.current().code
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / f"{row.created_at:%Y%m%d-%H%M%S}-{row.id}.eml"
    place.touch(mode=0o600)
    place.write_bytes(message.message().as_bytes())

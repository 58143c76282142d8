"""Letters to a person about their passkeys."""

from kernel import mail
from platforms import addresses, selectors
from platforms.models import Passkey


def write_about(row: Passkey, what: str) -> None:
    """That a passkey was ``added``, ``removed`` or ``suspended``, in the caller's transaction."""
    person = row.person
    email = selectors.opened(person.id, person.email_sealed)
    if not email:
        return
    mail.send(
        to=email,
        subject=person.id,
        template=f"platforms/passkey_{what}",
        context={
            "platform": selectors.current_platform().name(person.language),
            "name": row.name,
            "link": addresses.platform_url("/account/security/"),
        },
        language=person.language,
    )

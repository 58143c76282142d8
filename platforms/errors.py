"""Errors of this context: stable code, status, what to do."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    NotPermitted,
    TooMany,
)


class PlatformUnknown(NotFound):
    code = "platforms.unknown"
    title = _("There is no platform at this address")
    remedy = _("Check the address, or the platform's code in your API key.")


class PlatformSuspended(DomainError):
    code = "platforms.suspended"
    status = 503
    title = _("This platform is suspended")
    remedy = _("Nothing was changed. Ask the platform's operator when it opens again.")


class PlatformOpening(DomainError):
    code = "platforms.opening"
    status = 503
    title = _("This platform is being opened")
    remedy = _("Try again in a moment.")


class PlatformClosed(DomainError):
    code = "platforms.closed"
    status = 410
    title = _("This platform is closed")
    remedy = _("Ask the platform's operator for your documents.")


class CodeTaken(Conflict):
    code = "platforms.code_taken"
    title = _("A platform with this code or host exists already")
    remedy = _("Choose another code or host name.")


class InvalidBlueprint(Invalid):
    code = "platforms.invalid_blueprint"
    title = _("The blueprint isn't valid")
    remedy = _("Correct the values named in errors.")


class EmailTaken(Conflict):
    code = "platforms.email_taken"
    title = _("A person with this address exists already")
    remedy = _("Invite the person, or grant a role to the one that exists.")


class SlugTaken(Conflict):
    code = "platforms.slug_taken"
    title = _("A merchant with this slug exists already")
    remedy = _("Choose another slug.")


class AccountNeedsConfirmation(Conflict):
    code = "platforms.account_needs_confirmation"
    title = _("Another bank account needs a second person")
    remedy = _("Propose it with POST /payout-account-changes; somebody else confirms it there.")


class ExternalIdTaken(Conflict):
    code = "platforms.external_id_taken"
    title = _("A merchant with this external_id exists already")
    remedy = _("Use PUT /merchants/by-external-id/{id} to change it.")


class MerchantNotApproved(Forbidden):
    code = "platforms.merchant_not_approved"
    title = _("The merchant isn't approved, or is suspended")
    remedy = _("Ask the platform's operator.")


class InvalidPassword(Invalid):
    code = "platforms.invalid_password"
    title = _("This password is too easy to guess")
    remedy = _("Use at least ten characters that aren't a common password.")


class WrongCredentials(DomainError):
    code = "platforms.wrong_credentials"
    status = 401
    title = _("The address or the password isn't right")
    remedy = _("Try again, or have a link sent to set a new password.")


class TooManyAttempts(TooMany):
    code = "platforms.too_many_attempts"
    title = _("Too many attempts to sign in")
    remedy = _("Wait for the seconds in retry_after, or set a new password by mail.")


class TokenSpent(DomainError):
    code = "platforms.token_spent"
    status = 410
    title = _("This link has been used, withdrawn, or has expired")
    remedy = _("Ask for a new one.")


class LastOwner(Conflict):
    code = "platforms.last_owner"
    title = _("Somebody must keep this role")
    remedy = _("Give the role to another person first.")


class BeyondOwn(NotPermitted):
    """Nobody gives, changes or takes a role that includes more than their own does."""

    code = "platforms.beyond_own"
    title = _("This goes beyond what your own role includes")
    remedy = _("Leave out the permissions named in beyond, or ask an owner or chief operator.")


class RoleInUse(Conflict):
    code = "platforms.role_in_use"
    title = _("People hold this role, or are invited to it")
    remedy = _("Give them another role first, and withdraw the invitations.")


class UnknownScope(Invalid):
    code = "platforms.unknown_scope"
    title = _("A key of this kind can't have this scope")
    remedy = _("See allowed for the scopes of this kind of key.")


class WrongCode(DomainError):
    code = "platforms.wrong_code"
    status = 403
    title = _("The code isn't right, or was used already")
    remedy = _("Enter the code that the app shows now, or one of your recovery codes.")


class PasskeyRefused(DomainError):
    code = "platforms.passkey_refused"
    status = 403
    title = _("This passkey doesn't open anything here")
    remedy = _("Choose a passkey of this platform, or sign in with your password.")


class PasskeySuspended(DomainError):
    code = "platforms.passkey_suspended"
    status = 403
    title = _("This passkey may have been copied, and is suspended")
    remedy = _("Confirm in another way, remove the passkey, and add a new one.")


class ChallengeSpent(DomainError):
    code = "platforms.challenge_spent"
    status = 410
    title = _("This took too long, or was answered already")
    remedy = _("Try again.")


class NoPasskey(Conflict):
    code = "platforms.no_passkey"
    title = _("You have no passkey that works at this address")
    remedy = _("Confirm with a code, or go to the address at which you added the passkey.")


class PasskeyPresent(Conflict):
    code = "platforms.passkey_present"
    title = _("This passkey is added already")
    remedy = _("Use it as it is, or choose another device.")


class TooManyPasskeys(Conflict):
    code = "platforms.too_many_passkeys"
    title = _("You have as many passkeys as one person can have")
    remedy = _("Remove one that you don't use any more.")


class PasskeysImpossible(Conflict):
    code = "platforms.passkeys_impossible"
    title = _("Passkeys need an address with a name, over https")
    remedy = _("Open the platform by its name instead of a number, such as localhost.")


class LastFactor(Conflict):
    code = "platforms.last_factor"
    title = _("In your role you need a second factor, and this is your last")
    remedy = _("Add another passkey or an authenticator app first.")


class TooManyCodes(TooMany):
    code = "platforms.too_many_codes"
    title = _("Too many wrong codes")
    remedy = _("Wait for the seconds in retry_after.")


class SecondFactorMissing(Forbidden):
    code = "platforms.second_factor_missing"
    title = _("This needs a second factor, and you have none")
    remedy = _("Set up an authenticator app or a passkey in your security settings first.")


class SecondFactorPresent(Conflict):
    code = "platforms.second_factor_present"
    title = _("You have an authenticator app already")
    remedy = _("Remove it first, with a code of it.")


class ErasureHeld(Conflict):
    code = "platforms.erasure_held"
    title = _("Your account can't be deleted yet")
    remedy = _("End what is named first: receive or cancel orders, take out the wallet's money.")


class ConfirmationNeeded(Forbidden):
    """``change`` names what is to be confirmed."""

    code = "platforms.confirmation_needed"
    headers = ("Confirmation",)
    title = _("This change needs your password and your second factor")
    remedy = _(
        "Confirm it with POST /change-confirmations, then send this again with the id that you "
        "get in the header Confirmation."
    )


class ConfirmationSpent(Conflict):
    code = "platforms.confirmation_spent"
    title = _("This confirmation was used, has expired, or is for something else")
    remedy = _("Confirm again with a fresh code.")


# What a change answers that a session alone isn't enough for (``services.sensitive``).
CONFIRMED = (ConfirmationNeeded, ConfirmationSpent, SecondFactorMissing)

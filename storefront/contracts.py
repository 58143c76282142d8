"""A contract as a page shows it: step bar, timeline, what comes next, what can be done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from certification import facade as certification
from kernel import clock
from storefront import formats

S = certification.ContractState
BOXES = {
    "to_do": gettext_lazy("Waits for you"),
    "waiting": gettext_lazy("Waits for others"),
    "in_force": gettext_lazy("In force"),
    "ended": gettext_lazy("Ended"),
}
KINDS = {
    "original": gettext_lazy("Contract"),
    "amendment": gettext_lazy("Amendment"),
    "termination": gettext_lazy("Termination agreement"),
}
ORDERS = {
    "parallel": gettext_lazy("In any order"),
    "sequential": gettext_lazy("One after another"),
}
LANGUAGES = {
    "zh-Hans": gettext_lazy("Chinese"),
    "en": gettext_lazy("English"),
    "both": gettext_lazy("Chinese and English side by side"),
}
_REACHED = {
    S.DRAFT: 0, S.NEGOTIATING: 1, S.AGREED: 2, S.SIGNING: 2,
    S.EFFECTIVE: 4, S.AMENDED: 4, S.TERMINATED: 4,
}  # fmt: skip
_STOPPED = (S.REJECTED, S.WITHDRAWN, S.EXPIRED)
_ACTIONS = {
    "drafted": gettext_lazy("Drafted"),
    "document_put": gettext_lazy("Document uploaded"),
    "draft_changed": gettext_lazy("Draft changed"),
    "invited": gettext_lazy("Invited by e-mail"),
    "joined": gettext_lazy("Joined by invitation"),
    "proposed": gettext_lazy("Proposed"),
    "accepted": gettext_lazy("Agreed to the proposal"),
    "agreed": gettext_lazy("All parties agree; the text is frozen"),
    "signing_opened": gettext_lazy("Opened for signing"),
    "consented": gettext_lazy("Confirmed with a second factor"),
    "signed": gettext_lazy("Signed"),
    "effective": gettext_lazy("In force"),
    "amended": gettext_lazy("Changed by an amendment"),
    "terminated": gettext_lazy("Ended by agreement"),
    "rejected": gettext_lazy("Rejected"),
    "withdrawn": pgettext_lazy("contract", "Withdrawn"),
    "expired": gettext_lazy("Ran out"),
    "called_off": gettext_lazy("Called off with its order"),
    "reminded": gettext_lazy("Reminded"),
}
_HIDDEN = {"sent"}  # the proposal stands beside it
_BAD = {"rejected", "withdrawn", "expired", "called_off"}


@dataclass(frozen=True)
class Line:
    """A timeline entry as the component wants it."""

    title: str
    actor: str
    at: Any
    document: str = ""
    href: str = ""
    bad: bool = False


@dataclass(frozen=True)
class Card:
    """A document card."""

    title: str
    number: str = ""
    href: str = ""
    hash: str = ""
    verify: str = ""
    at: Any = None


@dataclass(frozen=True)
class Doing:
    """What a party can do now. ``why``: reasons by act, for what is shown but can't be done."""

    acts: frozenset[str]
    why: dict[str, str] = field(default_factory=dict)


def steps(info: certification.ContractInfo) -> list[dict[str, str]]:
    """The step bar of a contract."""
    if info.state in _STOPPED and info.effective_at is None:
        reached = 2 if info.agreed_at else 1 if info.round else 0
        states = ["done"] * reached + ["stopped"] + ["later"] * (3 - reached)
    else:
        reached = _REACHED.get(S(info.state), 4)
        states = [
            "done" if place < reached else "now" if place == reached else "later"
            for place in range(4)
        ]
    return step_bar(states)


def step_bar(states: list[str]) -> list[dict[str, str]]:
    """A contract's step bar with these states."""
    names = (_("Drafted"), _("Agreed"), _("Signed"), _("In force"))
    return [{"name": name, "state": state} for name, state in zip(names, states, strict=True)]


def timeline(info: certification.ContractInfo) -> list[Line]:
    """What happened to it, oldest first."""
    names = {party.role: party.name for party in info.parties}
    found = []
    for entry in certification.contract_history(contract_id=info.id):
        short = entry.action.rsplit(".", 1)[-1]
        if short in _HIDDEN:
            continue
        title = str(_ACTIONS.get(short, short.replace("_", " ")))
        if "round" in entry.detail:
            title = _("%(what)s (round %(round)s)") % {
                "what": title,
                "round": entry.detail["round"],
            }
        actor = names.get(entry.detail.get("role", ""), "")
        found.append(Line(title, actor, entry.at, bad=short in _BAD))
    return found


def listed(names: Iterable[str]) -> str:
    """Names one after another."""
    return pgettext("names", ", ").join(names)


def others(info: certification.ContractInfo, role: str) -> str:
    """The names of the other parties."""
    return listed(party.name for party in info.parties if party.role != role)


def waiting_names(info: certification.ContractInfo) -> list[str]:
    """Whom the contract waits for now."""
    if info.state == S.NEGOTIATING:
        return [info.party(info.turn).name] if info.turn else []
    if info.state != S.SIGNING:
        return []
    left = [party.name for party in info.parties if party.signed_at is None]
    return left[:1] if info.order == "sequential" else left


def next_step(info: certification.ContractInfo, role: str) -> tuple[str, str]:
    """What comes next, in a sentence, with its tone."""
    names = listed(waiting_names(info))
    mine = role in waited_for(info)
    if info.state == S.DRAFT:
        return _("Only you see this draft. Fill in what is missing, then send it."), "accent"
    if info.state == S.NEGOTIATING:
        if mine:
            return _("It's your turn: read it, then agree or propose a change."), "warn"
        return _("Waiting for %(names)s to answer.") % {"names": names}, "mute"
    if info.state == S.AGREED:
        return _("Everyone agrees on this text. Open it for signing."), "warn"
    if info.state == S.SIGNING:
        return _signing(info, role, names)
    if info.state in (S.EFFECTIVE, S.AMENDED):
        return _("Everyone has signed. The contract is in force."), "good"
    return {
        S.TERMINATED: _("The parties have ended this contract by agreement."),
        S.REJECTED: _("This contract was rejected. To try again, draft a new one."),
        S.WITHDRAWN: _("Its drafter has withdrawn this contract."),
        S.EXPIRED: _("Its time is over.")
        if info.effective_at
        else _("Nobody signed it in time. To try again, draft it anew with a later date."),
    }[S(info.state)], "mute"


def standing(info: certification.ContractInfo) -> tuple[str, str]:
    """How the contract stands for somebody who takes no part in it, with its tone."""
    names = {"names": listed(waiting_names(info))}
    if info.state == S.DRAFT:
        return _("It is being drafted; the other parties don't see it yet."), "mute"
    if info.state == S.NEGOTIATING:
        return _("Waiting for %(names)s to answer.") % names, "mute"
    if info.state == S.AGREED:
        return _("Everyone agrees on this text; nobody has opened it for signing yet."), "mute"
    if info.state == S.SIGNING:
        due = formats.moment(info.sign_by) if info.sign_by else ""
        return _("It waits for %(names)s to sign, until %(due)s.") % {**names, "due": due}, "mute"
    return next_step(info, "")


def labels(info: certification.ContractInfo) -> dict[str, Any]:
    """What the parties are called in this contract, by role and language."""
    if info.template_id is None:
        return {"first": _("First party"), "second": _("Second party")}
    definition = certification.contract_template(template_id=info.template_id).definition
    return {one["role"]: one["label"] for one in definition["roles"]}


def _signing(info: certification.ContractInfo, role: str, names: str) -> tuple[str, str]:
    due = formats.moment(info.sign_by) if info.sign_by else ""
    if info.party(role).signed_at is not None:
        return _("You have signed. Waiting for %(names)s, until %(due)s.") % {
            "names": names,
            "due": due,
        }, "mute"
    if over(info):
        return _("The time for signing ended on %(due)s.") % {"due": due}, "bad"
    if role in waited_for(info):
        return _("Read it and sign it until %(due)s.") % {"due": due}, "warn"
    return _("%(names)s signs first; then it is your turn, until %(due)s.") % {
        "names": names,
        "due": due,
    }, "mute"


def over(info: certification.ContractInfo) -> bool:
    """Whether the time for signing has passed."""
    return info.sign_by is not None and clock.business() > info.sign_by


def waited_for(info: certification.ContractInfo) -> set[str]:
    """The roles that the contract waits for now."""
    if info.state == S.NEGOTIATING:
        return {info.turn}
    if info.state != S.SIGNING:
        return set()
    left = [party.role for party in info.parties if party.signed_at is None]
    return set(left[:1] if info.order == "sequential" else left)


def doing(info: certification.ContractInfo, role: str) -> Doing:
    """What the party in ``role`` can do now, and why not what else is shown."""
    acts: set[str] = set()
    why: dict[str, str] = {}
    mine = role in waited_for(info)
    if info.state == S.DRAFT:
        acts |= {"edit", "withdraw"}
    if info.state == S.NEGOTIATING:
        acts |= {"agree", "propose"} if mine else set()
        if not mine:
            why["agree"] = _("It isn't your turn.")
    if info.state == S.AGREED:
        acts.add("open")
    if info.state in (S.EFFECTIVE, S.AMENDED) and info.kind == "original":
        if len(info.parties) == 2:
            acts |= {"amend", "terminate"}
        else:
            why["amend"] = _("Contracts of more than two parties are changed by a new contract.")
    if info.state in (S.NEGOTIATING, S.AGREED, S.SIGNING):
        _while_open(info, role, acts, why)
    return Doing(frozenset(acts), why)


def _while_open(
    info: certification.ContractInfo, role: str, acts: set[str], why: dict[str, str]
) -> None:
    mine = info.party(role)
    given = mine.signed_at is not None or mine.consent is not None
    if not given:
        acts.add("reject")
    if role == info.drafter and not any(p.consent for p in info.parties if p.role != role):
        acts.add("withdraw")
    acts |= {f"remind:{one}" for one in waited_for(info) - {role}}
    if info.state == S.SIGNING and not given:
        if over(info):
            why["sign"] = _("The time for signing is over.")
        elif role in waited_for(info):
            acts.add("sign")
        else:
            why["sign"] = _("Another party signs before you.")

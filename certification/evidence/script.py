"""What a stranger runs: a shell script and a README whose commands work when pasted.

Each certificate is judged at the time that the timestamp after it proves, the last timestamp now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Protocol

from certification.signing.reading import Embedded


class _Detached(Protocol):
    @property
    def party(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def chain(self) -> tuple[bytes, ...]: ...


@dataclass(frozen=True)
class Step:
    """One signature or document timestamp. ``at`` is when its certificate must have been good;
    None: now."""

    number: int
    field: str
    timestamp: bool
    byte_range: tuple[int, int, int, int]
    time: datetime | None
    at: datetime | None
    stamped: bool
    """Whether the signature carries a timestamp of its own."""


@dataclass(frozen=True)
class Beside:
    """One SM2 signature over the first ``length`` bytes; ``issuers`` stand between its certificate
    and the root; ``at`` is when it must have been good."""

    number: int
    party: str
    length: int
    issuers: int
    at: datetime | None


@dataclass(frozen=True)
class Plan:
    """The steps of one package."""

    steps: tuple[Step, ...]
    detached: tuple[Beside, ...]

    @classmethod
    def of(
        cls, document: bytes, signatures: list[Embedded], detached: Sequence[_Detached]
    ) -> "Plan":
        """From what stands in the document."""
        steps: list[Step] = []
        following: datetime | None = None
        for number, one in reversed(list(enumerate(signatures, 1))):
            steps.append(
                Step(number, one.field, one.timestamp, one.byte_range, one.time, following,
                     bool(one.token))
            )  # fmt: skip
            if one.timestamp:
                following = one.time
        steps.reverse()
        sm2 = []
        for number, beside in enumerate(detached, 1):
            inside = [s.time for s in steps if s.time and _end(s) <= beside.length]
            issuers = max(0, len(beside.chain) - 1)
            last = max(inside, default=None)
            sm2.append(Beside(number, beside.party, beside.length, issuers, last))
        return cls(tuple(steps), tuple(sm2))


def verify_script(plan: Plan) -> str:
    """``verify.sh``."""
    lines = [_template("verify_head.sh").rstrip("\n")]
    for step in plan.steps:
        lines.append("")
        lines += _step(step)
    for one in plan.detached:
        lines += ["", f"# SM2 signature {one.number}: {_one_line(one.party)}", *_sm2(one)]
    return "\n".join([*lines, "", _template("verify_tail.sh")])


def readme(plan: Plan, title: str, number: str) -> str:
    """``README.md``, Chinese and English."""
    first = next((step for step in plan.steps if not step.timestamp), None)
    stamps = [step for step in plan.steps if step.timestamp]
    values = {
        "title": _one_line(title),
        "number": _one_line(number),
        "signature": "\n".join(_paste(_step(first))) if first else "",
        "timestamp": "\n".join(_paste(_step(stamps[-1]))) if stamps else "",
        "sm2": "\n".join(_paste(_sm2(plan.detached[0])))
        if plan.detached
        else "# (no SM2 signature in this package / 本包无 SM2 签名)",
        "list": "\n".join(_row(step) for step in plan.steps),
        "last": _shown(stamps[-1].time) if stamps else "—",
    }
    text = _template("README.md")
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _step(step: Step) -> list[str]:
    start, length, again, rest = step.byte_range
    _zero = start
    name = f"{step.number} ({_one_line(step.field)})"
    files = f'-CAfile "$ROOT" -untrusted certificates/{step.number}-chain.pem'
    lines = [f'covered {length} {again} {rest} > "$WORK/{step.number}.data"']
    if step.timestamp:
        return [
            f"# document timestamp {name}",
            *lines,
            f"check 'timestamp {step.number}: of {_shown(step.time)}, over what it covers' \\",
            f"  openssl ts -verify -in timestamps/{step.number}.tst -token_in "
            f'-data "$WORK/{step.number}.data" {files}{_at(step.at)}',
        ]
    lines = [
        f"# signature {name}",
        *lines,
        f"check 'signature {step.number}: the content is unchanged and was signed' \\",
        f"  openssl cms -verify -binary -inform DER -in signatures/{step.number}.p7s "
        f'-content "$WORK/{step.number}.data" -CAfile "$ROOT" '
        f"-certfile certificates/{step.number}-chain.pem -purpose any{_at(step.at)} -out /dev/null",
        f"check 'certificate {step.number}: good then, not revoked' \\",
        f"  openssl verify {files} -CRLfile revocation/all-crls.pem -crl_check_all"
        f"{_at(step.at)} certificates/{step.number}.pem",
    ]
    if step.stamped:
        lines += [
            f"check 'signature {step.number}: made at {_shown(step.time)} at the latest' \\",
            f"  openssl ts -verify -in timestamps/{step.number}-signature.tst -token_in "
            f'-data signatures/{step.number}.value -CAfile "$ROOT" '
            f"-untrusted certificates/{step.number}-tsa-chain.pem{_at(step.at)}",
        ]
    return lines


def _sm2(beside: Beside) -> list[str]:
    number, length, issuers, at = beside.number, beside.length, beside.issuers, beside.at
    lines = [
        f'head -c {length} contract.pdf > "$WORK/sm2.data"',
        f'openssl x509 -in certificates/sm2-{number}.pem -noout -pubkey > "$WORK/sm2.pub"',
        f"check 'SM2 signature {number}: the content is unchanged and was signed' \\",
        '  openssl dgst -sm3 -verify "$WORK/sm2.pub" -sigopt distid:1234567812345678 '
        f'-signature signatures/sm2-{number}.sig "$WORK/sm2.data"',
    ]
    # One link at a time: openssl gives the distinguishing id to the certificate named alone.
    links = [f"sm2-{number}", *(f"sm2-{number}-issuer-{link}" for link in range(1, issuers + 1))]
    for place, name in enumerate(links):
        last = place == len(links) - 1
        above = '-CAfile "$SM2ROOT"'
        if not last:
            above = f"-partial_chain -trusted certificates/{links[place + 1]}.pem"
        lines += [
            f"check 'SM2 certificate {number}: link {place + 1} of its chain' \\",
            f"  openssl verify -vfyopt distid:1234567812345678 {above}{_at(at)} "
            f"certificates/{name}.pem",
        ]
    return lines


def _paste(lines: list[str]) -> list[str]:
    """The same commands for a prompt, where there is no ``check``."""
    shown = []
    for line in lines:
        if line.startswith(("check ", "#")):
            continue
        line = line.strip().replace('"$WORK/', '"/tmp/').replace('"$ROOT"', "certificates/root.pem")
        line = line.replace('"$SM2ROOT"', "certificates/sm2-root.pem")
        if line.startswith("covered "):
            _word, length, again, rest, _sign, target = line.split(" ")
            line = (
                f"(head -c {length} contract.pdf; tail -c +{int(again) + 1} contract.pdf "
                f"| head -c {rest}) > {target}"
            )
        shown.append(line)
    return shown


def _row(step: Step) -> str:
    kind = "document timestamp 文档时间戳" if step.timestamp else "signature 签名"
    return f"| {step.number} | {kind} | {_one_line(step.field)} | {_shown(step.time)} |"


def _at(at: datetime | None) -> str:
    return f" -attime {int(at.timestamp())}" if at else ""


def _shown(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else "—"


def _end(step: Step) -> int:
    return step.byte_range[2] + step.byte_range[3]


def _one_line(text: str) -> str:
    """For comments and tables: nothing that could end one."""
    return " ".join(text.replace("'", "").replace("|", "/").split())[:120]


def _template(name: str) -> str:
    return (resources.files("certification.evidence") / "templates" / name).read_text("utf-8")

"""A form sent in odd ways, and what is wrong with the answers."""

import itertools
import os
import re
from collections import defaultdict
from collections.abc import Iterator

from django.db import connection
from lxml import html  # type: ignore[import-untyped]

from kernel import tenancy
from tests.tenancy.browsing import Visitor
from tests.tenancy.calls import ANY_ID
from tests.tenancy.forms import NAMELESS, Button, Control, Form, Sent, forms_of
from tests.tenancy.test_odd_bodies import undone
from tests.tenancy.towns import Towns

SCRIPT = "\"'><script>qcx()</script>"
ODD = [
    SCRIPT, "x" * 10_000, "🌽🌽", "\ud800", "a\x00b", "-1", "9" * 30, "1e999", "0001-01-01",
    "9999-12-31", "9999-12-31T23:59", "NaN", "{0} %s", "   ", "javascript:qcx()", "0", "²",
    "1\r\n2", "choice",
]  # fmt: skip
# All of them in all fields; else one in one field of each form, and one in all its fields.
ALL = os.environ.get("QC_FORMS") == "all"
# Written by looking at a page, and by a wrong password or code.
UNCOUNTED = {"kernel_ratecounter", "platforms_session", "platforms_signinthrottle"}
LONG = 3000  # more than what comes back by a cookie
_COUNTS = """
SELECT coalesce(inhparent, relid)::regclass::text, sum(n_tup_ins + n_tup_upd), sum(n_tup_del)
FROM pg_stat_xact_user_tables LEFT JOIN pg_inherits ON inhrelid = relid
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 GROUP BY 1
"""
Counts = dict[str, tuple[int, int]]


class Walk:
    """Sends one visitor's forms; ``wrong`` is what was found."""

    def __init__(self, towns: Towns, visitor: Visitor, forms: list[Form]) -> None:
        self.towns, self.visitor, self.forms = towns, visitor, forms
        self.wrong: list[str] = []
        self.turn = itertools.count(sum(len(form.names) for form in forms))
        self.actions: dict[str, set[str]] = defaultdict(set)
        for form in forms:
            for button in form.buttons:
                self.actions[button.action or form.action].add(f"{button.name}={button.value}")
            self.actions[form.action] |= {f"do={v}" for n, v in form.hidden if n == "do"}

    def all(self) -> None:
        for form in self.forms:
            self.one(form)

    def one(self, form: Form) -> None:
        kinds = {one.value.partition(":")[0]: one for one in form.buttons}  # of drop:0, drop:1 one
        accepted = [self.send(form, form.data(b), b, "as it is") for b in kinds.values()]
        button = form.buttons[-1] if form.buttons else NAMELESS
        if self.needs_button(form) and self.send(form, form.data(), NAMELESS, "without a button"):
            self.say(form, "acts without its button")
        sent = form.data(button)
        own = {one.name for one in form.controls}
        self.send(form, [(n, "" if n in own else v) for n, v in sent], button, "all empty")
        odd = self.next()
        self.send(form, [(n, odd if n in own else v) for n, v in sent], button, f"all {odd!r:.20}")
        told = bool(accepted and accepted[-1]) and form.method == "post"
        for control, value in self.singles(form):
            changed = [(n, v) for n, v in sent if n != control.name] + [(control.name, value)]
            self.send(form, changed, button, f"{control.name}={value!r:.20}", told and control)
        self.foreign(form)

    def needs_button(self, form: Form) -> bool:
        """Whether there is something to choose at its address, and it has no button that is the
        usual one."""
        several = len(self.actions[form.action]) > 1
        return form.method == "post" and several and all(one.name for one in form.buttons)

    def next(self) -> str:
        return ODD[next(self.turn) % len(ODD)]

    def singles(self, form: Form) -> Iterator[tuple[Control, str]]:
        if ALL:
            yield from itertools.product(form.controls, ["", *ODD])
        elif form.controls:
            yield form.controls[next(self.turn) % len(form.controls)], self.next()

    def foreign(self, form: Form) -> None:
        """The other platform's ids in place of one's own."""
        for button in form.buttons[:1] or [NAMELESS]:
            sent = form.data(button)
            there = [(name, self.theirs(value)) for name, value in sent]
            if there != sent and self.send(form, there, button, "ids of another platform"):
                self.say(form, "acts with ids of another platform")

    def theirs(self, value: str) -> str:
        found = ANY_ID.fullmatch(value)
        if found and found[1] in self.towns.b.ids:
            return self.towns.b.public(found[1])
        for prefix, own in self.towns.a.ids.items():
            if value == str(own):
                return str(self.towns.b.ids[prefix])
        return value

    def send(
        self, form: Form, sent: Sent, button: Button, how: str, beside: Control | bool = False
    ) -> set[str]:
        """Send it, look at the answer and take all back; which tables it changed."""
        cookies = {name: one.value for name, one in self.visitor.client.cookies.items()}
        with undone():
            began, before = xid(), counts()
            answer = self.visitor.send(form, sent, button.action)
            did = set() if connection.needs_rollback else self.changed(began, before)
            page = "" if answer.streaming else answer.content.decode(errors="replace")
            if answer.status_code == 302 and (not did or SCRIPT in dict(sent).values()):
                after = self.visitor.see(answer["Location"])
                page = "" if after.streaming else after.content.decode(errors="replace")
                answer = after if after.status_code >= 500 else answer
        jar = self.visitor.client.cookies
        for name in [*jar]:
            del jar[name]
        for name, value in cookies.items():
            jar[name] = value
        if answer.status_code >= 500:
            last = answer.exc_info[1] if answer.exc_info else ""
            self.say(form, f"{how}: {answer.status_code} {last!r:.300}")
        elif "<script>qcx" in page or re.search(r'(href|src)="javascript:qcx', page):
            self.say(form, f"{how}: the script comes out")
        elif isinstance(beside, Control) and not did:
            self.told(form, page, beside, dict(sent)[beside.name], how)
        return did

    def changed(self, began: int, before: Counts) -> set[str]:
        """The tables that were changed, and not just tried to."""
        found = set()
        with tenancy.scope(self.towns.a.tenant), connection.cursor() as cursor:
            for table, now in counts().items():
                written, gone = before.get(table, (0, 0))
                if table in UNCOUNTED or now == (written, gone):
                    continue
                cursor.execute(
                    f"SELECT 1 FROM {table} WHERE xmin::text::bigint >= %s LIMIT 1", [began]
                )
                if cursor.fetchone() or now[1] != gone:
                    found.add(table)
        return found

    def told(self, form: Form, text: str, control: Control, value: str, how: str) -> None:
        """What was refused is told in the page's language, at the field, which keeps its value."""
        if not control.typed or "\x00" in value or "\ud800" in value or not text:
            return
        page = html.document_fromstring(text)
        if not page.xpath("//*[@name][@aria-invalid='true']"):
            good = page.xpath("//*[contains(@class,'toast tone-good')]")
            if not good:
                self.say(form, f"{how}: nothing is told at a field")
            return
        fields = page.xpath("//*[@name=$name][@aria-invalid='true']", name=control.name)
        kept = [one for there in forms_of(form.page, text) for one in there.controls
                if one.name == control.name and one.value.strip() == value.strip()]  # fmt: skip
        words = " ".join(one.text_content() for one in page.xpath("//*[@class='error']"))
        if not fields:
            self.say(form, f"{how}: told at another field")
        elif not kept and len(value) < LONG and "\n" not in value:
            self.say(form, f"{how}: what was typed is gone")
        elif not re.search(r"[\u4e00-\u9fff]", words):
            self.say(form, f"{how}: not told in Chinese: {words.strip()[:80]}")

    def say(self, form: Form, what: str) -> None:
        named = self.visitor.named(form.action)
        where = form.page.removeprefix(self.visitor.prefix)
        self.wrong.append(f"{named} {form.names} on {where}: {what}")


def xid() -> int:
    """The number of the transaction that is open; what it writes bears this or a later one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint % 4294967296")
        return int(cursor.fetchone()[0])


def counts() -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        return {table: (int(written), int(gone)) for table, written, gone in cursor.fetchall()}

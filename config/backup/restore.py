"""``make restore``: fills an empty system from a backup, and proves that it is the same."""

import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from psycopg import sql

from config import env
from config.backup import figures, manifest, programs
from config.backup.dump import PICTURES, SECRETS, connect, running
from config.preparing import migrate
from config.serving import only_one_here
from kernel import seal

Say = Callable[[str], None]


def restore(folder: Path, *, secrets: Path | None, say: Say) -> None:
    """Fill the empty databases of this deployment; afterwards every figure is compared.

    Nothing is touched until the backup proved whole, the keys fit and the databases are empty.
    Raises CommandError that says what to do; a database that failed half-way is empty again.
    """
    made = manifest.read(folder)
    found = _secrets(secrets)
    _require_keys(made, found, secrets)
    with only_one_here(settings.DATA_DIR), running():
        _require_place(made)
        for dump in made.dumps:
            _fill(dump, folder, say)
        _unpack(folder / PICTURES, found)
        # The index knows nothing of these rows; it is built anew at the next start.
        shutil.rmtree(settings.DATA_DIR / "search", ignore_errors=True)
        if migrate(say):
            say("Migrated to this release.")


def _fill(dump: manifest.Dump, folder: Path, say: Say) -> None:
    with connect(dump.alias) as connection:
        version = connection.info.server_version
        schema = sql.SQL("{} CREATE ON SCHEMA public {} {}")
        definer = sql.Identifier(settings.DATABASE_ROLES["definer"])
        ours = dump.alias != "sandbox"
        if ours:  # for as long as a function is handed to the role that owns it
            connection.execute(schema.format(sql.SQL("GRANT"), sql.SQL("TO"), definer))
        try:
            programs.run(
                "pg_restore",
                version,
                dump.alias,
                "--single-transaction",
                "--exit-on-error",
                str(folder / dump.file),
            )
        finally:
            if ours:
                connection.execute(schema.format(sql.SQL("REVOKE"), sql.SQL("FROM"), definer))
        _pass_transaction_numbers(connection, figures.newest_transaction(connection))
        connection.execute("ANALYZE")
        found = figures.take(connection)
    wrong = figures.differences(dump.figures, found)
    wrong += [f"debits and credits of {name} differ" for name in figures.unbalanced(found)]
    if wrong:
        raise CommandError(
            f"{dump.alias} isn't what was backed up, don't use it: " + "; ".join(wrong[:8])
        )
    say(
        f"Restored {dump.alias}: {sum(found['rows'].values()):,} rows, "
        f"{len(found.get('ledger', {}))} ledgers balance, "
        f"{len(found.get('audit_heads', {})) + len(found.get('ledger_heads', {}))} chain heads "
        "as before."
    )


def _pass_transaction_numbers(connection: figures.Connection, highest: int) -> None:
    """Use up transaction numbers until the next one is above all that rows remember.

    Chains and the event feed put rows in the order of their transaction's number, and take those
    below every running one's; a new server counts from a low number again.
    """
    connection.execute("SET synchronous_commit = off")
    connection.execute(
        f"DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint <= {int(highest)} LOOP "
        "COMMIT; END LOOP; END $$"
    )
    connection.execute("RESET synchronous_commit")


def _require_place(made: manifest.Manifest) -> None:
    known = dict(settings.DATABASE_ROLES)
    if known != made.roles:
        raise CommandError(
            f"The backup's database roles are {', '.join(sorted(made.roles.values()))}; here they "
            f"are {', '.join(sorted(known.values()))}. Make them with the same prefix "
            "(manage.py bootstrap_database --prefix …)."
        )
    for dump in made.dumps:
        if dump.alias not in settings.DATABASES:
            raise CommandError(
                f"The backup has a database {dump.alias!r} that this deployment hasn't: name it in "
                "DATABASE_SHARDS (or SANDBOX_DATABASE_URL) with its addresses."
            )
        with connect(dump.alias) as connection:
            filled = figures.tables(connection)
        if filled:
            raise CommandError(
                f"The database {dump.alias} isn't empty ({len(filled)} tables). Restore into an "
                "empty one: set another DATA_DIR (or other database addresses)."
            )


def _secrets(path: Path | None) -> dict[str, bytes]:
    if path is None:
        return {}
    try:
        with tarfile.open(path) as archive:
            return {
                member.name: file.read()
                for member in archive.getmembers()
                if member.isfile() and (file := archive.extractfile(member))
            }
    except (OSError, tarfile.TarError) as error:
        raise CommandError(f"The secrets in {path} can't be read: {error}.") from error


def _require_keys(made: manifest.Manifest, found: dict[str, bytes], path: Path | None) -> None:
    given = found.get("secrets/personal_data_key")
    if env.text("PERSONAL_DATA_KEY"):
        known = set(seal.masters())
    else:
        keys = [*([given.decode().strip()] if given else []), *settings.PERSONAL_DATA_KEY_PREVIOUS]
        known = {seal.id_of(key) for key in keys}
    lacking = [key for key in made.master_keys if key not in known]
    if lacking:
        place = "PERSONAL_DATA_KEY" if env.text("PERSONAL_DATA_KEY") else path or "nowhere"
        raise CommandError(
            f"The personal data is sealed under the key {lacking[0]}, which {place} hasn't. Give "
            "the file of secrets that was written beside the backup (SECRETS=…), or set "
            "PERSONAL_DATA_KEY (and PERSONAL_DATA_KEY_PREVIOUS) to the keys of then."
        )


def _unpack(pictures: Path, found: dict[str, bytes]) -> None:
    if pictures.is_file():
        Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
        with tarfile.open(pictures) as archive:
            archive.extractall(settings.MEDIA_ROOT, filter="data")
    for name in SECRETS:
        if not env.text(name.upper()) and f"secrets/{name}" in found:
            _replace(settings.DATA_DIR / "secrets" / name, found[f"secrets/{name}"])
    for name, content in found.items():
        if name.startswith("demo") and name.endswith(".json") and "/" not in name:
            _replace(settings.DATA_DIR / name, content)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)

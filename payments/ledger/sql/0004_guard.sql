-- Stripes of accounts without a limit: written by the ledger's function alone, like the accounts.
GRANT SELECT, INSERT, UPDATE ON ledger_stripe TO {definer};
ALTER TABLE ledger_stripe SET (fillfactor = 50);
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_stripe
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();

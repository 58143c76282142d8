-- Who may do what with the ledger. {app} and {definer} are the roles' quoted names.
GRANT SELECT, INSERT, UPDATE ON ledger_account TO {definer};
GRANT SELECT, INSERT ON ledger_transfer, ledger_failure TO {definer};
ALTER TABLE ledger_account SET (fillfactor = 70);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_transfer
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_failure
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_link
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
REVOKE ALL ON FUNCTION ledger_post(jsonb, jsonb, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_post(jsonb, jsonb, timestamptz, timestamptz) TO {app};
-- Handing a function over needs CREATE on its schema for a moment.
GRANT CREATE ON SCHEMA public TO {definer};
ALTER FUNCTION ledger_post(jsonb, jsonb, timestamptz, timestamptz) OWNER TO {definer};
REVOKE CREATE ON SCHEMA public FROM {definer};

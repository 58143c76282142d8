-- Only ledger_post calls these, and it runs as {definer}.
REVOKE ALL ON FUNCTION ledger_post_single(uuid, jsonb, timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger_post_batch(uuid, jsonb, jsonb, timestamptz, timestamptz) FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO {definer};
ALTER FUNCTION ledger_post_single(uuid, jsonb, timestamptz, timestamptz) OWNER TO {definer};
ALTER FUNCTION ledger_post_batch(uuid, jsonb, jsonb, timestamptz, timestamptz) OWNER TO {definer};
REVOKE CREATE ON SCHEMA public FROM {definer};

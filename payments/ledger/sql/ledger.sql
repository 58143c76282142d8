-- The ledger's one door. A batch of transfers goes in, one result code for each comes out.
--
-- p_transfers: [{"id", "debit", "credit", "amount", "currency", "code", "flags", "pending_id",
--   "expires_at", "journal", "merchant_id", "reference", "document"}]; order is the order of
--   decision. flags: 1 linked (stands or falls with the next), 2 pending, 4 post, 8 void,
--   16 expire (with 8: the deadline is over).
-- p_accounts: [{"id", "currency", "code", "owner", "limit_debits", "limit_credits"}]: opened if
--   they don't exist, and locked with the others.
-- p_system, p_business: the two clocks.
--
-- "ok" and "exists" are success: the same id with the same fields is the same transfer. An id
-- that failed for a passing reason (the balance of an account, a pending transfer not yet there)
-- stays failed, so that a late retry can't surprise anyone.
--
-- A usual transfer that comes alone is posted by ledger_post_single, all else by
-- ledger_post_batch; both run with this one's rights and settings, for the platform it found.
CREATE OR REPLACE FUNCTION ledger_post(
  p_transfers jsonb, p_accounts jsonb, p_system timestamptz, p_business timestamptz
) RETURNS text[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan
AS $ledger$
DECLARE
  platform uuid := public.kernel_current_platform();
  one jsonb;
BEGIN
  IF jsonb_array_length(p_transfers) = 1 THEN
    one := p_transfers -> 0;
    -- No other account than its two is named: for a third, the batch opens or locks it.
    IF jsonb_array_length(p_accounts) <= 2
      AND coalesce(p_accounts -> 0 ->> 'id' IN (one ->> 'debit', one ->> 'credit'), true)
      AND coalesce(p_accounts -> 1 ->> 'id' IN (one ->> 'debit', one ->> 'credit'), true)
      AND ledger_post_single(platform, one, p_system, p_business) = 'ok'
    THEN
      RETURN ARRAY['ok'];
    END IF;
  END IF;
  RETURN ledger_post_batch(platform, p_transfers, p_accounts, p_system, p_business);
END $ledger$;

-- The usual transfer, by itself: plain or pending, between two accounts that exist, with an id
-- that nobody used. Says "ok" when it is done. In every other case, every refusal among them, it
-- says nothing and has done nothing but lock, and ledger_post_batch decides: there is one place for
-- what is refused and why. It takes half the time of the general way.
--
-- Nothing is locked unless both accounts exist: who holds the one and then opens the other would
-- meet others who lock both in id order. The failed ids are looked up after the locks are there:
-- whoever held them may have failed this one.
CREATE OR REPLACE FUNCTION ledger_post_single(
  platform uuid, p_transfer jsonb, p_system timestamptz, p_business timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, public, pg_temp
AS $single$
DECLARE
  t_id uuid := p_transfer ->> 'id';
  t_debit uuid := p_transfer ->> 'debit';
  t_credit uuid := p_transfer ->> 'credit';
  t_amount bigint := p_transfer ->> 'amount';
  t_currency text := p_transfer ->> 'currency';
  t_flags int := coalesce(p_transfer ->> 'flags', '0');
  t_until timestamptz := p_transfer ->> 'expires_at';
  most CONSTANT bigint := 9000000000000000000;
  pending bigint := 0; posted bigint := 0;
  limited int := 0; r record;
  debit_stripe uuid; credit_stripe uuid;
BEGIN
  IF t_flags = 0 AND t_until IS NULL THEN
    posted := t_amount;
  ELSIF t_flags = 2 THEN
    pending := t_amount;
  ELSE
    RETURN NULL;
  END IF;
  IF t_amount > 0 IS NOT TRUE OR t_debit = t_credit OR p_transfer ->> 'pending_id' IS NOT NULL THEN
    RETURN NULL;
  END IF;
  IF (SELECT count(*) FROM ledger_account l
      WHERE l.platform_id = platform AND l.id IN (t_debit, t_credit)) < 2
  THEN
    RETURN NULL;
  END IF;

  FOR r IN
    SELECT l.currency = t_currency AND CASE WHEN l.id = t_debit
      THEN l.debits_pending + l.debits_posted <= CASE WHEN l.debits_must_not_exceed_credits
        THEN l.credits_posted ELSE most END - t_amount
      ELSE l.credits_pending + l.credits_posted <= CASE WHEN l.credits_must_not_exceed_debits
        THEN l.debits_posted ELSE most END - t_amount
      END AS fits
    FROM ledger_account l
    WHERE l.platform_id = platform AND l.id IN (t_debit, t_credit)
      AND (l.debits_must_not_exceed_credits OR l.credits_must_not_exceed_debits)
    ORDER BY l.id FOR NO KEY UPDATE
  LOOP
    IF r.fits IS NOT TRUE THEN
      RETURN NULL;
    END IF;
    limited := limited + 1;
  END LOOP;
  IF limited < 2 THEN
    FOR r IN
      SELECT l.id, s.stripe, l.currency = t_currency
        AND CASE l.id WHEN t_debit THEN s.debited ELSE s.credited END <= most - t_amount AS fits
      FROM ledger_account l, LATERAL (
        SELECT t.id AS stripe, t.debits_pending + t.debits_posted AS debited,
          t.credits_pending + t.credits_posted AS credited
        FROM ledger_stripe t WHERE t.platform_id = platform AND t.account_id = l.id
        ORDER BY t.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
      ) s
      WHERE l.platform_id = platform AND l.id IN (t_debit, t_credit)
        AND NOT (l.debits_must_not_exceed_credits OR l.credits_must_not_exceed_debits)
      ORDER BY l.id
    LOOP
      IF r.fits IS NOT TRUE THEN
        RETURN NULL;
      END IF;
      IF r.id = t_debit THEN debit_stripe := r.stripe; ELSE credit_stripe := r.stripe; END IF;
    END LOOP;
  END IF;
  IF limited + num_nonnulls(debit_stripe, credit_stripe) < 2
    OR EXISTS (SELECT FROM ledger_failure y WHERE y.platform_id = platform AND y.id = t_id)
  THEN
    RETURN NULL;
  END IF;

  INSERT INTO ledger_transfer (platform_id, id, debit_id, credit_id, amount, currency, code,
    flags, pending_id, expires_at, journal, merchant_id, reference, document, business_at,
    created_at, txid)
  VALUES (platform, t_id, t_debit, t_credit, t_amount, t_currency, p_transfer ->> 'code', t_flags,
    NULL, t_until, (p_transfer ->> 'journal')::uuid, (p_transfer ->> 'merchant_id')::uuid,
    coalesce(p_transfer ->> 'reference', ''), coalesce(p_transfer ->> 'document', ''), p_business,
    p_system, pg_current_xact_id()::text::bigint)
  ON CONFLICT (platform_id, id) DO NOTHING;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  IF limited > 0 THEN
    UPDATE ledger_account l SET
      debits_pending = l.debits_pending + CASE WHEN l.id = t_debit THEN pending ELSE 0 END,
      debits_posted = l.debits_posted + CASE WHEN l.id = t_debit THEN posted ELSE 0 END,
      credits_pending = l.credits_pending + CASE WHEN l.id = t_credit THEN pending ELSE 0 END,
      credits_posted = l.credits_posted + CASE WHEN l.id = t_credit THEN posted ELSE 0 END
    WHERE l.platform_id = platform AND (l.id = t_debit AND debit_stripe IS NULL
      OR l.id = t_credit AND credit_stripe IS NULL);
  END IF;
  IF limited < 2 THEN
    UPDATE ledger_stripe l SET
      debits_pending = l.debits_pending + CASE WHEN l.id = debit_stripe THEN pending ELSE 0 END,
      debits_posted = l.debits_posted + CASE WHEN l.id = debit_stripe THEN posted ELSE 0 END,
      credits_pending = l.credits_pending + CASE WHEN l.id = credit_stripe THEN pending ELSE 0 END,
      credits_posted = l.credits_posted + CASE WHEN l.id = credit_stripe THEN posted ELSE 0 END
    WHERE l.platform_id = platform AND l.id IN (debit_stripe, credit_stripe);
  END IF;
  RETURN 'ok';
END $single$;

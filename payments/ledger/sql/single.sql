-- The usual transfer, by itself: plain or pending, between two accounts that exist, with an id
-- that nobody used. Says "ok" when it is done. In every other case, every refusal among them, it
-- says nothing and has changed nothing (though it may hold locks), and ledger_post_batch decides:
-- there is one place for what is refused and why.
--
-- As few statements as it takes, since each costs as much as the rest of the function. What never
-- changes of an account is read without a lock. A limited account is locked, checked and changed
-- in one, in id order; should the id turn out to be taken or failed, that is taken back. An account
-- without a limit gets it added to a stripe that nobody holds, last of all: nothing depends on it.
--
-- Nothing is locked unless both accounts exist: who holds the one and then opens the other would
-- meet others who lock both in id order. The failed ids are looked up after the locks are there:
-- whoever held them may have failed this one.
CREATE OR REPLACE FUNCTION ledger_post_single(
  platform uuid, p_transfer jsonb, p_system timestamptz, p_business timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
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
  debit_limited boolean; credit_limited boolean;
  one uuid; done boolean := true; changed uuid[] := '{}';
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
  SELECT d.debits_must_not_exceed_credits OR d.credits_must_not_exceed_debits,
    c.debits_must_not_exceed_credits OR c.credits_must_not_exceed_debits
  INTO debit_limited, credit_limited
  FROM ledger_account d, ledger_account c
  WHERE d.platform_id = platform AND d.id = t_debit AND d.currency = t_currency
    AND c.platform_id = platform AND c.id = t_credit AND c.currency = t_currency;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  FOREACH one IN ARRAY CASE
    WHEN NOT debit_limited AND NOT credit_limited THEN '{}'
    WHEN NOT credit_limited THEN ARRAY[t_debit]
    WHEN NOT debit_limited THEN ARRAY[t_credit]
    ELSE ARRAY[least(t_debit, t_credit), greatest(t_debit, t_credit)] END
  LOOP
    UPDATE ledger_account l SET
      debits_pending = l.debits_pending + CASE WHEN one = t_debit THEN pending ELSE 0 END,
      debits_posted = l.debits_posted + CASE WHEN one = t_debit THEN posted ELSE 0 END,
      credits_pending = l.credits_pending + CASE WHEN one = t_credit THEN pending ELSE 0 END,
      credits_posted = l.credits_posted + CASE WHEN one = t_credit THEN posted ELSE 0 END
    WHERE l.platform_id = platform AND l.id = one AND CASE WHEN one = t_debit
      THEN l.debits_pending + l.debits_posted <= CASE WHEN l.debits_must_not_exceed_credits
        THEN l.credits_posted ELSE most END - t_amount
      ELSE l.credits_pending + l.credits_posted <= CASE WHEN l.credits_must_not_exceed_debits
        THEN l.debits_posted ELSE most END - t_amount END;
    done := FOUND;
    EXIT WHEN NOT done;
    changed := changed || one;
  END LOOP;

  IF done THEN
    INSERT INTO ledger_transfer (platform_id, id, debit_id, credit_id, amount, currency, code,
      flags, pending_id, expires_at, journal, merchant_id, reference, document, business_at,
      created_at, txid)
    SELECT platform, t_id, t_debit, t_credit, t_amount, t_currency, p_transfer ->> 'code', t_flags,
      NULL, t_until, (p_transfer ->> 'journal')::uuid, (p_transfer ->> 'merchant_id')::uuid,
      coalesce(p_transfer ->> 'reference', ''), coalesce(p_transfer ->> 'document', ''),
      p_business, p_system, pg_current_xact_id()::text::bigint
    WHERE NOT EXISTS (SELECT FROM ledger_failure y WHERE y.platform_id = platform AND y.id = t_id)
    ON CONFLICT (platform_id, id) DO NOTHING;
    done := FOUND;
  END IF;
  IF NOT done THEN
    IF changed <> '{}' THEN
      UPDATE ledger_account l SET
        debits_pending = l.debits_pending - CASE WHEN l.id = t_debit THEN pending ELSE 0 END,
        debits_posted = l.debits_posted - CASE WHEN l.id = t_debit THEN posted ELSE 0 END,
        credits_pending = l.credits_pending - CASE WHEN l.id = t_credit THEN pending ELSE 0 END,
        credits_posted = l.credits_posted - CASE WHEN l.id = t_credit THEN posted ELSE 0 END
      WHERE l.platform_id = platform AND l.id = ANY (changed);
    END IF;
    RETURN NULL;
  END IF;

  IF NOT debit_limited THEN
    UPDATE ledger_stripe s SET debits_pending = s.debits_pending + pending,
      debits_posted = s.debits_posted + posted
    WHERE s.platform_id = platform AND s.id = (
      SELECT t.id FROM ledger_stripe t WHERE t.platform_id = platform AND t.account_id = t_debit
        AND t.debits_pending + t.debits_posted <= most - t_amount
      ORDER BY t.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      INSERT INTO ledger_stripe (platform_id, id, account_id, debits_pending, debits_posted,
        credits_pending, credits_posted)
      VALUES (platform, gen_random_uuid(), t_debit, pending, posted, 0, 0);
    END IF;
  END IF;
  IF NOT credit_limited THEN
    UPDATE ledger_stripe s SET credits_pending = s.credits_pending + pending,
      credits_posted = s.credits_posted + posted
    WHERE s.platform_id = platform AND s.id = (
      SELECT t.id FROM ledger_stripe t WHERE t.platform_id = platform AND t.account_id = t_credit
        AND t.credits_pending + t.credits_posted <= most - t_amount
      ORDER BY t.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      INSERT INTO ledger_stripe (platform_id, id, account_id, debits_pending, debits_posted,
        credits_pending, credits_posted)
      VALUES (platform, gen_random_uuid(), t_credit, 0, 0, pending, posted);
    END IF;
  END IF;
  RETURN 'ok';
END $single$;

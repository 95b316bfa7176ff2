-- As in 20261204000300: what merchants are shown of their books is read under a role that sees the rows of one merchant in one mode, and none where the connection
-- has not said of whom.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sankofa_ledger_tenant', 'sankofa_routing_tenant'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- made by somebody else a moment ago
      END;
    END IF;
    IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', name, current_user);
    END IF;
  END LOOP;
  -- From PostgreSQL 16 on whoever makes a role is a member who may grant it, and becomes it only once it has been granted. That goes for the roles made before as well.
  IF current_setting('server_version_num')::int >= 160000 THEN
    FOR name IN
      SELECT r.rolname FROM pg_roles r
       WHERE r.rolname ~ '^sankofa_((kernel|auth|reconciliation)|(payments|notification|ledger|routing)(_tenant)?)$' AND NOT pg_has_role(current_user, r.oid, 'SET')
    LOOP
      EXECUTE format('GRANT %I TO %I', name, current_user);
    END LOOP;
  END IF;
END $$;

-- Rows of merchants that do not say whose they are: each is of an account.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['transfer', 'entry', 'account_state_change', 'day_total', 'rolled_up', 'chained', 'settlement', 'settling_account', 'release'] LOOP
    EXECUTE format('ALTER TABLE ledger.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY program ON ledger.%I TO sankofa_ledger USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA ledger TO sankofa_ledger_tenant;
-- Whose an account is, is asked as a value and not by EXISTS: that one may be answered by gathering all accounts of the merchant first, of which there
-- may be a million.
DO $$
DECLARE
  each record;
  merchant text := '(SELECT nullif(current_setting(''sankofa.merchant_id'', true), '''')::uuid)';
  livemode text := '(SELECT nullif(current_setting(''sankofa.livemode'', true), '''')::boolean)';
  own text := 'merchant_id = %1$s AND livemode = %2$s';
  of_account text := '(SELECT a.merchant_id = %1$s AND a.livemode = %2$s FROM ledger.account a WHERE a.id = account_id)';
BEGIN
  FOR each IN SELECT * FROM (VALUES
    ('account', own), ('client_account', own), ('client_transfer', own), ('hold', own),
    ('entry', of_account), ('account_state_change', of_account), ('day_total', of_account), ('rolled_up', of_account),
    ('settlement', of_account), ('settling_account', of_account), ('release', of_account),
    -- Most are between a merchant and the platform.
    ('transfer', '(SELECT a.merchant_id = %1$s AND a.livemode = %2$s FROM ledger.account a WHERE a.id = debit_account_id)
      OR (SELECT a.merchant_id = %1$s AND a.livemode = %2$s FROM ledger.account a WHERE a.id = credit_account_id)'),
    -- Of accounts and their entries; what else is in the chain is in no statement.
    ('chained', 'kind = 1 AND (SELECT a.merchant_id = %1$s AND a.livemode = %2$s FROM ledger.account a WHERE a.id = chained.id)')
  ) AS tables (name, condition) LOOP
    EXECUTE format('GRANT SELECT ON ledger.%I TO sankofa_ledger_tenant', each.name);
    EXECUTE format('CREATE POLICY tenant ON ledger.%I FOR SELECT TO sankofa_ledger_tenant USING (%s)', each.name,
      format(each.condition, merchant, livemode));
  END LOOP;
END $$;

-- Blocks are everybody's: hashes, from which whoever has a proof works out the root that was signed. Not of what they are.
GRANT SELECT (height, previous_hash, leaves_root, spans_hash, leaf_count, entries, leaves, chained_at, hash, digests) ON ledger.block TO sankofa_ledger_tenant;
GRANT SELECT ON ledger.head TO sankofa_ledger_tenant;
GRANT EXECUTE ON FUNCTION ledger.version_before TO sankofa_ledger_tenant;

-- Which attempt of a merchant's payment waits for what a customer types.
GRANT USAGE ON SCHEMA routing TO sankofa_routing_tenant;
GRANT SELECT ON routing.payment, routing.attempt TO sankofa_routing_tenant;
CREATE POLICY tenant ON routing.payment FOR SELECT TO sankofa_routing_tenant
  USING (merchant_id = (SELECT nullif(current_setting('sankofa.merchant_id', true), '')::uuid)
    AND livemode = (SELECT nullif(current_setting('sankofa.livemode', true), '')::boolean));
CREATE POLICY tenant ON routing.attempt FOR SELECT TO sankofa_routing_tenant
  USING (merchant_id = (SELECT nullif(current_setting('sankofa.merchant_id', true), '')::uuid)
    AND livemode = (SELECT nullif(current_setting('sankofa.livemode', true), '')::boolean));

-- ---------------------------------------------------------------------------------------------------------- search

-- Where a policy is in the way an index is used by such conditions alone as tell nothing of the rows that they pass over (LEAKPROOF): comparisons are, LIKE
-- and lower() are not.
DROP INDEX ledger.client_account_name;
ALTER TABLE ledger.client_account ADD COLUMN name_key text COLLATE "C" GENERATED ALWAYS AS (lower(name)) STORED;
CREATE INDEX client_account_name ON ledger.client_account (merchant_id, livemode, name_key);

-- Nor is what asks jsonb, and there is no other way to ask it. This asks past the policy, and says itself whose they must be: a page of them, with all else that is
-- asked, planned anew for each question, since what few have is found by its index and what most have on the way through all.
CREATE FUNCTION ledger.own_accounts_with(wanted jsonb, of_currency text, of_code text, name_from text, name_before text,
  below uuid, above uuid, ascending boolean, most int) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  merchant uuid := nullif(current_setting('sankofa.merchant_id', true), '')::uuid;
  mode boolean := nullif(current_setting('sankofa.livemode', true), '')::boolean;
BEGIN
  IF ascending THEN
    RETURN QUERY SELECT a.id FROM ledger.account a JOIN ledger.client_account c ON c.account_id = a.id
     WHERE a.merchant_id = merchant AND a.livemode = mode AND c.merchant_id = merchant AND c.livemode = mode AND c.metadata @> wanted
       AND (of_currency IS NULL OR a.currency = of_currency) AND (of_code IS NULL OR c.code = of_code)
       AND (name_from IS NULL OR c.name_key >= name_from AND c.name_key < name_before) AND (below IS NULL OR a.id < below) AND (above IS NULL OR a.id > above)
     ORDER BY a.id LIMIT most;
  ELSE
    RETURN QUERY SELECT a.id FROM ledger.account a JOIN ledger.client_account c ON c.account_id = a.id
     WHERE a.merchant_id = merchant AND a.livemode = mode AND c.merchant_id = merchant AND c.livemode = mode AND c.metadata @> wanted
       AND (of_currency IS NULL OR a.currency = of_currency) AND (of_code IS NULL OR c.code = of_code)
       AND (name_from IS NULL OR c.name_key >= name_from AND c.name_key < name_before) AND (below IS NULL OR a.id < below) AND (above IS NULL OR a.id > above)
     ORDER BY a.id DESC LIMIT most;
  END IF;
END $$;
COMMENT ON FUNCTION ledger.own_accounts_with IS 'Accounts with such metadata of whom the connection is for; none where it has not said so.';
REVOKE ALL ON FUNCTION ledger.own_accounts_with FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.own_accounts_with TO sankofa_ledger_tenant;

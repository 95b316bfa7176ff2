-- Row-level security, forced, on every table that holds rows of merchants. The roles of modules see all of them, as their work is about all merchants; what is
-- answered to a merchant is read under a role of its own, which sees the rows of the merchant and mode that the connection says it is for, and none when
-- it says nothing (src/kernel/database/tenant-scope.ts).

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sankofa_payments_tenant', 'sankofa_notification_tenant'] LOOP
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
  -- The tables' owner is subject to their policies as well, and passes by the modules' roles.
  FOREACH name IN ARRAY ARRAY['kernel', 'payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'] LOOP
    IF NOT pg_has_role(current_user, 'sankofa_' || name, 'USAGE') THEN
      EXECUTE format('GRANT %I TO %I', 'sankofa_' || name, current_user);
    END IF;
  END LOOP;
END $$;

-- A policy that is always true costs nothing: the planner drops it.
DO $$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT * FROM (VALUES
    ('payments.payment', 'sankofa_payments'), ('payments.attempt', 'sankofa_payments'), ('payments.refund', 'sankofa_payments'),
    ('payments.payout', 'sankofa_payments'), ('payments.payout_batch', 'sankofa_payments'), ('payments.fee_schedule', 'sankofa_payments'),
    ('ledger.account', 'sankofa_ledger'), ('ledger.hold', 'sankofa_ledger'), ('ledger.client_account', 'sankofa_ledger'),
    ('ledger.client_transfer', 'sankofa_ledger'), ('ledger.settlement_policy', 'sankofa_ledger'),
    ('notification.endpoint', 'sankofa_notification'), ('notification.endpoint_secret', 'sankofa_notification'),
    ('notification.event', 'sankofa_notification'), ('notification.delivery', 'sankofa_notification'),
    ('notification.delivery_attempt', 'sankofa_notification'),
    ('reconciliation.record', 'sankofa_reconciliation'), ('reconciliation.break', 'sankofa_reconciliation'),
    ('routing.gateway_account', 'sankofa_routing'), ('routing.payment', 'sankofa_routing'), ('routing.attempt', 'sankofa_routing'),
    ('auth.merchant', 'sankofa_auth'), ('auth.api_key', 'sankofa_auth'),
    ('access.credential', 'sankofa_kernel'),
    ('idempotency.key', 'sankofa_kernel, sankofa_payments, sankofa_ledger'),
    ('messaging.outbox', 'sankofa_kernel, sankofa_payments, sankofa_routing, sankofa_ledger, sankofa_notification, sankofa_reconciliation, sankofa_auth')
  ) AS tables (name, roles) LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', each.name);
    EXECUTE format('CREATE POLICY program ON %s TO %s USING (true) WITH CHECK (true)', each.name, each.roles);
  END LOOP;
END $$;

-- ---------------------------------------------------------------------------------------------------------- tenants

-- Whom a connection is for. Each in a sub-select, so that it is asked for once and not row by row.
DO $$
DECLARE
  each record;
  merchant text := '(SELECT nullif(current_setting(''sankofa.merchant_id'', true), '''')::uuid)';
  livemode text := '(SELECT nullif(current_setting(''sankofa.livemode'', true), '''')::boolean)';
BEGIN
  FOR each IN SELECT * FROM (VALUES
    ('payments.payment', 'payments', 'merchant_id = %1$s AND livemode = %2$s'),
    -- A copy of routing's attempts, which does not say the mode.
    ('payments.attempt', 'payments', 'merchant_id = %1$s'),
    ('payments.refund', 'payments', 'merchant_id = %1$s AND livemode = %2$s'),
    ('payments.payout', 'payments', 'merchant_id = %1$s AND livemode = %2$s'),
    ('payments.payout_batch', 'payments', 'merchant_id = %1$s AND livemode = %2$s'),
    ('notification.endpoint', 'notification', 'merchant_id = %1$s AND livemode = %2$s'),
    ('notification.event', 'notification', 'merchant_id = %1$s AND livemode = %2$s'),
    ('notification.delivery', 'notification', 'EXISTS (SELECT FROM notification.event e WHERE e.id = event_id AND e.merchant_id = %1$s AND e.livemode = %2$s)'),
    ('notification.delivery_attempt', 'notification',
      'EXISTS (SELECT FROM notification.delivery d JOIN notification.event e ON e.id = d.event_id WHERE d.id = delivery_id AND e.merchant_id = %1$s AND e.livemode = %2$s)')
  ) AS tables (name, module, condition) LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', each.module, 'sankofa_' || each.module || '_tenant');
    EXECUTE format('GRANT SELECT ON %s TO %I', each.name, 'sankofa_' || each.module || '_tenant');
    EXECUTE format('CREATE POLICY tenant ON %s FOR SELECT TO %I USING (%s)', each.name, 'sankofa_' || each.module || '_tenant',
      format(each.condition, merchant, livemode));
  END LOOP;
END $$;

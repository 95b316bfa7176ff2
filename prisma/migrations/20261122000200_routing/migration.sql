-- What routing owns: gateway accounts, its own copy of each payment, the attempts, and what gateways told us.

CREATE TABLE routing.gateway_account (
  id uuid PRIMARY KEY,
  merchant_id uuid,
  livemode boolean NOT NULL,
  gateway text NOT NULL CHECK (gateway ~ '^[a-z0-9_]{1,32}$'),
  name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
  base_url text NOT NULL,
  credentials jsonb NOT NULL CHECK (jsonb_typeof(credentials) = 'object'),
  priority integer NOT NULL DEFAULT 100,
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT gateway_account_gateway_name_key UNIQUE (gateway, name)
);
COMMENT ON TABLE routing.gateway_account IS 'Accounts at gateways. merchant_id null: for every merchant. Lower priority numbers are tried first.';

CREATE TABLE routing.payment (
  payment_id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL,
  livemode boolean NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  currency text NOT NULL,
  method jsonb NOT NULL,
  customer jsonb NOT NULL,
  description text,
  state text NOT NULL DEFAULT 'routing' CHECK (state IN ('routing', 'routed', 'exhausted')),
  caused_by uuid NOT NULL,
  headers jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE routing.payment IS 'Routing''s own copy of what payments.payment_created said, and how routing it ended. Its row lock orders everything that happens to its attempts.';
COMMENT ON COLUMN routing.payment.caused_by IS 'Id of the payment_created event: the cause of every event of this payment.';

CREATE TABLE routing.attempt (
  id uuid PRIMARY KEY,
  payment_id uuid NOT NULL CONSTRAINT attempt_payment_id_fkey REFERENCES routing.payment (payment_id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  merchant_id uuid NOT NULL,
  livemode boolean NOT NULL,
  sequence integer NOT NULL CHECK (sequence >= 1),
  gateway text NOT NULL,
  gateway_account_id uuid NOT NULL CONSTRAINT attempt_gateway_account_id_fkey REFERENCES routing.gateway_account (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  reference text NOT NULL,
  status text NOT NULL CHECK (status IN ('planned', 'sending', 'pending', 'unknown', 'succeeded', 'declined', 'not_sent', 'surplus', 'quarantined')),
  version integer NOT NULL DEFAULT 1,
  outcome_code text,
  blame text CHECK (blame IN ('gateway', 'network', 'customer', 'merchant', 'ambiguous')),
  handles jsonb NOT NULL DEFAULT '{}',
  next_action jsonb,
  gateway_fee bigint,
  captured_amount bigint,
  captured_currency text,
  sent_at timestamptz,
  next_check_at timestamptz,
  checks integer NOT NULL DEFAULT 0,
  not_found_count integer NOT NULL DEFAULT 0,
  first_not_found_at timestamptz,
  resend_count integer NOT NULL DEFAULT 0,
  interrupted boolean NOT NULL DEFAULT false,
  acknowledged boolean NOT NULL DEFAULT false,
  late boolean NOT NULL DEFAULT false,
  send_token uuid,
  send_lease_until timestamptz,
  check_token uuid,
  reason jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  concluded_at timestamptz,
  case_opened_at timestamptz,
  CONSTRAINT attempt_gateway_reference_key UNIQUE (gateway, reference),
  CONSTRAINT attempt_payment_id_sequence_key UNIQUE (payment_id, sequence),
  CONSTRAINT attempt_payment_id_gateway_account_id_key UNIQUE (payment_id, gateway_account_id),
  CONSTRAINT attempt_captured_when_it_says_so CHECK (status NOT IN ('succeeded', 'surplus', 'quarantined') OR captured_amount IS NOT NULL)
);
COMMENT ON TABLE routing.attempt IS 'One try at one gateway. Written as planned before anything is sent; sending is committed before the call.';
COMMENT ON COLUMN routing.attempt.next_check_at IS 'When a worker looks at it next: a planned one is sent, any other is asked about at its gateway. Null: nothing is awaited.';
COMMENT ON COLUMN routing.attempt.send_token IS 'Fencing: the outcome of a charge call counts as that of the present call only if it carries this token.';
COMMENT ON COLUMN routing.attempt.check_token IS 'Fencing: a scheduled check counts (schedule, not-found count) only if it carries this token.';
COMMENT ON COLUMN routing.attempt.interrupted IS 'Whoever was sending it died, so that it is not known whether the request ever left.';
COMMENT ON COLUMN routing.attempt.acknowledged IS 'The gateway has shown that it knows the reference: "not found" proves nothing any more.';
COMMENT ON COLUMN routing.attempt.late IS 'Its money showed up after it had been concluded, so that it may stand beside the live attempt that followed it.';

-- The two rules that keep a customer from being charged twice are held by the database, not by code.
CREATE UNIQUE INDEX attempt_one_live_per_payment ON routing.attempt (payment_id)
  WHERE status IN ('planned', 'sending', 'pending', 'unknown', 'quarantined') AND NOT late;
CREATE UNIQUE INDEX attempt_one_winner_per_payment ON routing.attempt (payment_id) WHERE status = 'succeeded';
CREATE INDEX attempt_due ON routing.attempt (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX attempt_cases ON routing.attempt (id) WHERE status IN ('unknown', 'quarantined') OR case_opened_at IS NOT NULL;

CREATE TABLE routing.gateway_webhook (
  id uuid PRIMARY KEY,
  gateway text NOT NULL,
  gateway_account_id uuid NOT NULL CONSTRAINT gateway_webhook_gateway_account_id_fkey REFERENCES routing.gateway_account (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  dedupe_key text NOT NULL CHECK (length(dedupe_key) <= 256),
  event_type text NOT NULL CHECK (length(event_type) <= 128),
  reference text CHECK (length(reference) <= 128),
  handles jsonb NOT NULL,
  headers jsonb NOT NULL,
  body bytea NOT NULL CHECK (octet_length(body) <= 65536),
  grade text NOT NULL CHECK (grade IN ('authenticated', 'weakly_authenticated', 'unauthenticated')),
  attempt_id uuid,
  deliveries integer NOT NULL DEFAULT 1,
  received_at timestamptz NOT NULL DEFAULT now(),
  process_after timestamptz,
  processed_at timestamptz,
  outcome text,
  CONSTRAINT gateway_webhook_gateway_account_id_dedupe_key_key UNIQUE (gateway_account_id, dedupe_key)
);
COMMENT ON TABLE routing.gateway_webhook IS 'What gateways sent us, as received (secret headers left out). A webhook moves no money: it makes us ask.';
COMMENT ON COLUMN routing.gateway_webhook.outcome IS 'What asking the gateway said, or why it was not asked. contradicted_*: the webhook claimed a success that the gateway does not confirm.';
COMMENT ON COLUMN routing.gateway_webhook.process_after IS 'When a worker takes it up if whoever received it has not. Null once processed.';
CREATE INDEX gateway_webhook_unprocessed ON routing.gateway_webhook (process_after) WHERE process_after IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON routing.gateway_account TO sankofa_routing;
GRANT SELECT, INSERT, UPDATE (state) ON routing.payment TO sankofa_routing;
GRANT SELECT, INSERT ON routing.attempt TO sankofa_routing;
GRANT UPDATE (status, version, outcome_code, blame, handles, next_action, gateway_fee, captured_amount, captured_currency, sent_at, next_check_at,
  checks, not_found_count, first_not_found_at, resend_count, interrupted, acknowledged, late, send_token, send_lease_until, check_token,
  concluded_at, case_opened_at) ON routing.attempt TO sankofa_routing;
GRANT SELECT, INSERT ON routing.gateway_webhook TO sankofa_routing;
GRANT UPDATE (attempt_id, deliveries, process_after, processed_at, outcome) ON routing.gateway_webhook TO sankofa_routing;

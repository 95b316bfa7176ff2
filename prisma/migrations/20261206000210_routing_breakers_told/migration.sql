-- What others were told about breakers: each change once, whichever process sees it first.
CREATE TABLE routing.breaker (
  subject            text PRIMARY KEY CHECK (length(subject) <= 200),
  id                 uuid NOT NULL UNIQUE,
  gateway_account_id uuid REFERENCES routing.gateway_account (id) ON DELETE CASCADE,
  network            text NOT NULL,
  is_open            boolean NOT NULL,
  opened_at          timestamptz NOT NULL,
  closed_at          timestamptz,
  CHECK (is_open = (closed_at IS NULL))
);
COMMENT ON TABLE routing.breaker IS 'Breakers as others were told of them last. What shuts a gateway out lives in the memory of processes; this is for people.';
COMMENT ON COLUMN routing.breaker.subject IS 'Of one network at one gateway account, or of a network wherever it is reached.';
COMMENT ON COLUMN routing.breaker.gateway_account_id IS 'Null: the network fails at every gateway.';
COMMENT ON COLUMN routing.breaker.opened_at IS 'When it was last told to be open.';
CREATE INDEX breaker_of_account ON routing.breaker (gateway_account_id);

GRANT SELECT, INSERT, UPDATE ON routing.breaker TO sankofa_routing;

-- What customers type is handed on one at a time, and not without end. What they typed is nowhere here.
CREATE TABLE routing.action_turn (
  payment_id uuid PRIMARY KEY CONSTRAINT action_turn_payment_id_fkey REFERENCES routing.payment (payment_id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  tries integer NOT NULL CHECK (tries >= 0),
  token uuid,
  lease_until timestamptz,
  changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE routing.action_turn IS 'Whose turn it is to hand on what a customer typed for a payment, and how often that was done. Never what was typed.';
COMMENT ON COLUMN routing.action_turn.token IS 'Of the submission under way; null when there is none. One that died holds it until lease_until.';
GRANT SELECT, INSERT, UPDATE ON routing.action_turn TO sankofa_routing;

-- Orange's notices name a payment by nothing but the token that came with its link. Other gateways' attempts have no such handle, and so no entry.
CREATE INDEX attempt_notif_token ON routing.attempt (gateway_account_id, (handles ->> 'notif_token')) WHERE handles ? 'notif_token';

-- What operators look at; the bulk of webhooks, which said what the gateway confirmed, has no entry.
CREATE INDEX gateway_webhook_doubtful ON routing.gateway_webhook (id)
  WHERE outcome IN ('unmatched', 'quarantined', 'contradicted_pending', 'contradicted_declined', 'contradicted_not_found', 'contradicted_returned');

-- Bodies hold personal data and are not kept for ever.
GRANT DELETE ON routing.gateway_webhook TO sankofa_routing;

-- Reading gateways' own books for reconciliation: one row per listing that was asked for, and how far it is.

CREATE TABLE routing.listing (
  id uuid PRIMARY KEY,
  gateway_account_id uuid NOT NULL,
  what text NOT NULL CHECK (what IN ('transactions', 'settlements')),
  window_from timestamptz NOT NULL,
  window_to timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'reading', 'complete', 'not_supported', 'failed', 'canceled')),
  cursor text,
  calls integer NOT NULL DEFAULT 0,
  pages integer NOT NULL DEFAULT 0,
  tries integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  asked_at timestamptz,
  progress_at timestamptz NOT NULL DEFAULT now(),
  code text,
  caused_by uuid NOT NULL,
  headers jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT listing_window_has_length CHECK (window_to > window_from),
  CONSTRAINT listing_leased_while_reading CHECK ((lease_until IS NOT NULL) = (state = 'reading')),
  CONSTRAINT listing_ended_when_over CHECK ((ended_at IS NOT NULL) = (state IN ('complete', 'not_supported', 'failed', 'canceled')))
);
COMMENT ON TABLE routing.listing IS 'A listing of a gateway''s books that somebody asked for. Each page that was read is announced in the transaction that moves the cursor.';
COMMENT ON COLUMN routing.listing.cursor IS 'The gateway''s, of the page that is read next; null before the first.';
COMMENT ON COLUMN routing.listing.calls IS 'Pages of the gateway that were read.';
COMMENT ON COLUMN routing.listing.pages IS 'Pages that were announced: a large one of the gateway is several, an empty one is none.';
COMMENT ON COLUMN routing.listing.tries IS 'Failed calls since the last page.';
COMMENT ON COLUMN routing.listing.fence IS 'Grows with every process that takes it up; every write of the reading carries it.';
COMMENT ON COLUMN routing.listing.asked_at IS 'When the first page was asked for: what happened later may not be in it.';
COMMENT ON COLUMN routing.listing.progress_at IS 'When the last page came: a listing that stands still for long is given up.';
COMMENT ON COLUMN routing.listing.caused_by IS 'Id of the event that asked for it.';
CREATE INDEX listing_due ON routing.listing (next_attempt_at) WHERE state IN ('queued', 'reading');
CREATE UNIQUE INDEX listing_one_per_account ON routing.listing (gateway_account_id) WHERE state = 'reading';

GRANT SELECT, INSERT ON routing.listing TO sankofa_routing;
GRANT UPDATE (state, cursor, calls, pages, tries, next_attempt_at, lease_until, fence, asked_at, progress_at, code, ended_at)
  ON routing.listing TO sankofa_routing;

-- Rules of routing as versioned data, what gateways keep, when they are closed, and what the replicas tell each other about them.

ALTER TABLE routing.gateway_account ADD COLUMN fees jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(fees) = 'array');
COMMENT ON COLUMN routing.gateway_account.fees IS 'What the gateway keeps, by currency, method and network: a list of schedules, the first that fits counts.';

ALTER TABLE routing.payment ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN routing.payment.metadata IS 'The merchant''s own; rules may ask for it.';

CREATE TABLE routing.rule_set (
  id uuid PRIMARY KEY,
  version integer NOT NULL CHECK (version >= 1),
  content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
  note text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  active boolean NOT NULL DEFAULT false,
  activated_at timestamptz,
  CONSTRAINT rule_set_version_key UNIQUE (version),
  CONSTRAINT rule_set_active_since CHECK (NOT active OR activated_at IS NOT NULL)
);
COMMENT ON TABLE routing.rule_set IS 'Where payments go, as operators wrote it. Content is never changed: another content is another version. None active: by priority.';
COMMENT ON COLUMN routing.rule_set.created_by IS 'The admin key.';
CREATE UNIQUE INDEX rule_set_one_active ON routing.rule_set (active) WHERE active;

CREATE TABLE routing.rule_set_activation (
  id uuid PRIMARY KEY,
  version integer NOT NULL CONSTRAINT rule_set_activation_version_fkey REFERENCES routing.rule_set (version) ON DELETE RESTRICT ON UPDATE RESTRICT,
  replaced_version integer,
  activated_by uuid NOT NULL,
  activated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE routing.rule_set_activation IS 'Which rules were in force when. Written once per activation, never changed.';
CREATE INDEX rule_set_activation_of_version ON routing.rule_set_activation (version, id);

CREATE TABLE routing.maintenance_window (
  id uuid PRIMARY KEY,
  gateway_account_id uuid CONSTRAINT maintenance_window_gateway_account_id_fkey REFERENCES routing.gateway_account (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  gateway text,
  network text,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  canceled_by uuid,
  canceled_at timestamptz,
  CONSTRAINT maintenance_window_names_one CHECK (num_nonnulls(gateway_account_id, gateway) = 1),
  CONSTRAINT maintenance_window_ends_after_it_starts CHECK (ends_at > starts_at),
  CONSTRAINT maintenance_window_canceled_by_somebody CHECK ((canceled_at IS NULL) = (canceled_by IS NULL))
);
COMMENT ON TABLE routing.maintenance_window IS 'Times in which nothing new is sent to a gateway account, or to a gateway, or to one network there (null: all of them).';
CREATE INDEX maintenance_window_ahead ON routing.maintenance_window (ends_at) WHERE canceled_at IS NULL;

CREATE TABLE routing.observation (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  observer uuid NOT NULL,
  observed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  content jsonb NOT NULL
);
COMMENT ON TABLE routing.observation IS 'How attempts ended, as replicas tell each other: what one process saw in some tenths of a second is one row. Append-only; dropped once the belief of a later time covers it.';

CREATE TABLE routing.belief (
  id uuid PRIMARY KEY,
  covers_seq bigint NOT NULL,
  held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  content jsonb NOT NULL
);
COMMENT ON TABLE routing.belief IS 'What a process believed about every segment when it had read the observations up to covers_seq: where a new process begins.';

GRANT SELECT, INSERT, UPDATE (active, activated_at) ON routing.rule_set TO sankofa_routing;
GRANT SELECT, INSERT ON routing.rule_set_activation TO sankofa_routing;
GRANT SELECT, INSERT, UPDATE (ends_at, reason, canceled_by, canceled_at) ON routing.maintenance_window TO sankofa_routing;
GRANT SELECT, INSERT, DELETE ON routing.observation TO sankofa_routing;
GRANT SELECT, INSERT, DELETE ON routing.belief TO sankofa_routing;

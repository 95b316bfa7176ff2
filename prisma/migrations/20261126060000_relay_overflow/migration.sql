-- A consumer whose queue is full has a cursor of its own, until it has caught up with the relay's and the row goes.
GRANT DELETE ON messaging.relay_cursor TO sankofa_kernel;
COMMENT ON TABLE messaging.relay_cursor IS 'How far events are dispatched, in (xid, seq) order: by the relay, and to consumers that are behind it.';

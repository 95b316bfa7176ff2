-- What merchants were told about something: found by its id.
ALTER TABLE notification.event ADD COLUMN subject text;
COMMENT ON COLUMN notification.event.subject IS 'The id of the resource in body: pay_..., re_..., po_....';
UPDATE notification.event SET subject = substring(body FROM '"data":\{[^{}]*?"id":"([a-z]+_[0-9a-z]{26})"');
-- Those ids begin with their time: what is new is at the index's end.
CREATE INDEX event_by_subject ON notification.event (subject, id);

-- As in 20261207000200: whose a delivery is, is asked as a value. By EXISTS, all events of a merchant may be gathered first.
DO $$
DECLARE
  of_event text := format('(SELECT e.merchant_id = %1$s AND e.livemode = %2$s FROM ',
    '(SELECT nullif(current_setting(''sankofa.merchant_id'', true), '''')::uuid)', '(SELECT nullif(current_setting(''sankofa.livemode'', true), '''')::boolean)');
BEGIN
  EXECUTE 'ALTER POLICY tenant ON notification.delivery USING (' || of_event || 'notification.event e WHERE e.id = event_id))';
  EXECUTE 'ALTER POLICY tenant ON notification.delivery_attempt USING (' || of_event
    || 'notification.delivery d JOIN notification.event e ON e.id = d.event_id WHERE d.id = delivery_id))';
END $$;

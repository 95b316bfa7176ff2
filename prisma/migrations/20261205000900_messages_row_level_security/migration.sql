-- As in 20261204000300: forced on every table of merchants. What a merchant sees of these, their settings, is read under the tenant's role.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['message', 'message_content', 'message_attempt', 'message_settings'] LOOP
    EXECUTE format('ALTER TABLE notification.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY program ON notification.%I TO sankofa_notification USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

GRANT SELECT ON notification.message_settings TO sankofa_notification_tenant;
CREATE POLICY tenant ON notification.message_settings FOR SELECT TO sankofa_notification_tenant
  USING (merchant_id = (SELECT nullif(current_setting('sankofa.merchant_id', true), '')::uuid)
    AND livemode = (SELECT nullif(current_setting('sankofa.livemode', true), '')::boolean));

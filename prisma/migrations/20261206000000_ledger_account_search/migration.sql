-- How operators look for accounts of all merchants and of the platform, in the order of ids. Of what changes with every posting none is in an index, so
-- that postings go on writing no index at all.
CREATE INDEX account_mode ON ledger.account (livemode, id);
CREATE INDEX account_mode_kind ON ledger.account (livemode, kind, id);
CREATE INDEX account_mode_currency ON ledger.account (livemode, currency, id);

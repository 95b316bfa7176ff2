-- Rules come into force by two people. What was put into force before this was by one.
ALTER TABLE routing.rule_set_activation
  ADD COLUMN asked_by uuid,
  ADD COLUMN approval_id uuid,
  ADD CONSTRAINT rule_set_activation_by_two CHECK (asked_by IS NOT NULL AND approval_id IS NOT NULL AND asked_by <> activated_by) NOT VALID;
CREATE UNIQUE INDEX rule_set_activation_approval ON routing.rule_set_activation (approval_id);
COMMENT ON COLUMN routing.rule_set_activation.asked_by IS 'The person who asked for it. Null: before that took two.';
COMMENT ON COLUMN routing.rule_set_activation.activated_by IS 'The person who approved it.';
COMMENT ON COLUMN routing.rule_set_activation.approval_id IS 'In auth.approval: each puts rules into force once.';

-- Holds are forgotten when they have been settled for long: their rows are found by age.
CREATE INDEX hold_by_time ON wallet.hold USING brin (created_at);

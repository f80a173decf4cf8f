-- Vendors that leave: they sell nothing any more and go when their last order has ended.
ALTER TABLE vendor.vendor DROP CONSTRAINT vendor_status_check;
ALTER TABLE vendor.vendor ADD CONSTRAINT vendor_status_check CHECK (status BETWEEN 0 AND 5); -- enum vendor_vendor_status

CREATE TABLE vendor.leaving (
    vendor_id uuid PRIMARY KEY REFERENCES vendor.vendor,
    shard     smallint NOT NULL,
    version   bigint NOT NULL,                -- of the vendor as it was announced to have stopped
    is_known  boolean NOT NULL DEFAULT false, -- the catalogue has heard of that version
    due_at    bigint NOT NULL                 -- market time: when to look next
);
CREATE INDEX leaving_due ON vendor.leaving (due_at, shard);

-- On which terms a vendor sells and sends: shipping profiles, days and weights of methods, acceptance, least orders.
ALTER TABLE vendor.vendor
    ADD COLUMN needs_acceptance     boolean  NOT NULL DEFAULT false,
    ADD COLUMN order_min_currencies text[]   NOT NULL DEFAULT '{}',
    ADD COLUMN order_min_amounts    bigint[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT vendor_order_min CHECK (cardinality(order_min_currencies) = cardinality(order_min_amounts)
        AND cardinality(order_min_amounts) <= 10 AND 1 <= ALL (order_min_amounts));

-- What is sent together. The default is for goods that name no profile, or one that is gone.
CREATE TABLE vendor.shipping_profile (
    id             uuid PRIMARY KEY,
    vendor_id      uuid NOT NULL REFERENCES vendor.vendor,
    name           text NOT NULL,
    origin_country text CHECK (length(origin_country) = 2),
    origin_region  text CHECK (origin_region IS NULL OR (length(origin_region) BETWEEN 1 AND 3 AND origin_country IS NOT NULL)),
    is_default     boolean NOT NULL,
    created_at     bigint NOT NULL,
    version        bigint NOT NULL DEFAULT 1,
    UNIQUE (vendor_id, id)
);
CREATE UNIQUE INDEX shipping_profile_default ON vendor.shipping_profile (vendor_id) WHERE is_default;

-- Methods that exist belong to a default of their vendor's, whose id is the vendor's own: that lies in the vendor's shard.
INSERT INTO vendor.shipping_profile (id, vendor_id, name, is_default, created_at)
SELECT vendor_id, vendor_id, 'Standard', true, min(created_at) FROM vendor.shipping_method GROUP BY vendor_id;

ALTER TABLE vendor.shipping_method
    ADD COLUMN profile_id       uuid,
    ADD COLUMN handling_days    smallint NOT NULL DEFAULT 0 CHECK (handling_days BETWEEN 0 AND 90),
    ADD COLUMN weight_max_grams bigint CHECK (weight_max_grams >= 1),
    ADD COLUMN transit_days_min smallint CHECK (transit_days_min BETWEEN 0 AND 365),
    ADD COLUMN transit_days_max smallint CHECK (transit_days_max BETWEEN 0 AND 365),
    ADD CONSTRAINT shipping_method_transit CHECK (transit_days_min <= transit_days_max);
UPDATE vendor.shipping_method SET profile_id = vendor_id;
ALTER TABLE vendor.shipping_method
    ALTER COLUMN profile_id SET NOT NULL,
    ADD CONSTRAINT shipping_method_profile FOREIGN KEY (vendor_id, profile_id) REFERENCES vendor.shipping_profile (vendor_id, id);
CREATE INDEX shipping_method_by_profile ON vendor.shipping_method (profile_id, name, id);

-- Vendors: who sells in the market. Times are bigint microseconds of market time.
CREATE SCHEMA IF NOT EXISTS vendor;

CREATE TABLE vendor.vendor (
    id          uuid PRIMARY KEY,
    name        text COLLATE "C" NOT NULL UNIQUE,
    slug        text NOT NULL,
    description text,
    status      smallint NOT NULL CHECK (status BETWEEN 0 AND 4), -- enum vendor_vendor_status
    created_at  bigint NOT NULL,
    version     bigint NOT NULL DEFAULT 1
);
CREATE INDEX vendor_approved ON vendor.vendor (id) WHERE status = 1;

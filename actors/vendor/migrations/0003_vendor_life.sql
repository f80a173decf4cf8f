-- The life of vendors: teams, closed windows, shipping methods, history. Times are bigint microseconds of market time.

ALTER TABLE vendor.vendor
    ADD COLUMN shard         smallint,          -- the last 6 bits of the id
    ADD COLUMN name_key      text COLLATE "C",  -- in lower case; of imported vendors null
    ADD COLUMN logo_url      text,
    ADD COLUMN banner_url    text,
    ADD COLUMN policies      text,
    ADD COLUMN contact_email text,
    ADD COLUMN status_reason text,
    ADD COLUMN closed_from   bigint,
    ADD COLUMN closed_to     bigint,
    ADD COLUMN is_open       boolean NOT NULL DEFAULT false, -- as it was announced last
    ADD COLUMN due_at        bigint;                         -- when the clock changes it next
UPDATE vendor.vendor SET is_open = status = 1, shard = get_byte(uuid_send(id), 15) & 63;
ALTER TABLE vendor.vendor
    ALTER COLUMN shard SET NOT NULL,
    ADD CONSTRAINT vendor_folded_name UNIQUE (name_key),
    ADD CONSTRAINT vendor_window CHECK ((closed_from IS NULL) = (closed_to IS NULL) AND closed_from < closed_to);
CREATE INDEX vendor_due ON vendor.vendor (due_at, shard) WHERE due_at IS NOT NULL;
CREATE INDEX vendor_by_status ON vendor.vendor (status, id);
CREATE INDEX vendor_by_folded_name ON vendor.vendor (lower(name));

-- Everybody who may act for a vendor.
CREATE TABLE vendor.member (
    id                uuid PRIMARY KEY,
    vendor_id         uuid NOT NULL REFERENCES vendor.vendor,
    email             text COLLATE "C" NOT NULL UNIQUE,
    name              text NOT NULL,
    locale            text NOT NULL CHECK (locale IN ('en', 'de')),
    phone             text,
    password_hash     text NOT NULL,
    role              smallint NOT NULL CHECK (role BETWEEN 0 AND 4), -- enum vendor_role
    is_email_verified boolean NOT NULL DEFAULT false,
    created_at        bigint NOT NULL,
    version           bigint NOT NULL DEFAULT 1
);
CREATE INDEX member_by_vendor ON vendor.member (vendor_id, id);

-- Who was invited; the token is a ticket of identity's whose person is the invitation.
CREATE TABLE vendor.invitation (
    id         uuid PRIMARY KEY,
    vendor_id  uuid NOT NULL REFERENCES vendor.vendor,
    email      text COLLATE "C" NOT NULL,
    name       text NOT NULL,
    locale     text NOT NULL,
    role       smallint NOT NULL CHECK (role BETWEEN 0 AND 4),
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    UNIQUE (vendor_id, email)
);

CREATE TABLE vendor.history (
    vendor_id   uuid NOT NULL REFERENCES vendor.vendor,
    version     bigint NOT NULL, -- of the vendor after it
    at          bigint NOT NULL,
    actor       text NOT NULL,
    from_status smallint,
    to_status   smallint NOT NULL,
    reason      text,
    PRIMARY KEY (vendor_id, version)
);

CREATE TABLE vendor.shipping_method (
    id                  uuid PRIMARY KEY,
    vendor_id           uuid NOT NULL REFERENCES vendor.vendor,
    name                text NOT NULL,
    kind                smallint NOT NULL CHECK (kind BETWEEN 0 AND 2), -- enum vendor_shipping_kind
    currency            text NOT NULL CHECK (length(currency) = 3),
    price_amount        bigint NOT NULL CHECK (price_amount >= 0),
    free_above_amount   bigint CHECK (free_above_amount IS NULL OR (free_above_amount >= 0 AND kind = 2)),
    price_per_kg_amount bigint CHECK (price_per_kg_amount IS NULL OR (price_per_kg_amount >= 0 AND kind = 1)),
    countries           text[] NOT NULL,
    is_active           boolean NOT NULL,
    created_at          bigint NOT NULL,
    version             bigint NOT NULL DEFAULT 1
);
CREATE INDEX shipping_method_by_vendor ON vendor.shipping_method (vendor_id, name, id);

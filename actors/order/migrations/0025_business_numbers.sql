-- Numbers by which businesses are known to a tax office, as shoppers give them and staff verifies them. Another number is
-- another row's content: it has to be verified again.
CREATE TABLE "order".business (
    user_id    uuid PRIMARY KEY,
    country    text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    number     text NOT NULL CHECK (number ~ '^[A-Z0-9]{4,20}$'),
    company    text NOT NULL CHECK (length(company) BETWEEN 1 AND 200),
    status     text NOT NULL CHECK (status IN ('pending', 'verified', 'refused')),
    reason     text CHECK (status = 'refused' OR reason IS NULL),
    version    bigint NOT NULL CHECK (version >= 1),
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX business_by_status ON "order".business (status, user_id);

-- Whether verified businesses of the country pay none of it.
ALTER TABLE "order".tax_rate ADD COLUMN exempts_businesses boolean NOT NULL DEFAULT false;

-- By which number a checkout was priced and its orders were placed without tax; null: with all tax that there is.
ALTER TABLE "order".order_group ADD COLUMN business_number text CHECK (business_number ~ '^[A-Z0-9]{4,20}$');
ALTER TABLE "order".vendor_order ADD COLUMN business_number text CHECK (business_number ~ '^[A-Z0-9]{4,20}$');

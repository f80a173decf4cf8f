-- Imports of listed products shall not pay for an index that vendors' lists can do without: there is one of listed products
-- already, and this one knows the few others.
DROP INDEX catalog.product_by_vendor;
CREATE INDEX product_unlisted_by_vendor ON catalog.product (vendor_id, id) WHERE NOT is_listed;

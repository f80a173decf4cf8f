-- Names that differ in nothing but case, spaces and Unicode's normal form are one vendor's: an import finds him by any of them. This is
-- narrower than how names look (0011), by which applicants are refused: there somebody may pretend to be another, here a file means somebody.
CREATE FUNCTION vendor.same_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(normalize(btrim(regexp_replace(name, '[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+', ' ', 'g')), NFC) COLLATE "default")
$$;
ALTER TABLE vendor.vendor ADD COLUMN same_name text COLLATE "C";
-- What stands already stays as it is: of several that are the same now the oldest is meant, and the others are found by the very bytes of
-- their names only. Nobody's products change hands.
UPDATE vendor.vendor v SET same_name = vendor.same_name(v.name)
    FROM (SELECT DISTINCT ON (vendor.same_name(name)) id FROM vendor.vendor ORDER BY vendor.same_name(name), created_at, id) first
    WHERE first.id = v.id;
CREATE UNIQUE INDEX vendor_by_same_name ON vendor.vendor (same_name);

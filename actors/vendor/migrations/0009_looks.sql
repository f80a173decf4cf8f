-- How a name looks: names that people cannot tell apart look the same. Compatibility forms, marks over letters, case, spaces, signs and what
-- has no width are left out; letters of Cyrillic and Greek, digits and pairs that look like Latin letters become these. A small part of
-- Unicode's confusables (UTS 39): those that spell names of shops.
CREATE FUNCTION vendor.look(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(nullif(replace(replace(
        regexp_replace(
            translate(
                lower(translate(
                    regexp_replace(normalize(name, NFKD), '[\u0300-\u036f]', '', 'g'),
                    'АВЕЅІЇЈКМНОРСТУХЁΑΒΕΖΗΙΚΜΝΟΡΤΥΧ',
                    'abeslljkmhopctyxeabezhlkmnoptyx')),
                'авеѕіїјкмнорстухёԁԛԝѵһьαβεικνορτυχıłøđ01i|',
                'abeslljkmhopctyxedqwvhbabelkvoptuxllodolll'),
            '[\s!-/:-@\[-`{-~\u00a0-\u00bf\u200b-\u206f\ufe00-\ufe0f\ufeff]+', '', 'g'),
        'rn', 'm'), 'vv', 'w'), ''), lower(name))
$$;
CREATE INDEX vendor_by_look ON vendor.vendor (vendor.look(name));

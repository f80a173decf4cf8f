-- How a name looks, by a wider table than 0009's: what in Cyrillic, in Greek and among the rarer Latin letters looks like a letter of ASCII, and
-- the digits that stand for letters. Each digit stands for another letter, so numbers are told apart as before. What was told apart so far and
-- is not any more keeps its name; the one that came later has no key, as imported vendors have none.
DROP INDEX vendor.vendor_by_look;
CREATE OR REPLACE FUNCTION vendor.look(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(nullif(replace(replace(
        regexp_replace(
            translate(
                lower(translate(
                    regexp_replace(normalize(translate(name, 'Ϲϲ', 'cc'), NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]', '', 'g'),
                    'АВЕЅІЈКМНОРСТУХҐГЗЧЬѴӀҮҒԀԌԚԜҺҪҚҢҲПΑΒΕΖΗΙΚΜΝΟΡΤΥΧͿϜϺ',
                    'abesljkmhopctyxrreabvlyfdgqwhckhxnabezhlkmnoptyxjfm')),
                'авгґеҽѕіјкқҡмнңопрсҫтуүхҳӽһԁԃԍԛԝѡшѵьӏиғзчбӕαβγεζηικμνοπρσςτυχωϳϻϝδθıłɩɪɨɭøɵđðɗħɦŧƭɑɐƀɓƅßƈɛəƒɡɠƙŋɲƞƥþʠɾʀʂʋʏƴʐƶĸ0123456789i|',
                'abrreesljkkkmhhonpcctyyxxxhddgqwwwvblufeagaabyeznlkuvonpoctuxwjmfoolllllloodddhhttaabbbbceefggknnnppqrrsvyyzzkolzeasgtbqll'),
            '[\s!-/:-@\[-`{-~\u00a0-\u00bf\u200b-\u206f\ufe00-\ufe0f\ufeff]+', '', 'g'),
        'rn', 'm'), 'vv', 'w'), ''), lower(name))
$$;
UPDATE vendor.vendor SET name_key = chr(1) || id::text WHERE name_key IS NOT NULL;
UPDATE vendor.vendor v SET name_key = vendor.look(v.name)
    FROM (SELECT DISTINCT ON (vendor.look(name)) id FROM vendor.vendor WHERE name_key IS NOT NULL
          ORDER BY vendor.look(name), created_at, id) first
    WHERE first.id = v.id;
UPDATE vendor.vendor SET name_key = NULL WHERE name_key LIKE chr(1) || '%';
CREATE INDEX vendor_by_look ON vendor.vendor (vendor.look(name));

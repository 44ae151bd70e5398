--comment; with 'a quote
SELECT 1; --
SELECT 2; -- it's
SELECT 3 --
;
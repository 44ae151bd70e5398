--
-- dump
--

\restrict abc'def

SET a = 1;
\connect shop
SELECT 1;

\unrestrict abc'def

COPY t FROM stdin; SELECT 1; -- x
1
\.
SELECT 2;
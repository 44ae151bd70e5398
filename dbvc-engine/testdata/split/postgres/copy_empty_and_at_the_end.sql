COPY t FROM stdin;
\.
COPY t FROM stdin;
1
2
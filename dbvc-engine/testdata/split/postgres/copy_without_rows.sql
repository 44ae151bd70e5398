COPY (SELECT a FROM stdin WHERE b = 'stdin') TO STDOUT;
COPY t TO STDOUT;
COPY t FROM '/srv/stdin';
COPY t FROM PROGRAM 'stdin';
COPY (SELECT 1) TO STDIN;
COPY (SELECT a FROM stdin) TO '/x';
SELECT copy FROM stdin;
COPY stdin FROM 'x';
SELECT 1;
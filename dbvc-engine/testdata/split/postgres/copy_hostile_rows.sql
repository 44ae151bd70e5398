copy public."T;" (a, "from") from STDIN with (format csv, delimiter ';');
it's;"quoted
<p class='x'>$$ /* -- COPY
\.x
\\.
 \.
\N
\.
select 1;

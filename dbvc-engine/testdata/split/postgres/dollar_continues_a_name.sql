SELECT 1 AS abc$x$y; SELECT 2;
select my$tab$le; select 名$x$y; select 3;
SELECT `a;b`, `c``;d`, `e\` FROM `f`.`g`;
SELECT 2;
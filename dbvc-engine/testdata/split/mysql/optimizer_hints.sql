SELECT /*+ SET_VAR(sql_mode='') NO_INDEX_MERGE(t) ; */ 1;
SELECT 2;
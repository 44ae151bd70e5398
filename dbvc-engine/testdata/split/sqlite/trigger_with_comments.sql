CREATE /* trigger */ TRIGGER t AFTER INSERT ON a BEGIN -- begin; end;
 SELECT 1; /* END; */ -- END;
 END /* x */ ; SELECT 2;
SELECT E'a'  -- don't
  'b\'; c' ; SELECT E'a' 'b\'; SELECT 'a'
'b\';
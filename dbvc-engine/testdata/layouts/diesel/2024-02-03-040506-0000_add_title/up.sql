alter table posts add column title text;

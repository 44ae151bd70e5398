alter table posts drop column title;

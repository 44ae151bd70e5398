create view order_count as select count(*) as orders from orders;

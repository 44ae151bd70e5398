-- dbvc: runs-always
create view customer_count as select count(*) as customers from customers;

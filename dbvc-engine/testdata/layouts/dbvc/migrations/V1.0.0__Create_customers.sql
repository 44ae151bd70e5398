-- Migration: V1.0.0__Create_customers
create table customers (id integer primary key);

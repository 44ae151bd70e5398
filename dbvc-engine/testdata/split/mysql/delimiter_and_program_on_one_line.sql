delimiter $$ create procedure p1() begin loop if (true) then select 1; end if; end loop; end$$
delimiter ; select 2;
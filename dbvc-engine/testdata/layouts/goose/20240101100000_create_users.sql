-- +goose Up
-- +goose StatementBegin
create table users (id integer primary key);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
drop table users;
-- +goose StatementEnd

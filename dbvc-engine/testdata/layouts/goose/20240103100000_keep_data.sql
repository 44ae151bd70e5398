-- +goose Up
update users set id = id;

-- +goose Down
-- nothing to take back

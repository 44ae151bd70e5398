-- Migration: V1.0.0 Create notebooks
-- Version: 1.0.0
-- Created: 2026-11-02
-- Description: A notebook holds notes.

CREATE TABLE notebook (
    id     INTEGER PRIMARY KEY,
    title  TEXT NOT NULL UNIQUE CHECK (title <> '')
);

INSERT INTO notebook (title) VALUES ('Inbox'), ('Recipes 🍋'), ('Garden');

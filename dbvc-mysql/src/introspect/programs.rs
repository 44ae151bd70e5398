//! Views, routines, triggers, events and sequences.

use std::collections::BTreeMap;

use dbvc_engine::schema::{
    Body, DataType, Event, Object, Other, Routine, RoutineForm, Sequence, Trigger, TypeFamily, View,
};

use super::catalogue::cell;
use super::column::option;
use super::cursor::{Cursor, account};
use super::place::Place;
use super::text::{expression, string};

type Row = [Option<String>];

/// Who it runs as, and settings that its text was read under, where a session of dbvc's has others.
fn under(object: &mut Object, (definer, mode, collation): (&str, &str, &str), place: &Place) {
    if !definer.is_empty() {
        object.owner = Some(definer.to_owned());
    }
    option(&mut object.options, "sql_mode", mode);
    if collation != place.usual {
        option(&mut object.options, "collation_connection", collation);
    }
}

/// `SHOW CREATE VIEW`.
pub(super) fn view(row: &Row, place: &Place) -> Object {
    let mut cursor = Cursor::new(cell(row, 1));
    let mut options = BTreeMap::new();
    let mut owner = None;
    cursor.take(&["CREATE"]);
    cursor.take(&["OR", "REPLACE"]);
    while !cursor.is_at_end() && !cursor.take(&["VIEW"]) {
        if cursor.take(&["ALGORITHM"]) {
            cursor.symbol('=');
            let algorithm = cursor.name().unwrap_or_default().to_lowercase();
            if algorithm != "undefined" {
                option(&mut options, "algorithm", &algorithm);
            }
        } else if cursor.take(&["DEFINER"]) {
            cursor.symbol('=');
            owner = account(&mut cursor);
        } else if cursor.take(&["SQL", "SECURITY"]) {
            if cursor.take(&["INVOKER"]) {
                option(&mut options, "security", "invoker");
            } else {
                cursor.take(&["DEFINER"]);
            }
        } else {
            cursor.next();
        }
    }
    cursor.name();
    // With names for its columns, it begins with them.
    let names = cursor.list().map(|list| format!("({}) AS ", list.rest()));
    cursor.take(&["AS"]);
    let (query, check) = without_check_option(&cursor);
    if let Some(check) = check {
        option(&mut options, "check_option", check);
    }
    let query = expression(query, &place.database);
    let mut object = Object::new(Body::View(View {
        definition: names.unwrap_or_default() + &query,
        ..View::default()
    }));
    object.owner = owner;
    object.options = options;
    object
}

fn without_check_option<'a>(cursor: &Cursor<'a>) -> (&'a str, Option<&'static str>) {
    let query = cursor.rest();
    if let [.., with, how, check, word] = cursor.tokens()
        && with.is_word("WITH")
        && check.is_word("CHECK")
        && word.is_word("OPTION")
    {
        let first = cursor.offset();
        let query = query[..with.offset - first].trim_end();
        return (
            query,
            Some(if how.is_word("LOCAL") { "local" } else { "cascaded" }),
        );
    }
    (query, None)
}

/// `SHOW CREATE PROCEDURE` and the like; `word` says what of.
pub(super) fn routine(word: &str, row: &Row, place: &Place) -> Object {
    let sql = cell(row, 2);
    let mut cursor = Cursor::new(sql);
    cursor.take(&["CREATE"]);
    cursor.take(&["OR", "REPLACE"]);
    let mut definer = String::new();
    if cursor.take(&["DEFINER"]) {
        cursor.symbol('=');
        definer = account(&mut cursor).unwrap_or_default();
    }
    let definition = if sql.is_empty() {
        String::new()
    } else {
        format!(
            "CREATE {}",
            sql.get(cursor.offset()..).unwrap_or_default().trim_end()
        )
    };
    let hidden = definition.is_empty();
    let body = match word {
        "FUNCTION" if cursor.take(&["AGGREGATE"]) => Body::Routine(Routine {
            form: RoutineForm::Aggregate,
            definition,
        }),
        "FUNCTION" => Body::Routine(Routine {
            form: RoutineForm::Function,
            definition,
        }),
        "PROCEDURE" => Body::Routine(Routine {
            form: RoutineForm::Procedure,
            definition,
        }),
        _ => Body::Other(Other { definition }),
    };
    let mut object = Object::new(body);
    under(&mut object, (&definer, cell(row, 1), cell(row, 4)), place);
    if hidden {
        option(&mut object.options, "hidden", "yes");
    }
    object
}

/// What a trigger does, out of the statement that makes it: `information_schema` has it with the quotes lost that stand
/// twice in a string (MySQL).
pub(super) fn trigger_body(sql: &str) -> &str {
    let mut cursor = Cursor::new(sql);
    while !cursor.is_at_end() && !cursor.take(&["FOR", "EACH", "ROW"]) {
        cursor.next();
    }
    if cursor.take(&["FOLLOWS"]) || cursor.take(&["PRECEDES"]) {
        cursor.next();
    }
    cursor.behind().trim()
}

/// What an event does, out of the statement that makes it.
pub(super) fn event_body(sql: &str) -> &str {
    let mut cursor = Cursor::new(sql);
    while !cursor.is_at_end() && !cursor.take(&["DO"]) {
        cursor.next();
    }
    cursor.behind().trim()
}

/// A trigger, by its row in the list and its body. `before` is the one that runs before it at the same moment.
pub(super) fn trigger(row: &Row, body: &str, before: Option<&str>, place: &Place) -> Object {
    let events = cell(row, 3).replace(',', " OR ");
    let definition = format!(
        "CREATE TRIGGER {} {} {events} ON {} FOR EACH ROW\n{body}",
        quoted(cell(row, 0)),
        cell(row, 2),
        quoted(cell(row, 1)),
    );
    let mut object = Object::new(Body::Trigger(Trigger { definition }));
    under(&mut object, (cell(row, 4), cell(row, 5), cell(row, 6)), place);
    if body.is_empty() {
        option(&mut object.options, "hidden", "yes");
    }
    if let Some(before) = before {
        option(&mut object.options, "follows", before);
    }
    object
}

/// Whether two triggers run at the same moment.
pub(super) fn run_together(one: &Row, other: &Row) -> bool {
    (1..4).all(|at| cell(one, at) == cell(other, at))
}

/// An event, by its row in the list and its body.
pub(super) fn event(row: &Row, body: &str, place: &Place) -> Object {
    let mut schedule = if cell(row, 5) == "ONE TIME" {
        format!("AT {}", string(cell(row, 6)))
    } else {
        let value = cell(row, 7).trim_matches('\'');
        let plain = value.bytes().all(|byte| byte.is_ascii_digit());
        let value = if plain { value.to_owned() } else { string(value) };
        format!("EVERY {value} {}", cell(row, 8))
    };
    for (word, at) in [("STARTS", 9), ("ENDS", 10)] {
        if !cell(row, at).is_empty() {
            schedule = format!("{schedule} {word} {}", string(cell(row, at)));
        }
    }
    let mut object = Object::new(Body::Event(Event {
        schedule,
        definition: body.to_owned(),
    }));
    under(&mut object, (cell(row, 1), cell(row, 2), cell(row, 3)), place);
    match cell(row, 11) {
        "ENABLED" => {}
        status => option(&mut object.options, "status", &status.to_lowercase()),
    }
    if cell(row, 12) == "PRESERVE" {
        option(&mut object.options, "on_completion", "preserve");
    }
    object.comment = Some(cell(row, 13).to_owned()).filter(|text| !text.is_empty());
    if cell(row, 14) != "SYSTEM" {
        option(&mut object.options, "time_zone", cell(row, 14));
    }
    object
}

/// `SHOW CREATE SEQUENCE` (MariaDB).
pub(super) fn sequence(row: &Row) -> Object {
    let mut cursor = Cursor::new(cell(row, 1));
    let mut sequence = Sequence {
        data_type: DataType::new(TypeFamily::Integer, "bigint"),
        start: 1,
        increment: 1,
        min: 1,
        max: i64::MAX - 1,
        cache: 1000,
        cycle: false,
        owned_by: None,
    };
    let mut options = BTreeMap::new();
    cursor.take(&["CREATE", "SEQUENCE"]);
    cursor.name();
    while !cursor.is_at_end() {
        if cursor.take(&["AS"]) {
            sequence.data_type = super::datatype::read(&mut cursor);
        } else if cursor.take(&["START", "WITH"]) {
            sequence.start = number(&mut cursor);
        } else if cursor.take(&["MINVALUE"]) {
            sequence.min = number(&mut cursor);
        } else if cursor.take(&["MAXVALUE"]) {
            sequence.max = number(&mut cursor);
        } else if cursor.take(&["INCREMENT", "BY"]) {
            sequence.increment = number(&mut cursor);
        } else if cursor.take(&["CACHE"]) {
            sequence.cache = number(&mut cursor);
        } else if cursor.take(&["NOCACHE"]) {
            sequence.cache = 0;
        } else if cursor.take(&["CYCLE"]) {
            sequence.cycle = true;
        } else if cursor.take(&["ENGINE"]) {
            cursor.symbol('=');
            option(&mut options, "engine", &cursor.name().unwrap_or_default());
        } else {
            cursor.next();
        }
    }
    let mut object = Object::new(Body::Sequence(sequence));
    object.options = options;
    object
}

fn number(cursor: &mut Cursor<'_>) -> i64 {
    let sign = if cursor.symbol('-') { "-" } else { "" };
    let digits = cursor.name().unwrap_or_default();
    format!("{sign}{digits}").parse().unwrap_or_default()
}

/// A name in quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<Option<String>> {
        cells.iter().map(|cell| Some((*cell).to_owned())).collect()
    }

    #[test]
    fn a_view_is_taken_apart() {
        let sql = "CREATE ALGORITHM=MERGE DEFINER=`ann`@`%` SQL SECURITY DEFINER VIEW `v` AS select `shop`.`plants`.`id` \
                   AS `id` from `shop`.`plants` WITH CASCADED CHECK OPTION";
        let object = view(&row(&["v", sql]), &Place::sample());
        assert_eq!(object.owner.as_deref(), Some("ann@%"));
        let told: Vec<_> = object.options.values().cloned().collect();
        assert_eq!(told, ["merge", "cascaded"]);
        let Body::View(view) = object.body else {
            panic!("no view")
        };
        assert_eq!(view.definition, "select `plants`.`id` AS `id` from `plants`");
    }

    #[test]
    fn a_routine_keeps_its_text_but_for_whose_it_is() {
        let sql = "CREATE DEFINER=`root`@`localhost` PROCEDURE `tidy`(a int)\n    COMMENT 'x'\nBEGIN\n  SELECT 1; -- a\nEND";
        let cells = row(&["tidy", "STRICT_ALL_TABLES", sql, "utf8mb4", "latin1_bin"]);
        let object = routine("PROCEDURE", &cells, &Place::sample());
        assert_eq!(object.owner.as_deref(), Some("root@localhost"));
        assert_eq!(object.options["mysql.sql_mode"], "STRICT_ALL_TABLES");
        assert_eq!(object.options["mysql.collation_connection"], "latin1_bin");
        let Body::Routine(routine) = object.body else {
            panic!("no routine")
        };
        assert_eq!(
            routine.definition,
            "CREATE PROCEDURE `tidy`(a int)\n    COMMENT 'x'\nBEGIN\n  SELECT 1; -- a\nEND"
        );
    }

    #[test]
    fn a_routine_whose_text_is_not_shown_says_so() {
        let cells = [
            Some("f".into()),
            Some(String::new()),
            None,
            None,
            Some("utf8mb4_general_ci".into()),
        ];
        let object = routine("FUNCTION", &cells, &Place::sample());
        assert_eq!(object.options["mysql.hidden"], "yes");
    }

    #[test]
    fn a_sequence_is_taken_apart() {
        let sql = "CREATE SEQUENCE `s` start with -5 minvalue -9 maxvalue 100 increment by 5 nocache cycle ENGINE=InnoDB";
        let Body::Sequence(sequence) = sequence(&row(&["s", sql])).body else {
            panic!("no sequence")
        };
        assert_eq!((sequence.start, sequence.min, sequence.max), (-5, -9, 100));
        assert_eq!((sequence.increment, sequence.cache, sequence.cycle), (5, 0, true));
    }

    #[test]
    fn an_event_tells_when() {
        let cells = row(&[
            "e",
            "a@b",
            "",
            "utf8mb4_general_ci",
            "DO 1",
            "RECURRING",
            "",
            "'1:30'",
            "HOUR_MINUTE",
            "",
            "2030-01-01 00:00:00",
            "DISABLED",
            "PRESERVE",
            "x",
            "+01:00",
        ]);
        let object = event(&cells, "SELECT 1", &Place::sample());
        let told: Vec<_> = object.options.values().map(String::as_str).collect();
        assert_eq!(told, ["preserve", "", "disabled", "+01:00"]);
        let Body::Event(event) = object.body else {
            panic!("no event")
        };
        assert_eq!(
            event.schedule,
            "EVERY '1:30' HOUR_MINUTE ENDS '2030-01-01 00:00:00'"
        );
    }
}

//! Comments in scripts that dbvc writes.

/// A comment of one line that says `text`, without the line's end. Names of objects may hold anything: whatever ends a
/// line for a database, a client or an editor becomes a space, and so does every other control character, so that no name
/// leaves its comment and runs.
pub fn comment(text: &str) -> String {
    let told: String = text
        .chars()
        .map(|character| if ends_a_line(character) { ' ' } else { character })
        .collect();
    format!("-- {told}")
}

fn ends_a_line(character: char) -> bool {
    let separates = matches!(character, '\u{2028}' | '\u{2029}');
    separates || (character.is_control() && character != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Dialect, tokens};

    #[test]
    fn nothing_leaves_a_comment() {
        let ends = "\n \r \r\n \u{85} \u{2028} \u{2029} \0 \u{b} \u{c}";
        for end in ends.split(' ') {
            let told = comment(&format!("table x{end}DROP TABLE t; --"));
            let spaces = " ".repeat(end.chars().count());
            assert_eq!(told, format!("-- table x{spaces}DROP TABLE t; --"), "{end:?}");
        }
    }

    #[test]
    fn a_name_of_many_lines_is_one_token() {
        let told = comment("a\nDROP TABLE t;\r\n/* b\n*/ SELECT 1");
        for dialect in [Dialect::POSTGRES, Dialect::SQLITE] {
            assert_eq!(tokens(&told, &dialect).count(), 1, "{told}");
        }
    }

    #[test]
    fn a_common_text_stays_as_it_is() {
        assert_eq!(comment("table größe\t\"数据\"."), "-- table größe\t\"数据\".");
        assert_eq!(comment(""), "-- ");
    }
}

//! Tables.

use super::clean;
use comfy_table::{ContentArrangement, Table, presets};

/// A table with a header and without lines. It is as wide as it must be, and wraps on a terminal.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.to_vec());
    table.add_rows(
        rows.into_iter()
            .map(|row| row.iter().map(|cell| clean(cell)).collect::<Vec<_>>()),
    );
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn every_cell_is_there_and_no_control_character() {
        let text = table(&["a", "b"], vec![vec!["x\u{1b}[31m".into(), "y".into()]]);
        assert!(
            text.contains('x') && text.contains('y') && !text.contains('\u{1b}'),
            "{text}"
        );
    }
}

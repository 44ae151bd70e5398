//! Texts to measure with. `cargo bench --package dbvc-benches` runs the comparisons.

use std::fmt::Write;

/// A script of single-row inserts, about `bytes` long, with quotes and comments in the way.
#[must_use]
pub fn inserts(bytes: usize) -> String {
    let mut script = String::with_capacity(bytes + 128);
    let mut row = 0_u32;
    while script.len() < bytes {
        let _ = writeln!(
            script,
            "INSERT INTO orders (id, note, total) VALUES ({row}, 'it''s row {row}; really', {row}.50); -- row {row}",
        );
        row += 1;
    }
    script
}

#[cfg(test)]
mod tests {
    use super::inserts;

    #[test]
    fn a_script_is_about_as_long_as_asked() {
        let script = inserts(10_000);
        assert!((10_000..10_200).contains(&script.len()));
    }
}

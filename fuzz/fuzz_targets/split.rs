//! The first byte picks the dialect and the size of the pieces in which the rest, a script, arrives.
#![no_main]

use dbvc_engine::sql::{Dialect, Splitter, split, tokens};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (choice, script) = input;
    let dialect = [Dialect::POSTGRES, Dialect::SQLITE, Dialect::MYSQL, Dialect::MSSQL][usize::from(choice & 3)];
    let step = usize::from(choice >> 2) + 1;
    let whole = split(script, &dialect);
    let joined: String = whole.iter().map(|segment| segment.text(script)).collect();
    assert_eq!(joined, script);
    for segment in &whole {
        assert_eq!(tokens(segment.code(script), &dialect).filter(|token| token.text.is_empty()).count(), 0);
    }
    let mut splitter = Splitter::new(&dialect);
    let (mut start, mut arrived, mut seen) = (0, 0, 0);
    loop {
        let finished = arrived == script.len();
        match splitter.next(&script[start..arrived], finished) {
            Some(segment) => {
                assert_eq!(segment, whole[seen].segment);
                start += segment.length;
                seen += 1;
            }
            None if finished => break,
            None => arrived = script.ceil_char_boundary((arrived + step).min(script.len())),
        }
    }
    assert_eq!(seen, whole.len());
});

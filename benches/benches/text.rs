//! What reading a script costs, beside the least that any reader must do: look at each byte once.
//!
//! Read the table as ratios between its lines.

use dbvc_benches::inserts;
use dbvc_engine::migration::Checksum;
use dbvc_engine::sql::{Dialect, ScriptReader, split};
use dbvc_engine::text::{Origin, Placeholders, TextInMemory};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

const SIZE: usize = 4 * 1024 * 1024;

fn main() {
    divan::main();
}

#[divan::bench]
fn floor_count_lines(bencher: Bencher<'_, '_>) {
    let script = inserts(SIZE);
    bencher
        .counter(BytesCount::of_str(&script))
        .bench_local(|| black_box(&script).lines().count());
}

#[divan::bench]
fn split_into_statements(bencher: Bencher<'_, '_>) {
    let script = inserts(SIZE);
    bencher
        .counter(BytesCount::of_str(&script))
        .bench_local(|| split(black_box(&script), &Dialect::POSTGRES).len());
}

#[divan::bench]
fn read_in_batches(bencher: Bencher<'_, '_>) {
    let script = inserts(SIZE);
    bencher.counter(BytesCount::of_str(&script)).bench_local(|| {
        let source = TextInMemory::new(black_box(&script).clone());
        let mut reader = ScriptReader::new(
            source,
            &Dialect::POSTGRES,
            Placeholders::NONE,
            "bench.sql",
            Origin::START,
        );
        let mut statements = 0;
        while let Some(batch) = reader.read_batch(64 * 1024).expect("a readable script") {
            statements += batch.statements.len();
        }
        statements
    });
}

#[divan::bench]
fn checksum(bencher: Bencher<'_, '_>) {
    let script = inserts(SIZE);
    bencher
        .counter(BytesCount::of_str(&script))
        .bench_local(|| Checksum::of(black_box(&script)));
}

//! The script that is written makes an equal schema.

use super::stage::{between, read, run, shops, written};
use crate::place::Place;

/// What is there and not in the copy that the script makes.
pub(super) async fn missing(place: &Place) -> String {
    let before = read(place).await;
    let script = written(&before);
    let copy = place.beside().await;
    run(&copy, &script.sql).await;
    let mut found = between(&before, &read(&copy).await);
    copy.remove().await;
    found
        .changes
        .retain(|change| !script.left_out.iter().any(|(key, _)| *key == change.object));
    found.to_string()
}

#[tokio::test]
async fn the_script_makes_an_equal_schema() {
    for place in shops().await {
        let script = written(&read(&place).await);
        assert_eq!(script.left_out, [], "{}", script.sql);
        assert_eq!(
            missing(&place).await,
            "No differences.\n",
            "{}: {}",
            place.server,
            script.sql
        );
    }
}

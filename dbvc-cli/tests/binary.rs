//! The binary itself. That this file is there also makes `cargo test --workspace` build it for the suites in `tests/`.

use std::process::Command;

#[test]
fn it_tells_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_dbvc"))
        .arg("--version")
        .output()
        .expect("it starts");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(text, format!("dbvc {}\n", env!("CARGO_PKG_VERSION")));
}

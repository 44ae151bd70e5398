//! Whether a SQL Server is named: its tests are shown as ignored where none is.

fn main() {
    println!("cargo::rerun-if-env-changed=DBVC_TEST_MSSQL_URL");
    println!("cargo::rustc-check-cfg=cfg(sql_server)");
    if std::env::var("DBVC_TEST_MSSQL_URL").is_ok_and(|url| !url.trim().is_empty()) {
        println!("cargo::rustc-cfg=sql_server");
    }
}

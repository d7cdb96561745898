//! The WebSocket endpoint against the cases of the Autobahn test suite, as `kosoku` runs them.
//! `cargo xtask conformance` installs that, names it in `KOSOKU`, and shows what it says.

use std::path::PathBuf;
use std::process::Command;

use webtty_testkit::TestDaemon;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cargo xtask conformance says where the suite is"]
async fn every_case_of_the_suite_passes() {
    let suite = std::env::var_os("KOSOKU").expect("KOSOKU names the suite's program");
    let report = std::env::var_os("CONFORMANCE_REPORT").expect("a directory for its report");
    // The suite sends as many control frames as it likes.
    let settings = r#"{"limits": {"controlFramesASecond": 100000, "controlFramesAtOnce": 100000}}"#;
    let daemon = TestDaemon::start_with(webtty_daemon::Auth::None, settings).await;
    let address = format!("ws://{}/ws?echo", daemon.address());
    let run = move || {
        Command::new(suite)
            .arg("--outdir")
            .arg(PathBuf::from(report))
            // Compression, which is not offered: what a shell shows beside what its user types
            // would tell of both by its length.
            .args(["--exclude", "12.*", "--exclude", "13.*"])
            .arg(address)
            .status()
            .expect("the suite runs")
    };
    let status = tokio::task::spawn_blocking(run).await.expect("it ends");
    assert!(status.success(), "the suite names the cases that failed");
    daemon.stop().await;
}

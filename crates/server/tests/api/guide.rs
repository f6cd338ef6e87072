//! The API guide's examples, run as they stand.

use std::path::Path;
use std::process::Command;

use crate::common::TestApp;

/// Every `sh` block of the guide, one after the other.
fn script() -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md");
    let text = std::fs::read_to_string(guide).unwrap();
    let blocks: Vec<&str> = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() > 8, "the guide has lost its examples");
    format!("set -euo pipefail\n{}", blocks.concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_guide_runs() {
    let app = TestApp::new().await;
    let (base, key, script) = (app.base.clone(), app.shop_key.clone(), script());
    let run = move || {
        let mut bash = Command::new("bash");
        bash.env("SMILEPAY", base).env("SMILEPAY_KEY", key).args(["-x", "-c", &script]).output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let (said, traced) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{traced}");
}

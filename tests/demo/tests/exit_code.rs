//! The program's verdict is also its exit code.

use std::process::Command;

#[test]
#[cfg(unix)]
fn a_story_that_does_not_happen_is_no_success() {
    // A phone that hears everything and does nothing.
    let deaf = ["--phone", "sh", "--phone-argument", "-c", "--phone-argument", "cat > /dev/null"];
    let mut demo = Command::new(env!("CARGO_BIN_EXE_rehome-demo"));
    let output = demo.arg("--any-port").args(deaf).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("did not happen: The phone looks its SRV records up"), "{told}");
    assert_eq!(output.status.code(), Some(1), "{told}");
}

#[test]
fn a_demo_that_cannot_be_played_is_no_success() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_rehome-demo"));
    let output = demo.args(["--any-port", "--phone", "/no/such/phone"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("/no/such/phone") && said.contains("cannot be started"), "{said}");
    assert_eq!(output.status.code(), Some(1), "{said}");
}
